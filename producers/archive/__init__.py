"""WARC archives: what was fetched is written, and archives of whatever origin are read."""
