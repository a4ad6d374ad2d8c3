"""What a page says of itself to readers and machines: address, times, author, section, tags, language, image. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any
from urllib.parse import urljoin, urlsplit

import msgspec
from lxml import etree

from producers.extract.linked_data import article_of, linked_data, names_of, types_of
from producers.extract.names import NAMES, words
from producers.extract.tree import attribute, one_line, text_of
from streams.arabic.dates import parse
from streams.identity import NotAUrl, canonical_url
from streams.times import EARLIEST, rfc_3339

_PUBLISHED: list[str] = NAMES["meta"]["published"]
_MODIFIED: list[str] = NAMES["meta"]["modified"]
_ARCHIVE = re.compile(r"^https?://web\.archive\.org/web/\d+[a-z_]*/")
_SAVED_FROM = re.compile(r"<!--\s*(?:saved from url=\(\d+\)|Page saved with SingleFile\s+url:\s*)(https?://\S+?)\s*(?:-->|\n| )")
_YEAR = re.compile(r"(?:19|20)\d\d|[١٢][٠-٩]{3}|۲۰[۰-۹]{2}")
_URL_DAY = re.compile(
    r"/(?P<year>20\d\d)(?P<sign>[/-]?)(?P<month>0?[1-9]|1[0-2])(?P=sign)(?P<day>0?[1-9]|[12]\d|3[01])(?=[/_-]|$)"
)
_TOKEN = re.compile(r"\S+")
_ARABIC = re.compile("[\u0621-\u064a]")
_LETTER = re.compile(r"[^\W\d_]")
_DATE_NAMES = re.compile(r"date|time|publish|created|meta|info|byline|تاريخ", re.IGNORECASE)
_NO_AUTHOR = re.compile(r"^(?:admin|administrator|editor|user\d*|www\..*|https?:.*|.*@.*)$", re.IGNORECASE)


_ERA = re.compile(r"(?<=\d)\s+(?:م|هـ?)\s+(?=[^\d\w]{0,3}\d{1,2}:\d{2})")  # after the year, before the time of day
_CHANGED = words("tools", "changed")
_LABEL = 40  # characters before a time in which its label stands (chosen by reading)
_TIMES = etree.XPath("//time | //*[@itemprop] | $title")
_TIME_PROPERTIES = ("datepublished", "datemodified", "datecreated")


class PageData(msgspec.Struct):
    """The page's head as read: meta elements by lower-case name, JSON-LD objects, and the article among these."""

    meta: dict[str, str]
    nodes: list[dict[str, Any]]
    article: dict[str, Any] | None
    keywords: tuple[str, ...]

    def first(self, *names: str) -> str | None:
        """Returns the first of these meta elements that says something."""
        return next((value for name in names if (value := self.meta.get(name))), None)


def page_data(root: etree._Element) -> PageData:
    """Returns what the head and the JSON-LD of the page say."""
    meta: dict[str, str] = {}
    tags: list[str] = []
    for element in root.iter("meta"):
        name = (attribute(element, "property") or attribute(element, "name") or attribute(element, "itemprop")).strip().lower()
        content = one_line(attribute(element, "content"))
        if not name or not content:
            continue
        if name == "article:tag":
            tags += _split_tags(content)
        meta.setdefault(name, content)
    nodes = linked_data(root)
    if not tags:
        tags = _split_tags(meta.get("news_keywords") or meta.get("keywords") or "")
    return PageData(meta, nodes, article_of(nodes, html.unescape(meta.get("og:title", ""))), tuple(dict.fromkeys(tags))[:30])


def _split_tags(value: str) -> list[str]:
    return [tag for part in re.split(r"[,،;؛|]", value) if (tag := part.strip(" #").replace("_", " ")) and len(tag) < 80]


def page_url(root: etree._Element, data: PageData, fetched: str | None, markup: str) -> str | None:
    """Returns the page's own URL: the canonical link or og:url when it is of the same site and names a page, else `fetched`."""
    saved = _SAVED_FROM.search(markup[:4000])
    known = _sane(fetched) or _sane(saved[1] if saved else None)
    given = [attribute(link, "href") for link in root.iter("link") if "canonical" in attribute(link, "rel").lower().split()]
    given += [data.meta.get("og:url", ""), data.meta.get("twitter:url", "")]
    entity = (data.article or {}).get("mainEntityOfPage") or (data.article or {}).get("url")
    given.append(entity.get("@id", "") if isinstance(entity, dict) else entity if isinstance(entity, str) else "")
    for address in given:
        if not isinstance(address, str) or not address.strip():
            continue
        try:
            url = _sane(urljoin(known or "", address.strip()))
        except ValueError:
            continue
        if url and (known is None or (_same_site(url, known) and not (_is_home(url) and not _is_home(known)))):
            return url
    return known


def _sane(url: str | None) -> str | None:
    if not url:
        return None
    try:
        return canonical_url(_ARCHIVE.sub("", url))
    except NotAUrl:
        return None


def _same_site(one: str, other: str) -> bool:
    ends = ["." + (urlsplit(url).hostname or "") for url in (one, other)]
    sites = [".".join(end.split(".")[-2:]) for end in ends]
    return (
        ends[0].endswith(ends[1].replace(".www.", ".", 1))
        or ends[1].endswith(ends[0].replace(".www.", ".", 1))
        or (sites[0] == sites[1] and len(sites[0]) > 6)
    )


def _is_home(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query


def times(
    data: PageData, shown: Sequence[tuple[str, str]], lines: Iterable[str], zone: tzinfo, url: str | None
) -> tuple[str | None, str | None]:
    """Returns when the page was published and modified, RFC 3339 in UTC.

    The page says so in JSON-LD, meta or time elements (`shown`), in one of the `lines` that are likely to be dates;
    else the day may stand in its URL.
    """
    article = data.article or {}
    given: list[Any] = [article.get("datePublished"), article.get("dateCreated"), article.get("uploadDate")]
    given += [node.get("datePublished") for node in data.nodes if _is_page(node)]
    given += [data.meta.get(name) for name in _PUBLISHED]
    given += [stamp for name, stamp in shown if "modif" not in name and "update" not in name]
    halves = [(line[: mark.start()], line[mark.end() :]) if (mark := _CHANGED.search(line)) else (line, "") for line in lines]
    updates = [later for _, later in halves if later]
    published = (
        _first_time(given, zone)
        or _first_shown((line for line, _ in halves), zone)
        or _first_shown(updates, zone)
        or _day_of_url(url, zone)
    )
    changed: list[Any] = [article.get("dateModified")]
    changed += [node.get("dateModified") for node in data.nodes if _is_page(node)]
    changed += [data.meta.get(name) for name in _MODIFIED]
    changed += [stamp for name, stamp in shown if "modif" in name or "update" in name]
    modified = _first_time(changed, zone) or _first_shown(updates, zone)
    return tuple(rfc_3339(time) if time else None for time in (published, modified))  # type: ignore[return-value]


def _is_page(node: dict[str, Any]) -> bool:
    return any(kind.endswith("Page") for kind in types_of(node))


def time_elements(
    root: etree._Element, title: etree._Element | None, others: Collection[etree._Element]
) -> list[tuple[etree._Element, str, str]]:
    """Returns the page's time elements with their names and values, those nearest to the headline first.

    Left out are those inside of `others`: quotes, comments and other stories have times of their own.
    """
    found = _TIMES(root, title=[] if title is None else [title])
    elements = [e for e in found if isinstance(e, etree._Element)] if isinstance(found, list) else []  # noqa: SLF001 - its only name
    at = elements.index(title) if title is not None else 0
    elements = [element for _, element in sorted(enumerate(elements), key=lambda pair: abs(pair[0] - at))]
    out = []
    for element in elements:
        prop = attribute(element, "itemprop").lower()
        if any(ancestor in others or ancestor.tag == "blockquote" for ancestor in element.iterancestors()):
            continue
        if element.tag != "meta" and (element.tag == "time" or prop in _TIME_PROPERTIES):
            name = f"{prop} {attribute(element, 'class').lower()}{_change_label(element)}"
            out.append((element, name, attribute(element, "datetime") or attribute(element, "content") or text_of(element)))
    return out


def _change_label(element: etree._Element) -> str:
    """Returns the word `updated` where the words right before the element say that its time is one of a change."""
    before, parent = element.getprevious(), element.getparent()
    if before is None:
        label = (parent.text or "") if parent is not None else ""
    else:
        label = before.tail if before.tail and before.tail.strip() else text_of(before)
    return " updated" if _CHANGED.search(label[-_LABEL:]) else ""


def _first_time(values: Iterable[Any], zone: tzinfo) -> datetime | None:
    for value in values:
        if isinstance(value, list) and value:
            value = value[0]  # noqa: PLW2901 - a list of one time
        if isinstance(value, (str, int)) and not isinstance(value, bool) and (time := read_time(str(value), zone)):
            return time
    return None


def time_of(value: Any, zone: tzinfo) -> str | None:
    """Returns the time that a value of any shape is, RFC 3339 in UTC, or None."""
    time = _first_time([value], zone)
    return rfc_3339(time) if time else None


def _first_shown(lines: Iterable[str], zone: tzinfo) -> datetime | None:
    return next((time for line in lines if (time := read_time(line, zone))), None)


def _day_of_url(url: str | None, zone: tzinfo) -> datetime | None:
    match = _URL_DAY.search(urlsplit(url or "").path)
    return read_time("-".join(match.group("year", "month", "day")), zone) if match else None


def read_time(text: str, zone: tzinfo = UTC) -> datetime | None:
    """Returns the time that the text is, or the longest part of a short line that is one; None without one from 2000 on."""
    text = _ERA.sub(" ", one_line(text))
    time = parse(text, zone)
    if time is None and len(text) <= 160 and _YEAR.search(text):
        time = _part(text, zone)
    return time if time is not None and time >= EARLIEST else None


def _part(text: str, zone: tzinfo) -> datetime | None:
    tokens = [match.span() for match in _TOKEN.finditer(text)][:24]
    for size in range(min(len(tokens), 12), 0, -1):
        for first in range(len(tokens) - size + 1):
            part = text[tokens[first][0] : tokens[first + size - 1][1]].strip("|()[]-–،, :")
            if _YEAR.search(part) and (time := parse(part, zone)):
                return time
    return None


def author(data: PageData, near: Iterable[str]) -> str | None:
    """Returns who wrote the article as JSON-LD, meta elements or the by-line say."""
    given = names_of(_referred(data, (data.article or {}).get("author"))) or data.first(
        "article:author", "author", "dc.creator", "parsely-author", "sailthru.author", "byl"
    )
    if given and not _NO_AUTHOR.match(given):
        return given[:200]
    return next((line[:200] for line in near if line), None)


def _referred(data: PageData, value: Any) -> Any:
    """Returns the object that the value refers to by its `@id`, or the value itself."""
    if not isinstance(value, dict) or value.get("name") or not isinstance(value.get("@id"), str):
        return value
    return next((node for node in data.nodes if node.get("@id") == value["@id"]), value)


def section(data: PageData) -> str | None:
    """Returns the section that the page names."""
    return names_of((data.article or {}).get("articleSection")) or data.first("article:section", "section", "parsely-section")


def language(root: etree._Element, data: PageData, text: str) -> str | None:
    """Returns the language code: Arabic where the letters are, else what the page declares."""
    beginning = text[:2000]
    arabic = len(_ARABIC.findall(beginning))
    declared = (attribute(root, "lang") or data.meta.get("og:locale") or "").replace("_", "-").split("-")[0].lower()
    if arabic * 2 > len(_LETTER.findall(beginning)):
        return declared if declared in ("fa", "ur", "ckb", "ku", "ug", "ps", "sd") else "ar"
    return declared if 2 <= len(declared) <= 3 and declared.isalpha() and declared != "ar" else None


def image(data: PageData, base: str | None) -> str | None:
    """Returns the address of the article's picture."""
    value = data.first("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src")
    if value is None:
        given = (data.article or {}).get("image")
        given = given[0] if isinstance(given, list) and given else given
        given = given.get("url") if isinstance(given, dict) else given
        value = given if isinstance(given, str) else None
    if value is None or value.startswith("data:"):
        return None
    try:
        return urljoin(base or "", value) or None
    except ValueError:
        return None
