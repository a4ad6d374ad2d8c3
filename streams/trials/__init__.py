"""A stage tried on one's own text, with no server."""
