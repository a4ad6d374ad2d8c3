"""What lies beside a story and has no name that says so: cards and lists of other stories, boxes, comments. Pure.

Each is found by its own shape or by the words above it, and marked as a zone before the container is chosen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from lxml import etree

from producers.extract.blocks import Block, Layout
from producers.extract.boilerplate import Zone
from producers.extract.names import words

NEVER_THE_STORY = ("card", "box", "form", "skipped", "readers")  # reasons of zones that hold no story, however much they hold
_WRAPPERS = ("html", "body", "main", "article", "p")
_LABEL = words("asides", "label")
_COMMENTS = words("tools", "comments")
_SKIP = words("asides", "skip")
_LINE_WORDS = 25  # of a label with a title
_LIFE_BLOCKS = 4  # of an author's box at the most
_BOX_BLOCKS = 12  # of a box at the most (chosen by reading)
_STORY_WORDS = 25  # of running text between the headline and the heading of comments (chosen by reading)
_TITLE_WORDS, _LINKED_SHARE = 4, 0.8  # of a title that is a link, at least (chosen by reading)
_RUN = 3  # linked titles in a row (chosen by reading)
_FIELDS = ("text", "email", "tel", "radio")
_FORM_DEPTH, _FORM_BLOCKS = 3, 6  # elements around a field, blocks in the widest of them (chosen by reading)
_SKIPPED_SHARE = 0.3  # of the page's running text that a link may skip or a form hold (chosen by reading)


def mark_asides(root: etree._Element, layout: Layout, title: etree._Element | None, author: str | None = None) -> None:
    """Marks the blocks of cards, lists of titles, boxes and forms, of what a link skips, of the author, of readers' comments."""
    _mark_cards(layout, title)
    _mark_link_lists(layout)
    _mark_runs(layout)
    _mark_forms(root, layout, title)
    title_at = layout.of(title)[0] if title is not None else -1
    for number, block in enumerate(layout.blocks):
        if block.words > _LINE_WORDS:
            continue
        if block.words <= 6 and _LABEL.fullmatch(block.text):
            _mark_box(layout, number)
        elif author and number > title_at >= 0 and block.text == author:
            _mark_author(layout, number, title_at)
        elif block.links and _is_labelled_title(block):
            _mark(layout, block.element, "box", number, number + 1)
        elif block.words <= 6 and number > title_at >= 0 and _COMMENTS.fullmatch(block.text):
            _mark_comments(layout, number, title_at)
        elif block.links and block.linked_words == block.words and _SKIP.match(block.text):
            _mark_skipped(layout, number, title_at)


def _is_labelled_title(block: Block) -> bool:
    """Tells whether the line is such a label and one title that is a link."""
    link = block.links[0]
    return (
        len(block.links) == 1 and link.end == len(block.text) and _LABEL.fullmatch(block.text[: link.start].strip()) is not None
    )


def _mark(layout: Layout, element: etree._Element, reason: str, first: int, last: int) -> None:
    zone = Zone(element, reason, first, last)
    layout.zones.append(zone)
    for block in layout.blocks[first:last]:
        block.zones = (*block.zones, zone)


def _begun_by(layout: Layout, number: int) -> Iterator[etree._Element]:
    """Yields the elements that begin with this block, from the innermost."""
    element: etree._Element | None = layout.blocks[number].element
    while element is not None and element.tag not in ("html", "body", "main", "article"):
        if layout.of(element)[0] != number or element not in layout.ranges:
            return
        yield element
        element = element.getparent()


def _mark_box(layout: Layout, number: int) -> None:
    """Marks a box: a label, titles that are links, perhaps with an excerpt each, and no more; then the titles that follow it."""
    found, end = None, number
    for element in _begun_by(layout, number):
        last = layout.of(element)[1]
        blocks = layout.blocks[end:last]
        titles = _linked_titles(blocks, fewest_words=3)
        texts = sum(block.words > 6 and not block.linked_words for block in blocks)
        if last - number > _BOX_BLOCKS or texts > (0 if found is not None else titles):
            break
        if titles:
            found, end = element, last
    if found is not None:
        _mark(layout, found, "box", number, end)


def _mark_runs(layout: Layout) -> None:
    """Marks titles that are links, one after the other and each a paragraph of its own: a list in all but markup."""
    first = 0
    for number in range(len(layout.blocks) + 1):
        block = layout.blocks[number] if number < len(layout.blocks) else None
        if block is not None and not block.zones and _is_linked_title(block):
            continue
        if number - first >= _RUN:
            _mark(layout, layout.blocks[first].element, "box", first, number)
        first = number + 1


def _mark_forms(root: etree._Element, layout: Layout, title: etree._Element | None) -> None:
    """Marks the words right around a field that a reader fills in: an offer of letters, a poll, a short address to copy."""
    total = sum(block.words for block in layout.blocks if block.is_prose)
    above_title = set(title.iterancestors()) if title is not None else set()
    for field in root.iter("input", "textarea"):
        if field.tag == "input" and (field.get("type") or "text").lower() not in _FIELDS:
            continue
        for around in islice(field.iterancestors(), _FORM_DEPTH):
            first, last = layout.of(around)
            if last - first > _FORM_BLOCKS or around.tag in _WRAPPERS or around in above_title:
                break
            held = sum(block.words for block in layout.blocks[first:last] if block.is_prose)
            if last > first and held <= _SKIPPED_SHARE * total:
                _mark(layout, around, "form", first, last)
                break


def _is_below_story(layout: Layout, number: int, title_at: int) -> bool:
    """Tells whether a story's worth of running text stands between the headline and this block."""
    words_above = sum(block.words for block in layout.blocks[title_at:number] if block.is_prose and not block.zones)
    return words_above >= _STORY_WORDS


def _mark_comments(layout: Layout, number: int, title_at: int) -> None:
    """Marks what is below the heading of comments in its element, or in the element around a heading that stands alone."""
    if not _is_below_story(layout, number, title_at):
        return
    found = None
    for element in _begun_by(layout, number):
        found = element
    if found is None:
        return
    last = layout.of(found)[1]
    parent = found.getparent()
    if last - number == 1 and layout.blocks[number].heading and parent is not None and parent.tag not in ("body", "html"):
        last = layout.of(parent)[1]
    _mark(layout, found, "readers", number, last)


def _mark_author(layout: Layout, number: int, title_at: int) -> None:
    """Marks, below a story, the author's name and a few words of the author's life in an element of their own."""
    if not _is_below_story(layout, number, title_at):
        return
    for element in _begun_by(layout, number):
        last = layout.of(element)[1]
        if 2 <= last - number <= _LIFE_BLOCKS:
            _mark(layout, element, "box", number, last)
            return


def _mark_skipped(layout: Layout, number: int, title_at: int) -> None:
    """Marks what a link such as "skip the podcast" leads past, to the words that end it or to what follows."""
    link = layout.blocks[number].links[0]
    target = next((e for e in layout.ranges if link.href.startswith("#") and e.get("id") == link.href[1:]), None)
    if target is None:
        return
    first, last = layout.of(target)
    end = last if last - first == 1 and layout.blocks[first].words <= 6 else first
    skipped = layout.blocks[number:end]
    prose = sum(block.words for block in skipped if block.is_prose)
    total = sum(block.words for block in layout.blocks if block.is_prose)
    if end > number and not number <= title_at < end and prose <= _SKIPPED_SHARE * total:
        _mark(layout, layout.blocks[number].element, "skipped", number, end)


def _mark_cards(layout: Layout, title: etree._Element | None) -> None:
    """Marks the blocks of cards as related, a linked title and its excerpt in a small element each.

    One card alone is left: it may be a box within the story. So is the headline's own element, on a site that links it.
    """
    cards = []
    for number, block in enumerate(layout.blocks):
        if not _is_linked_title(block):
            continue
        card: etree._Element | None = None
        for ancestor in (block.element, *block.element.iterancestors()):
            first, last = layout.of(ancestor)
            if last - first > 6 or ancestor.tag in ("body", "main") or _linked_titles(layout.blocks[first:last]) > 1:
                break
            card = ancestor
        if (
            card is not None
            and not (title is not None and inside(title, card))
            and any(other.is_prose for other in layout.blocks[number + 1 : layout.of(card)[1]])
        ):
            cards.append(card)
    if len(cards) > 1:
        for card in cards:
            _mark(layout, card, "card", *layout.of(card))


def _mark_link_lists(layout: Layout) -> None:
    """Marks as related what is at least two linked titles, perhaps with short words such as a heading, and nothing else."""
    for element, (first, last) in layout.ranges.items():
        if not 2 <= last - first <= 30 or element.tag in ("body", "main", "article", "p"):
            continue
        blocks = layout.blocks[first:last]
        linked = _linked_titles(blocks)
        if linked >= 2 and all(block.linked_words or block.words <= 6 for block in blocks) and linked >= 0.5 * len(blocks):
            _mark(layout, element, "related", first, last)


def _linked_titles(blocks: Sequence[Block], fewest_words: int = _TITLE_WORDS) -> int:
    return sum(_is_linked_title(block, fewest_words) for block in blocks)


def _is_linked_title(block: Block, fewest_words: int = _TITLE_WORDS) -> bool:
    return block.words >= fewest_words and block.linked_words >= _LINKED_SHARE * block.words


def inside(inner: etree._Element, outer: etree._Element) -> bool:
    """Tells whether the one element lies in the other."""
    return any(ancestor is outer for ancestor in inner.iterancestors())
