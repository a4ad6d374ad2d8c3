"""The address of a page in the fields of a record, and the source that the address names. Pure."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from producers.field_names import text_of
from producers.values.repairs import Repairs
from streams.identity import NotAUrl, canonical_url
from streams.records import MalformedRecord

_PLAIN = re.compile(r"https?://[^/?#@\[\\]*\.[^/?#@\[\\]*(?:/[^?#\\;\"<>`&]*)?")
_WELL_BEGUN = re.compile(r"https?://[^/?#@\[\\]", re.IGNORECASE)
_ODDLY_WRITTEN = re.compile(r"[\\\"`<>\u00ab\u00bb\u201c\u201d]|%u|&#|;[a-z]*sess|:~:", re.IGNORECASE)
_QUOTES = "\u00ab\u00bb\u201c\u201d\u201e\u201f\u2039\u203a"


def url_of(given: dict[str, Any], repairs: Repairs) -> str | None:
    """Returns the page's address as it came, without quotes and the like around it; raises MalformedRecord for other texts."""
    value = given.get("url")
    if isinstance(value, list) and len(value) > 1:
        given["url_raw"] = value
        repairs.add("url", "the first of several")
        value = next(filter(text_of, value), None)
    found = text_of(value)
    if found is None:
        found = next((link["href"] for link in _link_objects(given) if link.get("rel") in ("alternate", "canonical")), None)
    if found is None:
        return None
    try:
        canonical = canonical_url(found)
    except NotAUrl as exc:
        raise MalformedRecord("Page", "url", str(exc)) from None
    if is_bare(found, canonical):
        return found
    repairs.add("url", "tracking or escaping taken off")
    return canonical


def is_bare(found: str, canonical: str) -> bool:
    """Tells whether the address as found has only the parameters of its canonical form, usual escapes, and nothing around it."""
    if found == canonical or (_PLAIN.fullmatch(found) and "%u" not in found and found[-1] not in _QUOTES):
        return True
    if not _WELL_BEGUN.match(found) or _ODDLY_WRITTEN.search(found):
        return False
    parts = urlsplit(found)
    count = sum(map(bool, parts.query.split("&")))
    return count == sum(map(bool, urlsplit(canonical).query.split("&"))) and parts.hostname not in ("http", "https")


def _link_objects(given: dict[str, Any]) -> list[dict[str, Any]]:
    links = given.get("links")
    return [link for link in links if isinstance(link, dict) and link.get("href")] if isinstance(links, list) else []


def source_of(url: str) -> str:
    """Returns the source of a page that names none: the host of its URL without `www.`; raises NotAUrl."""
    return (urlsplit(canonical_url(url)).hostname or "").removeprefix("www.")
