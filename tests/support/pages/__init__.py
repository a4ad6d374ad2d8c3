"""Invented pages in the layouts that Arabic newsrooms use, each with what is right for it."""
