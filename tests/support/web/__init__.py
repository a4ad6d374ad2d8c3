"""A web for tests: real servers on loopback addresses, with invented sites that behave as they should or as they do."""
