"""The demonstration: invented pages, or one's own, through the whole path on a stack of their own."""
