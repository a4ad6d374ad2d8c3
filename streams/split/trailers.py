"""Credits, tags, and what sites put around an article: sharing, rights, disclaimers."""

from __future__ import annotations

import re

from streams.split import layout
from streams.split.draft import Draft
from streams.split.markers import Found
from streams.split.openers import first_words, is_opener
from streams.split.spelling import folded

# How far from its end a page's trailers may begin, in lines: contact blocks take up to eight.
_REACH, _TOP = 12, 4
_AGENCY = re.compile(
    r"(?:(?:ا ?ش ?ا|ا ?ف ?ب|د ?ب ?ا|و ?م ?ع|و ?ا ?س|وكالات|رويترز|بي بي سي|سي ان ان|الاناضول|فرانس برس|سانا|قنا|وفا|بترا|كونا|"
    r"وام|afp|reuters|cnn|bbc)[\s:،,\-–—()/]*){1,4}"
)
# "The source: that armed men ..." is a source that speaks. A credit has few words, fewer when it is closed as a sentence.
_SPEAKS = frozenset(
    ["ان", "انه", "انها", "انهم", "لم", "لن", "لا", "ليس", "ليست", "قد", "سوف", "هناك", "هذا", "هذه", "نحن", "لدينا", "انا", "ما"]
)
_LONGEST_CREDIT, _LONGEST_CLOSED_CREDIT = 9, 4
_SHORT, _LONGEST_AGENCY, _FEW_WORDS = 90, 40, 6


def accepts_trailer(draft: Draft, i: int, found: Found) -> bool:
    """Whether line i is the credit or the tag line that its first words announce."""
    line = draft.lines[i]
    rest = draft.text[found.rest : line.end].strip()
    if line.end - line.start > found.marker.limit:
        return False
    if found.marker.form == "credit":
        if not rest:
            return i + 1 < len(draft.lines) and (found.strong or i + 2 == len(draft.lines))
        words = first_words(rest)
        said = bool(words) and (is_opener(words[0]) or words[0] in _SPEAKS)
        longest = _LONGEST_CLOSED_CREDIT if rest[-1] == "." else _LONGEST_CREDIT
        return found.strong and not said and len(rest.split()) <= longest and not layout.is_closed(rest[:-1])
    if found.marker.form == "tags":
        last = i + 1 == len(draft.lines)
        if not found.strong and (found.marker.tail or (" " not in found.marker.words and not last)):
            return False
        return not layout.is_closed(rest) and not _is_prose(rest, strong=found.strong)
    return True


def _is_prose(rest: str, *, strong: bool) -> bool:
    words = first_words(rest)
    return bool(words) and not strong and (is_opener(words[0]) or len(rest.split()) > 16)


def mark_trailers(draft: Draft) -> None:
    """Credit and tag lines are marked, wherever they stand; an agency's name alone on the first line is a credit."""
    for i, found in draft.headings.items():
        marker = found.marker
        kind = marker.opens
        if marker.place == "edge" or kind in ("story", "list"):
            continue
        draft.mark(i, kind, f"line begins {marker.words}")
        alone = found.rest >= draft.lines[i].end and i + 1 < len(draft.lines) and i + 1 not in draft.headings
        if alone and marker.form in ("credit", "tags"):
            _mark_value(draft, i + 1, kind)
    if begins_with_agency(draft):
        draft.mark(0, "source_credit", "agency on the first line")


def _mark_value(draft: Draft, i: int, kind: str) -> None:
    """The line after a heading that stands alone is what it announces, when it looks like it."""
    content = draft.content(i)
    if kind == "keywords" or (len(content.split()) <= 5 and not layout.is_closed(content)):
        while (
            i < len(draft.lines)
            and len(draft.content(i)) <= 60
            and not layout.is_closed(draft.content(i))
            and i not in draft.headings
        ):
            draft.mark(i, kind, "below its heading")
            i += 1
            if kind != "keywords":
                return


def begins_with_agency(draft: Draft) -> bool:
    """Whether the first line is an agency's name and nothing else."""
    first = draft.lines[0]
    if len(draft.lines) < 2 or first.end - first.start > _LONGEST_AGENCY:
        return False
    return _AGENCY.fullmatch(folded(draft.content(0)).strip()) is not None


def mark_edges(draft: Draft) -> None:
    """What counts only at a page's edges is marked there: before the first paragraph, after the last one."""
    last = len(draft.lines) - 1
    for i in range(min(_TOP, last)):
        if _opens_edge(draft, i):
            found = draft.headings[i]
            for k in range(max(0, i - 1), i + 2):
                if k == i or _is_punctuation(draft, k):
                    draft.mark(k, found.marker.opens, f"at the edge: {found.marker.words}")
        elif not draft.kinds[i] and not _is_punctuation(draft, i):
            break
    lowest = last + 1
    i = last
    while i >= max(0, last - _REACH):
        if draft.kinds[i] not in ("", "read_also_body") or _opens_edge(draft, i):
            lowest = i
        elif not _is_short(draft, i):
            break
        i -= 1
    current: tuple[str, str] | None = None
    for i in range(lowest, last + 1):
        if _opens_edge(draft, i):
            found = draft.headings[i]
            current = (found.marker.opens, f"at the edge: {found.marker.words}")
            draft.kinds[i] = ""
        elif draft.kinds[i] not in ("", "read_also_body"):
            current = None
        if current is not None:
            draft.kinds[i] = ""
            draft.mark(i, *current)


def is_furniture(content: str, found: Found) -> bool:
    """Whether the line is what its first words announce, and not a sentence that begins with them."""
    marker = found.marker
    if len(content) > marker.limit:
        return False
    if marker.tail and content[-1] != ":":
        return False
    return marker.closed or not layout.is_closed(content) or (content[-1] == ":" and len(content.split()) <= _FEW_WORDS)


def _opens_edge(draft: Draft, i: int) -> bool:
    found = draft.headings.get(i)
    return found is not None and found.marker.place == "edge" and draft.kinds[i] in ("", "read_also_body")


def _is_punctuation(draft: Draft, i: int) -> bool:
    content = draft.content(i)
    return len(content) <= 3 and not any(map(str.isalnum, content))


def _is_short(draft: Draft, i: int) -> bool:
    return len(draft.content(i)) <= _SHORT and not layout.is_closed(draft.content(i))
