"""The sources against their own past: rhythm, silence, emptiness."""
