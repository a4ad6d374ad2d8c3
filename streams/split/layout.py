"""A page as it lies: its lines, and what the look of a line says about it."""

from __future__ import annotations

import re
from typing import NamedTuple

_BULLET = re.compile(r"[•●▪■◾◄►▶‣∙·*\-–—_+»←◆◇○✓✔]{1,3}\s*(?=\S)|\(?\d{1,2}[\-.)ـ]\s+(?=\D)")
_URL_LINE = re.compile(r"(?:https?:\s*//|www\.)\S+(?:\s+\S+)?", re.IGNORECASE)
_DATE_LINE = re.compile(
    r"[^\n]{0,20}?(?:\d{1,2}[-/. ]\d{1,2}[-/. ]\d{2,4}|\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{1,2}\s+\S{3,12}\s+\d{4}|\d{1,2}:\d{2})"
    r"[^\n]{0,30}"
)
_URL_LETTERS = frozenset("hHwW")
_LONGEST_URL, _LONGEST_DATE = 500, 60  # code points of a line that is one; chosen by reading
_CLOSING = 8  # code points of a line that can hold its last mark and the quotes around it
_OPENING_QUOTES, _CLOSING_QUOTES = '"«“', '"»”'
_QUOTES = "\"'»«”“’‘)]}› \u00a0\u200f\u200e"


class PageLine(NamedTuple):
    """Code points `start` to `end` of the text, no space at either end, `blank` lines before it.

    `continues_line` when it was cut off the line before it.
    """

    start: int
    end: int
    blank: int = 0
    continues_line: bool = False


def lines(text: str) -> list[PageLine]:
    """Returns the lines of the text that have something on them, in order; they cover every non-space character."""
    pieces = text.splitlines()
    if "\r" in text or text.count("\n") + (text[-1:] != "\n") != len(pieces):
        return _lines_of(text.splitlines(keepends=True))
    out = []
    offset = breaks = 0
    for piece in pieces:  # all of them end with a newline
        content = piece.strip()
        if content:
            start = offset if content is piece else offset + len(piece) - len(piece.lstrip())
            out.append(PageLine(start, start + len(content), breaks - 1 if breaks > 1 else 0))
            breaks = 0
        breaks += 1
        offset += len(piece) + 1
    return out


def _lines_of(pieces: list[str]) -> list[PageLine]:
    """Returns the lines that these pieces of a text hold; each has the break that it ends with."""
    out = []
    offset = breaks = 0
    for piece in pieces:
        content = piece.strip()
        if content:
            start = offset + len(piece) - len(piece.lstrip())
            out.append(PageLine(start, start + len(content), breaks - 1 if breaks > 1 else 0))
            breaks = 0
        breaks += piece[-1] == "\n"
        offset += len(piece)
    return out


def is_bullet(content: str) -> bool:
    """Tells whether the line begins as an item of a list does."""
    return _BULLET.match(content) is not None


def without_bullet(content: str) -> str:
    """Returns the line without its bullet or number."""
    match = _BULLET.match(content)
    return content[match.end() :] if match else content


def is_url(content: str) -> bool:
    """Tells whether the line is an address and nothing else."""
    return content[:1] in _URL_LETTERS and len(content) < _LONGEST_URL and _URL_LINE.fullmatch(content) is not None


def is_date(content: str) -> bool:
    """Tells whether the line is a date or a time, with little around it."""
    return len(content) < _LONGEST_DATE and _DATE_LINE.fullmatch(content) is not None


def is_closed(content: str) -> bool:
    """Tells whether the line ends as a sentence or a part of one does: a full stop, a comma, a semicolon, a colon."""
    tail = content[-_CLOSING:].rstrip(_QUOTES)
    if not tail:
        return False
    if tail[-1] == ".":
        return not tail.endswith("..")
    return tail[-1] in "،,؛;:"


def is_quoted(content: str) -> bool:
    """Tells whether the whole line is within quotation marks: somebody's words."""
    return content[0] in _OPENING_QUOTES and content[-1] in _CLOSING_QUOTES
