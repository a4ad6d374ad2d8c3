"""The table of markers: which words announce what, and where they stand."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from typing import Any, NamedTuple

from streams.split.segments import KINDS
from streams.split.spelling import folded, pattern

OPENS = ("story", "list", *KINDS)
FORMS = ("heading", "line", "alone", "credit", "tags")
PLACES = ("anywhere", "edge")
FIELDS = {"opens": str, "form": str, "words": list, "inline": bool, "tail": bool, "place": str, "limit": int}
# What ends a heading: a colon, a stop or two, a bar, an arrow - or nothing.
_TAIL = re.compile(r"[^\S\n]*(?:[:：|؛>»←▼]|\.{1,3}|…|[-–—](?=\s|$))*[^\S\n]*")
_STRONG = frozenset(":：|؛>»←▼")
_KEY = 3
# Where a marker can stand inside a line: after the end of a sentence, after a wide gap. Possessive, and from the first space
# of a run only, so that a run of any length is read once.
_SENTENCE_START = re.compile(r"(?:[.؟!»”\"’…)][^\S\n]*+|(?<![^\S\n])[^\S\n]{2,}+)(?=[^\W\d_])")
_WORD_START = re.compile(r"(?<!\S)(?=[^\W\d_])")


class MalformedRules(ValueError):
    """A table of markers that cannot be used; the message says which entry and why."""


class Marker(NamedTuple):
    """One way to write what a group of the table announces; `tail`: its words need a colon or the like to count."""

    opens: str
    form: str
    words: str
    inline: bool = False
    tail: bool = False
    place: str = "anywhere"
    limit: int = 300


class Found(NamedTuple):
    """A marker in the text: its words are `start` to `end`, what they head begins at `rest`; `strong`: after a colon or so."""

    marker: Marker
    start: int
    end: int
    rest: int
    strong: bool


class Markers:
    """A compiled table: finds the marker that a line begins with, and those inside a line."""

    def __init__(self, markers: Iterable[Marker]) -> None:
        groups: dict[str, list[Marker]] = {}
        for marker in sorted(markers, key=lambda m: -len(m.words)):  # the longer spelling wins
            groups.setdefault(_key(marker.words), []).append(marker)
        self._prefixes = frozenset(key[:n] for key in groups for n in range(_KEY + 1))
        self._by_key = {key: (_compile(group), group) for key, group in groups.items()}

    def at(self, text: str, start: int, end: int) -> Found | None:
        """The marker that the line `start` to `end` begins with, whatever follows it."""
        if _key(text[start : start + _KEY]) not in self._prefixes:  # nearly every line ends here
            return None
        entry = self._by_key.get(_key(text[start : min(end, start + 12)]))
        if entry is None:
            return None
        regex, group = entry
        match = regex.match(text, start, end)
        return _whole(text, _found(text, match, group, end), end) if match else None

    def inside(self, text: str, start: int, end: int, *, flat: bool) -> Iterator[Found]:
        """The markers inside the line, in order, where a sentence could begin; on a `flat` line, before any word."""
        for place in (_WORD_START if flat else _SENTENCE_START).finditer(text, start, end):
            found = self.at(text, place.end(), end)
            if found is not None and found.marker.inline and (found.strong or not found.marker.tail):
                yield found


def _whole(text: str, found: Found, end: int) -> Found | None:
    """The marker, unless its words run on into others where no site glues them: "شاهدا" is not "شاهد"."""
    runs_on = found.end < end and text[found.end].isalpha()
    return None if runs_on and (found.marker.tail or not found.marker.inline) else found


def _compile(group: list[Marker]) -> re.Pattern[str]:
    return re.compile("|".join(f"({pattern(marker.words)})" for marker in group))


def _found(text: str, match: re.Match[str], group: list[Marker], end: int) -> Found:
    marker = group[(match.lastindex or 1) - 1]
    tail = _TAIL.match(text, match.end(), end)
    assert tail is not None  # it matches the empty string
    return Found(marker, match.start(), match.end(), tail.end(), not _STRONG.isdisjoint(tail.group()))


@functools.lru_cache(maxsize=1 << 16)
def _key(raw: str) -> str:
    return "".join(folded(raw).split())[:_KEY]


def read(table: Mapping[str, Any]) -> list[Marker]:
    """The markers of a parsed TOML table; raises MalformedRules."""
    out = []
    for number, entry in enumerate(table.get("markers", []), 1):
        where = f"markers entry {number}"
        if not isinstance(entry, dict):
            raise MalformedRules(f"{where}: a table was expected")
        for field, value in entry.items():
            if field not in FIELDS:
                raise MalformedRules(f"{where}: unknown field {field!r}; known are {', '.join(FIELDS)}")
            if type(value) is not FIELDS[field]:
                raise MalformedRules(f"{where}: {field} must be a {FIELDS[field].__name__}")
        for field, known in (("opens", OPENS), ("form", FORMS), ("place", PLACES)):
            if entry.get(field, PLACES[0]) not in known and (field in entry or field != "place"):
                raise MalformedRules(f"{where}: {field} must be one of {', '.join(known)}")
        words = entry.get("words", [])
        if not words or not all(isinstance(word, str) and len(_key(word)) >= 2 for word in words):
            raise MalformedRules(f"{where}: words must be a list of texts of two letters or more")
        common = {field: value for field, value in entry.items() if field != "words"}
        out += [Marker(words=word, **common) for word in words]
    return out


@functools.cache
def general() -> Markers:
    """The markers that hold on every site."""
    return Markers(general_table())


@functools.cache
def general_table() -> tuple[Marker, ...]:
    """The entries of `markers.toml`."""
    return tuple(read(tomllib.loads(files("streams.split").joinpath("markers.toml").read_text(encoding="utf-8"))))
