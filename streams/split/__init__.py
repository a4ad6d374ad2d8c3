"""Pure: a page becomes segments, and segments become articles."""
