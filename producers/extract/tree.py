"""A page's bytes to markup and markup to a tree, whatever is wrong with either, and small questions about its elements. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from producers.text_encoding import Undecodable, decode

_DECLARED = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{2,40})|<\?xml[^>]{0,100}encoding=["']([\w.:-]{2,40})""", re.IGNORECASE
)
_LOOKED_AT_BYTES = 8192
# What no XML tree may hold: libxml2 would end the text there. Surrogates are replaced as the text is encoded.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_SPACES = re.compile(r"\s+")
# What the toolbar of a web archive puts at the head of a saved page.
_ARCHIVE_TOOLBAR = re.compile(r"<!-- BEGIN WAYBACK TOOLBAR INSERT -->.*?<!-- END WAYBACK TOOLBAR INSERT -->", re.DOTALL)


def page_text(data: bytes, http_charset: str | None = None) -> str:
    """Returns the page's markup as text; what no set explains is read as UTF-8 with replacement characters."""
    found = _DECLARED.search(data[:_LOOKED_AT_BYTES])
    declared = (found[1] or found[2]).decode("ascii", "replace") if found else None
    try:
        return decode(data, http_charset=http_charset, declared=declared).text
    except Undecodable:
        return data.decode("utf-8", "replace")


def parse(markup: str) -> etree._Element | None:
    """Returns the root element, or None when there is no element in the markup."""
    data = _CONTROLS.sub(" ", _ARCHIVE_TOOLBAR.sub("", markup)).encode("utf-8", "replace")
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=True)
    try:
        root = etree.fromstring(data, parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
    return root


def elements(root: etree._Element, *tags: str) -> Iterator[etree._Element]:
    """Yields the elements with these tags in document order."""
    return root.iter(*tags)


def text_of(element: etree._Element) -> str:
    """Returns the element's text with single spaces, without what scripts and styles hold; a line break is a space."""
    parts: list[str] = []
    walk = etree.iterwalk(element, events=("start", "end"))
    for event, inner in walk:
        if event == "start" and inner.tag in ("script", "style", "noscript", "svg"):
            walk.skip_subtree()
        elif event == "start":
            parts += (" " if inner.tag in ("br", "p", "div", "li") else "", inner.text or "")
        if event == "end" and inner is not element:
            parts.append(inner.tail or "")
    return one_line("".join(parts))


def one_line(text: str) -> str:
    """Returns the text with single spaces and none at its ends."""
    return _SPACES.sub(" ", text).strip()


def attribute(element: etree._Element, name: str) -> str:
    """Returns the attribute as text, empty when it is absent."""
    return element.get(name) or ""
