"""Blocks of other stories under a heading: lists, teasers, and whole stories that a site appends."""

from __future__ import annotations

import re

from streams.split import layout
from streams.split.draft import Draft
from streams.split.markers import Found
from streams.split.openers import begins, goes_on
from streams.split.spelling import folded

# Of the words of a title so many must come back in the paragraph that follows it for that to be its first paragraph.
RESTATED = 0.4
_LONGEST_CLOSED_TITLE = 120
_NO_TITLE = ".:|؛!؟?،-–—*•<>«»()[]… "
_ENDS = frozenset({"source_credit", "keywords", "copyright", "social"})
_WORDS = re.compile(r"[^\W\d_]{4,}")
_PREFIX = re.compile(r"^(?:وال|بال|فال|كال|لل|ال|و|ب|ل)(?=\w{3})")
# After "اخبار متعلقة" in prose comes what they are about: "... بمنطقة", "... بالاحتفالات".
_PROSE_AFTER = re.compile(r"(?:ب|ل|و|في |فى |عن |من |على |علي |مع |تم |إلى )")


def accepts(draft: Draft, i: int, found: Found) -> bool:
    """Whether the marker that line i begins with is a heading, or the words of a sentence."""
    marker, line = found.marker, draft.lines[i]
    rest = draft.text[found.rest : line.end]
    if line.end - line.start > marker.limit:
        return False
    if not rest.strip(_NO_TITLE):
        # One common word alone on a line is a heading only with a colon, or set apart.
        return found.strong or not marker.tail or bool(line.blank) or len(draft.content(i).split()) > 1
    if marker.form == "alone":
        return False
    if found.strong:
        return not layout.is_closed(rest) or len(rest) < _LONGEST_CLOSED_TITLE
    if marker.tail or (marker.opens == "list" and _PROSE_AFTER.match(rest)):
        return False
    return found.rest == found.end or not (layout.is_closed(rest) or goes_on(rest))


def mark_blocks(draft: Draft) -> None:
    """Every heading's block is marked, from the top; what follows an appended story's title is that story."""
    story = "body"
    i = 0
    while i < len(draft.lines):
        found = draft.headings.get(i)
        if found is None or found.marker.opens not in ("story", "list") or draft.kinds[i]:
            if story != "body":
                draft.mark(i, story, "below an appended title")
            i += 1
            continue
        i, story = _mark_block(draft, i, found, story)


def _mark_block(draft: Draft, i: int, found: Found, story: str) -> tuple[int, str]:
    """Marks the block that line i heads; returns where it ends and which story the text after it belongs to."""
    rule = f"heading {found.marker.words}"
    titles = [i] if found.rest < draft.lines[i].end else []
    j = i + 1
    while j < len(draft.lines) and _continues_block(draft, i, j, titles):
        if not _is_same_heading(draft, j, found):
            titles.append(j)
        j += 1
    after = _next_text(draft, j)
    if found.marker.opens == "story" and after is not None and titles and _is_appended(draft, i, titles, after, found):
        for k in range(i, titles[0] + 1):
            draft.mark(k, "read_also_title", rule)
        return titles[0] + 1, "read_also_body"
    for k in range(i, j):
        draft.mark(k, "related", rule)
    return j, story


def _is_same_heading(draft: Draft, j: int, found: Found) -> bool:
    other = draft.headings.get(j)
    return other is not None and other.marker.opens in ("story", "list") and other.rest >= draft.lines[j].end


def _continues_block(draft: Draft, i: int, j: int, titles: list[int]) -> bool:
    """Whether line j still belongs to the block that line i heads."""
    if draft.kinds[j]:
        return False
    other = draft.headings.get(j)
    if other is not None:
        return other.marker.opens == draft.headings[i].marker.opens and not titles
    if titles and _has_bullet(draft, titles[-1]) and not _has_bullet(draft, j):
        return layout.is_url(draft.content(j)) or layout.is_date(draft.content(j))
    if draft.lines[j].joined:
        return False
    return draft.is_item(j) or _is_subheading(draft, j)


def _is_subheading(draft: Draft, j: int) -> bool:
    """Whether line j names a part of a list, "the first episode:", with an item below it."""
    content = draft.content(j)
    return len(content) <= 40 and content[-1] == ":" and j + 1 < len(draft.lines) and draft.is_item(j + 1)


def _has_bullet(draft: Draft, i: int) -> bool:
    return i not in draft.headings and layout.is_bullet(draft.content(i))


def _next_text(draft: Draft, j: int) -> int | None:
    """Line j, when it is text that no heading claims."""
    if j < len(draft.lines) and not draft.kinds[j] and j not in draft.headings:
        return j
    return None


def _is_appended(draft: Draft, heading: int, titles: list[int], after: int, found: Found) -> bool:
    """Whether the text after a block's titles is the story of the first, and not the page's own story that goes on."""
    first = titles[0]
    title = draft.text[found.rest : draft.lines[heading].end] if first == heading else draft.content(first)
    paragraph = draft.content(after)
    if draft.is_own(paragraph):
        return False
    over = heading > 0 and draft.kinds[heading - 1] in _ENDS
    if len(titles) > 1:  # a title and a second headline below it, or a list of titles
        return over and len(titles) == 2 and restates(title, paragraph)
    return over or (not goes_on(paragraph) and (begins(paragraph) or restates(title, paragraph)))


def restates(title: str, paragraph: str) -> bool:
    """Whether the paragraph says again what the title says, as a story's first paragraph does."""
    said = stems(title)
    shared = said & stems(paragraph[:600])
    return len(shared) >= 2 and len(shared) >= RESTATED * len(said)


def stems(text: str) -> frozenset[str]:
    """The words of four letters or more, folded, without article and particles, cut to five letters."""
    return frozenset(_PREFIX.sub("", word)[:5] for word in _WORDS.findall(folded(text)))
