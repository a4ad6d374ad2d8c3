"""Pages as sites publish them, and the same with titles of other stories set in: what the weights of signs are learned from."""

from __future__ import annotations

import gzip
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import orjson

from streams.records import Page
from streams.split import layout
from streams.split.evidence import word_prefixes
from tests.conftest import SHARED

_SHORTEST_TEXT, _SHORTEST_PARAGRAPH, _TITLE_LENGTHS = 400, 90, range(25, 151)  # code points
_MOST_TITLES, _FEWEST_TITLES = 4000, 50  # of one site
_COMMON = 200  # titles of a site that a word stands in: it shows no subject
_NEAR, _MOST_ALIKE = 8, 0.7  # titles on one subject that are chosen from; the share of words from which on two are one story
# One site under two names: left out together.
_ALIASES = {
    "elfagr": "elfagr.org",
    "officialyoum77": "youm7.com",
    "elwatannews": "elwatannews.com",
    "cnnarabic": "arabic.cnn.com",
    "bbcarabicnews": "bbc.com/arabic",
    "akhbarelyomgate": "akhbarelyom.com",
    "fjp": "fj-p.com",
    "tahrir.news.official": "tahrirnews.com",
    "el.dostor.news": "dostor.org",
    "aleqtisadiya": "aleqt.com",
    "aljazirah": "al-jazirah.com",
    "almadina": "al-madina.com",
    "okaz": "okaz.com.sa",
    "arreyadi": "arreyadi.com.sa",
    "sabq": "sabq.org",
    "was": "spa.gov.sa",
}
_HEADINGS = (
    "مساحة القراء",
    "من دفاترنا",
    "على الخط",
    "حصاد الموقع",
    "نبض الشارع",
    "عيون المدينة",
    "زوايا",
    "محطات",
    "في العمق",
    "خارج النص",
    "رياضة",
    "محليات",
    "اقتصاد",
    "العالم",
    "ثقافة وفن",
    "تقارير",
    "منوعات",
    "حوادث",
    "آخر ما نشر",
    "تابعوا معنا",
    "قد ترغب في قراءتها",
    "لا تغادر قبل",
)
_DATES = ("منذ 3 ساعات", "22 نوفمبر 2025", "2025-11-22", "قبل يومين", "السبت 22 نوفمبر 2025")
_BULLETS = ("- ", "• ", "· ")


class Published(NamedTuple):
    """A page as its site publishes it."""

    site: str
    title: str
    text: str


def published() -> dict[str, list[Published]]:
    """Returns the plain pages by site, in the order of the collections."""
    found: dict[str, list[Published]] = defaultdict(list)
    for folder in ("corpus", "dedup"):
        for path in sorted((SHARED / folder).glob("*.jsonl.gz")):
            with gzip.open(path) as lines:
                for record in map(orjson.loads, lines):
                    text = record.get("text") or record.get("content") or ""
                    name = (record.get("source") or path.stem).lower()
                    site = _ALIASES.get(name, name if "." in name else f"{name}.com")
                    if len(text) >= _SHORTEST_TEXT:
                        found[site].append(Published(site, record.get("title") or "", text))
    return found


def page(title: str, text: str) -> Page:
    """Returns a page of this title and text."""
    return Page(id="0" * 32, source="plain", title=title or None, text=text, fetched_at="2026-11-22T00:00:00Z")


class Titles:
    """The titles of one site, and which of them are on one subject."""

    def __init__(self, pages: list[Published]) -> None:
        self._titles = [one.title for one in pages[:_MOST_TITLES] if len(one.title) in _TITLE_LENGTHS]
        self._words = [word_prefixes(title) for title in self._titles]
        self._with = defaultdict[str, list[int]](list)
        for i, words in enumerate(self._words):
            for word in sorted(words):
                self._with[word].append(i)

    def __bool__(self) -> bool:
        return len(self._titles) >= _FEWEST_TITLES

    def near(self, title: str) -> list[str]:
        """Returns titles that share rare words with this one and are not of the same story."""
        words, shared = word_prefixes(title), Counter[int]()
        for word in sorted(words):
            those = self._with.get(word, [])
            if len(those) < _COMMON:
                for i in those:
                    shared[i] += 1 + round(99 / len(those))
        near = (i for i, _ in shared.most_common(_NEAR) if len(self._words[i] & words) < _MOST_ALIKE * max(1, len(words)))
        return [self._titles[i] for i in near if self._titles[i] != title]

    def some(self, chance: random.Random, title: str, count: int) -> list[str]:
        """Returns so many titles of other stories, half of them on the subject of this one where there are such."""
        near, out = self.near(title), list[str]()
        for _ in range(4 * count):
            one = chance.choice(near) if near and chance.random() < 0.5 else chance.choice(self._titles)
            if one not in (*out, title) and len(out) < count:
                out.append(one)
        return out


def block(chance: random.Random, titles: list[str]) -> list[str]:
    """Returns the titles as a site lists them: perhaps below a few words, with bullets, with dates."""
    out = [chance.choice(_HEADINGS) + chance.choice(["", "", "", "", ":"])] if chance.random() < 0.45 else []
    bullet = chance.choice(_BULLETS) if chance.random() < 0.12 else ""
    is_dated = chance.random() < 0.15
    for title in titles:
        out += [bullet + title, chance.choice(_DATES)] if is_dated else [bullet + title]
    return out


def with_titles(chance: random.Random, one: Published, titles: Titles) -> Iterator[tuple[Page, frozenset[str]]]:
    """Yields the page with a block below its text, and with one between two paragraphs; each with the lines set in."""
    lines = [line.strip() for line in one.text.split("\n") if line.strip()]
    full = [i for i, line in enumerate(lines) if len(line) >= _SHORTEST_PARAGRAPH and layout.is_closed(line)]
    if len(full) < 3:
        return
    between = [i for i in full[:-1] if i + 1 in full]
    for places, counts in (([len(lines) - 1], (1, 1, 2, 2, 3, 3, 4, 5, 7)), (between, (1, 1, 1, 2, 2, 3))):
        if places and places[0] in full:
            at = chance.choice(places) + 1
            new = block(chance, titles.some(chance, one.title, chance.choice(counts)))
            yield page(one.title, "\n".join([*lines[:at], *new, *lines[at:]])), frozenset(new)
