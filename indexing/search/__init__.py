"""Search: queries, trends, rendering, and measured rankings."""
