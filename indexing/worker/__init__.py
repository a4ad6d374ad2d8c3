"""The index worker: messages become bulk requests, and offsets follow."""
