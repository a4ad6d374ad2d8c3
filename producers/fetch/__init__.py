"""Fetching from sites that nobody here controls: politely, bounded, and never into a network of one's own."""
