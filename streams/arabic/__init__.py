"""Pure functions on Arabic text: folding, words, numbers, dates."""
