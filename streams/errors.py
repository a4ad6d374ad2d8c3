"""The root of the errors that a person can act on; ARCHITECTURE.md draws the whole tree."""

from __future__ import annotations


class RafidError(Exception):
    """An error that the user can mend; the message says what is wrong and what to do, in one line."""


def one_line(error: BaseException) -> str:
    """Returns the class and the text of another library's error on one line; kafka-python's text begins with the class."""
    name, text = type(error).__name__, " ".join(str(error).split())
    return text if text.startswith(name) else f"{name}: {text}" if text else name
