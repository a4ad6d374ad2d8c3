"""Markers inside a line: pages that lost their line breaks, wholly or around a block."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import islice, pairwise
from typing import NamedTuple

from streams.split import spelling
from streams.split.evidence import inner_sentences, is_headline, opens_sentences, restates
from streams.split.layout import PageLine, is_closed, lines
from streams.split.markers import Found, Markers, runs_on_as_prose, tells_what_someone_did
from streams.split.spelling import one_spelling

_PUNCTUATION = re.compile(r"[.،,؛:؟!]")
_END = '.؟!»”"’…)'
_WORD = re.compile(r"\S+")
_PREPOSITIONS = frozenset(
    ["في", "من", "عن", "علي", "الي", "مع", "بعد", "قبل", "بين", "منذ", "خلال", "حول", "ضد", "عند", "لدي", "حتي", "دون"]
)  # no title ends with one
_MOST_MARKERS = 500  # of a line; a line with more of them is nothing that can be told apart
# The figures below were chosen by reading: code points, but gaps, words, tags and markers, which are counted.
_GAP = re.compile(r"(?<![ \u00a0\t])[ \u00a0\t]{4,}+")
_WIDE = ("    ", "\u00a0", "\t")
_FEWEST_GAPS, _LONGEST_TICKER = 2, 3000
_SHORTEST_LINE, _SHORTEST_FLAT = 30, 300
_LONGEST_TAGS, _TAG_COUNT, _SEARCHED = 200, 3, 20_000
_LONGEST_TAG_WORDS = 5
_LONGEST_TITLE = 220
_LONGEST_LEDE = 300
_FEWEST_TITLE_WORDS = 4
_COMPARED = 1500  # of the text before a marker
_LOOK_AHEAD = 40  # beyond the longest title, for the word that opens the text after it
# A flattened page's titles at its end are at most this share of it; a longer rest holds text that nothing tells apart.
_TRAILING_SHARE = 1 / 3


class CutLines(NamedTuple):
    """The lines of a page; the markers that some of them begin with; those that are `tags`; whether the first is a ticker.

    `tails` are those that a rule of the source cut off the end of another, with its words. `placed` is the text as
    `spelling.placed` gives it.
    """

    lines: list[PageLine]
    headings: dict[int, Found]
    tags: list[int]
    has_ticker: bool
    tails: dict[int, str]
    placed: str


def cut_lines(text: str, table: Markers) -> CutLines:
    """Returns the lines of the text, those that hold a marker in their middle cut before it and after its titles."""
    found = lines(text)
    ticker = _ticker(text, found)
    placed = spelling.placed(text)
    out = CutLines(ticker[:1], {}, [], bool(ticker), {}, placed)
    rest = [*ticker[1:], *found[1:]] if ticker else found
    if table.has_tails:
        _cut_tails(text, table, rest, found[-1].end, out)
        return out
    marked = _marked(text, placed, table, rest)
    if not marked:
        out.lines.extend(rest)
        return out
    for k, line in enumerate(rest):
        if k in marked:
            _cut(text, table, line, line.end == found[-1].end, out)
        else:
            out.lines.append(line)
    return out


def _marked(text: str, placed: str, table: Markers, found: list[PageLine]) -> set[int]:
    """Returns the lines that may hold a marker that cuts them: most hold none."""
    openings = table.openings
    marked = {bisect_right(found, (at, len(text))) - 1 for at in openings.within(placed)}
    for k, (start, end, _, _) in enumerate(found):
        if end - start >= _SHORTEST_LINE and (
            not text[start].isalnum() or openings.may_hold_marker(placed, start) or _is_flat(text, found[k])
        ):
            marked.add(k)
    return {k for k in marked if found[k].end - found[k].start >= _SHORTEST_LINE}


def _cut_tails(text: str, table: Markers, found: list[PageLine], last: int, out: CutLines) -> None:
    """Cuts the tails that a source's rules name off the ends of lines, and the lines at their markers."""
    for line in found:
        tail = table.tail(text, line.start, line.end)
        kept = line if tail is None else line._replace(end=line.start + len(text[line.start : tail[0]].rstrip()))
        if kept.end - kept.start >= _SHORTEST_LINE:
            _cut(text, table, kept, line.end == last, out)
        elif kept.end > kept.start:
            out.lines.append(kept)
        if tail is not None:
            out.tails[len(out.lines)] = tail[1]
            out.lines.append(PageLine(tail[0], line.end, 0 if kept.end > kept.start else line.blank, kept.end > kept.start))


def _ticker(text: str, found: list[PageLine]) -> list[PageLine]:
    """Returns the headlines of other stories that the first line begins with, joined by wide gaps, then the rest of the line.

    Empty when the page begins otherwise.
    """
    if not found:
        return []
    first = found[0]
    content = text[first.start : min(first.end, first.start + _LONGEST_TICKER)]
    if not any(space in content for space in _WIDE):
        return []
    gaps = [(match.start(), match.end()) for match in _GAP.finditer(content)]
    if len(gaps) < _FEWEST_GAPS:
        return []
    starts, ends = [0, *(end for _, end in gaps)], [*(start for start, _ in gaps), len(content)]
    headlines = 0
    for start, end in zip(starts, ends, strict=True):
        if end - start < _SHORTEST_LINE // 2 or not is_headline(content[start:end]):
            break
        headlines += 1
    if headlines < _FEWEST_GAPS or (headlines == len(starts) and len(found) == 1):
        return []
    stop = first.start + ends[headlines - 1]
    rest = _next_word(text, stop)
    ticker = PageLine(first.start, stop, first.blank)
    return [ticker, PageLine(rest, first.end, 0, continues_line=True)] if rest < first.end else [ticker]


def _cut(text: str, table: Markers, line: PageLine, is_last: bool, out: CutLines) -> None:
    flat = _is_flat(text, line)
    markers = list(islice(_inner_markers(text, table, line, flat=flat), _MOST_MARKERS))
    if not markers:
        out.lines.append(line)
        return
    stop = _flat_tags(text, line) if flat else line.end
    continues = line.continues_line
    for begin, end, heading in _pieces(text, line, markers, stop, flat=flat, is_last=is_last):
        start = _next_word(text, begin)
        if start >= end:
            continue
        if heading is not None:
            out.headings[len(out.lines)] = heading
        elif begin >= stop:
            out.tags.append(len(out.lines))
        out.lines.append(PageLine(start, start + len(text[start:end].rstrip()), 0 if continues else line.blank, continues))
        continues = True


def _pieces(
    text: str, line: PageLine, markers: list[Found], stop: int, *, flat: bool, is_last: bool
) -> Iterator[tuple[int, int, Found | None]]:
    """Yields the line in pieces: text, and the titles after each marker; what lies beyond `stop` is one of its own."""
    question_start = min((found.start for found in markers if flat and found.marker.form == "ask"), default=stop)
    begin = line.start
    for k, found in enumerate(markers):
        if found.start < begin or found.start >= stop or found.marker.form == "ask":
            continue
        following = markers[k + 1].start if k + 1 < len(markers) and not flat else stop
        limit = min(following, question_start if found.start < question_start else stop)
        if found.marker.form == "tags":
            end = _tags_end(text, found, limit, is_last=is_last)
        else:
            end = _title_end(text, line, found, limit, flat=flat)
        if end is not None:
            yield begin, found.start, None
            yield found.start, end, found
            begin = end
    yield begin, stop, None
    yield stop, line.end, None


def _is_flat(text: str, line: PageLine) -> bool:
    """Tells whether the line is a page whose line breaks and punctuation were taken away."""
    return line.end - line.start > _SHORTEST_FLAT and not _PUNCTUATION.search(text, line.start, line.end)


def _inner_markers(text: str, table: Markers, line: PageLine, *, flat: bool) -> Iterator[Found]:
    """Yields the markers of the line that titles may follow, which run on into the text."""
    first = table.at(text, line.start, line.end)
    # A line that begins with one needs a cut only where its titles run into the text after them.
    if first is not None and _runs_on(text, first, line) and not _is_narrative(text, first, line):
        yield first
    for found in table.inside(text, line.start, line.end, flat=flat):
        if found.start > line.start and not (
            (found.marker.opens == "list" and not found.has_colon and runs_on_as_prose(text, found))
            or _is_narrative(text, found, line)
        ):
            yield found


def _is_narrative(text: str, found: Found, line: PageLine) -> bool:
    before = text[max(0, line.start - _COMPARED) : line.start]
    return tells_what_someone_did(found, text[found.content_start : min(line.end, found.content_start + _LONGEST_TITLE)], before)


def _runs_on(text: str, found: Found, line: PageLine) -> bool:
    """Tells whether the titles after the marker that a line begins with may run into text on the same line."""
    marker = found.marker
    if not marker.inline or found.content_start >= line.end or marker.form != "heading" or (marker.tail and not found.has_colon):
        return False
    if found.marker.opens == "list":
        return line.end - line.start > found.marker.limit
    return found.content_start == found.end or text[line.end - 1] in _END


def _tags_end(text: str, found: Found, end: int, *, is_last: bool) -> int | None:
    """Returns where the tags after the marker end: with the page's last line; None when no tags follow it."""
    length = end - found.content_start
    is_tags = is_last and 0 < length <= _LONGEST_TAGS and not _PUNCTUATION.search(text, found.content_start, end)
    return end if is_tags else None


def _title_end(text: str, line: PageLine, found: Found, end: int, *, flat: bool) -> int | None:
    """Returns where the titles after the marker end: at a wide gap, or where a word stands that opens sentences.

    None when nothing tells.
    """
    length = end - found.content_start
    if found.marker.form != "heading":
        return None
    if flat:
        return end if length <= _TRAILING_SHARE * (line.end - line.start) else None
    longest = found.marker.limit if found.marker.opens == "list" else _LONGEST_TITLE
    rest = text[found.content_start : min(end, found.content_start + longest + _LOOK_AHEAD)]
    words = list(_WORD.finditer(rest))
    for before, match in pairwise(words[_FEWEST_TITLE_WORDS - 2 :]):
        if match.start() - before.end() >= 2 or _begins_text(before.group(), match.group()):
            stop = found.content_start + before.end()
            return line.end if end == line.end and _is_lede(text[found.content_start : stop], text[stop:end]) else stop
    # Nothing tells where they end: a short rest is a title, unless it is closed as a sentence.
    ends = (found.has_colon and not found.marker.tail) or found.content_start == found.end or not is_closed(rest)
    return end if ends and length <= longest else None


def _is_lede(title: str, rest: str) -> bool:
    """Tells whether the rest of the line is the first sentence of the story that the title names."""
    return (
        title.rstrip()[-1] == "." and len(rest) <= _LONGEST_LEDE and not inner_sentences(rest.strip()) and restates(title, rest)
    )


def _begins_text(before: str, word: str) -> bool:
    """Tells whether the text goes on with this word: it opens sentences, and a title can end with the word before it."""
    whole = before[-1] not in "،," and one_spelling(before) not in _PREPOSITIONS
    return whole and opens_sentences(one_spelling(word).strip('.,:،"«“('))


def _flat_tags(text: str, line: PageLine) -> int:
    """Returns where the tags at the end of a flattened page begin: phrases in a row that the page also has elsewhere."""
    start = max(line.start, line.end - _LONGEST_TAGS)
    words = [(m.start(), m.end()) for m in _WORD.finditer(text, start, line.end)]
    before = f" {one_spelling(text[max(line.start, line.end - _SEARCHED) : line.end])} "
    at = len(words)
    while at > 1:
        size = next(
            (
                n
                for n in range(min(_LONGEST_TAG_WORDS, at - 1), 0, -1)
                if _is_tag(before, one_spelling(text[words[at - n][0] : words[at - 1][1]]))
            ),
            0,
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


def _next_word(text: str, start: int) -> int:
    match = _WORD.search(text, start)
    return match.start() if match else len(text)
