"""Answers become pages and JSON: wording, addresses, drawings, handlers."""
