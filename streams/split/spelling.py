"""Matching by folding without moving an offset: every spelling of a word is found, in the raw text, where it stands."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import numpy as np

from streams.arabic.folding import DELETE, SEPARATE, Units, table
from streams.compiled import kernel

_FEW = 64  # code points; numpy's calls cost more than so few letters


@functools.cache
def letters() -> dict[int, str | None]:
    """Returns for `str.translate`: each spelling of a letter becomes the letter, marks go; everything else stays as it is."""
    return {
        code: None if folded == DELETE else chr(folded)
        for code, folded in enumerate(table().tolist())
        if folded not in (SEPARATE, code)
    }


def one_spelling(text: str) -> str:
    """Returns the text with each letter in its one spelling and without marks; shorter than `text` where there were any."""
    if len(text) < _FEW or "\0" in text:
        return text.translate(letters())
    return placed(text).replace("\0", "")


@functools.cache
def _placed() -> tuple[Units, dict[int, str]]:
    """Returns the table of `placed`, by code unit; and for `str.translate`."""
    units = np.arange(65536, dtype=np.uint16)
    spellings = table()
    is_letter = spellings != SEPARATE
    units[is_letter] = spellings[is_letter]
    assert DELETE == 0
    return units, {code: chr(letter) for code, letter in enumerate(units.tolist()) if letter != code}


def placed(text: str) -> str:
    r"""Returns the text with each letter in its one spelling and NUL for each mark: as long as `text`, all where it stood.

    >>> placed("أيضاً")
    'ايضا\x00'
    """
    units, spellings = _placed()
    if len(text) < _FEW:
        return text.translate(spellings)
    raw = text.encode("utf-16-le", "surrogatepass")
    spelled = kernel.translated(raw, units) if kernel else units.take(np.frombuffer(raw, "<u2")).tobytes()
    return str(spelled, "utf-16-le", "surrogatepass")


def dense(text: str) -> str:
    """Returns the folded text without its spaces."""
    return "".join(one_spelling(text).split())


def dense_letters(text: str) -> Iterator[tuple[int, str]]:
    """Yields the characters of the dense text in order, each with the place in `text` that it comes from.

    >>> list(dense_letters("قـرأ"))
    [(0, 'ق'), (2, 'ر'), (3, 'ا')]
    """
    table = letters()
    for place, char in enumerate(text):
        letter = table.get(ord(char), char)
        if letter is not None and not letter.isspace():
            yield place, letter
