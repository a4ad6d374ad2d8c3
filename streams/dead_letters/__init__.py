"""Dead letters: what could not go on, why, and back to where it came from."""
