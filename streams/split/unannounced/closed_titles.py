"""Titles of other stories that their site closes with full stops, as sentences are. The figures were chosen by reading."""

from __future__ import annotations

import re
from itertools import pairwise

from streams.split import layout
from streams.split.draft import Draft
from streams.split.evidence import continues_report, opens_report
from streams.split.segments import Rule
from streams.split.unannounced.lines import (
    LONGEST_HEADING,
    SHORTEST_ITEM,
    UNDECIDED,
    announces_list,
    are_table_entries,
    is_heading,
    is_paragraph,
    is_title,
    mark,
    sounds_like_headline,
)
from streams.split.unannounced.subject import Subject

_LONGEST, _MOST_COMMAS = 110, 1  # code points of a title, commas within; chosen by reading, as the figures below
_FEWEST, _FEWEST_HEADED, _MOST, _FEWEST_OWN = 3, 2, 12, 2  # titles; paragraphs of the page's own
# Of the titles' words the page has at most so many, on average; where fewer than half of them have a verb or a mark of headlines.
_SHARED_TOGETHER, _SHARED_SILENT = 0.35, 0.2
_FIRST_WORD = 40  # code points that hold it
# Nearly always "and": a paragraph that goes on, whatever its word.
_AND = re.compile("و[ابتسكلمنهيأإ]")
_RULE: Rule = "titles that are closed as sentences"


def may_hold_closed(draft: Draft) -> bool:
    """Tells whether the page ends with lines of a title's length that are closed, or has some below a short line."""
    closed = _closed_lines(draft)
    if len(closed) < _FEWEST_HEADED:
        return False
    last = len(draft.lines) - 1
    if closed[-_FEWEST:] == list(range(last - _FEWEST + 1, last + 1)) and not any(
        _continues(draft, i) for i in closed[-_FEWEST:]
    ):
        return True
    return any(
        k == i + 1 and i > 1 and _length(draft, i - 1) <= LONGEST_HEADING and not (_continues(draft, i) or _continues(draft, k))
        for i, k in pairwise(closed)
    )


def _length(draft: Draft, i: int) -> int:
    return draft.lines[i].end - draft.lines[i].start


def _closed_lines(draft: Draft) -> list[int]:
    """Returns the lines of a title's length that end with a full stop: few pages have any."""
    text = draft.text
    return [
        i for i, (start, end, _, _) in enumerate(draft.lines) if SHORTEST_ITEM <= end - start <= _LONGEST and text[end - 1] == "."
    ]


def _continues(draft: Draft, i: int) -> bool:
    start = draft.lines[i].start
    return _AND.match(draft.text, start) is not None or continues_report(draft.text[start : start + _FIRST_WORD])


def mark_closed_titles(draft: Draft, paragraphs: list[int]) -> bool:
    """Marks closed titles below the text, and those under a short line between paragraphs; returns whether there were any."""
    if len(_closed_lines(draft)) < _FEWEST_HEADED:
        return False
    i, found = 1, False
    while i < len(draft.lines):
        end = i
        while end < len(draft.lines) and _is_closed_title(draft, end):
            end += 1
        if i < end <= i + _MOST and _are_others(draft, paragraphs, i, end):
            found = True
            first = i - 1 if is_heading(draft, i - 1) else i
            for k in range(first, end):
                mark(draft, k, _RULE)
        i = end + 1
    return found


def _is_closed_title(draft: Draft, i: int) -> bool:
    line = draft.lines[i]
    if not SHORTEST_ITEM <= line.end - line.start <= _LONGEST or draft.kinds[i] not in UNDECIDED or i in draft.headings:
        return False
    content = draft.content(i)
    if layout.is_bullet(content) or _AND.match(content) or "@" in content:
        return False
    if content[-1] != ".":
        return is_title(draft, i, SHORTEST_ITEM)
    bare = content[:-1].rstrip()
    return draft.is_headline(bare) and not opens_report(bare) and bare.count("،") <= _MOST_COMMAS


def _are_others(draft: Draft, paragraphs: list[int], first: int, end: int) -> bool:
    """Tells whether the lines are titles of other stories: enough of them, all of which speak of something else."""
    closed = [i for i in range(first, end) if draft.content(i)[-1] == "."]
    at_end = end == len(draft.lines)
    has_heading = is_heading(draft, first - 1) and not _AND.match(draft.content(first - 1))
    if end - first < (_FEWEST_HEADED if has_heading else _FEWEST) or not (at_end or has_heading):
        return False
    if 2 * len(closed) < end - first or not (at_end or len(closed) == end - first):
        return False
    above = first - 2 if has_heading else first - 1
    if above < 0 or announces_list(draft.content(above)) or not is_paragraph(draft, above):
        return False
    own = [k for k in paragraphs if not first <= k < end]
    if sum(k < first for k in own) < _FEWEST_OWN - (not at_end) or len(own) < _FEWEST_OWN:
        return False
    if not at_end and not (is_paragraph(draft, end) and continues_report(draft.content(end))):
        return False
    subject, titles = Subject(draft, own), list(range(first, end))
    contents = list(map(draft.content, titles))
    shares = list(map(subject.share, contents))
    speaking = sum(map(sounds_like_headline, contents))
    most = _SHARED_TOGETHER if 2 * speaking >= len(titles) else _SHARED_SILENT
    return sum(shares) <= most * len(titles) and not are_table_entries(contents)
