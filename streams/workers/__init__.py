"""The Faust edge: decode, call the pure part, send, acknowledge."""
