"""What a line of JSON or a text file says, as a Page: field names, dates, identity and limits. Pure.

Whoever reads the files (`reading.py`) gives the bytes, the time and the settings; what is no page raises MalformedRecord or
TooLarge, and is one line's fate alone.
"""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, datetime, tzinfo
from typing import Any
from urllib.parse import urlsplit

import orjson

from producers.text_encoding import Undecodable, decode
from streams.arabic.dates import parse
from streams.identity import NotAUrl, canonical_url, page_id
from streams.records import MalformedRecord, Page
from streams.times import is_possible, rfc_3339
from streams.topics import MAX_PAGE_BYTES, MAX_TEXT_BYTES

# Our field -> the names that it goes by elsewhere (crawlers, feeds, schema.org, Common Crawl News), the likeliest first.
ALIASES = {
    "text": ("content", "body", "maintext", "articleBody", "article_body", "content_text"),
    "title": ("headline", "article_title"),
    "url": ("link", "canonical_url", "page_url"),
    "source": ("site", "outlet", "publisher", "source_domain", "domain", "newspaper"),
    "published_at": (
        "date",
        "published",
        "publish_date",
        "published_date",
        "datePublished",
        "date_publish",
        "pubDate",
        "pub_date",
    ),
    "modified_at": ("modified", "updated", "updated_at", "dateModified", "date_modify"),
    "fetched_at": ("fetched", "crawled_at", "scraped_at", "date_download", "date_extracted"),
    "section": ("category", "articleSection"),
    "author": ("authors", "byline", "creator"),
    "tags": ("keywords",),
    "language": ("lang", "inLanguage"),
}
_FIELD_OF = {name: field for field, names in ALIASES.items() for name in names}
_BETWEEN_TAGS = re.compile(r"[,،;؛|\n]")


class TooLarge(ValueError):
    """A page with more text, or more bytes, than a page may have; the message says how many and how many may be."""


@dataclasses.dataclass(frozen=True, slots=True)
class Defaults:
    """What a page takes where it says nothing: `source`, else the host of its URL, else the `name` of its file."""

    name: str | None = None
    source: str | None = None
    zone: tzinfo = UTC


def page_of_line(line: bytes, defaults: Defaults, now: datetime) -> Page:
    """The page in one line of JSON; raises MalformedRecord or TooLarge. `now` is its `fetched_at` when it gives none."""
    try:
        fields = orjson.loads(line)
    except orjson.JSONDecodeError as exc:
        raise MalformedRecord("Page", "", f"not JSON ({exc})") from None
    if isinstance(fields, list):
        raise MalformedRecord("Page", "", "a list: each line must be one object (`jq -c '.[]'` makes them so)")
    if not isinstance(fields, dict):
        raise MalformedRecord("Page", "", "an object was expected")
    return page_of_fields(fields, defaults, now)


def page_of_text(data: bytes, name: str, defaults: Defaults, now: datetime, encoding: str | None = None) -> Page:
    """The page that a text file holds, its text as it stands; `name` (its path) becomes its `source_id`.

    Without `encoding` it is recognised, as `text_encoding.decode` says; what was repaired is in the field `repairs`.
    """
    try:
        decoded = decode(data, encoding=encoding)
    except Undecodable as exc:
        raise MalformedRecord("Page", "text", str(exc)) from None
    fields: dict[str, Any] = {"text": decoded.text.replace("\r\n", "\n").replace("\r", "\n"), "id": name}
    if decoded.repairs:
        fields["repairs"] = [f"text: {repair}" for repair in decoded.repairs]
    return page_of_fields(fields, defaults, now)


def page_of_fields(fields: dict[str, Any], defaults: Defaults, now: datetime) -> Page:
    """The page that these fields, under whatever names, describe; what nobody knows stays beside it as it is."""
    given = _renamed(fields)
    for field in ("source", "source_id", "title", "url", "section", "author", "language", "country", "published_raw"):
        _make_text(given, field)
    text = given.get("text")
    if not isinstance(text, str) or not text.strip():
        raise MalformedRecord("Page", "text", "missing or empty" if not text or isinstance(text, str) else "a text was expected")
    _plain(text)
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_TEXT_BYTES:
        raise TooLarge(f"a text of {size:,} bytes; a page may have {MAX_TEXT_BYTES:,}")
    url = given.get("url")
    given["source"] = given.get("source") or defaults.source or _host(url) or defaults.name
    if not given["source"]:
        raise MalformedRecord("Page", "source", "missing: name it with --source")
    given["tags"] = _tags(given.get("tags"))
    _date(given, defaults.zone, now)
    try:
        own = page_id(url, given["source"], given.get("title"), text)
    except NotAUrl as exc:
        raise MalformedRecord("Page", "url", str(exc)) from None
    if given.get("source_id") == own:
        del given["source_id"]  # a page of ours that was written to a file comes back as it was
    page = Page.from_dict(given | {"id": own})
    if page.links and max(link[1] for link in page.links) > len(text):
        raise MalformedRecord("Page", "links", f"a link ends behind the text's {len(text)} characters")
    return page


def encode(page: Page) -> bytes:
    """The page as a message; raises TooLarge when it is above 2 MiB, MalformedRecord when JSON cannot hold it."""
    data = page.to_bytes()
    if len(data) > MAX_PAGE_BYTES:
        raise TooLarge(f"a page of {len(data):,} bytes; it may have {MAX_PAGE_BYTES:,}")
    return data


def _plain(text: str) -> str:
    if "\0" in text:
        raise MalformedRecord("Page", "text", "a NUL character")
    return text


def _renamed(fields: dict[str, Any]) -> dict[str, Any]:
    """Our names for the fields; `id` becomes `source_id`. A name of ours, or an earlier alias, goes first and the rest stay."""
    given: dict[str, Any] = {}
    aliased: dict[str, list[str]] = {}
    for name, value in fields.items():
        if value is not None and value != "":
            given[name] = value
            if name in _FIELD_OF:
                aliased.setdefault(_FIELD_OF[name], []).append(name)
    for field, names in aliased.items():
        if field not in given:
            given[field] = given.pop(min(names, key=ALIASES[field].index))
    own = given.pop("id", None)
    if own is not None:
        given.setdefault("source_id", own)
    return given


def _make_text(given: dict[str, Any], field: str) -> None:
    """A number is written out, a list of texts joined, and blank means absent."""
    value = given.get(field)
    if value is None:
        return
    if type(value) in (int, float):
        value = str(value)
    elif isinstance(value, list) and all(isinstance(item, str) for item in value):
        value = "، ".join(item.strip() for item in value if item.strip())
    if not isinstance(value, str):
        raise MalformedRecord("Page", field, "a text was expected")
    if "\0" in value:
        raise MalformedRecord("Page", field, "a NUL character")
    given[field] = value.strip()
    if not given[field]:
        del given[field]


def _tags(tags: Any) -> list[Any]:
    """Tags as a list without repeats; one text is split at commas (Latin and Arabic), semicolons and bars."""
    if isinstance(tags, str):
        tags = _BETWEEN_TAGS.split(tags)
    if not isinstance(tags, list):
        return [] if tags is None else [tags]
    if not all(isinstance(tag, str) for tag in tags):
        return tags  # the record's own check says what is wrong
    return list(dict.fromkeys(tag.strip() for tag in tags if tag.strip()))


def _host(url: str | None) -> str | None:
    try:
        return (urlsplit(canonical_url(url)).hostname or "").removeprefix("www.") if url else None
    except NotAUrl as exc:
        raise MalformedRecord("Page", "url", str(exc)) from None


def _date(given: dict[str, Any], zone: tzinfo, now: datetime) -> None:
    """Leaves RFC 3339 times in UTC; a time that cannot be read or cannot be is kept under `<name>_raw` and steers nothing."""
    fetched = _time(given, "fetched_at", zone, now) or now
    given["fetched_at"] = rfc_3339(fetched)
    for field in ("published_at", "modified_at"):
        found = _time(given, field, zone, fetched)
        if found:
            given[field] = rfc_3339(found)


def _time(given: dict[str, Any], field: str, zone: tzinfo, known: datetime) -> datetime | None:
    raw = given.pop(field, None)
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    if type(raw) in (int, float):
        raw = str(int(raw))
    if not isinstance(raw, str):
        raise MalformedRecord("Page", field, "a date was expected")
    found = parse(raw, zone)
    if found and is_possible(found, known):
        return found
    given.setdefault(field.removesuffix("_at") + "_raw", raw)
    return None
