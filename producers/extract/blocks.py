"""The tree laid out as blocks of text in reading order, each with its links and the elements around it. Pure.

A container is then a range of blocks, and everything that is asked about it is a sum over that range.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec
from lxml import etree

from producers.extract.boilerplate import Zone, zone_of
from producers.extract.names import NAMES

_SKIPPED = frozenset(NAMES["tags"]["skipped"])
_BLOCK = frozenset(NAMES["tags"]["block"])
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_SPACES = re.compile(r"[ \t\r\n\f\v\u00a0\u2002-\u200a\u202f\u3000]+")
_KEPT_SPACES = re.compile(r"[ \t\f\v\u00a0\u2002-\u200a\u202f\u3000]+")
_NOTHING = dict.fromkeys((0xAD, 0x200B, 0xFEFF))
_PRE = re.compile(r"white-space\s*:\s*(?:pre|break-spaces)")
_WORD = re.compile(r"\w+")
_LINKED_NAMES, _LONGEST_NAME = 2, 40  # links in a sentence, code points of one (chosen by reading)


class Link(NamedTuple):
    """Code points `start` to `end` of a block's text, and where they lead."""

    start: int
    end: int
    href: str


class Block(msgspec.Struct):
    """One line of a paragraph, heading, item or cell: its text, and what is known of it."""

    text: str
    links: tuple[Link, ...]
    element: etree._Element
    heading: int
    item: bool
    zones: tuple[Zone, ...]
    words: int
    linked_words: int
    continues: bool = False  # a line of the same paragraph as the block before
    image: bool = False  # a picture stands before it in the same element

    @property
    def is_prose(self) -> bool:
        """Whether this is a paragraph of running text: long enough to be a sentence, and not made of links."""
        return (
            not self.heading
            and self.words >= 9
            and (self.linked_words <= 0.4 * self.words or self.has_linked_names)
            and (self.words >= 18 or any(stop in self.text for stop in ".،؛؟!:,"))
        )

    @property
    def has_linked_names(self) -> bool:
        """Whether this is a sentence in which a site links names and topics to its own pages: short links, text between them."""
        return (
            len(self.links) >= _LINKED_NAMES
            and self.linked_words <= 0.75 * self.words
            and all(link.end - link.start <= _LONGEST_NAME for link in self.links)
        )


class Layout(msgspec.Struct):
    """All blocks of a page, and the range of blocks `[first, last)` of each element that holds some."""

    blocks: list[Block]
    ranges: dict[etree._Element, tuple[int, int]]
    zones: list[Zone]

    def of(self, element: etree._Element) -> tuple[int, int]:
        """Returns the range of the element's blocks, empty when it holds none."""
        return self.ranges.get(element, (0, 0))


class _Draft:
    """The block being read: pieces of text with the address that they lead to."""

    __slots__ = ("breaks", "pieces")

    def __init__(self) -> None:
        self.pieces: list[tuple[str, str]] = []
        self.breaks = 0


def lay_out(root: etree._Element) -> Layout:
    """Returns the blocks of the tree in reading order; scripts, controls and navigation are left out."""
    return _Reader().read(root)


class _Reader:
    """One pass over the tree: text is gathered until an element that begins or ends a block."""

    def __init__(self) -> None:
        self.layout = Layout([], {}, [])
        self.draft = _Draft()
        self.around: list[etree._Element] = []  # block elements around the current text
        self.links: list[str] = []
        self.zones: list[Zone] = []
        self.kept_lines = 0
        self.image_in: etree._Element | None = None
        self.started: dict[etree._Element, int] = {}

    def read(self, root: etree._Element) -> Layout:
        walk = etree.iterwalk(root, events=("start", "end"))
        skipped: set[etree._Element] = set()
        for event, element in walk:
            tag = element.tag
            if not isinstance(tag, str):
                continue
            if event == "start":
                if tag in _SKIPPED or (tag == "sup" and _is_note_mark(element)):
                    skipped.add(element)
                    walk.skip_subtree()
                    continue
                self._start(element, tag)
            elif element in skipped:
                skipped.discard(element)
                if tag in ("iframe", "video", "embed", "object", "amp-ad"):
                    self._close()
                self._text(element.tail)
            else:
                self._end(element, tag)
        self._close()
        return self.layout

    def _start(self, element: etree._Element, tag: str) -> None:
        if tag == "br":
            self.draft.breaks += 1
            return
        if tag in ("img", "amp-img"):
            self._close()
            self.image_in = self.around[-1] if self.around else None
        is_block = _is_block(element, tag)
        if is_block:
            self._close()
            self.around.append(element)
        zone = zone_of(element, tag)
        if zone is not None:
            if not is_block:
                self._close()
            zone.first = len(self.layout.blocks)
            self.zones.append(zone)
            self.layout.zones.append(zone)
        if tag == "a":
            self.links.append(element.get("href") or "")
        if _keeps_lines(element, tag):
            self.kept_lines += 1
        self.started[element] = len(self.layout.blocks)
        self._text(element.text)

    def _end(self, element: etree._Element, tag: str) -> None:
        if tag == "br":
            self._text(element.text)
            self._text(element.tail)
            return
        is_zone = bool(self.zones) and self.zones[-1].element is element
        is_block = _is_block(element, tag)
        if is_block or is_zone:
            self._close()
        if is_block:
            self.around.pop()
        if is_zone:
            self.zones.pop().last = len(self.layout.blocks)
        if tag == "a":
            self.links.pop()
        if _keeps_lines(element, tag):
            self.kept_lines -= 1
        first = self.started.pop(element)
        if len(self.layout.blocks) > first:
            self.layout.ranges[element] = (first, len(self.layout.blocks))
        self._text(element.tail)

    def _text(self, text: str | None) -> None:
        if not text:
            return
        if text.isspace():
            if not self.draft.breaks and self.draft.pieces:
                self.draft.pieces.append((" ", self.links[-1] if self.links else ""))
            return
        if self.draft.breaks:
            if self.draft.breaks > 1:
                self._close()
            elif self.draft.pieces:
                self.draft.pieces.append(("\n", ""))
            self.draft.breaks = 0
        href = self.links[-1] if self.links else ""
        if text.isprintable() and "  " not in text:  # no other space, nothing invisible: most texts of a line
            self.draft.pieces.append((text, href))
            return
        text = text.translate(_NOTHING)
        if self.kept_lines and "\n" in text:
            lines = [_KEPT_SPACES.sub(" ", line.replace("\r", "")) for line in text.split("\n")]
            for number, line in enumerate(lines):
                if number:
                    self.draft.pieces.append(("\n", ""))
                self.draft.pieces.append((line, href))
            return
        self.draft.pieces.append((_SPACES.sub(" ", text), href))

    def _close(self) -> None:
        draft = self.draft
        if not draft.pieces:
            draft.breaks = 0
            return
        self.draft = _Draft()
        text, links = _joined(draft.pieces)
        if not text:
            return
        element = self.around[-1] if self.around else None
        if element is None:
            return
        near = [e.tag for e in self.around[-3:]]
        heading = next((_HEADINGS[tag] for tag in near if tag in _HEADINGS), 0)
        item = "li" in near or "dd" in near
        zones = tuple(self.zones)
        start = 0
        for number, line in enumerate(text.split("\n")):
            end = start + len(line)
            own = tuple(
                Link(max(link.start, start) - start, min(link.end, end) - start, link.href)
                for link in links
                if link.start < end and link.end > start
            )
            start = end + 1
            if not line:
                continue
            words = len(_WORD.findall(line))
            linked = sum(len(_WORD.findall(line[link.start : link.end])) for link in own)
            image = self.image_in is element
            self.image_in = None
            self.layout.blocks.append(Block(line, own, element, heading, item, zones, words, linked, number > 0, image))


def _is_note_mark(element: etree._Element) -> bool:
    """Tells whether the element is nothing but a link to a note on the page."""
    return len(element) == 1 and element[0].tag == "a" and (element[0].get("href") or "").startswith("#")


def _is_block(element: etree._Element, tag: str) -> bool:
    """Tells whether the element begins a block: by its tag, or as an element of the site's own with such an element in it."""
    return tag in _BLOCK or ("-" in tag and any(inner.tag in _BLOCK for inner in element))


def _keeps_lines(element: etree._Element, tag: str) -> bool:
    if tag == "pre":
        return True
    style = element.get("style")
    return style is not None and _PRE.search(style) is not None


def _joined(pieces: list[tuple[str, str]]) -> tuple[str, list[Link]]:
    """Returns the pieces as one text with single spaces and no space at an end of a line; their links, by code points."""
    out: list[str] = []
    length = 0
    last = "\n"
    links: list[Link] = []
    for piece, href in pieces:
        text = piece
        if text[:1] in " \n" and last in " \n":
            if text[:1] == "\n" and last == " " and out:  # a space before a line's end
                out[-1] = out[-1][:-1]
                length -= 1
                last = out[-1][-1:] if out[-1] else "\n"
            else:
                text = text.lstrip(" ")
        if not text:
            continue
        if text == "\n" and not length:
            continue
        start = length
        out.append(text)
        length += len(text)
        last = text[-1]
        if href and text.strip():
            lead = len(text) - len(text.lstrip())
            begin, end = start + lead, start + len(text.rstrip())
            if links and links[-1].href == href and links[-1].end >= start - 1 and begin - links[-1].end <= 1:
                links[-1] = Link(links[-1].start, end, href)
            else:
                links.append(Link(begin, end, href))
    text = "".join(out).rstrip()
    return text, [Link(start, min(end, len(text)), href) for start, end, href in links if start < min(end, len(text))]
