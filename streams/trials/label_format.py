"""A page's segments as lines that a person corrects in an editor, and back. Pure.

Each line of the page is one line, `kind<TAB>text`. Where a line holds several segments each has a line, and all but the first
begin with a plus, `+kind<TAB>text`. A blank line's kind is a dash.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, cast

from streams.split.segments import KINDS, Kind, Segment

BLANK = "-"
COMMENT = "#"
HELP = f"""\
# Correct the word before the tab where it is wrong; change nothing behind it. To cut a line in two, break it and begin the
# second part with +kind and a tab. Save and close to keep the page; close without saving to leave it out.
# Kinds: {", ".join(KINDS)}
"""


class Mark(NamedTuple):
    """Code points `start` to `end` (exclusive) of a page are of this kind."""

    start: int
    end: int
    kind: Kind


class MalformedLabels(ValueError):
    """Lines that are not the page's with a kind before each; the message says which line, and why."""


def as_lines(text: str, segments: Sequence[Segment]) -> str:
    """Returns the page as lines to correct, with a few words of help before them."""
    return HELP + "".join(f"{line}\n" for line in _lines(text, segments))


def _lines(text: str, segments: Sequence[Segment]) -> Iterator[str]:
    start = 0
    for line in text.split("\n"):
        end = start + len(line)
        cuts = [
            start,
            *(segment.start for segment in segments if start < segment.start < end and text[start : segment.start].strip()),
        ]
        for number, (first, last) in enumerate(zip(cuts, [*cuts[1:], end], strict=True)):
            yield f"{'+' if number else ''}{_kind(text, first, last, segments)}\t{text[first:last]}"
        start = end + 1


def _kind(text: str, start: int, end: int, segments: Sequence[Segment]) -> str:
    """Returns the kind of the first character that is no white space."""
    piece = text[start:end]
    if not piece.strip():
        return BLANK
    first = start + len(piece) - len(piece.lstrip())
    return next((segment.kind for segment in segments if segment.start <= first < segment.end), "body")


def from_lines(edited: str, text: str) -> tuple[Mark, ...]:
    """Returns the marks that the corrected lines say, neighbours of one kind joined; raises MalformedLabels.

    Each begins and ends on a character that is no white space.
    """
    kinds: list[tuple[str, int, int]] = []
    position, is_first = 0, True
    for number, line in enumerate(edited.split("\n"), 1):
        if line.startswith(COMMENT) or not line:
            continue
        label, tab, piece = line.partition("\t")
        kind = label.removeprefix("+").strip()
        if kind not in (BLANK, *KINDS) or not (tab or kind == BLANK):  # an editor may take the tab off a blank line's end
            raise MalformedLabels(f"line {number}: {label[:30]!r} is no kind with a tab behind it")
        if not is_first and not label.startswith("+"):
            if text[position : position + 1] != "\n":
                raise MalformedLabels(f"line {number}: the page's line goes on here: begin with +{kind}")
            position += 1
        if not text.startswith(piece, position):
            raise MalformedLabels(f"line {number}: the text is not the page's: {piece[:60]!r}")
        kinds.append((kind, position, position + len(piece)))
        position, is_first = position + len(piece), False
    if text[position:].strip():
        raise MalformedLabels(f"the end of the page is missing: {text[position : position + 60].strip()!r}")
    return tuple(_joined(kinds, text))


def _joined(kinds: Sequence[tuple[str, int, int]], text: str) -> Iterator[Mark]:
    open_: Mark | None = None
    for kind, start, end in kinds:
        piece = text[start:end]
        if not piece.strip():
            continue
        if kind == BLANK:
            raise MalformedLabels(f"{BLANK} is the kind of blank lines only, not of {piece.strip()[:60]!r}")
        first, last = start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
        if open_ and open_.kind == kind:
            open_ = Mark(open_.start, last, open_.kind)
            continue
        if open_:
            yield open_
        open_ = Mark(first, last, cast("Kind", kind))
    if open_:
        yield open_
