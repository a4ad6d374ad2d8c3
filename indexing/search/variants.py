"""Words of a text that have other spellings in `schema/synonyms.txt`: the stem field alone knows those. Pure."""

from __future__ import annotations

import functools
import re
from typing import Final

from indexing.schema.reading import folded, lines
from indexing.schema.stemming import stem

_WORD: Final = re.compile(r"\w+")

Stems = tuple[str, ...]


def without_variants(text: str) -> tuple[str, str]:
    """Returns the words of the text that are spelled in one way, and those that `synonyms.txt` has other spellings for.

    Names of several words are looked for whole, the longest first, behind prefixes too: by their stems, as the server does.
    """
    words = text.split()
    stems = [_stems(word) for word in words]
    plain: list[str] = []
    varied: list[str] = []
    at = 0
    while at < len(words):
        size = next((size for size in range(_longest(), 0, -1) if sum(stems[at : at + size], ()) in _variants()), 0)
        (varied if size else plain).extend(words[at : at + max(1, size)])
        at += max(1, size)
    return " ".join(plain), " ".join(varied)


def _stems(text: str) -> Stems:
    return tuple(map(stem, _WORD.findall(folded(text))))


@functools.cache
def _variants() -> frozenset[Stems]:
    spellings = (spelling for line in lines("synonyms.txt") for spelling in line.split(","))
    return frozenset(map(_stems, spellings)) - {()}


@functools.cache
def _longest() -> int:
    return max(map(len, _variants()))
