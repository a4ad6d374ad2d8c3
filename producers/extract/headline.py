"""The headline of a page: what stands above its text, not what it gives to social networks. Pure."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from producers.extract.metadata import PageData
from producers.extract.tree import attribute, one_line, text_of
from streams.arabic.folding import fold

_TITLE_WORDS = 4  # fewer may be the end of another headline
_WORD = re.compile(r"\w+")
_BETWEEN = re.compile(r"\s+[|\-–—•»«:/~]+\s+|\s*\|\s*|\s+::?\s+")
_TITLE_NAMES = re.compile(r"title|headline|heading|عنوان", re.IGNORECASE)
_NO_TITLE_NAMES = re.compile(
    r"site-?title|logo|brand|widget|sub-?title|section-?title|block-?title|related|page-?title-?bar", re.IGNORECASE
)


def same_words(one: str, other: str) -> bool:
    """Tells whether two texts have the same letters, whatever their spelling, quotes and spaces."""
    return _folded(one) == _folded(other)


def headline(root: etree._Element, data: PageData) -> tuple[str | None, etree._Element | None]:
    """Returns the headline and its element: of h1 (else h2, or what is named a title) the one that the head agrees with most.

    Without such an element it is the JSON-LD headline, og:title or the title, without the site's name.
    """
    given = _given(data, root)
    candidates = [(e, text) for e in root.iter("h1") if (text := text_of(e)) and not _is_of_the_site(e, text, data)]
    found = _best(candidates, given, needs_agreement=len(candidates) > 1 or not given)
    if found is None or (given and max(agreement(found[1], shown) for shown in given) < 0.5):
        candidates = [(e, text_of(e)) for e in root.iter("h2", "h3")][:40]
        candidates += [(e, text_of(e)) for e in _named_titles(root)]
        found = _best(candidates, given, needs_agreement=True) or found
    if found is not None:
        return _without_kicker(*found, given), found[0]
    if not given:
        first = next(((e, text) for e, text in ((e, text_of(e)) for e in root.iter("h1")) if len(text) > 10), None)
        return (first[1], first[0]) if first else (None, None)
    if all(len(_WORD.findall(shown)) < _TITLE_WORDS for shown in given) and (alone := _named_alone(root)) is not None:
        return text_of(alone), alone
    return given[0], None


def _named_alone(root: etree._Element) -> etree._Element | None:
    """Returns the first element named a title and no link, on a page whose head has nothing but the site's name."""
    for element in _named_titles(root):
        is_link = next(element.iter("a"), None) is not None or next(element.iterancestors("a"), None) is not None
        if not is_link and len(_WORD.findall(text_of(element))) >= _TITLE_WORDS:
            return element
    return None


def _is_of_the_site(element: etree._Element, text: str, data: PageData) -> bool:
    """Tells whether an h1 is the site's name, which some set in one above the headline's."""
    link = next(element.iter("a"), None)
    return same_words(text, data.first("og:site_name") or "") or (
        link is not None and len(_WORD.findall(text)) < _TITLE_WORDS and _is_home(attribute(link, "href"))
    )


def _is_home(href: str) -> bool:
    return urlsplit(href).path in ("", "/") if "://" in href else href in ("", "/", "#", "./")


def _without_kicker(element: etree._Element, text: str, given: list[str]) -> str:
    """Returns the headline without the word or two above it in an element of their own, where the head gives it without them."""
    folded = fold(text)
    for title in given:
        own = fold(title)
        if len(own.split()) < _TITLE_WORDS or own == folded or not folded.endswith(own):
            continue
        kicker = folded[: -len(own)].strip()
        for inner in element.iterdescendants():
            shown = text_of(inner) if isinstance(inner.tag, str) else ""
            if shown and fold(shown) == own:
                return shown
            if shown and fold(shown) == kicker and text.startswith(shown):
                return text[len(shown) :].strip(" :|-\u2013")
    return text


def _given(data: PageData, root: etree._Element) -> list[str]:
    """Returns the titles that the head gives, the likeliest first, without the site's name."""
    site = data.first("og:site_name", "application-name", "twitter:site") or ""
    article = data.article or {}
    named: list[Any] = [article.get("headline"), data.meta.get("og:title"), article.get("name"), data.meta.get("twitter:title")]
    title = root.find(".//title")
    named.append(text_of(title) if title is not None else None)
    out = []
    for value in named:
        if isinstance(value, str) and (plain := one_line(html.unescape(value))):
            shown = without_site(plain, site)
            if shown and shown not in out and not same_words(shown, site):
                out.append(shown)
    return out


def without_site(title: str, site: str) -> str:
    """Returns the title without the name of the site or section that is joined to either of its ends."""
    parts = _BETWEEN.split(title)
    if len(parts) < 2:
        return title
    signs = _BETWEEN.findall(title)
    folded_site = _folded(site)
    while len(parts) > 1:
        last, first = _folded(parts[-1]), _folded(parts[0])
        body = sum(len(_WORD.findall(part)) for part in parts)
        if folded_site and (last == folded_site or folded_site in last or (last and last in folded_site)):
            parts.pop()
            signs.pop()
        elif folded_site and first == folded_site:
            parts.pop(0)
            signs.pop(0)
        elif len(_WORD.findall(parts[-1])) <= 4 and body - len(_WORD.findall(parts[-1])) >= 4 and signs[-1].strip() in "|-–—•»~":
            parts.pop()
            signs.pop()
        else:
            break
    out = parts[0]
    for sign, part in zip(signs, parts[1:], strict=True):
        out += sign + part
    return out.strip()


def _named_titles(root: etree._Element) -> list[etree._Element]:
    out = []
    for element in root.iter("div", "span", "p", "strong", "td", "font", "b"):
        names = f"{attribute(element, 'class')} {attribute(element, 'id')} {attribute(element, 'itemprop')}"
        if _TITLE_NAMES.search(names) and not _NO_TITLE_NAMES.search(names) and len(element) < 6:
            out.append(element)
            if len(out) > 60:
                break
    return out


def _best(
    candidates: list[tuple[etree._Element, str]], given: list[str], *, needs_agreement: bool
) -> tuple[etree._Element, str] | None:
    best: tuple[float, etree._Element, str] | None = None
    for element, text in candidates:
        if not 4 <= len(text) <= 400:
            continue
        score = max((agreement(text, title) for title in given), default=0.0)
        if best is None or score > best[0] + 0.05:
            best = (score, element, text)
    if best is None or (needs_agreement and best[0] < 0.5):
        return None
    if not needs_agreement and best[0] < 0.2 and len(_WORD.findall(best[2])) < 4:
        return None  # the site's or the section's name
    return best[1], best[2]


def agreement(one: str, other: str) -> float:
    """Returns the share of words of either text that the other has too, 0 to 1 (Dice); 0.9 at least when one begins the other."""
    first, second = _words(one), _words(other)
    if not first or not second:
        return 0.0
    shared = len(set(first) & set(second))
    dice = 2 * shared / (len(set(first)) + len(set(second)))
    short, long = sorted((first, second), key=len)
    if len(short) >= 4 and long[: len(short)] == short:
        return max(dice, 0.9)
    return dice


def _words(text: str) -> list[str]:
    return fold(text).split()


def _folded(text: str) -> str:
    return fold(text)
