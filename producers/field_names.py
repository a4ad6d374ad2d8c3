"""Whose names are whose: the fields of a page under the names that crawlers, feeds and extractors give them. Pure.

Known are schema.org, feedparser, JSON Feed, trafilatura, newspaper, news-please, fundus, CC-NEWS, C4, FineWeb and Diffbot.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Container
from typing import Any

from producers.values.exports import told_together
from producers.values.rich_text import text_of_tree

# Fields of a word or a line.
SHORT_FIELDS = ("source", "source_id", "title", "section", "author", "language", "country")
# Our field -> the names that it goes by elsewhere, the likeliest first.
ALIASES = {
    "text": (
        "content",
        "body",
        "maintext",
        "articleBody",
        "article_body",
        "content_text",
        "plain_text",
        "full_text",
        "article_text",
        "cleaned_text",
        "text_content",
        "plaintext",
        "news_content",
        "story",
        "النص",
        "المحتوى",
        "content_html",
        "content:encoded",
        "body_html",
        "html_content",
        "raw_html",
        "html",
        "page_html",
        # Of a record that has no text: better than none.
        "summary",
        "description",
        "excerpt",
        "abstract",
        "standfirst",
        "meta_description",
        "lead",
        "dek",
        "teaser",
        "snippet",
    ),
    "title": ("headline", "article_title", "العنوان"),
    "url": (
        "link",
        "canonical_url",
        "canonical_link",
        "page_url",
        "requested_url",
        "permalink",
        "WARC-Target-URI",
        "uri",
        "mainEntityOfPage",
        "الرابط",
    ),
    "source": (
        "site",
        "outlet",
        "publisher",
        "source_domain",
        "domain",
        "newspaper",
        "source-hostname",
        "sitename",
        "site_name",
        "meta_site_name",
        "hostname",
        "المصدر",
    ),
    "published_at": (
        "dateTimePub",
        "dateTime",
        "date",
        "published",
        "publish_date",
        "published_date",
        "datePublished",
        "date_published",
        "date_publish",
        "pubDate",
        "pub_date",
        "publication_date",
        "published_time",
        "published_parsed",
        "publishing_date",
        "seendate",
        "التاريخ",
    ),
    "modified_at": ("modified", "updated", "updated_at", "dateModified", "date_modified", "date_modify", "updated_parsed"),
    "fetched_at": (
        "fetched",
        "crawled_at",
        "scraped_at",
        "date_download",
        "date_extracted",
        "crawl_date",
        "WARC-Date",
        "@timestamp",
        "timestamp",
    ),
    "section": ("category", "articleSection", "categories", "القسم"),
    "author": ("authors", "byline", "creator", "الكاتب"),
    "tags": ("keywords", "topics", "meta_keywords"),
    "language": ("lang", "inLanguage", "meta_lang", "human_language"),
}
_FIELD_OF = {name: field for field, names in ALIASES.items() for name in names}
_KNOWN = frozenset({*ALIASES, *_FIELD_OF})
_BODIES = ALIASES["text"][: ALIASES["text"].index("summary")]
_SHORTENED = frozenset(ALIASES["text"]) - {*_BODIES, "summary"}  # feeds call a whole text its summary
# What programs write for a value that is not there.
_WORDS_FOR_NOTHING = "null NULL Null None none NONE NaN nan NaT nil undefined N/A n/a <NA> (null)"
NOTHING = frozenset({*_WORDS_FOR_NOTHING.split(), "[object Object]"})
_WITHOUT_ALIAS = frozenset({"id", "links", "country"})
# The same names in another case or with other joints: `publishedAt`, `Page-URL`, `dc:date` without its prefix.
_SPELT = {re.sub(r"[\W_]", "", name.lower()): name for name in sorted(_KNOWN, reverse=True)}
_SUFFIX = re.compile(
    r"(?<=[a-z])(?:_(?:txt|text)?_?(?:ar|arabic|t|s|ss|txt|dt|dts)|\.ar|(?-i:Ar))$"
)  # of Solr, and of the language
# Where exporters put the record itself: Elasticsearch's dumps, Kafka Connect, APIs.
_WRAPPERS = ("_source", "payload", "article", "@graph", "after", "objects", "data", "document", "doc", "item", "record")
_APART = frozenset({"id", "v", "extra", "repairs", "links", *_WRAPPERS})  # these are no other spelling of a name
# Where an object keeps its text: schema.org, feedparser, RDF, MongoDB's dates.
_INNER = ("name", "value", "rendered", "term", "label", "title", "@value", "$date", "alternateName", "text", "href", "url", "@id")
_INNER_OF_XML = ("#text", "$t", "__cdata", "_", "$numberLong")  # and of MongoDB's numbers
_LANGUAGE = re.compile(r"[a-z]{2}(?:[-_][A-Z]{2})?")
_SECTION = ("summary", "headline", "paragraphs", "sections")  # of fundus: an object of such in order
_WEB = re.compile(r"\s*https?:", re.IGNORECASE)


def renamed(fields: dict[str, Any], repairs: list[str] | None = None, *, says_nothing: Container[str] = ()) -> dict[str, Any]:
    """Returns the fields under our names; `id` becomes `source_id`.

    A name of ours, or an earlier alias, goes first and the rest stay. An address that stands where another field is expected
    becomes the `url` when there is none. What had to be left out or is less than what its name says is added to `repairs`, a
    phrase each. Known fields with a text of `says_nothing` are left out.
    """
    found: list[str] = [] if repairs is None else repairs
    given = told_together(_known_names(fields))
    if not _has_text(given):
        given = _unwrapped(given)
    if says_nothing:
        _leave_out(given, says_nothing, found)
    if isinstance(given.get("html"), dict):
        given = _with_download(given)
    _name_source(given)
    is_crawl = "dump" in given and str(given["dump"]).startswith("CC-MAIN")  # FineWeb's `date` is the day of its crawl
    for field, name in _renamings(tuple(filter(_KNOWN.__contains__, given)), is_crawl=is_crawl):
        given[field] = given.pop(name)
        if field == "text" and name in _SHORTENED:
            found.append(f"text: there is only a {name}")
    own = given.pop("id", None)
    if own is not None:
        given.setdefault("source_id", own)
    if "url" not in given and is_address(given.get("source_id")):
        given["url"] = given["source_id"]
    return given


def _known_names(fields: dict[str, Any]) -> dict[str, Any]:
    """Returns the fields that say something, each known name in another spelling as that name, where it is free."""
    given = {name: value for name, value in fields.items() if value or (value is not None and value not in ("", [], {}))}
    for name in [name for name in given if name not in _KNOWN and name not in _APART]:
        spelt = _spelt(name)
        if spelt and spelt not in given:
            given[spelt] = given.pop(name)
    return given


def _leave_out(given: dict[str, Any], says_nothing: Container[str], found: list[str]) -> None:
    for name, value in list(given.items()):
        if isinstance(value, str) and value.strip() in says_nothing and (name in _KNOWN or name in _WITHOUT_ALIAS):
            found.append(f"{name}: {given.pop(name).strip()} is no value")


def _has_text(given: dict[str, Any]) -> bool:
    return "text" in given or any(name in given for name in _BODIES)


def _with_download(given: dict[str, Any]) -> dict[str, Any]:
    """Returns the fields with those of the page as fundus keeps it: address, time of fetching, and HTML for want of a text."""
    html = given["html"]
    addresses = (html.get("responded_url"), html.get("requested_url"))
    download = {"url": next(filter(is_address, addresses), None), "fetched_at": html.get("crawl_date")}
    if not any(name in given for name in ("text", *_BODIES[: _BODIES.index("html")])):
        given = given | {"html": html.get("content")}
    return {name: value for name, value in download.items() if value} | given


def _unwrapped(given: dict[str, Any]) -> dict[str, Any]:
    """Returns the fields with those of the record within that has a text, in place of its wrapper; without one, as they are."""
    for wrapper in filter(given.__contains__, _WRAPPERS):
        inner = given[wrapper]
        for record in inner if isinstance(inner, list) else [inner]:
            found = _known_names(record) if isinstance(record, dict) else {}
            if _has_text(found):
                return {name: value for name, value in given.items() if name != wrapper} | found
    return given


@functools.lru_cache(maxsize=4096)
def _spelt(name: str) -> str | None:
    """Returns the known name that is spelt so in another case, with other joints or with a suffix of its kind, None for none."""
    bare = name.removeprefix("dc:").removeprefix("og:")
    found = _SPELT.get(re.sub(r"[\W_]", "", bare.lower()))
    return found or _SPELT.get(re.sub(r"[\W_]", "", short.lower()) if (short := _SUFFIX.sub("", bare)) != bare else "")


@functools.lru_cache(maxsize=1024)  # the lines of a file have a few sets of names between them
def _renamings(names: tuple[str, ...], *, is_crawl: bool) -> tuple[tuple[str, str], ...]:
    """Returns our fields, each with the one of these names that becomes it, in the order in which they are found."""
    aliased: dict[str, list[str]] = {}
    for name in names:
        field = "fetched_at" if is_crawl and name == "date" else _FIELD_OF.get(name)
        if field:
            aliased.setdefault(field, []).append(name)
    free = [field for field in aliased if field not in names]
    return tuple((field, min(aliased[field], key=lambda name: _rank(field, name))) for field in free)


def is_address(value: object) -> bool:
    """Tells whether the value is a text that begins as a web address does."""
    return isinstance(value, str) and bool(_WEB.match(value))


def text_of(value: Any) -> str | None:
    """Returns the text in a value of whatever shape: a number written out, a list joined, an object's name. None for none."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, dict):
        inner = next((text for name in (*_INNER, *_INNER_OF_XML) if (text := text_of(value.get(name)))), None)
        return inner or text_of(_in_a_language(value))
    if isinstance(value, list | tuple):
        return "، ".join(dict.fromkeys(text for item in value if (text := text_of(item)))) or None
    return None


def paragraphs_of(value: Any) -> str | None:
    """Returns the text of a body of whatever shape, as it stands; the parts of a list with a blank line between them."""
    if isinstance(value, str):
        return value if value.strip() else None
    if text := text_of_tree(value):
        return text
    if isinstance(value, dict):
        parts = map(paragraphs_of, map(value.get, ("value", "rendered", "text", "@value", "content", "html", *_INNER_OF_XML)))
        own = next(filter(None, parts), None) or paragraphs_of([value[name] for name in _SECTION if name in value])
        return own or paragraphs_of(_in_a_language(value))
    if isinstance(value, list | tuple):
        return "\n\n".join(text for item in value if (text := paragraphs_of(item))) or None
    return None


def _in_a_language(value: dict[str, Any]) -> Any:
    """Returns the Arabic text, else the first, of an object that has one for each language; None for any other object."""
    by_language = bool(value) and all(_LANGUAGE.fullmatch(name) for name in value)
    return value.get("ar", next(iter(value.values()))) if by_language else None


def _rank(field: str, name: str) -> int:
    names = ALIASES[field]
    return names.index(name) if name in names else len(names)


def _name_source(given: dict[str, Any]) -> None:
    """Puts right what trafilatura writes: the page's address under `source`, and the site's name beside it."""
    if not is_address(given.get("source")):
        return
    address = given.pop("source")
    if "url" not in given and not any(is_address(given.get(name)) for name in ALIASES["url"]):
        given["url"] = address
    elif not any(name in given for name in ALIASES["source"]):
        given["source_url"] = given.get("source_url", address)
