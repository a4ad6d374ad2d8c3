"""The lines of a page in which its reader would look for the date of the story, the likeliest first. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from producers.extract.blocks import Block, Layout
from producers.extract.page_tools import is_labelled_date

OF_OTHERS = ("ad", "box", "card", "comments", "embed", "readers", "related")  # zones whose times are not the story's
_CLOCK = re.compile(r"\W*(?:الساعة\s*)?[0-9٠-٩]{1,2}:[0-9٠-٩]{2}(?::[0-9٠-٩]{2})?\s*(?:[^\W\d_]{1,6})?\W*")
_WORDS, _LABELLED_WORDS, _FAR_WORDS = 16, 40, 12  # of a line beside the headline, of one with a label, and elsewhere
_TITLE_WORDS = 5  # of a link, with which a line is that of another story


def date_lines(layout: Layout, near: Sequence[Block]) -> Iterator[str]:
    """Yields the lines beside the headline that have a label, all short ones there, and those with a label elsewhere."""
    own = [block for block in near if not _is_of_another(block)]
    own.sort(key=lambda block: 0 < block.words == block.linked_words)  # a day in a link may be that of a card
    yield from (block.text for block in own if block.words <= _LABELLED_WORDS and is_labelled_date(block.text))
    for number, block in enumerate(own):
        if block.words <= _WORDS:
            line = _spaced(layout, block)
            yield line + _clock(own[number + 1 : number + 2] + own[max(number - 1, 0) : number]) if ":" not in line else line
    yield from (block.text for block in layout.blocks if block.words <= _FAR_WORDS and is_labelled_date(block.text))


def _is_of_another(block: Block) -> bool:
    is_title = block.linked_words >= _TITLE_WORDS and block.linked_words > 0.4 * block.words
    return is_title or any(zone.reason in OF_OTHERS for zone in block.zones)


def _spaced(layout: Layout, block: Block) -> str:
    """Returns the text with a space between the elements of its line, which styles hold apart where the markup does not."""
    first, last = layout.of(block.element)
    return " ".join(map(str, block.element.itertext())) if last - first == 1 and len(block.element) else block.text


def _clock(beside: Sequence[Block]) -> str:
    """Returns the time of day that stands alone in a line beside the day, after a space, or nothing."""
    return next((f" {block.text}" for block in beside if _CLOCK.fullmatch(block.text)), "")
