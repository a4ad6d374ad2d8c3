"""Other stories without a heading: titles run together, a title with its first sentence, bullets, bare links."""

from __future__ import annotations

import re

from streams.split import layout
from streams.split.appended import stems
from streams.split.draft import Draft
from streams.split.links import mark_linked_titles
from streams.split.openers import begins, goes_on, may_begin, sentences
from streams.split.spelling import folded

_SHORTEST, _LONGEST = 70, 260
_LONGEST_WITH_LEDE = 480
# So many of a fused title's words come back in the sentence that follows it, at the least.
_RESTATED_STEMS = 3
_RESTATED_SHARE = 0.6
# Words that a verb of the same sentence follows.
_PARTICLES = frozenset(["لم", "لن", "لا", "ان", "قد", "كان", "كانت", "الذي", "التي", "ما", "حيث", "و", "او"])
_BULLETS = "•●▪■◾"
_BULLET_LINE = re.compile(rf"[{_BULLETS}]\s*(?=\S)")
_FEWEST_BULLETS, _MOST_BULLETS, _SHORTEST_BULLET, _LONGEST_BULLET = 2, 5, 25, 150


def has_unmarked(draft: Draft) -> bool:
    """Whether the page may hold any although it has no heading."""
    return bool(draft.linked) or any(bullet in draft.text for bullet in _BULLETS)


def mark_unmarked(draft: Draft) -> None:
    """Teasers without a heading are marked: links, bullets between paragraphs, titles that were run together.

    The last only on pages that carry a whole other story or a tag line, as aggregators' do: there they are likely enough.
    """
    carries = any(kind in ("read_also_title", "keywords") for kind in draft.kinds)
    mark_linked_titles(draft)
    _mark_bullets(draft)
    if not carries:
        return
    for i in range(1, len(draft.lines) - 1):
        if draft.kinds[i] in ("", "read_also_body") and _stands_between(draft, i):
            if _is_fused_titles(draft, i):
                draft.kinds[i], draft.rules[i] = "related", "titles run together"
            elif is_title_and_lede(draft, i):
                draft.kinds[i], draft.rules[i] = "related", "a title and its first sentence"


def _mark_bullets(draft: Draft) -> None:
    """Titles with bullets between two paragraphs are marked: few, set apart by blank lines, and not announced by the text."""
    i = 1
    while i < len(draft.lines) - 1:
        j = i
        while (
            j < len(draft.lines)
            and not draft.kinds[j]
            and draft.lines[j].end - draft.lines[j].start <= _LONGEST_BULLET
            and (_BULLET_LINE.match(draft.text, draft.lines[j].start))
        ):
            j += 1
        if _FEWEST_BULLETS <= j - i <= _MOST_BULLETS and j < len(draft.lines) and _is_aside(draft, i, j):
            for k in range(i, j):
                draft.mark(k, "related", "titles with bullets between paragraphs")
        i = max(j, i + 1)


def _is_aside(draft: Draft, i: int, j: int) -> bool:
    before, after = draft.content(i - 1), draft.content(j)
    return bool(
        draft.lines[i].blank
        and draft.lines[j].blank
        and before[-1] != ":"
        and layout.is_closed(before)
        and len(after) >= _SHORTEST
        and layout.is_closed(after)
        and not layout.is_bullet(after)
        and not draft.kinds[i - 1]
        and all(draft.is_headline(layout.without_bullet(draft.content(k))) for k in range(i, j))
        and all(len(draft.content(k)) >= _SHORTEST_BULLET for k in range(i, j))
    )


def _stands_between(draft: Draft, i: int) -> bool:
    """Whether line i stands alone between two paragraphs of one story."""
    before, after, line = draft.kinds[i - 1], draft.kinds[i + 1], draft.lines[i]
    return bool(
        line.blank and draft.lines[i + 1].blank and before == after == draft.kinds[i] and layout.is_closed(draft.content(i - 1))
    )


def _is_fused_titles(draft: Draft, i: int) -> bool:
    content = draft.content(i)
    return (
        _SHORTEST <= len(content) <= _LONGEST
        and not layout.is_closed(content)
        and content[-1] not in "؟?"
        and not layout.is_bullet(content)
        and not goes_on(content)
        and not begins(content)
        and not sentences(content)
        and layout.is_closed(draft.content(i + 1))
    )


def is_title_and_lede(draft: Draft, i: int) -> bool:
    """Whether line i is a title and, with nothing between, the first sentence of its story, which says the title again."""
    content = draft.content(i)
    if not (layout.is_closed(content) and _SHORTEST <= len(content) <= _LONGEST_WITH_LEDE) or goes_on(content) or begins(content):
        return False
    words = content.split()
    for k in range(5, min(16, len(words) - 6)):
        if "،" in words[k - 1]:
            return False  # a headline has no comma before its end
        if folded(words[k - 1]) in _PARTICLES:
            continue
        lede = " ".join(words[k:])
        if not (may_begin(lede) or words[k][0] in "يتس"):
            continue
        said = stems(" ".join(words[:k]))
        shared = said & stems(lede)
        if len(shared) >= _RESTATED_STEMS and len(shared) >= _RESTATED_SHARE * len(said):
            return True
    return False
