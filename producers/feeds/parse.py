"""A feed's bytes -> its items: RSS, RDF, Atom through feedparser, JSON Feed through msgspec. Pure; runs in a worker process.

Dates stay as they were written: `page_fields` reads them, and knows Arabic ones.
"""

from __future__ import annotations

import html
import io
import re
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser
import msgspec

from producers.feeds.cleaning import NotAFeed, cleaned, decoded

MAX_ITEMS = 5_000
MAX_DEPTH = 200  # of elements: the deepest feed in use that is known has some twenty
_HTML = re.compile(r"^\s*(?:<!doctype\s+html|<html|<head|<body|<script)", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)\b[^<>]*>")
_ENDS_LINE = frozenset("p br div li ul ol tr h1 h2 h3 h4 h5 h6 blockquote figure figcaption section article table".split())  # noqa: SIM905
_SILENT = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->", re.DOTALL | re.IGNORECASE)
_ESCAPED_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_ESCAPED_CDATA_IN_XML = re.compile(r"&lt;!\[CDATA\[(.*?)\]\]&gt;", re.DOTALL)
_ESCAPED_TAG = re.compile(
    r"&lt;/?(?:p|a|br|b|strong|em|i|div|span|img|h[1-6]|ul|ol|li|blockquote)\b[^<>]{0,500}?&gt;", re.IGNORECASE
)
_SPACES = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\s*\n\s*")
_MAIL_AND_NAME = re.compile(r"\S+@\S+\s*\((?P<behind>[^()]*\w[^()]*)\)|(?P<before>[^<>@]*\w[^<>@]*)<\S+@\S+>")
_ELEMENT = re.compile(r"<(/)?[A-Za-z][^<>]*?(/)?>")


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """An item as the feed has it: `link` is absolute, `text` is plain with a line a paragraph, dates are as written."""

    link: str | None = None
    guid: str | None = None
    title: str | None = None
    text: str | None = None
    published: str | None = None
    updated: str | None = None
    author: str | None = None
    tags: tuple[str, ...] = ()


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """A feed that was read; `is_damaged` says that its bytes or its XML had to be repaired."""

    title: str | None
    link: str | None
    items: tuple[Item, ...]
    is_damaged: bool


def parse(data: bytes, url: str, content_type: str = "") -> Feed:
    """Reads a feed that was fetched from `url`; raises NotAFeed for what is none, an HTML page among it."""
    text, _ = decoded(data, content_type)
    start = text.lstrip("\ufeff \t\r\n")[:2000]
    if not start:
        raise NotAFeed("an empty answer")
    if start.startswith("{"):
        return _json_feed(text, url)
    clean, is_damaged = cleaned(data, content_type)
    if _HTML.match(clean[:500]):
        raise NotAFeed("an HTML page (a challenge, a consent wall or an error page?), not a feed")
    _check_depth(clean)
    clean = _ESCAPED_CDATA_IN_XML.sub(r"\1", clean)  # feedparser answers such a description with the empty string
    headers = {"content-location": url, "content-type": "application/xml; charset=utf-8"}
    found = feedparser.parse(
        io.BytesIO(clean.encode("utf-8", "replace")), sanitize_html=False, resolve_relative_uris=False, response_headers=headers
    )
    if not found.get("version") and not found.entries:
        raise NotAFeed(f"neither RSS, Atom nor JSON Feed: it begins with {clean[:40]!r}")
    is_atom = str(found.get("version")).startswith("atom")
    items = tuple(_item(entry, url, is_atom=is_atom) for entry in found.entries[:MAX_ITEMS])
    return Feed(
        title=title_of(found.feed.get("title")), link=_absolute(found.feed.get("link"), url), items=items, is_damaged=is_damaged
    )


def _check_depth(xml: str) -> None:
    depth = 0
    for tag in _ELEMENT.finditer(_CDATA_SECTION.sub("", xml)):
        depth += -1 if tag[1] else 0 if tag[2] else 1
        if depth > MAX_DEPTH:
            raise NotAFeed(f"elements nested more than {MAX_DEPTH} deep")


_CDATA_SECTION = re.compile(r"<!\[CDATA\[.*?\]\]>", re.DOTALL)


def _item(entry: dict[str, Any], url: str, *, is_atom: bool) -> Item:
    whole = max((part.get("value") or "" for part in _parts(entry, "content")), key=len, default="")
    summary = entry.get("summary") or ""
    text = text_of(whole) or text_of(summary)
    guid = (entry.get("id") or "").strip() or None
    link = (
        entry.get("feedburner_origlink")
        or entry.get("pheedo_origlink")
        or entry.get("link")
        or next((part.get("href") for part in _parts(entry, "links") if part.get("href")), None)
    )
    published, updated = _stripped(entry.get("published")), _stripped(dict.get(entry, "updated"))  # `get` gives the other
    if not is_atom and not published:
        published, updated = updated, None  # `dc:date`, the one time of an item of RDF
    return Item(
        link=_absolute(link, str(entry.get("base") or url)) or _absolute(guid if guid and "://" in guid else None, url),
        guid=guid,
        title=title_of(entry.get("title")),
        text=text,
        published=published,
        updated=updated,
        author=_person(entry.get("author")),
        tags=tuple(term for tag in _parts(entry, "tags") if (term := title_of(tag.get("term")))),
    )


def _person(value: Any) -> str | None:
    """Returns the name of an author without the mail address that RSS asks for before it."""
    name = title_of(value)
    match = _MAIL_AND_NAME.fullmatch(name or "")
    return (match["behind"] or match["before"]).strip() if match else name


def _parts(entry: dict[str, Any], field: str) -> list[dict[str, Any]]:
    """Returns the parts of a field; none where the feed has an element of its own with that name, whose text is no part."""
    found = entry.get(field)
    return [part for part in found if isinstance(part, dict)] if isinstance(found, list) else []


class _JsonItem(msgspec.Struct):
    id: str | int | float | None = None
    url: str | None = None
    external_url: str | None = None
    title: str | None = None
    content_html: str | None = None
    content_text: str | None = None
    summary: str | None = None
    date_published: str | None = None
    date_modified: str | None = None
    author: Any = None
    authors: Any = None
    tags: list[str] | None = None


class _JsonFeed(msgspec.Struct):
    version: str
    items: list[_JsonItem]
    title: str | None = None
    home_page_url: str | None = None


def _json_feed(text: str, url: str) -> Feed:
    try:
        found = msgspec.json.decode(text.lstrip("\ufeff").encode("utf-8", "replace"), type=_JsonFeed)
    except msgspec.MsgspecError as exc:
        raise NotAFeed(f"JSON that is no JSON Feed ({exc})") from None
    if "jsonfeed.org/version" not in found.version:
        raise NotAFeed(f"JSON of version {found.version[:60]!r}, which is no JSON Feed")
    items = tuple(_item_of_json(item, url) for item in found.items[:MAX_ITEMS])
    return Feed(title=title_of(found.title), link=_absolute(found.home_page_url, url), items=items, is_damaged=False)


def _item_of_json(item: _JsonItem, url: str) -> Item:
    whole = text_of(item.content_html or "") or (item.content_text or "").strip()
    people = item.authors if isinstance(item.authors, list) else [item.author]
    names = [person["name"] for person in people if isinstance(person, dict) and isinstance(person.get("name"), str)]
    guid = str(item.id).strip() or None if item.id is not None else None
    return Item(
        link=_absolute(item.url or item.external_url, url) or _absolute(guid if guid and "://" in guid else None, url),
        guid=guid,
        title=title_of(item.title),
        text=whole or text_of(item.summary or ""),
        published=_stripped(item.date_published),
        updated=_stripped(item.date_modified),
        author="، ".join(names) or None,
        tags=tuple(tag for tag in item.tags or () if tag.strip()),
    )


def title_of(value: Any) -> str | None:
    """Gives a title as a reader sees it, on one line: without tags, with `&quot;` and its like resolved once more."""
    text = text_of(value) if isinstance(value, str) else None
    return " ".join(text.split()) or None if text else None


def text_of(markup: str) -> str | None:
    """Gives HTML as plain text, a line a paragraph; what was escaped twice is unescaped, a `<` of the text is kept."""
    markup = _ESCAPED_CDATA.sub(r"\1", markup)
    if "<" not in markup and _ESCAPED_TAG.search(markup):
        markup = html.unescape(markup)
    markup = _SILENT.sub("", markup)
    text = html.unescape(_TAG.sub(lambda tag: "\n" if tag[2].lower() in _ENDS_LINE else "", markup))
    return _BLANK_LINES.sub("\n", _SPACES.sub(" ", text)).strip() or None


# Tabs and line breaks within an address, and controls around it, are overlooked (WHATWG URL, basic URL parser).
_NO_PART_OF_A_URL = dict.fromkeys(map(ord, "\t\r\n"))
_CONTROLS = "".join(map(chr, range(0x20)))


def _absolute(link: Any, base: str) -> str | None:
    if not isinstance(link, str) or not (whole := link.translate(_NO_PART_OF_A_URL).strip().strip(_CONTROLS)):
        return None
    try:
        found = urljoin(base, whole)
        parts = urlsplit(found)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    # feedparser takes an address without its scheme for a path
    before, is_twice, _ = parts.path.partition(f"/www.{host}/")
    return f"https:/{found[found.index(parts.path) + len(before) :]}" if host and is_twice and "//" not in before else found


def _stripped(value: Any) -> str | None:
    return (value.strip() or None) if isinstance(value, str) else None
