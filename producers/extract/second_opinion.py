"""What trafilatura takes for the article decides where our own reading has taken in too much or too little. Pure.

The two readings err in different places: ours by the names of elements, trafilatura by the length and links of texts. A
paragraph that only one of them has is judged by where it stands among the paragraphs that both have.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import lxml.html
from lxml import etree

from producers.extract.blocks import Block
from streams.arabic.folding import fold

_RUN = 3  # words in a row by which a line is found again in another text
_SHORT = 5  # lines of fewer words must be found whole
_SHARED = 0.6  # of a line's runs of words: an inline advertisement may have broken it (chosen by reading)
_LEAST_WORDS = 40  # that both must have, or the readings are of different texts
_STANDFIRST_WORDS = 9  # a paragraph of this length right above the text may be its summary
_PROSE_WORDS = 12
_MOST_BLOCKS = 400  # a longer text is no news story, and trafilatura's time grows with the square of it
_NO_TEXT = ("script", "style", "svg", "nav", "footer", "aside", "noscript", "iframe", "button", "select", "template")
_NESTED_TABLES = etree.XPath("boolean(//table[count(ancestor::table) > 20])")  # trafilatura's time grows with their cube
_MOST = 0.7  # of the words of running text below the headline (chosen by reading)
_CLEAR = 0.6  # of the longer text's words: with fewer in both, the second try is worth its cost (chosen by reading)


class Opinion:
    """The lines of another extractor's text, looked up by the words of a block."""

    def __init__(self, text: str) -> None:
        """Reads the text, one paragraph or heading a line."""
        lines = [fold(line).split() for line in text.split("\n")]
        self.words = sum(map(len, lines))
        self._lines = {tuple(line) for line in lines}
        self._runs = {run for line in lines for run in _runs(line)}

    def has(self, block: Block) -> bool:
        """Tells whether most of the block is in the text."""
        words = fold(block.text).split()
        if len(words) < _SHORT:
            return bool(words) and tuple(words) in self._lines
        runs = _runs(words)
        return sum(run in self._runs for run in runs) >= _SHARED * len(runs)


def _runs(words: Sequence[str]) -> list[tuple[str, ...]]:
    return list(zip(*(words[start:] for start in range(_RUN)), strict=False))


def opinion(markup: str, *, fast: bool = True) -> Opinion:
    """Returns what trafilatura takes for the article's text; without `fast` it tries again by other ways."""
    import trafilatura  # noqa: PLC0415 - 0.4 s, which commands that extract nothing need not wait for

    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=True)
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=lxml.html.HtmlElement))
    try:
        tree = etree.fromstring(markup.encode("utf-8", "replace"), parser)
        if _NESTED_TABLES(tree):
            return Opinion("")
        etree.strip_elements(tree, *_NO_TEXT, with_tail=False)
        found = trafilatura.bare_extraction(tree, fast=fast, include_comments=False)
    except (etree.ParserError, ValueError, RecursionError):
        found = None
    return Opinion((getattr(found, "text", None) or "") if found is not None else "")


def is_plain(own: Sequence[Block], page_words: int) -> bool:
    """Tells whether a second opinion could change nothing: paragraphs of one element, most of the page's running text."""
    return len({e for block in own for e in _around(block)}) == 1 and sum(b.words for b in own) >= _MOST * page_words


def reconciled(own: Sequence[Block], whole: Callable[[], list[Block]], markup: str) -> list[Block]:
    """Returns the blocks of the article by both readings: `own` less its strays, or the other's where own is a part of it.

    `whole` gives the blocks of the page that may be the article's. Where the readings are of different texts, own stands.
    """
    if len(own) > _MOST_BLOCKS:
        return list(own)
    own_words = sum(block.words for block in own)
    other = opinion(markup)
    shared, shared_words = _shared(own, other)
    if shared_words < _CLEAR * max(own_words, other.words):
        other = opinion(markup, fast=False)
        shared, shared_words = _shared(own, other)
    if shared_words >= 0.8 * own_words and shared_words < 0.5 * other.words:
        found = [block for block in whole() if other.has(block)]
        if sum(block.words for block in found) > 1.5 * own_words + _LEAST_WORDS and sum(block.is_prose for block in found) > 1:
            return found
    if shared_words < max(_LEAST_WORDS, 0.5 * other.words, 0.1 * own_words):
        return list(own)
    return _without_strays(own, shared)


def _shared(own: Sequence[Block], other: Opinion) -> tuple[list[bool], int]:
    shared = [other.has(block) for block in own]
    return shared, sum(block.words for block, is_shared in zip(own, shared, strict=True) if is_shared)


def _without_strays(own: Sequence[Block], shared: Sequence[bool]) -> list[Block]:
    """Returns the blocks that both readings have, their neighbours in the same element, prose between them, and a standfirst."""
    first = shared.index(True)
    last = len(shared) - 1 - shared[::-1].index(True)
    around = {e for block, is_shared in zip(own, shared, strict=True) if is_shared for e in _around(block)}
    out = []
    for number, block in enumerate(own):
        if (
            shared[number]
            or any(e in around for e in _around(block))
            or (first < number < last and _in_table_of(block, around))
            or (number > first and _in_list_of(block, around))
            or (first < number < last and block.is_prose and block.words >= _PROSE_WORDS)
            or (first - 2 <= number < first and block.is_prose and block.words >= _STANDFIRST_WORDS)
        ):
            out.append(block)
    return out


def _in_table_of(block: Block, around: set[etree._Element]) -> bool:
    """Tells whether the block is a cell of a table that stands among the paragraphs."""
    table = next(block.element.iterancestors("table"), None)
    wrappers = [] if table is None else [table, *list(table.iterancestors())[:2]]
    return any(wrapper.getparent() in around for wrapper in wrappers)


def _in_list_of(block: Block, around: set[etree._Element]) -> bool:
    """Tells whether the block is an item, and no link, of a list that stands among the paragraphs."""
    if not block.item or block.linked_words > 0.5 * block.words:
        return False
    found = next(block.element.iterancestors("ul", "ol", "dl"), None)
    return found is not None and found.getparent() in around


def _around(block: Block) -> list[etree._Element]:
    """Returns the element whose children are the paragraphs: a paragraph's parent, or itself for a text between breaks."""
    element = block.element
    parent = element.getparent()
    around = parent if element.tag in ("p", "h2", "h3", "h4", "blockquote", "li") and parent is not None else element
    while len(around) == 1 and around[0].tag != "br" and (parent := around.getparent()) is not None and parent.tag != "body":
        around = parent  # a wrapper of one paragraph
    return [around]
