"""Titles of other stories that show what they are by how they stand: twice, behind an arrow, beside others on one line.

The figures were chosen by reading; they are lengths in code points unless their names say otherwise.
"""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import pairwise

from streams.split import layout
from streams.split.draft import Draft
from streams.split.spelling import dense
from streams.split.unannounced.lines import (
    SHORTEST_ITEM,
    UNDECIDED,
    announces_list,
    has_title_shape,
    is_one_of_many,
    is_title,
    mark,
    sounds_like_headline,
)
from streams.split.unannounced.subject import Subject

_ARROWS = "»>◄►▶◀←→❯‹›▸◂⬅➤"
_ARROW = re.compile(rf"[{_ARROWS}]{{1,3}}\s*(?=\w|[«\"“])|(?<=\S)\s+[{_ARROWS}]{{1,3}}$")
_DRAWN = re.compile(r"[◄►▶◀❯▸◂⬅➤]")  # on no keyboard: a site's sign
_OPENING = re.compile(r"([^\W\d_][^:|.،]{2,24}?)\s*[:|]\s+(?=\S)")
# Chosen by reading: titles behind one opening, titles on a line, and those on a line where half sound like headlines.
_FEWEST_OPENINGS, _FEWEST_ON_LINE, _FEWEST_PAIRS_ON_LINE = 2, 3, 2
_SIGNS = (*"|•●▪■◄»", "    ", "\u00a0\u00a0", "\t")
_BAR = re.compile(r"\s+[|•●▪■◄»]\s+|[ \u00a0\t]{4,}")
_LONGEST_JOINED = 700  # code points of a line of several titles
_MOST_NAMED_AGAIN = 3  # lines of a page
_MOST_ASKING = 0.5  # of the titles behind one opening; more are questions of one who asks


def mark_marked_titles(draft: Draft, subject: Subject) -> None:
    """Marks titles that stand twice, behind arrows, behind an opening that several share, or several on one line."""
    _mark_doubled(draft)
    _mark_arrows(draft, subject)
    _mark_openings(draft, subject)
    _mark_joined(draft, subject)


def _mark_doubled(draft: Draft) -> None:
    """Marks titles that stand twice, one below the other, as where a picture and its title are links to one story."""
    for i, k in pairwise(range(1, len(draft.lines))):
        if draft.content(i) == draft.content(k) and is_title(draft, i, SHORTEST_ITEM) and not layout.is_date(draft.content(i)):
            mark(draft, i, "a title that stands twice")
            mark(draft, k, "a title that stands twice")


def mark_named_again(draft: Draft) -> None:
    """Marks lines that say a title again which the page is known to have of another story; not on a page made of such titles."""
    if "related" not in draft.kinds:
        return
    titles = {dense(layout.without_bullet(draft.content(i))) for i, kind in enumerate(draft.kinds) if kind == "related"}
    found = [i for i in range(1, len(draft.lines)) if is_title(draft, i, SHORTEST_ITEM) and dense(draft.content(i)) in titles]
    if len(found) <= _MOST_NAMED_AGAIN:
        for i in found:
            mark(draft, i, "a title that a list of the page names too")


def _mark_arrows(draft: Draft, subject: Subject) -> None:
    """Marks titles behind an arrow that speak of something else, and those that have an arrow and a headline's verb."""
    found: list[int] = []
    for i in range(1, len(draft.lines)):
        content = draft.content(i)
        if draft.kinds[i] not in UNDECIDED or i in draft.headings or not (content[0] in _ARROWS or content[-1] in _ARROWS):
            continue
        title = _ARROW.sub("", content)
        if (
            title == content
            or len(title) < SHORTEST_ITEM
            or not has_title_shape(draft, title)
            or (i and announces_list(draft.content(i - 1)))
        ):
            continue
        found.append(i)
    strange = sum(map(subject.is_strange, found))
    drawn = all(_DRAWN.search(draft.content(i)) and sounds_like_headline(draft.content(i)) for i in found)
    if found and (drawn or 2 * strange >= len(found)):
        for i in found:
            mark(draft, i, "a title behind an arrow")


def _mark_openings(draft: Draft, subject: Subject) -> None:
    """Marks titles behind words and a colon or bar that open lines between paragraphs twice and stand nowhere else.

    The name of one who speaks does: the report names him too.
    """
    groups: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for i in range(1, len(draft.lines)):
        content = draft.content(i)
        has_sign = ":" in content or "|" in content
        match = _OPENING.match(content) if has_sign and _is_free(draft, i) else None
        if match and len(content) - match.end() >= SHORTEST_ITEM and has_title_shape(draft, content[match.end() :]):
            groups[match[1]].append((i, content[match.end() :]))
    for opening, found in groups.items():
        if len(found) < _FEWEST_OPENINGS or draft.text.count(opening) != len(found):
            continue
        if any(a + 1 == b for (a, _), (b, _) in pairwise(found)) or len({title for _, title in found}) < len(found):
            continue
        if is_one_of_many(draft, found[0][0], len(found)) or not any(subject.is_other(title) for _, title in found):
            continue
        if sum(title[-1] in "؟?" for _, title in found) <= _MOST_ASKING * len(found):
            for i, _ in found:
                mark(draft, i, "an opening that several titles share")


def _is_free(draft: Draft, i: int) -> bool:
    return draft.kinds[i] in UNDECIDED and i not in draft.headings


def _mark_joined(draft: Draft, subject: Subject) -> None:
    """Marks lines of several titles that bars or wide gaps part, of which most speak of something else."""
    if not any(sign in draft.text for sign in _SIGNS):
        return
    for i in range(1, len(draft.lines)):
        line = draft.lines[i]
        if not 2 * SHORTEST_ITEM < line.end - line.start <= _LONGEST_JOINED or draft.kinds[i] not in UNDECIDED:
            continue
        content = draft.content(i)
        parts = _BAR.split(content) if _BAR.search(content, SHORTEST_ITEM) else ()
        if len(parts) < _FEWEST_PAIRS_ON_LINE or announces_list(draft.content(i - 1)):
            continue
        if not all(len(part) >= SHORTEST_ITEM and has_title_shape(draft, part) for part in parts):
            continue
        strange, speaking = sum(map(subject.is_other, parts)), sum(map(sounds_like_headline, parts))
        if 2 * strange >= len(parts) and (speaking or len(parts) >= _FEWEST_ON_LINE):
            mark(draft, i, "titles on one line")
