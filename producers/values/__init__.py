"""What the value of a field says, however it is written. Pure."""
