"""Credits, tags, and what sites put around an article: sharing, rights, disclaimers."""

from __future__ import annotations

import re

from streams.split import layout
from streams.split.draft import Draft
from streams.split.evidence import first_words, opens_sentences
from streams.split.markers import Found
from streams.split.segments import Kind
from streams.split.spelling import one_spelling

# Lines from a page's end and from its top that its edges may take; chosen by reading: a contact block takes up to eight.
_REACH, _TOP = 12, 4
_AGENCY = re.compile(
    r"(?:(?:ا ?ش ?ا|ا ?ف ?ب|د ?ب ?ا|و ?م ?ع|و ?ا ?س|وكالات|رويترز|بي بي سي|سي ان ان|الاناضول|فرانس برس|سانا|قنا|وفا|بترا|كونا|"
    r"وام|afp|reuters|cnn|bbc)[\s:،,\-–—()/]*){1,4}"
)
# "The source: that armed men ..." is a source that speaks. A credit has few words, fewer when it is closed as a sentence.
_SPEAKS = frozenset(
    ["ان", "انه", "انها", "انهم", "لم", "لن", "لا", "ليس", "ليست", "قد", "سوف", "هناك", "هذا", "هذه", "نحن", "لدينا", "انا", "ما"]
)
# Chosen by reading; words.
_LONGEST_CREDIT, _LONGEST_CLOSED_CREDIT, _LONGEST_VALUE, _LONGEST_ANNOUNCEMENT, _LONGEST_TAGS = 9, 4, 5, 6, 16
# Chosen by reading; code points of a line.
_SHORT, _LONGEST_AGENCY, _LONGEST_TAG_LINE, _LONGEST_PUNCTUATION = 90, 40, 60, 3


def accepts_trailer(draft: Draft, i: int, found: Found) -> bool:
    """Tells whether line i is the credit or the tag line that its first words announce."""
    line = draft.lines[i]
    rest = draft.text[found.content_start : line.end].strip()
    if line.end - line.start > found.marker.limit:
        return False
    if found.marker.form == "credit":
        if not rest:
            return i + 1 < len(draft.lines) and (found.has_colon or i + 2 == len(draft.lines))
        words = first_words(rest)
        speaks = bool(words) and (opens_sentences(words[0]) or words[0] in _SPEAKS)
        longest = _LONGEST_CLOSED_CREDIT if rest[-1] == "." else _LONGEST_CREDIT
        return found.has_colon and not speaks and len(rest.split()) <= longest and not layout.is_closed(rest[:-1])
    if found.marker.form == "tags":
        last = i + 1 == len(draft.lines)
        if not found.has_colon and (found.marker.tail or (" " not in found.marker.words and not last)):
            return False
        return not layout.is_closed(rest) and not _is_prose(rest, has_colon=found.has_colon)
    return True


def _is_prose(rest: str, *, has_colon: bool) -> bool:
    words = first_words(rest)
    return bool(words) and not has_colon and (opens_sentences(words[0]) or len(rest.split()) > _LONGEST_TAGS)


def mark_trailers(draft: Draft) -> None:
    """Marks credit and tag lines, wherever they stand; an agency's name alone on the first line is a credit."""
    for i, found in draft.headings.items():
        marker = found.marker
        kind = marker.kind
        if marker.place == "edge" or kind is None:
            continue
        draft.decide(i, kind, "line begins", marker.words)
        alone = found.content_start >= draft.lines[i].end and i + 1 < len(draft.lines) and i + 1 not in draft.headings
        if alone and marker.form in ("credit", "tags"):
            _mark_value(draft, i + 1, kind)
    if begins_with_agency(draft):
        draft.decide(0, "source_credit", "agency on the first line")


def _mark_value(draft: Draft, i: int, kind: Kind) -> None:
    """Marks the line after a heading that stands alone as what the heading announces, when it looks so."""
    content = draft.content(i)
    if kind == "keywords" or (len(content.split()) <= _LONGEST_VALUE and not layout.is_closed(content)):
        while (
            i < len(draft.lines)
            and len(draft.content(i)) <= _LONGEST_TAG_LINE
            and not layout.is_closed(draft.content(i))
            and i not in draft.headings
        ):
            draft.decide(i, kind, "below its heading")
            i += 1
            if kind != "keywords":
                return


def begins_with_agency(draft: Draft) -> bool:
    """Tells whether the first line is an agency's name and nothing else."""
    first = draft.lines[0]
    if len(draft.lines) < 2 or first.end - first.start > _LONGEST_AGENCY:
        return False
    return _AGENCY.fullmatch(one_spelling(draft.content(0)).strip()) is not None


def mark_edges(draft: Draft) -> None:
    """Marks what counts only at a page's edges: before the first paragraph, after the last one."""
    if not draft.headings:
        return
    _mark_top(draft)
    last = len(draft.lines) - 1
    current: tuple[Kind, str] | None = None
    for i in range(_lower_edge(draft, last), last + 1):
        if _opens_edge(draft, i):
            current = _edge(draft, i)
        elif draft.kinds[i] not in ("", "read_also_body"):
            current = None
        if current is not None:
            draft.overrule(i, current[0], "at the edge:", current[1])


def _mark_top(draft: Draft) -> None:
    for i in range(min(_TOP, len(draft.lines) - 1)):
        if _opens_edge(draft, i):
            kind, words = _edge(draft, i)
            for k in range(max(0, i - 1), i + 2):
                if k == i or _is_punctuation(draft, k):
                    draft.decide(k, kind, "at the edge:", words)
        elif not draft.kinds[i] and not _is_punctuation(draft, i):
            return


def _lower_edge(draft: Draft, last: int) -> int:
    """Returns the first line of the page's lower edge: from there on every line is short, or was decided."""
    lowest = last + 1
    for i in range(last, max(0, last - _REACH) - 1, -1):
        if draft.kinds[i] not in ("", "read_also_body") or _opens_edge(draft, i):
            lowest = i
        elif not _is_short(draft, i):
            break
    return lowest


def _edge(draft: Draft, i: int) -> tuple[Kind, str]:
    marker = draft.headings[i].marker
    assert marker.kind is not None, "the table refuses headings of other stories that count at the edge alone"
    return marker.kind, marker.words


def is_furniture(content: str, found: Found) -> bool:
    """Tells whether the line is what its first words announce, and not a sentence that begins with them."""
    marker = found.marker
    if len(content) > marker.limit:
        return False
    if marker.tail and content[-1] != ":":
        return False
    return (
        marker.closed or not layout.is_closed(content) or (content[-1] == ":" and len(content.split()) <= _LONGEST_ANNOUNCEMENT)
    )


def _opens_edge(draft: Draft, i: int) -> bool:
    found = draft.headings.get(i)
    return found is not None and found.marker.place == "edge" and draft.kinds[i] in ("", "read_also_body")


def _is_punctuation(draft: Draft, i: int) -> bool:
    content = draft.content(i)
    return len(content) <= _LONGEST_PUNCTUATION and not any(map(str.isalnum, content))


def _is_short(draft: Draft, i: int) -> bool:
    return len(draft.content(i)) <= _SHORT and not layout.is_closed(draft.content(i))
