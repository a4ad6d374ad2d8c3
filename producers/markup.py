"""Text that holds markup, escaped or not, as the text that a reader would see, with its links. Pure.

For fields of other people's records. Whole pages are the extractor's.
"""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

Links = list[tuple[int, int, str]]

_NAMES = (
    "p|br|div|span|strong|b|em|i|u|a|ul|ol|li|h[1-6]|img|figure|figcaption|blockquote|table|tbody|tr|td|th|section|article|"
    "font|center|hr|iframe|script|style|small|sup|sub|pre|aside|header|footer|main|html|body|head|meta|picture|source|video"
)
_TAG = re.compile(rf"</?(?:{_NAMES})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_ESCAPED_TAG = re.compile(rf"&(?:amp;)?lt;/?(?:{_NAMES})(?:\s.{{0,400}}?)?/?&(?:amp;)?gt;", re.IGNORECASE | re.DOTALL)
_BLOCK_TAG = re.compile(r"</?(?:p|br|div|li|h[1-6]|tr|blockquote|article|section)\b", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:[A-Za-z]{2,8}|#[0-9]{2,7}|#[xX][0-9A-Fa-f]{2,6});")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BOXES = ("ul", "ol", "table", "blockquote", "section", "article", "aside", "header", "footer", "figure", "main")
_PARAGRAPHS = frozenset(("p", "div", "pre", *_HEADINGS, *_BOXES))
_LINES = frozenset(("br", "li", "tr", "hr", "figcaption"))
_HIDDEN = frozenset(("script", "style", "noscript", "iframe", "template", "head"))
_SPACES = re.compile(r"[ \t\r\n\f]+")


def has_markup(text: str) -> bool:
    """Tells whether the text holds two known tags, or one that breaks lines; a lone `<b>` may be what the text is about."""
    if "<" not in text:
        return False
    found = _TAG.findall(text)
    return len(found) >= 2 or any(_BLOCK_TAG.match(tag) for tag in found)


def unescaped(text: str) -> str:
    """Returns the text with its character references as characters, twice where they were escaped twice."""
    for _ in range(2):
        if not _ENTITY.search(text):
            break
        text = html.unescape(text)
    return text


def visible_text(text: str) -> tuple[str, Links]:
    """Returns what a reader would see of the text, and its links by code points; a text without markup as it is."""
    if "&" not in text and "<" not in text:
        return text, []
    for _ in range(2):
        if not _ESCAPED_TAG.search(text):
            break
        text = html.unescape(text)
    if not has_markup(text):
        return unescaped(text), []
    reader = _Reader(keeps_lines=not _BLOCK_TAG.search(text))
    reader.feed(text)
    reader.close()
    return reader.text_and_links()


class _Reader(HTMLParser):
    def __init__(self, *, keeps_lines: bool) -> None:
        super().__init__(convert_charrefs=True)
        self._keeps_lines = keeps_lines
        self._parts: list[str] = []
        self._length = 0
        self._wanted = ""  # the break that stands before the next text
        self._hidden = 0
        self._links: Links = []
        self._open: tuple[str, int] | None = None  # href, and where the link's text begins

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Opens a block, a link, or what is not shown."""
        if tag in _HIDDEN:
            self._hidden += 1
        self._break(tag)
        if tag == "li":
            self._wanted = (self._wanted or "\n") + "- "
        if tag == "a":
            self._end_link()
            self._open = (dict(attrs).get("href") or "", -1)

    def handle_endtag(self, tag: str) -> None:
        """Closes it."""
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        if tag == "a":
            self._end_link()
        self._break(tag)

    def handle_data(self, data: str) -> None:
        """Adds text, white space folded as browsers fold it."""
        if self._hidden:
            return
        shown = unescaped(data)
        if not self._keeps_lines:
            shown = _SPACES.sub(" ", shown)
            if self._wanted or not self._parts or self._parts[-1].endswith((" ", "\n")):
                shown = shown.lstrip(" ")
        if not shown:
            return
        if self._wanted and self._parts:
            self._add(self._wanted)
        elif self._wanted.endswith("- "):
            self._add("- ")
        self._wanted = ""
        if self._open and self._open[1] < 0:
            self._open = (self._open[0], self._length)
        self._add(shown)

    def text_and_links(self) -> tuple[str, Links]:
        """Returns all that was read; what stands around the whole is left out, and the links follow."""
        self._end_link()
        text = "".join(self._parts)
        start, end = len(text) - len(text.lstrip()), len(text.rstrip())
        links = [(max(first - start, 0), min(last, end) - start, href) for first, last, href in self._links if first < end]
        return text.strip(), links

    def _add(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)

    def _break(self, tag: str) -> None:
        if tag in _PARAGRAPHS or (tag == "br" and self._wanted):  # two `<br>` stand between paragraphs
            self._wanted = "\n\n"
        elif tag in _LINES:
            self._wanted = self._wanted or "\n"

    def _end_link(self) -> None:
        if self._open and self._open[0] and 0 <= self._open[1] < self._length:
            self._links.append((self._open[1], self._length, self._open[0]))
        self._open = None
