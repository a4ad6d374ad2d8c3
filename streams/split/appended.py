"""Whether the text below a teaser's title is that story, or the page's own story that goes on."""

from __future__ import annotations

import re

from streams.split.draft import Draft
from streams.split.openers import begins, goes_on
from streams.split.spelling import folded

# Of the words of a title so many come back in the paragraph below it when that is its own first paragraph.
RESTATED = 0.4
# Of the words that the title does not share with the beginning of the page, so many come back in a lede below it. Measured on
# 150 pages of a title and lede set between the paragraphs of another story: 107 are cut right, 12 without a lede being told.
_LEDE_RESTATED = 0.4
_LEDE, _LONGEST_LEDE = 400, 500
# What closes a page's own story: another one may follow it whole.
_ENDS = frozenset({"source_credit", "keywords", "copyright", "social"})
_WORDS = re.compile(r"[^\W\d_]{4,}")
_PREFIX = re.compile(r"^(?:وال|بال|فال|كال|لل|ال|و|ب|ل)(?=\w{3})")
_FOLLOWING, _TOP = 4, 4


def is_appended(draft: Draft, heading: int, titles: list[int], after: int) -> bool:
    """Whether line `after` begins the story that the block's first title names.

    It does when the page's own story was closed before the heading, by its credit or its tags; else when the line begins as
    a report does, or says the title again, and the lines below it do not turn back to the page's own story.
    """
    title = title_of(draft, heading, titles[0])
    paragraph = draft.content(after)
    # A page that begins with a teaser, perhaps below its credit, is not all of it another story.
    if draft.is_own(paragraph) or all(draft.kinds[: min(heading, _TOP)]):
        return False
    over = draft.kinds[heading - 1] in _ENDS
    if len(titles) > 1:  # a title and a second headline below it, or a list of titles
        return over and len(titles) == 2 and restates(title, paragraph)
    if over:
        return True
    if goes_on(paragraph) or not (begins(paragraph) or restates(title, paragraph)):
        return False
    return not _turns_back(draft, heading, f"{title} {paragraph[:_LEDE]}", after)


def is_lede(draft: Draft, heading: int, titles: list[int], after: int) -> bool:
    """Whether line `after` is the first sentence of the story that the block's one title names, and no more of it follows.

    It says the title again, also what the title does not share with the beginning of the page.
    """
    paragraph = draft.content(after)
    if len(titles) != 1 or after + 1 >= len(draft.lines) or len(paragraph) > _LONGEST_LEDE or goes_on(paragraph):
        return False
    title = title_of(draft, heading, titles[0])
    said, own, other = stems(paragraph), _own_stems(draft, heading), stems(title)
    return restates(title, paragraph) and _share(said, other - own) >= _LEDE_RESTATED and not draft.is_own(paragraph)


def title_of(draft: Draft, heading: int, line: int) -> str:
    """The title on this line of the block that `heading` heads, without the heading's words."""
    if line == heading:
        return draft.text[draft.headings[heading].rest : draft.lines[heading].end]
    return draft.content(line)


def restates(title: str, paragraph: str) -> bool:
    """Whether the paragraph says again what the title says, as a story's first paragraph does."""
    said = stems(title)
    shared = said & stems(paragraph[:600])
    return len(shared) >= 2 and len(shared) >= RESTATED * len(said)


def stems(text: str) -> frozenset[str]:
    """The words of four letters or more, folded, without article and particles, cut to five letters."""
    return frozenset(_PREFIX.sub("", word)[:5] for word in _WORDS.findall(folded(text)))


def _own_stems(draft: Draft, heading: int) -> frozenset[str]:
    """The stems of the page's title and of the beginning of its text, as far as the heading."""
    start = draft.lines[0].start
    return stems(f"{draft.page.title or ''} {draft.text[start : min(start + _LEDE, draft.lines[heading].start)]}")


def _turns_back(draft: Draft, heading: int, other_story: str, after: int) -> bool:
    """Whether the paragraphs below line `after` speak of the beginning of the page, and not more of the other story's."""
    last = min(after + 1 + _FOLLOWING, len(draft.lines))
    below = stems(" ".join(draft.content(k)[:400] for k in range(after + 1, last) if k not in draft.headings))
    if not below:
        return False
    own, other = _own_stems(draft, heading), stems(other_story)
    own, other = own - other, other - own
    said, told = _share(below, own), _share(below, other)
    # When nothing tells, text stays the page's own - unless an appended story came before: then another one does.
    return said > told if draft.kinds[heading - 1] == "read_also_body" else said >= told


def _share(below: frozenset[str], words: frozenset[str]) -> float:
    return len(below & words) / len(words) if words else 0.0
