"""The article's blocks become its text: paragraphs parted by a blank line, items marked, links by code points. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice

from lxml import etree

from producers.extract.blocks import Block
from producers.extract.headline import agreement
from producers.extract.names import a_part
from producers.extract.names import words as pattern_of_words
from producers.extract.page_tools import is_byline, is_caption, is_date_line, is_sign_off, is_tool
from streams.arabic.folding import fold

_BULLET = "\u2022 "
_HAS_BULLET = re.compile(r"[•●▪■◾◄►▶‣∙·*\-–—»←]|\(?\d{1,3}[-.)]")
_IMAGE_NAMES = a_part("names", "image")
_COMMENTS = pattern_of_words("tools", "comments")
_NOTICE = pattern_of_words("tools", "notice")
_NOTICE_WORDS = 60
_LAST_BLOCKS = 4  # of the text, among which notices are looked for (chosen by reading)
_TEXT_WORDS = 40  # above a heading of comments, which elsewhere is a counter beside the headline (chosen by reading)
_REFRAIN_WORDS, _REFRAINS = 5, 3  # words of a line, and how often it stands there (chosen by reading)
_QUOTE_WORDS, _QUOTE_MARKS = (5, 40), ' .…«»"“”'  # words of a pull quote (chosen by reading)
_QUOTED_BLOCKS, _LONGER = 200, 1.3  # of a story with such quotes; the paragraph in times of the quote
_CAPTION_WORDS = 25  # of a line below a picture that no full stop ends (chosen by reading)
_CLOSED = (".", "،", "؛", "؟", "!", ":", "»", '"', "”", "…")


def article_blocks(blocks: Sequence[Block], title: str | None) -> list[Block]:
    """Returns the article's own blocks: no headline, tools, captions, and no date or by-line above or below its text."""
    blocks = blocks[: _start_of_comments(blocks)]
    end = max(len(blocks) - _LAST_BLOCKS, 0)
    blocks = [block for number, block in enumerate(blocks) if number < end or not _is_notice(block)]
    repeated = _refrains(blocks) | _pull_quotes(blocks)
    folded = fold(title or "")
    kept = [b for b in blocks if not (title and _repeats(b, title, folded)) and not is_tool(b.text) and not _is_caption(b)]
    texts = [i for i, block in enumerate(kept) if block.is_prose and not is_date_line(block.text) and not is_byline(block.text)]
    first, last = (texts[0], texts[-1]) if texts else (len(kept), len(kept))
    out = []
    seen: set[str] = set()
    for number, block in enumerate(kept):
        at_edge = number < first or number > last
        if (number > last and is_sign_off(block.text)) or block.text in repeated:
            continue
        if at_edge and (is_date_line(block.text) or (number < first and is_byline(block.text))):
            continue
        if number < first and block.words >= 2 and fold(block.text) in folded:
            continue  # a part of the headline, or the line above it
        if number < first and block.linked_words >= 0.6 * block.words:
            continue  # breadcrumb, section, author
        if number < first and block.words <= 5 and not block.heading and not block.text.endswith(_CLOSED):
            continue  # a name, a role, a place of the page
        if block.words >= 8 and block.text in seen:
            continue
        seen.add(block.text)
        out.append(block)
    return out


def _refrains(blocks: Sequence[Block]) -> set[str]:
    """Returns the short lines that stand again and again outside of tables, as "share this update" does under each entry."""
    counted = Counter(b.text for b in blocks if b.words <= _REFRAIN_WORDS and b.element.tag not in ("td", "th"))
    return {text for text, count in counted.items() if count >= _REFRAINS and not text.endswith(_CLOSED)}


def _is_notice(block: Block) -> bool:
    return block.words <= _NOTICE_WORDS and _NOTICE.search(block.text) is not None


def _start_of_comments(blocks: Sequence[Block]) -> int:
    """Returns the block that is nothing but the heading of readers' comments below a text, or the end."""
    words = 0
    for number, block in enumerate(blocks):
        if words >= _TEXT_WORDS and block.words <= 6 and _COMMENTS.fullmatch(block.text):
            return number
        words += block.words if block.is_prose else 0
    return len(blocks)


def _repeats(block: Block, title: str, folded: str) -> bool:
    if block.words > 40 or len(block.text) > 2 * len(title) + 20:
        return False
    return fold(block.text) == folded or (block.heading in (1, 2) and agreement(block.text, title) >= 0.9)


def _is_caption(block: Block) -> bool:
    """Tells whether a short text lies with a picture in an element named for it, or alone with the picture and unclosed."""
    if block.words > 40 or block.heading:
        return False
    is_open = block.words <= _CAPTION_WORDS and not block.text.endswith(_CLOSED)
    if is_caption(block.text) or (is_open and (block.image or _is_below_picture(block.element))):
        return True
    element = block.element
    for wrapper in (element, element.getparent()):
        if wrapper is None or wrapper.tag in ("body", "article", "main", "section", "html"):
            return False
        names = wrapper.get("class")
        if names and _IMAGE_NAMES.search(names) and len(list(islice(wrapper.iter("p"), 3))) <= 2:
            return next(wrapper.iter("img", "amp-img"), None) is not None
    return False


def _is_below_picture(element: etree._Element) -> bool:
    """Tells whether a line set in the middle or in italics follows an element that holds a picture and no text."""
    before = element.getprevious()
    if before is None or next(before.iter("img", "amp-img"), None) is None or "".join(map(str, before.itertext())).strip():
        return False
    is_centred = "center" in f"{element.get('style')} {element.get('align')} {element.get('class')}"
    return is_centred or (len(element) == 1 and element[0].tag in ("em", "i", "small") and not (element.text or "").strip())


def _pull_quotes(blocks: Sequence[Block]) -> set[str]:
    """Returns the short texts that are a part of a longer paragraph, as of a sentence set large beside it."""
    if len(blocks) > _QUOTED_BLOCKS:
        return set()
    prose = [block for block in blocks if block.is_prose]
    whole = "\n".join(block.text for block in prose)
    found = set()
    for block in blocks:
        if not _QUOTE_WORDS[0] <= block.words <= _QUOTE_WORDS[1] or block.heading or block.item:
            continue
        text = block.text.strip(_QUOTE_MARKS)
        if whole.count(text) > block.is_prose and any(_is_quoted(text, block, longer) for longer in prose):
            found.add(block.text)
    return found


def _is_quoted(text: str, block: Block, longer: Block) -> bool:
    """Tells whether the paragraph has the block's text within it, and the block is not just the next paragraph."""
    is_next = block.element.tag == "p" and block.element.getparent() is longer.element.getparent()
    is_part = len(longer.text) > _LONGER * len(text) and re.search(rf"\b{re.escape(text)}\b", longer.text) is not None
    return is_part and not is_next


def text_and_links(blocks: Sequence[Block]) -> tuple[str, tuple[tuple[int, int, str], ...]]:
    """Returns the text of the blocks and its links as code-point spans of it."""
    parts: list[str] = []
    links: list[tuple[int, int, str]] = []
    length = 0
    for number, block in enumerate(blocks):
        if number:
            gap = "\n" if block.continues or (block.item and blocks[number - 1].item) else "\n\n"
            parts.append(gap)
            length += len(gap)
        if block.item and not block.continues and not _HAS_BULLET.match(block.text):
            parts.append(_BULLET)
            length += len(_BULLET)
        links += ((length + link.start, length + link.end, link.href) for link in block.links if link.href.strip())
        parts.append(block.text)
        length += len(block.text)
    return "".join(parts), tuple(links)
