"""The console: search, stories, trends and the pipeline itself in a browser."""
