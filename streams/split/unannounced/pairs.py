"""Other stories as a title and its first sentence, between the paragraphs of the page's own or in a list below it.

The sentence says its title again, and both speak of something else than the page.
"""

from __future__ import annotations

from streams.split import layout
from streams.split.draft import Draft
from streams.split.evidence import continues_report, restates
from streams.split.segments import STORY_ENDS, Rule
from streams.split.unannounced.lines import (
    LONGEST_HEADING,
    SHORTEST_ITEM,
    UNDECIDED,
    announces_list,
    is_counter,
    is_dated,
    is_heading,
    is_open,
    is_paragraph,
    is_title,
    mark,
)
from streams.split.unannounced.subject import SHARED_LEDE, Subject

# Chosen by reading: code points, lines between a title and its sentence, paragraphs of the page's own story above, pairs.
_SHORTEST_LEDE, _LONGEST_LEDE, _MOST_BETWEEN, _FEWEST_OWN, _FEWEST_PAIRS, _MOST_BETWEEN_PARAGRAPHS = 40, 500, 2, 2, 2, 4
_RULE: Rule = "titles and first sentences of other stories"


def mark_pairs(draft: Draft, paragraphs: list[int]) -> bool:
    """Marks the pairs of a title and a first sentence in a list below the text, then those between paragraphs.

    Returns whether there are any pairs on the page.
    """
    pairs = dict(_pairs(draft))
    if pairs:
        _mark_tail(draft, paragraphs, pairs)
        _mark_between(draft, paragraphs, pairs)
    return bool(pairs)


def _pairs(draft: Draft) -> list[tuple[int, int]]:
    """Returns the first sentences of other stories, as line numbers, each with the line of its title above."""
    out = []
    for title in range(1, len(draft.lines) - 1):
        if not is_title(draft, title, SHORTEST_ITEM):
            continue
        lede = title + 1
        while lede < len(draft.lines) - 1 and lede - title <= _MOST_BETWEEN and _is_between(draft, lede):
            lede += 1
        if _is_lede(draft, title, lede):
            out.append((lede, title))
    return out


def _is_between(draft: Draft, i: int) -> bool:
    """Tells whether line i may stand between a title and its first sentence: a date, a number, an address."""
    return is_dated(draft, i) or is_counter(draft, i) or layout.is_url(draft.content(i))


def _is_lede(draft: Draft, title: int, lede: int) -> bool:
    content = draft.content(lede)
    cut_off = content.endswith(("..", "…"))
    return (
        draft.kinds[lede] in UNDECIDED
        and _SHORTEST_LEDE <= len(content) <= _LONGEST_LEDE
        and (cut_off or layout.is_closed(content))
        and not continues_report(content)
        and restates(draft.content(title), content)
    )


def _mark_tail(draft: Draft, paragraphs: list[int], pairs: dict[int, int]) -> None:
    """Marks the list at the end of the page in which every sentence stands below its title.

    Two pairs that speak of something else make one, or a pair below what closes the page's own story.
    """
    last = next((k for k in range(len(draft.lines) - 1, -1, -1) if k not in pairs and is_paragraph(draft, k)), -1)
    own = [k for k in paragraphs if k <= last]
    within = {lede: title for lede, title in pairs.items() if title > last}
    if not within or len(own) < _FEWEST_OWN:
        return
    subject = Subject(draft, own)
    strange = [lede for lede, title in within.items() if _is_other(draft, subject, title, lede)]
    titles = [k for k in range(last + 1, len(draft.lines)) if is_title(draft, k, SHORTEST_ITEM)]
    first = min(titles)
    closed = any(kind in STORY_ENDS for kind in draft.kinds[last + 1 : first])
    more = sum(map(subject.is_strange, titles)) > len(within)
    if 2 * len(strange) < len(within) or not (closed or more or len(within) >= _FEWEST_PAIRS):
        return
    if draft.kinds[first - 1] in UNDECIDED:
        if announces_list(draft.content(first - 1)) and not is_heading(draft, first - 1):
            return
        while first - 1 > last and len(draft.content(first - 1)) <= LONGEST_HEADING and draft.kinds[first - 1] in UNDECIDED:
            first -= 1
    for k in range(first, len(draft.lines)):
        if k in within or is_open(draft, k):
            mark(draft, k, _RULE)


def _mark_between(draft: Draft, paragraphs: list[int], pairs: dict[int, int]) -> None:
    """Marks the pairs between two paragraphs of which the later one turns back to the page's own subject."""
    found = []
    for lede, title in pairs.items():
        after = lede + 1
        if draft.kinds[title] not in UNDECIDED or after >= len(draft.lines) or not is_paragraph(draft, after):
            continue
        own = [k for k in paragraphs if k not in pairs and k != after]
        if len([k for k in own if k < title]) < 1 or len(own) < _FEWEST_OWN:
            continue
        subject, other = Subject(draft, own), Subject(draft, [title, lede], own=False)
        back = draft.content(after)
        turned = subject.share(back) - other.share(back)
        if _is_other(draft, subject, title, lede) and (turned > 0 or _is_headed_far(draft, title, turned, own)):
            found.append((title, lede))
    if len(found) > _MOST_BETWEEN_PARAGRAPHS:
        return
    for title, lede in found:
        has_heading = is_heading(draft, title - 1) and draft.kinds[title - 1] in UNDECIDED
        for k in range(title - has_heading, lede + 1):
            mark(draft, k, _RULE)


def _is_headed_far(draft: Draft, title: int, turned: float, own: list[int]) -> bool:
    """Tells whether a heading stands above the title, and the page's own story is long enough to know what it speaks of."""
    return turned == 0 and len(own) > _FEWEST_OWN and is_heading(draft, title - 1)


def _is_other(draft: Draft, subject: Subject, title: int, lede: int) -> bool:
    return subject.is_strange(title) and subject.share(draft.content(lede)) <= SHARED_LEDE
