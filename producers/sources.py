"""`sources.toml` -> sources: who is followed, and how; each mistake with the number of its line. Pure."""

from __future__ import annotations

import json
import re
import tomllib
import zoneinfo
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

from producers.extract.results import SiteSelectors

EXAMPLE = """\
# Whom rafid follows. `rafid sources check FILE` names every mistake with its line.

# Sent with every request, so that a site can say what it wants of you: a page about your project, or a mail address.
contact = "mailto:news@example.org"

[[source]]
name = "madar"                          # stands in every page as its source
feeds = ["https://madar.example/rss", "https://madar.example/sports/rss"]
# sitemaps = ["https://madar.example/news-sitemap.xml", "https://madar.example/robots.txt"]  # the latter: those it names
language = "ar"
country = "EG"
# section = "sports"
timezone = "Africa/Cairo"               # of dates that name none
# min_interval_s = 300                  # a feed is fetched at most this often ...
# max_interval_s = 21600                # ... and at least this often
# revisits_s = [3600, 21600, 86400]     # when a story is fetched again, for its corrections
# delay_s = 2                           # between two requests to one host; a longer crawl-delay of robots.txt goes first
# full_text = true                      # the feed's own texts are whole stories: no page is fetched
# ignore_robots = "agreed by mail with the editors on 2026-11-02"
# headers = { Accept-Language = "ar" }
# selectors = { body = "//div[@id='story']", title = "//h2[1]", remove = "//p[@class='ad']" }  # XPath, where extraction errs
"""
_NAME = re.compile(r"[\w.-]{1,80}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_COUNTRY = re.compile(r"[A-Z]{2}")
_HEADER = re.compile(r"[A-Za-z0-9-]+")
_SYNTAX_POSITION = re.compile(r" \(at line (\d+), column \d+\)$|\(at end of document\)$")


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """One source, with what it leaves unsaid filled in; intervals and delays in seconds."""

    name: str
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    language: str | None = None
    country: str | None = None
    section: str | None = None
    timezone: str = "UTC"
    min_interval_s: float = 300.0
    max_interval_s: float = 21_600.0
    revisits_s: tuple[float, ...] = (3_600.0, 21_600.0, 86_400.0)
    delay_s: float = 2.0
    full_text: bool = False
    ignore_robots: str | None = None
    headers: dict[str, str] = {}
    selectors: SiteSelectors | None = None


class Sources(msgspec.Struct, frozen=True, kw_only=True):
    """All sources of a file, and the contact that requests name."""

    contact: str
    sources: tuple[Source, ...]


class Mistake(NamedTuple):
    """What is wrong, and in which line."""

    line: int
    what: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.what}"


def _is_url(value: Any) -> bool:
    """Tells whether it is an address without a login: messages and the live table show addresses, and headers nobody."""
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
        return bool(parts and parts.scheme in ("http", "https") and parts.hostname and parts.username is None)
    except ValueError:
        return False


def _is_zone(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(zoneinfo.ZoneInfo(value))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False


def _is_seconds(value: Any) -> bool:
    return type(value) in (int, float) and value > 0


def _matches(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and bool(pattern.fullmatch(value))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _all(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(map(check, value))


def _are_headers(value: Any) -> bool:
    return isinstance(value, dict) and all(
        _HEADER.fullmatch(name) and isinstance(text, str) and text.isprintable() for name, text in value.items()
    )


# Key -> how its value is checked, and what was expected.
_KEYS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "name": (_matches(_NAME), "up to 80 letters, digits, dots and hyphens"),
    "feeds": (_all(_is_url), "a list of http or https URLs, a login in none of them: headers can carry one"),
    "sitemaps": (_all(_is_url), "a list of http or https URLs, a login in none of them: headers can carry one"),
    "language": (_matches(_LANGUAGE), "a language like ar or ar-EG"),
    "country": (_matches(_COUNTRY), "a country of two capitals, like EG"),
    "section": (_is_text, "a text"),
    "timezone": (_is_zone, "a time zone like Africa/Cairo"),
    "min_interval_s": (_is_seconds, "seconds above 0"),
    "max_interval_s": (_is_seconds, "seconds above 0"),
    "revisits_s": (_all(_is_seconds), "a list of seconds above 0"),
    "delay_s": (lambda value: value == 0 or _is_seconds(value), "seconds from 0"),
    "full_text": (lambda value: isinstance(value, bool), "true or false"),
    "ignore_robots": (_is_text, "the reason, as a text"),
    "headers": (_are_headers, "a table of names and texts"),
    "selectors": (lambda value: isinstance(value, dict), "a table of XPath expressions: body, title, remove"),
}


def parse_sources(text: str) -> tuple[Sources | None, list[Mistake]]:
    """Reads a sources file; gives None and the mistakes, in the order of their lines, when there are any."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        position = _SYNTAX_POSITION.search(str(exc))
        line = int(position[1]) if position and position[1] else text.count("\n") + 1
        return None, [Mistake(line, f"not TOML: {_SYNTAX_POSITION.sub('', str(exc))}")]
    mistakes = sorted(_mistakes(document, _Lines(text)))
    if mistakes:
        return None, mistakes
    tables = [table | {"headers": dict(table.get("headers", {}))} for table in document["source"]]
    return Sources(contact=document["contact"], sources=tuple(msgspec.convert(table, Source) for table in tables)), []


def _mistakes(document: dict[str, Any], lines: _Lines) -> Iterator[Mistake]:
    for key in document.keys() - {"contact", "source"}:
        yield Mistake(lines.of(-1, key), f"{key!r} is no setting: contact and [[source]] are")
    if not _is_text(document.get("contact")):
        yield Mistake(lines.of(-1, "contact"), "contact: missing; name a page or a mail address by which sites can reach you")
    tables = document.get("source")
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        yield Mistake(lines.of(-1, "source"), "no [[source]] in it")
        return
    names: dict[str, int] = {}
    urls = set[str]()
    for number, table in enumerate(tables):
        yield from _mistakes_of_source(number, table, lines)
        name = table.get("name")
        if isinstance(name, str) and names.setdefault(name, number) != number:
            yield Mistake(lines.of(number, "name"), f"name: {name!r} is the name of line {lines.of(names[name], 'name')} too")
        for key in ("feeds", "sitemaps"):
            for url in table.get(key, []) if isinstance(table.get(key), list) else []:
                if isinstance(url, str) and url in urls:
                    yield Mistake(lines.of(number, key), f"{key}: {url} is listed twice")
                elif isinstance(url, str):
                    urls.add(url)


def _mistakes_of_source(number: int, table: dict[str, Any], lines: _Lines) -> Iterator[Mistake]:
    for key, value in table.items():
        if key == "split_rules":
            elsewhere = (
                "split_rules: the splitter reads rules, not producers: `rafid worker split --rules FILE`, a table a source in it"
            )
            yield Mistake(lines.of(number, key), elsewhere)
        elif key not in _KEYS:
            yield Mistake(lines.of(number, key), f"{key!r} is no setting of a source: {', '.join(_KEYS)} are")
        elif not _KEYS[key][0](value):
            yield Mistake(lines.of(number, key), f"{key}: {_KEYS[key][1]} was expected")
        elif key == "selectors" and (wrong := _wrong_selectors(value)):
            yield Mistake(lines.of(number, key), f"selectors: {wrong}")
    if "name" not in table:
        yield Mistake(lines.of(number, "name"), "name: missing")
    if not table.get("feeds") and not table.get("sitemaps"):
        yield Mistake(lines.of(number, "feeds"), "neither feeds nor sitemaps")
    low, high = table.get("min_interval_s", 300.0), table.get("max_interval_s", 21_600.0)
    if _is_seconds(low) and _is_seconds(high) and low > high:
        yield Mistake(lines.of(number, "min_interval_s"), f"min_interval_s {low:g} is above max_interval_s {high:g}")


def _wrong_selectors(table: dict[str, Any]) -> str | None:
    try:
        msgspec.convert(table, SiteSelectors)
    except msgspec.ValidationError as exc:
        return str(exc)
    return None


class _Lines:
    """Where keys stand: tomllib does not say. A key that is missing stands where its table begins."""

    def __init__(self, text: str) -> None:
        self._keys: dict[tuple[int, str], int] = {}
        self._starts = {-1: 1}
        table = -1
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip().startswith("[[source]]"):
                table += 1
                self._starts[table] = number
            elif key := re.match(r"\s*[\"']?([\w-]+)[\"']?\s*[.=]", line):
                self._keys.setdefault((table, key[1]), number)

    def of(self, table: int, key: str) -> int:
        return self._keys.get((table, key)) or self._starts.get(table, 1)


def written(contact: str, feeds: Iterable[str]) -> str:
    """Returns a sources file with these feeds, each once, a source a host."""
    by_host: dict[str, list[str]] = {}
    for url in filter(None, feeds):
        known = by_host.setdefault(_name_of(url), [])
        known.extend([url] if url not in known else [])
    tables = (f"\n[[source]]\nname = {_toml(name)}\nfeeds = {_toml(urls)}\n" for name, urls in sorted(by_host.items()))
    return f"contact = {_toml(contact)}\n{''.join(tables)}"


def _name_of(url: str) -> str:
    try:
        host = urlsplit(url).hostname or "unknown"
    except ValueError:
        host = "unknown"
    return re.sub(r"[^\w.-]", "-", host.removeprefix("www."))[:80]


def _toml(value: str | list[str]) -> str:
    """Returns the value as TOML writes it, which for strings and lists of them is as JSON does, DEL aside."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
