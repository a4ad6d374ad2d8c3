"""Pages come in: everything that puts pages onto the topic of pages."""
