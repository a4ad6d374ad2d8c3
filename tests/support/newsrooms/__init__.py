"""Invented stories in the markup of many newsrooms and systems, with all the furniture around, each with its right answer."""
