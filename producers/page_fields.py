"""What a line of JSON or a text file says, as a Page: shapes, repairs, dates, identity and limits. Pure.

Whoever reads the files (`inputs.py`) gives the bytes, the time and the settings; what is no page raises MalformedRecord or
PageTooLarge, and is one line's fate alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from producers.field_names import NOTHING, SHORT_FIELDS, paragraphs_of, renamed, text_of
from producers.markup import Links, visible_text
from producers.mojibake import unscrambled
from producers.page_times import times_of
from producers.text_encoding import Undecodable, decode
from producers.usual_page import usual_page
from producers.values.addresses import source_of, url_of
from producers.values.charsets import in_one_charset
from producers.values.defaults import Defaults
from producers.values.languages import language_code
from producers.values.letters import may_be_escaped, unescaped, with_line_feeds
from producers.values.links import spans_of
from producers.values.repairs import Repairs, with_repairs
from producers.values.shapes import BETWEEN_TAGS, opened
from producers.values.whole_pages import with_article
from streams.identity import page_id
from streams.json_repair import NotAnObject, cleaned, read_object
from streams.records import MalformedRecord, Page, field_names
from streams.topics import MAX_PAGE_BYTES, MAX_TEXT_BYTES

_DESCRIPTIVE = (*SHORT_FIELDS, "published_raw")
_NAMES = field_names(Page)
_NAMED = ("author", "section")  # of these a number is an id of another table, and no name
_HASHTAGS = re.compile(r"\s*#[^\s#]+(?:[\s,،]+#[^\s#]+)*\s*")


class PageTooLarge(ValueError):
    """A page with more text, or more bytes, than a page may have; the message says how many and how many may be."""


def page_of_line(line: bytes, defaults: Defaults, now: datetime) -> Page:
    """Returns the page in one line of JSON, fetched `now` when it gives no time; raises MalformedRecord or PageTooLarge.

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
    """Returns the page that a text file holds, its text as it stands; `name` (its path) becomes its `source_id`.

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
    """Returns the page that these fields, under whatever names, describe; what nobody knows stays beside it as it is.

    What was repaired is in `repairs`, a phrase each; what has another shape than its field is left under `<name>_raw`.
    Fields that `read_object` gave `are_clean`: they are not looked through again.
    """
    found: list[str] = []
    if not are_clean:
        try:
            fields, found = cleaned(fields)
        except NotAnObject as exc:
            raise MalformedRecord("Page", "", str(exc)) from None
    given = renamed(fields, found)
    page = None if found else usual_page(given, defaults, now)
    if page is not None:
        return page
    try:
        return _repaired_page(renamed(fields, found, says_nothing=NOTHING), Repairs(found), defaults, now)
    except RecursionError:
        raise MalformedRecord("Page", "", "nested too deeply") from None


def _repaired_page(given: dict[str, Any], repairs: Repairs, defaults: Defaults, now: datetime) -> Page:
    """Returns the page of these fields, of whatever shape; `repairs` are noted in it. Raises as `page_of_fields` does."""
    given = {name: _opened(name, value, repairs) for name, value in given.items()}
    given = in_one_charset(with_article(given, defaults.zone, repairs), repairs)
    described = {field: _text(given, field, repairs) for field in _DESCRIPTIVE}
    _name_language(described, given, repairs)
    url = url_of(given, repairs)
    text, links = _body(given, repairs)
    source = described["source"] or defaults.source or (url and source_of(url)) or defaults.name
    if not source:
        raise MalformedRecord("Page", "source", "missing: name it with --source")
    times = times_of(given, defaults.zone, now)
    if described["published_raw"]:
        times["published_raw"] = described["published_raw"]
    tags = _tags(given, repairs)
    own = page_id(url, source, described["title"], text)
    if described["source_id"] == own:
        described["source_id"] = None  # a page of ours that was written to a file comes back as it was
    known = described | {"id": own, "url": url, "source": source, "text": text, "links": links, "tags": tags}
    return Page.from_dict(given | _raw(given, described) | known | times | repairs.field(given))


def _opened(name: str, value: Any, repairs: Repairs) -> Any:
    if name not in _NAMES or name in ("id", "v"):
        return value
    return opened(value, name, repairs, may_be_array=name in ("tags", "author", "section"))


def _name_language(described: dict[str, str | None], given: dict[str, Any], repairs: Repairs) -> None:
    """Puts the language's code in the place of its name, which is kept beside it."""
    name = described["language"]
    code = language_code(name) if name else None
    if code and code != name:
        given["language_raw"] = name
        described["language"] = code
        repairs.add("language", "its code for its name")


def encode(page: Page) -> bytes:
    """Returns the page as a message; raises PageTooLarge when it is above 2 MiB, MalformedRecord when JSON cannot hold it."""
    data = page.to_bytes()
    if len(data) > MAX_PAGE_BYTES:
        raise PageTooLarge(f"a page of {len(data):,} bytes; it may have {MAX_PAGE_BYTES:,}")
    return data


def _text(given: dict[str, Any], field: str, repairs: Repairs) -> str | None:
    """Returns the text of a field; None when it is missing, blank, or of a shape that holds no text."""
    value = given.get(field)
    found = None if field in _NAMED and type(value) is int else text_of(value)
    if found is None:
        return None
    shown = _readable(found, field, repairs)[0].strip()
    return (" ".join(shown.split()) if field == "title" and "\n" in shown else shown) or None


def _raw(given: dict[str, Any], described: dict[str, str | None]) -> dict[str, Any]:
    """Returns what is left aside of the fields that hold no text: kept under `<name>_raw`, so that the page can go on."""
    return {
        f"{field}_raw": given[field]
        for field, text in described.items()
        if text is None and given.get(field) is not None and not isinstance(given[field], str)
    }


def _readable(text: str, field: str, repairs: Repairs) -> tuple[str, Links]:
    """Returns the text without escapes, markup and mojibake, and the links that its markup held."""
    if may_be_escaped(text):
        text = _noted(with_line_feeds(text), text, field, "ends of lines", repairs)
        text = _noted(unescaped(text), text, field, "letters that were escaped", repairs)
    if not text.isascii():
        text = _noted(unscrambled(text), text, field, "letters that were read as another set", repairs)
    shown, links = visible_text(text)
    if shown != text:
        shown = unscrambled(_noted(shown, text, field, "markup taken off", repairs))
    return shown, links


def _noted(right: str, text: str, field: str, repair: str, repairs: Repairs) -> str:
    if right != text:
        repairs.add(field, repair)
    return right


def _body(given: dict[str, Any], repairs: Repairs) -> tuple[str, Any]:
    """Returns the text and its links, whose offsets are those of the text as it came, or of its markup."""
    raw = given.get("text")
    text = paragraphs_of(raw)
    if text is None:
        kind = "missing or empty" if not raw or isinstance(raw, str) else "a text was expected"
        raise MalformedRecord("Page", "text", kind)
    if "\r\n" in text and isinstance(given.get("links"), list):
        given["links"] = [[*link] if isinstance(link, list) else link for link in given["links"]]
        text = _noted(with_line_feeds(text, given["links"]), text, "text", "ends of lines", repairs)
    shown, links = _readable(text, "text", repairs)
    if not shown.strip():
        raise MalformedRecord("Page", "text", "markup without a text")
    size = len(shown.encode("utf-8", "surrogatepass"))
    if size > MAX_TEXT_BYTES:
        raise PageTooLarge(f"a text of {size:,} bytes; a page may have {MAX_TEXT_BYTES:,}")
    own = given.get("links")
    if own is None:
        return shown, links
    spans, is_all = spans_of(own, len(shown)) if shown == text else (links, False)
    if not is_all:
        given["links_raw"] = given.pop("links")
        repairs.add("links", "what is no span of the text is left aside")
    return shown, spans


def _tags(given: dict[str, Any], repairs: Repairs) -> list[str]:
    """Returns the tags without repeats; one text is split at commas (Latin and Arabic), semicolons and bars, or is hashtags.

    Numbers are ids of another table: they are left under `tags_raw`.
    """
    tags = given.get("tags")
    if isinstance(tags, str):
        tags = tags.split() if _HASHTAGS.fullmatch(tags) else BETWEEN_TAGS.split(tags)
    items = list(_flat(tags))
    if items and all(type(item) is int for item in items):
        given["tags_raw"] = given.pop("tags")
        return []
    shown = (_readable(tag, "tags", repairs)[0].strip() for item in items if (tag := text_of(item)))
    found = dict.fromkeys(tag.strip("#,،").strip() if tag.startswith("#") else tag for tag in shown)
    for nothing in NOTHING.intersection(found):
        repairs.add("tags", f"{nothing} is no value")
    return [tag for tag in found if tag and tag not in NOTHING]


def _flat(value: Any, depth: int = 2) -> Iterator[Any]:
    """Yields the items of a list, and of the lists within it; deeper ones are for `text_of` to refuse."""
    if depth and isinstance(value, list | tuple):
        for item in value:
            yield from _flat(item, depth - 1)
    else:
        yield value
