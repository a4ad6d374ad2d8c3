"""What travels, and the two processors: pages are cut into stories, and copies of a story are recognised."""
