"""Other stories before the first paragraph that no word announces: playlists, albums, tickers."""

from __future__ import annotations

import re

from streams.split import layout
from streams.split.draft import Draft
from streams.split.evidence import word_prefixes
from streams.split.unannounced.lines import LONGEST_HEADING, SHORTEST_TITLE, UNDECIDED, is_open, is_title, mark

# All chosen by reading.
_FEWEST_CLOCKS, _FEWEST_IN_TICKER, _MOST_SHARED = 2, 3, 1
_COMPARED_PARAGRAPHS = 3
# A running time, or the number of a picture in its album.
_CLOCK = re.compile(r"(?<!\d)\d{1,2}:\d{2}(?!:)|\d{1,2}\s*/\s*\d{1,2}(?!\s*/)")
_CLOCK_WITHIN, _LONGEST_CLOCK = 24, 5  # code points: how far into a line its running time may begin, and its length


def mark_before_text(draft: Draft, paragraphs: list[int]) -> None:
    """Marks the titles of other stories above the first paragraph, with the heading above them."""
    first = paragraphs[0]
    timed = [i for i in range(first) if _has_clock(draft, i) or _is_beside_clock(draft, i, first)]
    if sum(_has_clock(draft, i) or _is_clock(draft, i) for i in timed) >= _FEWEST_CLOCKS:
        for i in timed:
            mark(draft, i, "titles with running times before the text")
        for i in range(timed[0]):
            if len(draft.content(i)) <= LONGEST_HEADING and is_open(draft, i):
                mark(draft, i, "above titles with running times")
    else:
        _mark_ticker(draft, paragraphs)


def _mark_ticker(draft: Draft, paragraphs: list[int]) -> None:
    """Marks three titles or more in a row that share no more than a word each with the paragraphs."""
    titles = [i for i in range(paragraphs[0]) if is_title(draft, i)]
    if len(titles) < _FEWEST_IN_TICKER:
        return
    own = word_prefixes(" ".join(draft.content(k) for k in paragraphs[:_COMPARED_PARAGRAPHS]))
    strangers = [i for i in titles if len(word_prefixes(draft.content(i)) & own) <= _MOST_SHARED]
    if len(strangers) >= _FEWEST_IN_TICKER and strangers[-1] - strangers[0] + 1 == len(strangers):
        for i in strangers:
            mark(draft, i, "titles of other subjects before the text")
        above = strangers[0] - 1
        if above == 0 and len(draft.content(above)) <= LONGEST_HEADING and is_open(draft, above):
            mark(draft, above, "titles of other subjects before the text")


def _has_clock(draft: Draft, i: int) -> bool:
    content = draft.content(i)
    match = _CLOCK.search(content, 0, _CLOCK_WITHIN + _LONGEST_CLOCK)
    return (
        match is not None
        and not layout.is_date(content)
        and len(content) - match.end() >= SHORTEST_TITLE // 2
        and is_open(draft, i)
    )


def _is_clock(draft: Draft, i: int) -> bool:
    return draft.kinds[i] in UNDECIDED and _CLOCK.fullmatch(draft.content(i)) is not None


def _is_beside_clock(draft: Draft, i: int, first: int) -> bool:
    """Tells whether line i is a running time, or a title with one on the line below it."""
    return _is_clock(draft, i) or (i + 1 < first and is_title(draft, i) and _is_clock(draft, i + 1))
