"""A sitemap's bytes -> the stories and the sitemaps that it lists: XML, text, robots.txt, gzipped or not. Pure.

What an answer is, only its bytes tell: gzip is served as XML, XML as gzip or text. Runs in a worker process.
"""

from __future__ import annotations

import io
import re
from datetime import datetime, tzinfo
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from lxml import etree

from producers.feeds.cleaning import NotAFeed, cleaned, decoded
from producers.feeds.parse import Item, title_of
from producers.fetch.decompression import GZIP_MAGIC, gunzipped
from producers.fetch.failures import FetchFailed
from streams.arabic.dates import parse as parse_date
from streams.times import EARLIEST, rfc_3339

MAX_BYTES = 52_428_800  # of one sitemap, unpacked, as sitemaps.org has it
MAX_ENTRIES = 50_000
_LAYERS = 2  # a file that is gzip, and gzip once more on its way
_MARKUP = re.compile(r"\s*<")
_NAMED_IN_ROBOTS = re.compile(r"^\s*sitemap\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_PREFIX = re.compile(r"(</?)([A-Za-z][\w.-]*):(?=[A-Za-z])")
_OWN_PREFIX = re.compile(r"\s*<([\w-]+)\.(?:urlset|sitemapindex)\b", re.IGNORECASE)
_ENDS = re.compile(r"</(?:urlset|sitemapindex)\s*>", re.IGNORECASE)
_ENTRY_ENDS = re.compile(r"</(?:url|sitemap)\s*>", re.IGNORECASE)
_HTTP = re.compile("https?://", re.IGNORECASE)
_ENTRIES = ("url", "sitemap")


class Entry(NamedTuple):
    """A page that a sitemap lists; `lastmod` in RFC 3339, None when there is none that can be."""

    item: Item
    lastmod: str | None


class Child(NamedTuple):
    """A sitemap that an index lists."""

    url: str
    lastmod: str | None


class Sitemap(NamedTuple):
    """A sitemap that was read: pages, and further sitemaps, each once in its order."""

    entries: tuple[Entry, ...]
    children: tuple[Child, ...]
    is_damaged: bool


def unpacked(body: bytes) -> bytes:
    """Undoes what gzip there is around a body, bounded; raises NotAFeed for one that is damaged or too large."""
    try:
        for _ in range(_LAYERS):
            if body.lstrip()[:2] != GZIP_MAGIC:
                break
            body = gunzipped(body.lstrip(), MAX_BYTES)
    except FetchFailed as exc:
        raise NotAFeed(exc.detail) from None
    return body


def parse_sitemap(body: bytes, url: str, content_type: str, zone: tzinfo) -> Sitemap | None:
    """Reads a sitemap that was fetched from `url`; None for what may be a feed. Times without a zone are in `zone`.

    Raises NotAFeed for what is no sitemap, an HTML page among it.
    """
    text, is_damaged = decoded(body, content_type)
    if not text.replace("\ufeff", "").strip():
        raise NotAFeed("an empty answer")
    if not _MARKUP.match(text.lstrip("\ufeff")):
        return _listed_in_text(text, url)
    clean, is_damaged = cleaned(body, content_type)
    # Prefixes go by their names: half of them are declared wrongly, or not at all.
    plain = _PREFIX.sub(r"\1\2.", clean)
    if own := _OWN_PREFIX.match(plain):
        plain = plain.replace(f"<{own[1]}.", "<").replace(f"</{own[1]}.", "</")
    root = _root(plain)
    if root in ("urlset", "sitemapindex"):
        return _listed_in_xml(plain, url, zone, is_damaged)
    if root == "html":
        raise NotAFeed("an HTML page (a challenge, a consent wall or an error page?), not a sitemap")
    return None


def _root(xml: str) -> str:
    found = re.search(r"<([A-Za-z][\w.:-]*)", xml)
    return found[1].lower().rpartition(".")[2] if found else ""


def _listed_in_text(text: str, url: str) -> Sitemap:
    """Reads a list of URLs, one a line, or the Sitemap lines of a robots.txt."""
    lines = [line.strip() for line in text.lstrip("\ufeff").splitlines() if line.strip()]
    if _is_robots(url):
        named = dict.fromkeys(filter(None, (_absolute(link, url) for link in _NAMED_IN_ROBOTS.findall(text))))
        return Sitemap((), tuple(Child(child, None) for child in named), is_damaged=False)
    urls = dict.fromkeys(line for line in lines if _as_url(line))
    if not urls:
        raise NotAFeed(f"neither XML nor a list of URLs: it begins with {lines[0][:40]!r}")
    entries = tuple(Entry(Item(link=link), None) for link in list(urls)[:MAX_ENTRIES])
    return Sitemap(entries, (), is_damaged=len(urls) < len(set(lines)))


def _is_robots(url: str) -> bool:
    return urlsplit(url).path == "/robots.txt"


def _as_url(text: str) -> str | None:
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return text if parts.hostname and _HTTP.match(text) else None  # urlsplit overlooks controls, in and before the scheme


def _listed_in_xml(xml: str, url: str, zone: tzinfo, is_damaged: bool) -> Sitemap:
    if not _ENDS.search(xml):  # it was cut off, perhaps within an address, which would be another one
        xml, is_damaged = xml[: max((end.end() for end in _ENTRY_ENDS.finditer(xml)), default=0)] or xml, True
    entries: dict[str, Entry] = {}
    children: dict[str, Child] = {}
    stream = io.BytesIO(xml.encode("utf-8", "replace"))
    try:
        for _, element in etree.iterparse(stream, resolve_entities=False, no_network=True, recover=True, huge_tree=True):
            name = _name(element)
            if name not in _ENTRIES:
                continue
            fields = _fields(element)
            link = _absolute(fields.get("loc"), url)
            lastmod = _time(fields.get("lastmod"), zone)
            if link and name == "sitemap":
                children.setdefault(link, Child(link, lastmod))
            elif link and len(entries) < MAX_ENTRIES:
                entries.setdefault(link, Entry(_item(link, fields), lastmod))
            element.clear()
    except etree.XMLSyntaxError as exc:
        is_damaged = True
        if not entries and not children:
            raise NotAFeed(f"XML that cannot be read ({exc.msg})") from None
    return Sitemap(tuple(entries.values()), tuple(children.values()), is_damaged)


def _name(element: etree._Element) -> str:
    """Returns the name without its namespace, a prefix as it is written before a dot."""
    return element.tag.rpartition("}")[2].replace(":", ".").lower() if isinstance(element.tag, str) else ""


def _fields(element: etree._Element) -> dict[str, str]:
    """Returns the texts of an entry: its own under their names, those of a news element under theirs, `news.title` for one.

    What stands in pictures and videos is theirs alone.
    """
    found: dict[str, str] = {}
    for child in element:
        name = _name(child)
        if name.rpartition(".")[2] == "news":
            for part in child.iter():
                inner = f"news.{_name(part).rpartition('.')[2]}"
                found.setdefault(inner, (part.text or "").strip())
        elif "." not in name or name.startswith("news."):
            found.setdefault(name, (child.text or "").strip())
    return found


def _item(link: str, fields: dict[str, str]) -> Item:
    tags = (part.strip() for part in re.split(r"[,،;؛]", fields.get("news.keywords", "")))
    return Item(
        link=link,
        title=title_of(fields.get("news.title")),
        published=fields.get("news.publication_date") or None,
        tags=tuple(dict.fromkeys(tag for tag in tags if tag)),
    )


def _time(text: str | None, zone: tzinfo) -> str | None:
    found: datetime | None = parse_date(text, zone) if text else None
    return rfc_3339(found) if found and found >= EARLIEST else None


def _absolute(link: str | None, base: str) -> str | None:
    if not link:
        return None
    try:
        return _as_url(urljoin(base, link.strip()))
    except ValueError:
        return None
