"""Pure: other stories that no word announces."""
