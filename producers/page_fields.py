"""What a line of JSON or a text file says, as a Page: shapes, repairs, dates, identity and limits. Pure.

Whoever reads the files (`inputs.py`) gives the bytes, the time and the settings; what is no page raises MalformedRecord or
PageTooLarge, and is one line's fate alone.
"""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, datetime, tzinfo
from typing import Any

from producers.field_names import NOTHING, paragraphs_of, renamed, text_of
from producers.markup import Links, visible_text
from producers.mojibake import is_right, unscrambled
from producers.page_times import times_of
from producers.text_encoding import Undecodable, decode
from producers.values.addresses import is_bare, source_of, url_of
from producers.values.charsets import in_one_charset
from producers.values.languages import is_code, language_code
from producers.values.letters import may_be_escaped, unescaped, with_line_feeds
from producers.values.links import spans_of
from producers.values.repairs import Repairs, with_repairs
from producers.values.shapes import opened
from producers.values.whole_pages import with_article
from streams.identity import NotAUrl, canonical_url, page_id
from streams.json_repair import NotAnObject, cleaned, read_object
from streams.records import VERSION, MalformedRecord, Page, field_names
from streams.topics import MAX_PAGE_BYTES, MAX_TEXT_BYTES

_BETWEEN_TAGS = re.compile(r"[,،;؛|\n]")
_LONGER_THAN_NOTHING = 40  # characters, the spaces around it among them
_LEAD_OF_LATIN_1 = b"\xc3"  # of every letter from U+00C0 to U+00FF, in UTF-8
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
    given = renamed(fields, found)
    page = None if found else _usual_page(given, defaults, now)
    if page is not None:
        return page
    try:
        return _repaired_page(renamed(fields, found, says_nothing=NOTHING), Repairs(found), defaults, now)
    except RecursionError:
        raise MalformedRecord("Page", "", "nested too deeply") from None


def _usual_page(given: dict[str, Any], defaults: Defaults, now: datetime) -> Page | None:
    """Returns the page of fields that need no repair, as `_repaired_page` would; None when there is anything to look at.

    Every field has the shape of its kind, no text may be markup or mojibake, the address is bare and the times are possible.
    """
    short, tags, text = _shorts(given), given.get("tags", ()), given.get("text")
    if short is None or type(text) is not str or type(tags) not in (list, str, tuple) or not _are_usual(given, short, text):
        return None
    tags = _BETWEEN_TAGS.split(tags) if type(tags) is str else tags
    if not all(type(tag) is str for tag in tags) or not _are_plain("\n".join((*short.values(), *tags)), text):
        return None
    found_tags = tuple(dict.fromkeys(tag for item in tags if (tag := item.strip())))
    url, times = given.get("url", "").strip() or None, times_of(given, defaults.zone, now)
    try:
        as_meant = url is None or is_bare(url, canonical_url(url))
        source = short.pop("source", None) or defaults.source or (url and source_of(url)) or defaults.name
    except NotAUrl:
        return None
    if not (
        as_meant
        and source
        and len(times) == 3
        and text.strip()
        and len(text) <= MAX_TEXT_BYTES // 4
        and NOTHING.isdisjoint(found_tags)
    ):
        return None
    own = page_id(url, source, short.get("title"), text)
    if short.get("source_id") == own:
        del short["source_id"]
    extra = {name: value for name, value in given.items() if name not in _NAMES}
    return Page(id=own, source=source, url=url, text=text, tags=found_tags, extra=extra, **short, **times)


def _are_usual(given: dict[str, Any], short: dict[str, Any], text: str) -> bool:
    """Returns whether fields that are read by rules of their own have their usual shape, or are missing."""
    return not (
        type(given.get("url", "")) is not str
        or "links" in given
        or "published_raw" in given
        or ("v" in given and repr(given["v"]) != str(VERSION))
        or text.lstrip()[:1] in ("[", "{")
        or (len(text) < _LONGER_THAN_NOTHING and text.strip() in NOTHING)
        or "\n" in short.get("title", "")
        or (short.get("language", "ar") != "ar" and not is_code(short["language"]))
    )


def _shorts(given: dict[str, Any]) -> dict[str, Any] | None:
    """Returns the short texts that say something, a whole number written out; None when one has another shape or is `null`."""
    short: dict[str, Any] = {}
    for field in _SHORT:
        value = given.get(field)
        if value is not None:
            if type(value) is not str:
                if type(value) is not int:
                    return None
                value = str(value)
            if value := value.strip():
                if value in NOTHING:
                    return None
                short[field] = value
    return short


def _are_plain(words: str, text: str) -> bool:
    """Returns whether short fields and the text hold no markup, reference, escape or mojibake, nor a short one a list.

    They are looked through together, once: what is in none of it is in no part of it.
    """
    whole = f"{words}\n{text}"
    if "&" in whole or "<" in whole or "\\" in whole or "\r" in whole or "[" in words or "{" in words:
        return False
    if not words.isascii() and _LEAD_OF_LATIN_1 in words.encode():
        return False
    if "%" in whole and (may_be_escaped(words) or may_be_escaped(text)):
        return False
    return is_right(whole, text)


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
    tags = _tags(given.get("tags"), repairs)
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
    """The page as a message; raises PageTooLarge when it is above 2 MiB, MalformedRecord when JSON cannot hold it."""
    data = page.to_bytes()
    if len(data) > MAX_PAGE_BYTES:
        raise PageTooLarge(f"a page of {len(data):,} bytes; it may have {MAX_PAGE_BYTES:,}")
    return data


def _text(given: dict[str, Any], field: str, repairs: Repairs) -> str | None:
    """The text of a field; None when it is missing, blank, or of a shape that holds no text."""
    found = text_of(given.get(field))
    if found is None:
        return None
    shown = _readable(found, field, repairs)[0].strip()
    return (" ".join(shown.split()) if field == "title" and "\n" in shown else shown) or None


def _raw(given: dict[str, Any], described: dict[str, str | None]) -> dict[str, Any]:
    """What is left aside of the fields that hold no text: kept under `<name>_raw`, so that the page can go on."""
    return {
        f"{field}_raw": given[field]
        for field, text in described.items()
        if text is None and given.get(field) is not None and not isinstance(given[field], str)
    }


def _readable(text: str, field: str, repairs: Repairs) -> tuple[str, Links]:
    """The text without escapes, markup and mojibake, and the links that its markup held."""
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
    """The text and its links, whose offsets are those of the text as it came, or of its markup."""
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


def _tags(tags: Any, repairs: Repairs) -> list[str]:
    """Tags as a list without repeats; one text is split at commas (Latin and Arabic), semicolons and bars."""
    if isinstance(tags, str):
        tags = _BETWEEN_TAGS.split(tags)
    if not isinstance(tags, list | tuple):
        tags = [tags]
    found = dict.fromkeys(_readable(tag, "tags", repairs)[0].strip() for item in tags if (tag := text_of(item)))
    for nothing in NOTHING.intersection(found):
        repairs.add("tags", f"{nothing} is no value")
    return [tag for tag in found if tag and tag not in NOTHING]
