"""Feeds as sites publish them: read, scheduled, remembered."""
