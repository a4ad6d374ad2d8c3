"""Generations of the index: names, template, targets, and reindexing beside live writes."""
