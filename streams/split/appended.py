"""Tells whether the text below a teaser's title is that story, or the page's own story that goes on."""

from __future__ import annotations

from streams.split.draft import Draft
from streams.split.evidence import continues_report, opens_report, restates, word_prefixes
from streams.split.segments import STORY_ENDS

# Of the words that the title does not share with the beginning of the page, so many come back in a lede below it. Measured on
# 150 pages of a title and lede set between the paragraphs of another story: 107 are cut right, 12 without a lede being told.
_LEDE_RESTATED = 0.4
# Code points of a lede or paragraph that are compared, and of the longest lede; lines. Chosen by reading.
_COMPARED, _LONGEST_LEDE = 400, 500
_FOLLOWING_LINES, _TOP_LINES = 4, 4


def is_appended(draft: Draft, heading: int, titles: list[int], after: int) -> bool:
    """Tells whether line `after` begins the story that the block's first title names.

    It does when the page's own story was closed before the heading, by its credit or its tags; else when the line begins as
    a report does, or says the title again, and the lines below it do not turn back to the page's own story.
    """
    title = title_of(draft, heading, titles[0])
    paragraph = draft.content(after)
    # A page that begins with a teaser, perhaps below its credit, is not all of it another story.
    if draft.repeats_lead(paragraph) or all(draft.kinds[: min(heading, _TOP_LINES)]):
        return False
    over = draft.kinds[heading - 1] in STORY_ENDS
    if len(titles) > 1:  # a title and a second headline below it, or a list of titles
        return over and len(titles) == 2 and restates(title, paragraph)
    if over:
        return True
    if continues_report(paragraph) or not (opens_report(paragraph) or restates(title, paragraph)):
        return False
    return not _turns_back(draft, heading, f"{title} {paragraph[:_COMPARED]}", after)


def closes_page(draft: Draft, heading: int, title: str, after: int) -> bool:
    """Tells whether a heading of lists, below the page's credit or tags, has one title and line `after` begins its story."""
    paragraph = draft.content(after)
    return heading > 0 and draft.kinds[heading - 1] in STORY_ENDS and (opens_report(paragraph) or restates(title, paragraph))


def is_lede(draft: Draft, heading: int, titles: list[int], after: int) -> bool:
    """Tells whether line `after` is the first sentence of the story that the block's one title names, and no more of it follows.

    It says the title again, also what the title does not share with the beginning of the page.
    """
    paragraph = draft.content(after)
    if len(titles) != 1 or after + 1 >= len(draft.lines) or len(paragraph) > _LONGEST_LEDE or continues_report(paragraph):
        return False
    title = title_of(draft, heading, titles[0])
    lede, own, other = word_prefixes(paragraph), _own_words(draft, heading), word_prefixes(title)
    return restates(title, paragraph) and _share(lede, other - own) >= _LEDE_RESTATED and not draft.repeats_lead(paragraph)


def title_of(draft: Draft, heading: int, line: int) -> str:
    """Returns the title on this line of the block that `heading` heads, without the heading's words."""
    if line == heading:
        return draft.text[draft.headings[heading].content_start : draft.lines[heading].end]
    return draft.content(line)


def _own_words(draft: Draft, heading: int) -> frozenset[str]:
    """Returns the word prefixes of the page's title and of the beginning of its text, as far as the heading."""
    start = draft.lines[0].start
    return word_prefixes(f"{draft.page.title or ''} {draft.text[start : min(start + _COMPARED, draft.lines[heading].start)]}")


def _turns_back(draft: Draft, heading: int, other_story: str, after: int) -> bool:
    """Tells whether the paragraphs below line `after` speak of the beginning of the page, and not more of the other story's."""
    last = min(after + 1 + _FOLLOWING_LINES, len(draft.lines))
    below = word_prefixes(" ".join(draft.content(k)[:_COMPARED] for k in range(after + 1, last) if k not in draft.headings))
    if not below:
        return False
    own, other = _own_words(draft, heading), word_prefixes(other_story)
    own, other = own - other, other - own
    own_share, other_share = _share(below, own), _share(below, other)
    if draft.kinds[heading - 1] == "read_also_body":  # where one story was appended, another one is likely
        return own_share > other_share
    return own_share >= other_share


def _share(below: frozenset[str], words: frozenset[str]) -> float:
    return len(below & words) / len(words) if words else 0.0
