"""Fields of one record that were read from one set of characters, wrongly. Pure."""

from __future__ import annotations

from typing import Any

from producers.mojibake import one_byte_charset, read_again
from producers.values.repairs import Repairs

_SHORT = ("title", "author", "section", "source", "country", "tags")


def in_one_charset(given: dict[str, Any], repairs: Repairs) -> dict[str, Any]:
    """Returns the fields with the short ones read in the set that the text shows; alone they are too short to show it."""
    text = given.get("text")
    charset = one_byte_charset(text) if isinstance(text, str) else None
    if charset is None:
        return given
    return given | {name: _again(given[name], charset, name, repairs) for name in _SHORT if name in given}


def _again(value: Any, charset: str, field: str, repairs: Repairs) -> Any:
    if isinstance(value, list | tuple):
        return [_again(item, charset, field, repairs) for item in value]
    if not isinstance(value, str) or value.isascii():
        return value
    right = read_again(value, charset)
    if right != value:
        repairs.add(field, "letters that were read as another set")
    return right
