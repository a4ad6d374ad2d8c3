"""What is not the article by the names that sites give to it: zones of a page, and lines that are tools of the page. Pure.

A name alone never decides: a zone that turns out to hold the article is no zone (`candidates.py`), since themes call a
wrapper `with-sidebar` as readily as a sidebar.
"""

from __future__ import annotations

import functools
import re

import msgspec
from lxml import etree

from producers.extract.names import NAMES, any_of

_BY_NAME = re.compile("|".join(f"(?P<{reason}>{any_of('zones', reason)})" for reason in NAMES["zones"]))
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SEPARATORS = re.compile(r"[_:.\s]+|-{2,}")
_AFFIX = re.compile(rf"^{any_of('names', 'prefixes')}-|-{any_of('names', 'suffixes')}$")
_NO_NAME = re.compile(any_of("names", "no_zone"))
_HIDDEN_STYLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_TAG_ZONES = {
    "nav": "navigation",
    "aside": "navigation",
    "footer": "navigation",
    "figcaption": "caption",
    "figure": "caption",
    "amp-carousel": "gallery",
    "time": "meta",
    "address": "meta",
    "menu": "navigation",
    "label": "navigation",
}
_UNNAMED = frozenset(["html", "body", "main", "article", "h1", "p", "b", "i", "em", "strong", "u", "font", "br"])


class Zone(msgspec.Struct):
    """An element that is probably not the article: why, and the range of blocks that it holds."""

    element: etree._Element
    reason: str
    first: int = 0
    last: int = 0


def zone_of(element: etree._Element, tag: str) -> Zone | None:
    """Returns the zone that this element opens by its tag, names or style, or None."""
    style = element.get("style")
    if element.get("hidden") is not None or element.get("aria-hidden") == "true" or (style and _HIDDEN_STYLE.search(style)):
        return Zone(element, "hidden")
    if tag in ("html", "body", "main", "article"):
        return None
    names = element.get("class") or ""
    if own := element.get("id"):
        names = f"{names} {own}"
    role = element.get("role")
    if role in ("navigation", "search", "complementary", "contentinfo", "banner", "menu", "dialog", "alertdialog"):
        return Zone(element, "navigation")
    if tag == "a" and "tag" in (element.get("rel") or "").split():
        return Zone(element, "tags")
    reason: str | None = None
    if names:
        reason = _reason_of_text(names) if tag in _UNNAMED else _reason(names)
    reason = reason or _TAG_ZONES.get(tag)
    if reason and tag == "figure" and next(element.iter("blockquote", "table"), None) is not None:
        return None  # a quotation or a table of the text, with a caption that is a zone of its own
    return Zone(element, reason) if reason else None


def names_a_zone(element: etree._Element) -> bool:
    """Tells whether the element's class or id names something else than the article."""
    return _reason(f"{element.get('class') or ''} {element.get('id') or ''}") is not None


@functools.lru_cache(maxsize=16384)
def _reason(names: str) -> str | None:
    return next((reason for name in names.split() if (reason := _reason_of(name))), None)


def _reason_of_text(names: str) -> str | None:
    """Returns the reason of a paragraph's zone: by names that no article's paragraph has, since styles' tags are common there."""
    reason = _reason(names)
    return reason if reason in ("caption", "share", "tags", "ad", "related", "meta", "newsletter", "notice") else None


def split_camel(names: str) -> str:
    """Returns the names with a hyphen between the words of `camelCase`."""
    return _CAMEL.sub("-", names)


def _reason_of(name: str) -> str | None:
    plain = _SEPARATORS.sub("-", split_camel(name)).strip("-").lower()
    if not plain or len(plain) > 60 or _NO_NAME.fullmatch(plain):
        return None
    for _ in range(4):
        if match := _BY_NAME.fullmatch(plain):
            return match.lastgroup
        shorter = _AFFIX.sub("", plain, count=1)
        if shorter == plain or not shorter:
            return None
        plain = shorter
    return None
