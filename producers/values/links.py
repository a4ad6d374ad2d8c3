"""Links as records write them: which of them are spans of the text. Pure."""

from __future__ import annotations

from typing import Any

Link = tuple[int, int, str]


def spans_of(links: Any, length: int) -> tuple[list[Link], bool]:
    """Returns the links that are spans of a text of so many characters, and whether that is all of them, as they came."""
    items = links if isinstance(links, list | tuple) else [links]
    found = [_span(item, length) for item in items]
    spans = [span for span in found if span is not None]
    return spans, spans == [tuple(item) if isinstance(item, list) else item for item in items]


def _span(link: Any, length: int) -> Link | None:
    if isinstance(link, dict):
        link = [link.get("start"), link.get("end"), link.get("href") or link.get("url")]
    if not isinstance(link, list | tuple) or len(link) != 3 or not isinstance(link[2], str):
        return None
    start, end = map(_offset, link[:2])
    return (start, end, link[2]) if start is not None and end is not None and start <= end <= length else None


def _offset(value: Any) -> int | None:
    if type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is str and value.isdecimal() and len(value) < 10:
        value = int(value)
    return value if type(value) is int and value >= 0 else None
