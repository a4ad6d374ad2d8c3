"""Lists of URLs that somebody names: fetched, and sent once."""
