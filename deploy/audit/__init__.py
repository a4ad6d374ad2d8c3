"""The law of conservation, checked: what went in came out, once."""
