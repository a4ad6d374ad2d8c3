"""Other stories without a heading: titles run together, a title with its first sentence, bullets between paragraphs."""

from __future__ import annotations

import re

from streams.split import layout
from streams.split.draft import Draft
from streams.split.evidence import (
    LONGEST_FUSED,
    SHORTEST_FUSED,
    continues_report,
    inner_sentences,
    is_title_and_lede,
    opens_report,
)
from streams.split.spelling import dense

# Chosen by reading; lengths are code points.
_LONGEST_FUSED_TITLES = 260
_SHORTEST_PARAGRAPH = 70
# Letters of a title that a list names too, the least: alone on a line, and with more after it. Lines of one page.
_FEWEST_LETTERS, _FEWEST_LETTERS_BEFORE_MORE, _MOST_LISTED = 12, 24, 3
_BULLETS = "•●▪■◾"
_BULLET_LINE = re.compile(rf"[{_BULLETS}]\s*(?=\S)")
_FEWEST_BULLETS, _MOST_BULLETS, _SHORTEST_BULLET, _LONGEST_BULLET = 2, 5, 25, 150


def has_unmarked(draft: Draft) -> bool:
    """Tells whether the page may hold any although it has no heading."""
    return bool(draft.linked) or _has_bullets(draft)


def _has_bullets(draft: Draft) -> bool:
    return any(bullet in draft.text for bullet in _BULLETS)


def mark_unmarked(draft: Draft) -> None:
    """Marks teasers without a heading: bullets between paragraphs, titles that were run together.

    The last only on pages that carry a whole other story or a tag line, as aggregators' do: there they are likely enough.
    """
    _mark_listed_titles(draft)
    carries = "read_also_title" in draft.kinds or "keywords" in draft.kinds
    if _has_bullets(draft):
        _mark_bullets(draft)
    if not carries:
        return
    for i in range(1, len(draft.lines) - 1):
        if draft.kinds[i] in ("", "read_also_body") and _stands_between(draft, i):
            if _is_fused_titles(draft, i):
                draft.overrule(i, "related", "titles run together")
            elif is_title_and_lede(draft.content(i)):
                draft.overrule(i, "related", "a title and its first sentence")


def _mark_listed_titles(draft: Draft) -> None:
    """Marks lines of the text that are, or begin with, a title that a list of the page names too: scrapers lose the markers.

    A page that has many of them is made of those titles, as a digest is.
    """
    titles = _listed_titles(draft)
    lengths = sorted({len(title) for title in titles})
    found = []
    for i in range(1, len(draft.lines)) if titles else ():
        line = draft.lines[i]
        if draft.kinds[i] in ("", "read_also_body") and i not in draft.headings and line.end - line.start <= LONGEST_FUSED:
            letters = dense(draft.content(i))
            if any(letters[:n] in titles and (n == len(letters) or n >= _FEWEST_LETTERS_BEFORE_MORE) for n in lengths):
                found.append(i)
    if len(found) <= _MOST_LISTED:
        for i in found:
            draft.overrule(i, "related", "a title that a list of the page names too")


def _listed_titles(draft: Draft) -> frozenset[str]:
    """Returns the titles below the headings of the page, without spaces and marks; the page's own is none of them."""
    titles = set()
    for i, kind in enumerate(draft.kinds):
        if kind and kind in ("related", "read_also_title") and draft.reasons[i][0] == "heading":
            found = draft.headings.get(i)
            start = found.content_start if found is not None else draft.lines[i].start
            titles.add(dense(layout.without_bullet(draft.text[start : draft.lines[i].end])))
    return frozenset(title for title in titles if len(title) >= _FEWEST_LETTERS) - {
        dense(draft.page.title or "") if titles else ""
    }


def _mark_bullets(draft: Draft) -> None:
    """Marks titles with bullets between two paragraphs: few, set apart by blank lines, and not announced by the text."""
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
                draft.decide(k, "related", "titles with bullets between paragraphs")
        i = max(j, i + 1)


def _is_aside(draft: Draft, i: int, j: int) -> bool:
    before, after = draft.content(i - 1), draft.content(j)
    return bool(
        draft.lines[i].blank
        and draft.lines[j].blank
        and before[-1] != ":"
        and layout.is_closed(before)
        and len(after) >= _SHORTEST_PARAGRAPH
        and layout.is_closed(after)
        and not layout.is_bullet(after)
        and not draft.kinds[i - 1]
        and all(draft.is_headline(layout.without_bullet(draft.content(k))) for k in range(i, j))
        and all(len(draft.content(k)) >= _SHORTEST_BULLET for k in range(i, j))
    )


def _stands_between(draft: Draft, i: int) -> bool:
    """Tells whether line i stands alone between two paragraphs of one story."""
    before, after, line = draft.kinds[i - 1], draft.kinds[i + 1], draft.lines[i]
    return bool(
        line.blank and draft.lines[i + 1].blank and before == after == draft.kinds[i] and layout.is_closed(draft.content(i - 1))
    )


def _is_fused_titles(draft: Draft, i: int) -> bool:
    content = draft.content(i)
    return (
        SHORTEST_FUSED <= len(content) <= _LONGEST_FUSED_TITLES
        and not layout.is_closed(content)
        and content[-1] not in "؟?"
        and "،" not in content
        and not layout.is_bullet(content)
        and not continues_report(content)
        and not opens_report(content)
        and not inner_sentences(content)
        and layout.is_closed(draft.content(i + 1))
    )
