"""What a line of JSON or a text file says, as a Page: shapes, repairs, dates, identity and limits. Pure.

Whoever reads the files (`inputs.py`) gives the bytes, the time and the settings; what is no page raises MalformedRecord or
PageTooLarge, and is one line's fate alone.
"""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, datetime, tzinfo
from typing import Any
from urllib.parse import urlsplit

from producers.field_names import paragraphs_of, renamed, text_of
from producers.markup import Links, visible_text
from producers.mojibake import unscrambled
from producers.page_times import times_of
from producers.text_encoding import Undecodable, decode
from streams.identity import NotAUrl, canonical_url, page_id
from streams.json_repair import NotAnObject, cleaned, read_object
from streams.records import VERSION, MalformedRecord, Page, field_names
from streams.topics import MAX_PAGE_BYTES, MAX_TEXT_BYTES

_BETWEEN_TAGS = re.compile(r"[,،;؛|\n]")
_WELL_BEGUN = re.compile(r"https?://[^/?#@\[\\]", re.IGNORECASE)
_ODDLY_WRITTEN = re.compile(r"[\\\"`<>\u00ab\u00bb\u201c\u201d]|%u|&#|;[a-z]*sess|:~:", re.IGNORECASE)
_SHORT = ("source", "source_id", "title", "section", "author", "language", "country")
_DESCRIPTIVE = (*_SHORT, "published_raw")
_NAMES = field_names(Page)


class PageTooLarge(ValueError):
    """A page with more text, or more bytes, than a page may have; the message says how many and how many may be."""


@dataclasses.dataclass(frozen=True, slots=True)
class Defaults:
    """What a page takes where it says nothing: `source`, else the host of its URL, else the `name` of its file."""

    name: str | None = None
    source: str | None = None
    zone: tzinfo = UTC


def page_of_line(line: bytes, defaults: Defaults, now: datetime) -> Page:
    """The page in one line of JSON; raises MalformedRecord or PageTooLarge. `now` is its `fetched_at` when it gives none.

    A line that is not in UTF-8 is read as a text file is.
    """
    found: list[str] = []
    try:
        fields, repairs = read_object(line)
    except NotAnObject as exc:
        try:
            decoded = decode(line)
            fields, repairs = read_object(decoded.text.encode())
        except (Undecodable, NotAnObject):
            raise MalformedRecord("Page", "", str(exc)) from None
        found = [f"read as {decoded.encoding}", *decoded.repairs]
    return page_of_fields(with_repairs(fields, found + repairs), defaults, now, are_clean=True)


def page_of_text(data: bytes, name: str, defaults: Defaults, now: datetime, encoding: str | None = None) -> Page:
    """The page that a text file holds, its text as it stands; `name` (its path) becomes its `source_id`.

    Without `encoding` it is recognised, as `text_encoding.decode` says; what was repaired is in the field `repairs`.
    """
    try:
        decoded = decode(data, encoding=encoding)
    except Undecodable as exc:
        raise MalformedRecord("Page", "text", str(exc)) from None
    fields: dict[str, Any] = {"text": decoded.text.replace("\r\n", "\n").replace("\r", "\n"), "id": name}
    if "\0" in decoded.text:
        raise MalformedRecord("Page", "text", "a NUL character: a file of text has none")
    return page_of_fields(with_repairs(fields, [f"text: {repair}" for repair in decoded.repairs]), defaults, now)


def page_of_fields(fields: dict[str, Any], defaults: Defaults, now: datetime, *, are_clean: bool = False) -> Page:
    """The page that these fields, under whatever names, describe; what nobody knows stays beside it as it is.

    What was repaired is in `repairs`, a phrase each; what has another shape than its field is left under `<name>_raw`.
    Fields that `read_object` gave `are_clean`: they are not looked through again.
    """
    found: list[str] = []
    if not are_clean:
        try:
            fields, found = cleaned(fields)
        except NotAnObject as exc:
            raise MalformedRecord("Page", "", str(exc)) from None
    given = renamed(fields)
    return (None if found else _usual_page(given, defaults, now)) or _repaired_page(given, Repairs(found), defaults, now)


def _usual_page(given: dict[str, Any], defaults: Defaults, now: datetime) -> Page | None:
    """Returns the page of fields that need no repair, as `_repaired_page` would; None when there is anything to look at.

    Every field has the shape of its kind, no text may be markup or mojibake, the address is bare and the times are possible.
    """
    short, tags, text = _shorts(given), given.get("tags", ()), given.get("text")
    if short is None or not (type(text) is str and type(given.get("url", "")) is str and type(tags) in (list, str, tuple)):
        return None
    if "links" in given or "published_raw" in given or repr(given.get("v", VERSION)) != str(VERSION):
        return None
    tags = _BETWEEN_TAGS.split(tags) if type(tags) is str else tags
    if not all(type(tag) is str for tag in tags) or not _is_plain("\n".join((*short.values(), *tags))) or not _is_plain(text):
        return None
    url, times = given.get("url", "").strip() or None, times_of(given, defaults.zone, now)
    try:
        is_bare = url is None or _is_bare(url, canonical_url(url))
        source = short.pop("source", None) or defaults.source or (url and source_of(url)) or defaults.name
    except NotAUrl:
        return None
    if not (is_bare and source and len(times) == 3 and text.strip() and len(text) <= MAX_TEXT_BYTES // 4):
        return None
    own = page_id(url, source, short.get("title"), text)
    if short.get("source_id") == own:
        del short["source_id"]
    found_tags = tuple(dict.fromkeys(tag for item in tags if (tag := item.strip())))
    extra = {name: value for name, value in given.items() if name not in _NAMES}
    return Page(id=own, source=source, url=url, text=text, tags=found_tags, extra=extra, **short, **times)


def _shorts(given: dict[str, Any]) -> dict[str, Any] | None:
    """Returns the short texts that say something, a whole number written out; None when one has another shape."""
    short: dict[str, Any] = {}
    for field in _SHORT:
        value = given.get(field)
        if value is not None:
            if type(value) is not str:
                if type(value) is not int:
                    return None
                value = str(value)
            if value := value.strip():
                short[field] = value
    return short


def _is_plain(text: str) -> bool:
    """Returns whether nothing in the text can be markup, a character reference or mojibake; so of each part of the text."""
    return "&" not in text and "<" not in text and (text.isascii() or unscrambled(text) is text)


def _repaired_page(given: dict[str, Any], repairs: Repairs, defaults: Defaults, now: datetime) -> Page:
    """Returns the page of these fields, of whatever shape; `repairs` are noted in it. Raises as `page_of_fields` does."""
    described = {field: _text(given, field, repairs) for field in _DESCRIPTIVE}
    url = _url(given, repairs)
    text, links = _body(given, repairs)
    source = described["source"] or defaults.source or (url and source_of(url)) or defaults.name
    if not source:
        raise MalformedRecord("Page", "source", "missing: name it with --source")
    times = times_of(given, defaults.zone, now)
    if described["published_raw"]:
        times["published_raw"] = described["published_raw"]
    tags = _tags(given.get("tags"), repairs)
    own = page_id(url, source, described["title"], text)
    if described["source_id"] == own:
        described["source_id"] = None  # a page of ours that was written to a file comes back as it was
    known = described | {"id": own, "url": url, "source": source, "text": text, "links": links, "tags": tags}
    page = Page.from_dict(given | _raw(given, described) | known | times | repairs.field(given))
    if page.links and max(link[1] for link in page.links) > len(text):
        raise MalformedRecord("Page", "links", f"a link ends behind the text's {len(text)} characters")
    return page


def encode(page: Page) -> bytes:
    """The page as a message; raises PageTooLarge when it is above 2 MiB, MalformedRecord when JSON cannot hold it."""
    data = page.to_bytes()
    if len(data) > MAX_PAGE_BYTES:
        raise PageTooLarge(f"a page of {len(data):,} bytes; it may have {MAX_PAGE_BYTES:,}")
    return data


class Repairs:
    """What was repaired in a page, a phrase each, in the order it was found."""

    def __init__(self, found: list[str]) -> None:
        self._found = dict.fromkeys(found)

    def add(self, field: str, repair: str) -> None:
        """Notes a repair of a field."""
        self._found[f"{field}: {repair}"] = None

    def field(self, given: dict[str, Any]) -> dict[str, Any]:
        """The field `repairs` of a page that had these; nothing when there is nothing to note."""
        before = given.get("repairs")
        noted = [*(before if isinstance(before, list) else []), *self._found]
        return {"repairs": list(dict.fromkeys(noted))} if self._found else {}


def with_repairs(fields: dict[str, Any], found: list[str]) -> dict[str, Any]:
    """The fields of a page, `repairs` among them with what was found."""
    before = fields.get("repairs")
    return fields | {"repairs": [*(before if isinstance(before, list) else []), *found]} if found else fields


def _text(given: dict[str, Any], field: str, repairs: Repairs) -> str | None:
    """The text of a field; None when it is missing, blank, or of a shape that holds no text."""
    found = text_of(given.get(field))
    if found is None:
        return None
    return _readable(found, field, repairs)[0].strip() or None


def _raw(given: dict[str, Any], described: dict[str, str | None]) -> dict[str, Any]:
    """What is left aside of the fields that hold no text: kept under `<name>_raw`, so that the page can go on."""
    return {
        f"{field}_raw": given[field]
        for field, text in described.items()
        if text is None and given.get(field) is not None and not isinstance(given[field], str)
    }


def _readable(text: str, field: str, repairs: Repairs) -> tuple[str, Links]:
    """The text without markup and mojibake, and the links that its markup held."""
    if not text.isascii():
        right = unscrambled(text)
        if right != text:
            repairs.add(field, "letters that were read as another set")
            text = right
    shown, links = visible_text(text)
    if shown != text:
        repairs.add(field, "markup taken off")
        shown = unscrambled(shown)
    return shown, links


def _body(given: dict[str, Any], repairs: Repairs) -> tuple[str, Any]:
    """The text and its links, whose offsets are those of the text as it came, or of its markup."""
    raw = given.get("text")
    text = paragraphs_of(raw)
    if text is None:
        kind = "missing or empty" if not raw or isinstance(raw, str) else "a text was expected"
        raise MalformedRecord("Page", "text", kind)
    shown, links = _readable(text, "text", repairs)
    if not shown.strip():
        raise MalformedRecord("Page", "text", "markup without a text")
    size = len(shown.encode("utf-8", "surrogatepass"))
    if size > MAX_TEXT_BYTES:
        raise PageTooLarge(f"a text of {size:,} bytes; a page may have {MAX_TEXT_BYTES:,}")
    own = given.get("links")
    if own is None:
        return shown, links
    if shown == text and all(isinstance(link, list) for link in (own if isinstance(own, list) else [own])):
        return shown, own
    given["links_raw"] = given.pop("links")  # offsets of another text, or none
    return shown, links


def _url(given: dict[str, Any], repairs: Repairs) -> str | None:
    """The page's address as it came, without what is no part of it; raises MalformedRecord when it is none."""
    found = text_of(given.get("url"))
    if found is None:
        found = next((link["href"] for link in _link_objects(given) if link.get("rel") in ("alternate", "canonical")), None)
    if found is None:
        return None
    try:
        canonical = canonical_url(found)
    except NotAUrl as exc:
        raise MalformedRecord("Page", "url", str(exc)) from None
    if _is_bare(found, canonical):
        return found
    repairs.add("url", "tracking or escaping taken off")
    return canonical


def _is_bare(found: str, canonical: str) -> bool:
    """Whether the address as found has no more parameters than its canonical form, nothing around it, and usual escapes."""
    if found == canonical:
        return True
    if not _WELL_BEGUN.match(found) or _ODDLY_WRITTEN.search(found):
        return False
    parts = urlsplit(found)
    count = sum(map(bool, parts.query.split("&")))
    return count == sum(map(bool, urlsplit(canonical).query.split("&"))) and parts.hostname not in ("http", "https")


def _link_objects(given: dict[str, Any]) -> list[dict[str, Any]]:
    links = given.get("links")
    return [link for link in links if isinstance(link, dict) and link.get("href")] if isinstance(links, list) else []


def _tags(tags: Any, repairs: Repairs) -> list[str]:
    """Tags as a list without repeats; one text is split at commas (Latin and Arabic), semicolons and bars."""
    if isinstance(tags, str):
        tags = _BETWEEN_TAGS.split(tags)
    if not isinstance(tags, list | tuple):
        tags = [tags]
    found = (_readable(tag, "tags", repairs)[0].strip() for item in tags if (tag := text_of(item)))
    return list(dict.fromkeys(tag for tag in found if tag))


def source_of(url: str) -> str:
    """Names the source of a page that names none: the host of its URL without `www.`; raises NotAUrl."""
    return (urlsplit(canonical_url(url)).hostname or "").removeprefix("www.")
