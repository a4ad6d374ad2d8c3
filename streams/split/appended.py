"""Whether the text below a teaser's title is that story, or the page's own story that goes on."""

from __future__ import annotations

import re

from streams.split.draft import Draft
from streams.split.openers import begins, goes_on
from streams.split.spelling import folded

# Of the words of a title so many come back in the paragraph below it when that is its own first paragraph.
RESTATED = 0.4
# By so much more must the text below speak of the page's story than of the teaser's to be the page's own.
_OWN_MARGIN = 0.25
# What closes a page's own story: another one may follow it whole.
_ENDS = frozenset({"source_credit", "keywords", "copyright", "social"})
_WORDS = re.compile(r"[^\W\d_]{4,}")
_PREFIX = re.compile(r"^(?:وال|بال|فال|كال|لل|ال|و|ب|ل)(?=\w{3})")
_FOLLOWING = 4


def is_appended(draft: Draft, heading: int, titles: list[int], after: int) -> bool:
    """Whether line `after` begins the story that the block's first title names.

    It does when the page's own story was closed before the heading, by its credit or its tags; else when the line begins as
    a report does, or says the title again, and the lines below it do not turn back to the page's own story.
    """
    title = title_of(draft, heading, titles[0])
    paragraph = draft.content(after)
    if draft.is_own(paragraph):
        return False
    over = heading > 0 and draft.kinds[heading - 1] in _ENDS
    if len(titles) > 1:  # a title and a second headline below it, or a list of titles
        return over and len(titles) == 2 and restates(title, paragraph)
    if over:
        return True
    if goes_on(paragraph) or not (begins(paragraph) or restates(title, paragraph)):
        return False
    return not _turns_back(draft, heading, title, after)


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


def _turns_back(draft: Draft, heading: int, title: str, after: int) -> bool:
    """Whether the paragraphs below line `after` speak of what the page's title and first paragraph speak of."""
    last = min(after + 1 + _FOLLOWING, len(draft.lines))
    below = stems(" ".join(draft.content(k)[:400] for k in range(after + 1, last) if k not in draft.headings))
    if not below or not heading:
        return False
    own, other = stems(draft.page.title or draft.content(0)[:200]), stems(title)
    own, other = own - other, other - own
    return _share(below, own) > _share(below, other) + _OWN_MARGIN


def _share(below: frozenset[str], words: frozenset[str]) -> float:
    return len(below & words) / len(words) if words else 0.0
