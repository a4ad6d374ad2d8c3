"""Markers inside a line: pages that lost their line breaks, wholly or around a block."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice, pairwise

from streams.split.blocks import is_prose
from streams.split.draft import Draft
from streams.split.layout import Line, is_closed
from streams.split.markers import Found, Markers
from streams.split.openers import is_opener
from streams.split.spelling import folded

_PUNCTUATION = re.compile(r"[.،,؛:؟!]")
_END = '.؟!»”"’…)'
_WORD = re.compile(r"\S+")
_PREPOSITIONS = frozenset(
    ["في", "من", "عن", "علي", "الي", "مع", "بعد", "قبل", "بين", "منذ", "خلال", "حول", "ضد", "عند", "لدي", "حتي", "دون"]
)  # no title ends with one
_MOST_PLACES = 500  # of a line; a line with more of them is nothing that can be told apart
_GAP = re.compile(r"(?<![ \u00a0\t])[ \u00a0\t]{4,}+")
_WIDE = ("    ", "\u00a0", "\t")
_FEWEST_GAPS, _LONGEST_TICKER = 2, 3000
_SHORTEST_LINE, _SHORTEST_FLAT = 30, 300
_LONGEST_TAGS, _TAG_COUNT, _SEARCHED = 200, 3, 20_000
LONGEST_TITLE = 220
SHORTEST_TITLE_WORDS = 4
# A flattened page's titles at its end are at most this share of it; a longer rest holds text that nothing tells apart.
_TRAILING_SHARE = 1 / 3


def cut_lines(draft: Draft, table: Markers) -> None:
    """Lines that hold a marker in their middle are cut before it and after its titles; the pieces become lines."""
    out: list[Line] = []
    tags: list[int] = []
    ticker = _cut_ticker(draft, out)
    for line in draft.lines[1:] if ticker else draft.lines:
        if line.end - line.start < _SHORTEST_LINE:
            out.append(line)
        else:
            _cut(draft, table, line, out, tags)
    draft.lines = out
    draft.kinds = [""] * len(out)
    draft.rules = [""] * len(out)
    for i in tags:
        draft.mark(i, "keywords", "phrases of a flattened page at its end")
    if ticker:
        draft.mark(0, "related", "headlines in a row before the first paragraph")


def _cut_ticker(draft: Draft, out: list[Line]) -> bool:
    """Whether the page begins with headlines of other stories, joined by wide gaps; they become a line, what follows another."""
    first = draft.lines[0]
    content = draft.text[first.start : min(first.end, first.start + _LONGEST_TICKER)]
    if not any(space in content for space in _WIDE):
        return False
    gaps = [(match.start(), match.end()) for match in _GAP.finditer(content)]
    if len(gaps) < _FEWEST_GAPS:
        return False
    starts, ends = [0, *(end for _, end in gaps)], [*(start for start, _ in gaps), len(content)]
    headlines = 0
    for start, end in zip(starts, ends, strict=True):
        if end - start < _SHORTEST_LINE // 2 or not draft.is_headline(content[start:end]):
            break
        headlines += 1
    if headlines < _FEWEST_GAPS or (headlines == len(starts) and len(draft.lines) == 1):
        return False
    stop = first.start + ends[headlines - 1]
    out.append(Line(first.start, stop, first.blank))
    rest = _next_word(draft.text, stop)
    if rest < first.end:
        out.append(Line(rest, first.end, 0, joined=True))
    return True


def _cut(draft: Draft, table: Markers, line: Line, out: list[Line], tags: list[int]) -> None:
    text = draft.text
    flat = _is_flat(text, line)
    places = list(islice(_places(text, table, line, flat=flat), _MOST_PLACES))
    if not places:
        out.append(line)
        return
    stop = flat_tags(text, line) if flat else line.end
    joined = line.joined
    for begin, end, heading in _pieces(draft, line, places, stop, flat=flat):
        start = _next_word(text, begin)
        if start >= end:
            continue
        if heading is not None:
            draft.headings[len(out)] = heading
        elif begin >= stop:
            tags.append(len(out))
        out.append(Line(start, start + len(text[start:end].rstrip()), 0 if joined else line.blank, joined))
        joined = True


def _pieces(draft: Draft, line: Line, places: list[Found], stop: int, *, flat: bool) -> Iterator[tuple[int, int, Found | None]]:
    """The line in pieces: text, and the titles after each marker; what lies beyond `stop` is one of its own."""
    asked = min((found.start for found in places if flat and found.marker.form == "ask"), default=stop)
    begin = line.start
    for k, found in enumerate(places):
        if found.start < begin or found.start >= stop or found.marker.form == "ask":
            continue
        following = places[k + 1].start if k + 1 < len(places) and not flat else stop
        end = _title_end(draft, line, found, min(following, asked if found.start < asked else stop), flat=flat)
        if end is not None:
            yield begin, found.start, None
            yield found.start, end, found
            begin = end
    yield begin, stop, None
    yield stop, line.end, None


def _is_flat(text: str, line: Line) -> bool:
    """Whether the line is a page whose line breaks and punctuation were taken away."""
    return line.end - line.start > _SHORTEST_FLAT and not _PUNCTUATION.search(text, line.start, line.end)


def _places(text: str, table: Markers, line: Line, *, flat: bool) -> Iterator[Found]:
    """The markers of the line that titles may follow, which run on into the text."""
    first = table.at(text, line.start, line.end)
    # A line that begins with one needs a cut only where its titles run into the text after them.
    if first is not None and _runs_on(text, first, line):
        yield first
    for found in table.inside(text, line.start, line.end, flat=flat):
        if found.start > line.start and not (found.marker.opens == "list" and not found.strong and is_prose(text, found)):
            yield found


def _runs_on(text: str, found: Found, line: Line) -> bool:
    """Whether the titles after the marker that a line begins with may run into text on the same line."""
    marker = found.marker
    if not marker.inline or found.rest >= line.end or marker.form != "heading" or (marker.tail and not found.strong):
        return False
    if found.marker.opens == "list":
        return line.end - line.start > found.marker.limit
    return found.rest == found.end or text[line.end - 1] in _END


def _title_end(draft: Draft, line: Line, found: Found, end: int, *, flat: bool) -> int | None:
    """Where the titles after the marker end: at a wide gap, or where a word stands that opens sentences; None when unknown."""
    text, length = draft.text, end - found.rest
    if found.marker.form == "tags":
        last = line.end == draft.lines[-1].end
        return end if last and 0 < length <= _LONGEST_TAGS and not _PUNCTUATION.search(text, found.rest, end) else None
    if found.marker.form != "heading":
        return None
    if flat:
        return end if length <= _TRAILING_SHARE * (line.end - line.start) else None
    longest = found.marker.limit if found.marker.opens == "list" else LONGEST_TITLE
    rest = text[found.rest : min(end, found.rest + longest + 40)]
    words = list(_WORD.finditer(rest))
    for before, match in pairwise(words[SHORTEST_TITLE_WORDS - 2 :]):
        if match.start() - before.end() >= 2 or _begins_text(before.group(), match.group()):
            return found.rest + before.end()
    # Nothing tells where they end: a short rest is a title, unless it is closed as a sentence.
    told = (found.strong and not found.marker.tail) or found.rest == found.end or not is_closed(rest)
    return end if told and length <= longest else None


def _begins_text(before: str, word: str) -> bool:
    """Whether the text goes on with this word: it opens sentences, and a title can end with the word before it."""
    whole = before[-1] not in "،," and folded(before) not in _PREPOSITIONS
    return whole and is_opener(folded(word).strip('.,:،"«“('))


def flat_tags(text: str, line: Line) -> int:
    """Where the tags at the end of a flattened page begin: phrases one after the other that the page also has elsewhere."""
    start = max(line.start, line.end - _LONGEST_TAGS)
    words = [(m.start(), m.end()) for m in _WORD.finditer(text, start, line.end)]
    before = f" {folded(text[max(line.start, line.end - _SEARCHED) : line.end])} "
    at = len(words)
    while at > 1:
        size = next(
            (n for n in range(min(5, at - 1), 0, -1) if _is_tag(before, folded(text[words[at - n][0] : words[at - 1][1]]))), 0
        )
        if not size:
            break
        at -= size
    return words[at][0] if at < len(words) else line.end


def _is_tag(page: str, phrase: str) -> bool:
    count = page.count(f" {phrase} ")
    spaces = phrase.count(" ")
    if not spaces:
        return count >= _TAG_COUNT and phrase.isascii() and len(phrase) > 1
    return count >= (_TAG_COUNT if spaces == 1 else _TAG_COUNT - 1)


def _next_word(text: str, place: int) -> int:
    match = _WORD.search(text, place)
    return match.start() if match else len(text)
