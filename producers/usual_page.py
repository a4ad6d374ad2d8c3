"""The page of fields that need no repair: most of them, and the way that is measured. Pure.

Whoever reads a page's fields (`page_fields.py`) asks here first; where there is anything to look at, it repairs.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from producers.field_names import NOTHING, SHORT_FIELDS
from producers.mojibake import is_right
from producers.page_times import times_of
from producers.values.addresses import is_bare, source_of
from producers.values.defaults import Defaults
from producers.values.languages import is_code
from producers.values.letters import may_be_escaped
from producers.values.shapes import BETWEEN_TAGS
from streams.identity import NotAUrl, canonical_url, page_id
from streams.records import VERSION, Page, field_names
from streams.topics import MAX_TEXT_BYTES

_LONGER_THAN_NOTHING = 40  # characters, the spaces around it among them
_LEAD_OF_LATIN_1 = b"\xc3"  # of every letter from U+00C0 to U+00FF, in UTF-8
_NAMES = field_names(Page)
# What is read here. A field of a page that is not among these is for `page_fields.py` to read.
_READ = {*SHORT_FIELDS, "text", "url", "tags", "v", "id", "published_at", "modified_at", "fetched_at"}
_UNREAD = frozenset(_NAMES) - _READ


def usual_page(given: dict[str, Any], defaults: Defaults, now: datetime) -> Page | None:
    """Returns the page of fields that need no repair, as `page_of_fields` would; None when there is anything to look at.

    Every field has the shape of its kind, no text may be markup or mojibake, the address is bare and the times are possible.
    """
    short, tags, text = _shorts(given), given.get("tags", ()), given.get("text")
    if short is None or type(text) is not str or type(tags) not in (list, str, tuple) or not _are_usual(given, short, text):
        return None
    tags = BETWEEN_TAGS.split(tags) if type(tags) is str else tags
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
        or not _UNREAD.isdisjoint(given)
        or ("v" in given and repr(given["v"]) != str(VERSION))
        or text.lstrip()[:1] in ("[", "{")
        or (len(text) < _LONGER_THAN_NOTHING and text.strip() in NOTHING)
        or "\n" in short.get("title", "")
        or (short.get("language", "ar") != "ar" and not is_code(short["language"]))
    )


def _shorts(given: dict[str, Any]) -> dict[str, Any] | None:
    """Returns the short texts that say something, a whole number written out; None when one has another shape or is `null`."""
    short: dict[str, Any] = {}
    for field in SHORT_FIELDS:
        value = given.get(field)
        if value is not None:
            if type(value) is not str:
                if type(value) is not int or field in ("author", "section"):
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
    if ("%" in whole or "=" in whole) and (may_be_escaped(words) or may_be_escaped(text)):
        return False
    if "#" in words:  # hashtags, which are read one by one
        return False
    return is_right(whole, text)
