"""Pure: a body becomes a sketch, and the register judges which sketches are one story."""
