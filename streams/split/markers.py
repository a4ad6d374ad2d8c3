"""The table of markers: which words announce what, and where they stand."""

from __future__ import annotations

import functools
import itertools
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from itertools import islice
from typing import Any, Literal, NamedTuple, get_args

from streams.split.evidence import opens_sentences, word_prefixes
from streams.split.openings import Openings
from streams.split.segments import KINDS, Kind
from streams.split.spelling import dense, dense_letters, letters, one_spelling

Form = Literal["heading", "line", "alone", "named", "credit", "tags", "ask"]
Place = Literal["anywhere", "edge"]
OPENS = ("story", "list", *KINDS)
FORMS: tuple[Form, ...] = get_args(Form)
PLACES: tuple[Place, ...] = get_args(Place)
FIELDS = {"opens": str, "form": str, "words": list, "inline": bool, "tail": bool, "place": str, "limit": int, "closed": bool}
# What ends a heading: a colon, a stop or two, a bar, an arrow - or nothing.
_TAIL = re.compile(r"[^\S\n]*(?:[:：|؛>»←▼]|\.{1,3}|…|[-–—](?=\s|$))*[^\S\n]*")
_STRONG = frozenset(":：|؛>»←▼")
_BRACES = re.compile(r"[{}]")
_KEY, _KEY_WINDOW = 3, 12  # letters that a marker is looked up by; code points that hold them, with spaces and marks
_REMEMBERED = 1 << 13  # beginnings of lines and their markers
# Words of a flat line that may begin a marker, and for each all its words, at the least; chosen by reading.
_FEW_CANDIDATES, _WORDS_A_CANDIDATE = 30, 3
_DEFAULT_LIMIT = 300  # code points, as in markers.toml
_SPREAD = 12  # spaces and marks may spread a marker over twice its letters and so many code points more
# Where a marker can stand inside a line: after the end of a sentence, after a wide gap. The gaps are bounded, so that a run
# of spaces of any length is read in linear time.
_AFTER_STOP = re.compile(r"[.؟!…»”\"’)](?:(?<=[.؟!…])|(?=[^\S\n]))[^\S\n]{0,20}+(?=[^\W\d_])")
_AFTER_GAP = re.compile(r"[^\S\n]{2,20}+(?=[^\W\d_])")
_ORNAMENTS, _LONGEST_ORNAMENT = re.compile(r"[\W_]+(?=[^\W\d_])"), 8
# After "اخبار متعلقة" in prose comes what they are about: "... بمنطقة", "... بالاحتفالات".
_PROSE_AFTER = re.compile(r"(?:ب|لل|في |فى |عن |من |على |علي |مع |تم |إلى )")
# "Watch", "follow", "read" are written as "he saw", "he followed", "he read through" are.
_PAST_VERBS = ("شاهد", "تابع", "طالع")
_WORDS = re.compile(r"[^\W\d_]+")
_SUBJECT_WORDS, _FEWEST_SIGNS = 3, 2  # words of a subject, or letters; chosen by reading
_WORD_START = re.compile(r"(?<!\S)(?=[^\W\d_])")


class MalformedRules(ValueError):
    """A table of markers that cannot be used; the message says which entry and why."""


class Marker(NamedTuple):
    """One way to write what a group of the table announces; see the head of the table for the fields.

    `is_composed` when the table has its parts, as alternatives in braces, and not the words as they stand.
    """

    opens: Literal["story", "list"] | Kind
    form: Form
    words: str
    inline: bool = False
    tail: bool = False
    place: Place = "anywhere"
    limit: int = _DEFAULT_LIMIT
    closed: bool = False
    is_composed: bool = False

    @property
    def kind(self) -> Kind | None:
        """The kind of the line itself; None when the marker heads other stories."""
        return None if self.opens == "story" or self.opens == "list" else self.opens  # noqa: PLR1714 - mypy reads it


class Found(NamedTuple):
    """A marker in the text: its words are `start` to `end`; its content begins at `content_start`, after a colon or the like."""

    marker: Marker
    start: int
    end: int
    content_start: int
    has_colon: bool


class Markers:
    """A table, ready for use: finds the marker that a line begins with, those inside a line, and the `tails` that end lines."""

    def __init__(self, markers: Iterable[Marker], tails: Iterable[str] = ()) -> None:
        self._tails = sorted(((dense(words), words) for words in tails), key=lambda tail: -len(tail[0]))
        self._by_key: dict[str, dict[str, Marker]] = {}
        for marker in markers:
            self._by_key.setdefault(_key(marker.words), {}).setdefault(dense(marker.words), marker)
        self._lengths = {key: sorted({*map(len, group)}, reverse=True) for key, group in self._by_key.items()}
        self._windows = {key: 2 * lengths[0] + _SPREAD for key, lengths in self._lengths.items()}
        self._match = functools.lru_cache(_REMEMBERED)(self._find)  # pages of one site begin their lines alike
        self.has_tails = bool(self._tails)
        within = {words for group in self._by_key.values() for words, marker in group.items() if marker.inline}
        self.openings = Openings((words for group in self._by_key.values() for words in group), within)
        inline = {key for key, group in self._by_key.items() if any(marker.inline for marker in group.values())}
        self._inline_prefixes = frozenset(key[:n] for key in inline for n in range(_KEY + 1))
        self._prefixes = frozenset(key[:n] for key in self._by_key for n in range(_KEY + 1))

    def at(self, text: str, start: int, end: int) -> Found | None:
        """Returns the marker that the line `start` to `end` begins with, whatever follows it."""
        key = _key(text[start : min(end, start + _KEY)])
        if key not in self._prefixes:  # nearly every line ends here
            return None
        if len(key) < _KEY:  # there are spaces or marks among its first letters
            key = _key(text[start : min(end, start + _KEY_WINDOW)])
        window = self._windows.get(key)
        if window is None:
            return None
        match = self._match(key, text[start : min(end, start + window)])
        if match is None:
            return None
        marker, length = match
        stop = start + length
        while stop < end and letters().get(ord(text[stop]), "") is None:  # the marks on its last letter
            stop += 1
        found = _found(text, marker, start, stop, end)
        return found if _is_whole(text, found, end) else None

    def tail(self, text: str, start: int, end: int) -> tuple[int, str] | None:
        """Returns where the longest tail of the line `start` to `end` begins, at a word, and its words; None without one."""
        for ending, words in self._tails:
            window = max(start, end - 2 * len(ending) - _SPREAD)
            there = list(dense_letters(text[window:end]))
            if len(there) >= len(ending) and "".join(letter for _, letter in there[-len(ending) :]) == ending:
                begin = window + there[-len(ending)][0]
                if begin == start or not text[begin - 1].isalnum():
                    return begin, words
        return None

    def _find(self, key: str, raw: str) -> tuple[Marker, int] | None:
        """Returns the marker that the text begins with, and how many code points its words take; `key` are the first letters."""
        letters_there = dense(raw)
        for length in self._lengths[key]:  # the longer one wins
            marker = self._by_key[key].get(letters_there[:length]) if length <= len(letters_there) else None
            if marker is not None:
                last, _ = next(islice(dense_letters(raw), length - 1, None))
                return marker, last + 1
        return None

    def heading(self, text: str, start: int, end: int) -> Found | None:
        """Returns the marker that the line begins with, whatever follows it; ornaments before it are passed over."""
        found = self.at(text, start, end)
        if found is None and not text[start].isalnum():
            word = _ORNAMENTS.match(text, start, min(end, start + _LONGEST_ORNAMENT))
            if word is not None:
                found = self.at(text, word.end(), end)
        return found

    def inside(self, text: str, start: int, end: int, *, flat: bool) -> Iterator[Found]:
        """Yields the markers inside the line, in order, where a sentence could begin; on a `flat` line, before any word.

        None on a flat line where every third word could begin one: that is no text.
        """
        starts = _word_starts(text, start, end) if flat else _sentence_starts(text, start, end)
        candidates = [at for at in starts if _key(text[at : at + _KEY]) in self._inline_prefixes]
        if flat and len(candidates) > max(_FEW_CANDIDATES, len(starts) / _WORDS_A_CANDIDATE):
            return
        for at in candidates:
            found = self.at(text, at, end)
            if found is not None and found.marker.inline and (found.has_colon or not found.marker.tail):
                yield found


def _sentence_starts(text: str, start: int, end: int) -> list[int]:
    candidates = [match.end() for match in _AFTER_STOP.finditer(text, start, end)]
    # Few lines have a gap; one that has not is not searched for what comes after it.
    if text.find("  ", start, end) >= 0 or text.find("\u00a0", start, end) >= 0 or text.find("\t", start, end) >= 0:
        candidates = sorted({*candidates, *(match.end() for match in _AFTER_GAP.finditer(text, start, end))})
    return candidates


def _word_starts(text: str, start: int, end: int) -> list[int]:
    return [match.start() for match in _WORD_START.finditer(text, start, end)]


def _is_whole(text: str, found: Found, end: int) -> bool:
    """Tells whether its words end there, or a site glues them to what follows: "شاهدا" is not "شاهد"."""
    runs_on = found.end < end and text[found.end].isalpha()
    return not runs_on or (found.marker.inline and not found.marker.tail)


def _found(text: str, marker: Marker, start: int, stop: int, end: int) -> Found:
    tail = _TAIL.match(text, stop, end)
    assert tail is not None  # it matches the empty string
    return Found(marker, start, stop, tail.end(), not _STRONG.isdisjoint(tail.group()))


def runs_on_as_prose(text: str, found: Found) -> bool:
    """Tells whether the words after the marker go on as a sentence does, "news related to the attack"; a glued title does not."""
    return found.content_start > found.end and _PROSE_AFTER.match(text, found.content_start) is not None


def tells_what_someone_did(found: Found, rest: str, before: str) -> bool:
    """Tells whether "watch also" is "he also saw": a verb in the past, whose sentence goes on with what the page tells.

    Two of these say so: an "and" with a verb in the past, an object in the accusative, a full stop, a word of the text before.
    """
    if found.has_colon or found.content_start == found.end or not dense(found.marker.words).startswith(_PAST_VERBS):
        return False
    words = _WORDS.findall(one_spelling(rest))
    signs = (
        any(word[0] == "و" and opens_sentences(word) for word in words[_SUBJECT_WORDS:]),
        any(len(word) > _SUBJECT_WORDS and word[-1] == "ا" and word[:2] != "ال" for word in words[1:]),
        rest.rstrip()[-1:] == ".",
        bool(word_prefixes(rest) & word_prefixes(before)),
    )
    return sum(signs) >= _FEWEST_SIGNS


@functools.lru_cache(maxsize=1 << 16)
def _key(raw: str) -> str:
    return dense(raw)[:_KEY]


def read_markers(table: Mapping[str, Any]) -> list[Marker]:
    """Returns the markers of a parsed TOML table; raises MalformedRules."""
    out: list[Marker] = []
    entry_of: dict[str, int] = {}
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
        if entry.get("place") == "edge" and entry["opens"] in ("story", "list"):
            raise MalformedRules(f"{where}: what opens a {entry['opens']} counts anywhere, not at the edge alone")
        words = entry.get("words", [])
        if not words or not all(isinstance(word, str) and len(_key(word)) >= 2 for word in words):
            raise MalformedRules(f"{where}: words must be a list of texts of two letters or more")
        composed = {word for pattern in words if "{" in pattern for word in expanded(pattern)}
        words = dict.fromkeys([*(word for word in words if "{" not in word), *sorted(composed)])
        for word in words:
            first = entry_of.setdefault(dense(word), number)
            if first != number:
                raise MalformedRules(f"{where}: {word!r} stands in markers entry {first} too; a word has one meaning")
        common = {field: value for field, value in entry.items() if field != "words"}
        out += [Marker(words=word, is_composed=word in composed, **common) for word in words]
    return out


def expanded(pattern: str) -> Iterator[str]:
    """Yields every wording of a pattern: of the alternatives in each pair of braces, one; one of them may be empty.

    >>> list(expanded("{most|now} read {today|}"))
    ['most read today', 'most read', 'now read today', 'now read']
    """
    parts = [part.split("|") for part in _BRACES.split(pattern)]
    for chosen in itertools.product(*parts):
        yield " ".join("".join(chosen).split())


@functools.cache
def general() -> Markers:
    """Returns the markers that hold on every site."""
    return Markers(general_table())


@functools.cache
def general_table() -> tuple[Marker, ...]:
    """Returns the entries of `markers.toml`."""
    return tuple(read_markers(tomllib.loads(files("streams.split").joinpath("markers.toml").read_text(encoding="utf-8"))))
