"""Markers inside a line: pages that lost their line breaks, wholly or around a block."""

from __future__ import annotations

import re
from collections.abc import Iterator

from streams.split.draft import Draft
from streams.split.layout import Line
from streams.split.markers import Found, Markers
from streams.split.openers import is_opener
from streams.split.spelling import folded

_PUNCTUATION = re.compile(r"[.،,؛:؟!]")
_END = '.؟!»”"’…)'
_WORD = re.compile(r"\S+")
_WIDE = re.compile(r"[^\S\n]{2,}|\u00a0")
LONGEST_TITLE = 220
SHORTEST_TITLE_WORDS = 4
# A flattened page's titles at its end are at most this share of it; a longer rest holds text that nothing tells apart.
_TRAILING_SHARE = 1 / 3


def cut_lines(draft: Draft, table: Markers) -> None:
    """Lines that hold a marker in their middle are cut before it and after its titles; the pieces become lines."""
    text = draft.text
    out: list[Line] = []
    for line in draft.lines:
        if line.end - line.start < 30:
            out.append(line)
            continue
        _cut(draft, table, line, out)
    draft.lines = out
    draft.kinds = [""] * len(out)
    draft.rules = [""] * len(out)


def _cut(draft: Draft, table: Markers, line: Line, out: list[Line]) -> None:
    text = draft.text
    begin = line.start
    flat = line.end - line.start > 300 and not _PUNCTUATION.search(text, line.start, line.end)
    blank, joined = line.blank, line.joined
    for found in _places(text, table, line, flat=flat):
        if found.start < begin:
            continue
        end = _title_end(text, found, line.end, flat=flat, whole=line.end - line.start)
        if end is None:
            continue
        before = text[begin : found.start].rstrip()
        if before:
            out.append(Line(begin, begin + len(before), blank, joined))
            blank, joined = 0, True
        draft.headings[len(out)] = found
        out.append(Line(found.start, end, blank, joined))
        blank, joined = 0, True
        begin = end + len(text[end : line.end]) - len(text[end : line.end].lstrip())
    if begin < line.end:
        out.append(Line(begin, line.end, blank, joined))


def _places(text: str, table: Markers, line: Line, *, flat: bool) -> Iterator[Found]:
    """The markers of the line that titles may follow, which run on into the text."""
    first = table.at(text, line.start, line.end)
    # A line that begins with one needs a cut only where its titles run into the text after them.
    if (
        first is not None
        and first.marker.inline
        and first.rest < line.end
        and (first.rest == first.end or text[line.end - 1] in _END)
    ):
        yield first
    yield from table.inside(text, line.start, line.end, flat=flat)


def _title_end(text: str, found: Found, end: int, *, flat: bool, whole: int) -> int | None:
    """Where the titles after the marker end: at a wide gap, or where a word stands that opens sentences; None when unknown."""
    rest = text[found.rest : end]
    if flat:
        return end if len(rest) <= _TRAILING_SHARE * whole else None
    words = list(_WORD.finditer(rest[: LONGEST_TITLE + 40]))
    for count, match in enumerate(words):
        if count >= SHORTEST_TITLE_WORDS - 1:
            gap = rest[words[count - 1].end() : match.start()]
            if len(gap) >= 2 or is_opener(folded(match.group()).strip('.,:،"«“(')):
                return found.rest + words[count - 1].end()
    return end if len(rest) <= LONGEST_TITLE else None
