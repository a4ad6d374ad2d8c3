"""Matching by folding without moving an offset: every spelling of a word is found, in the raw text, where it stands."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from streams.arabic.folding import DELETE, SEPARATE, table


@functools.cache
def letters() -> dict[int, str | None]:
    """For `str.translate`: each spelling of a letter becomes the letter, marks go; everything else stays as it is."""
    return {
        code: None if folded == DELETE else chr(folded)
        for code, folded in enumerate(table().tolist())
        if folded not in (SEPARATE, code)
    }


def folded(text: str) -> str:
    """The text with each letter in its one spelling and without marks; shorter than `text` where there were any."""
    return text.translate(letters())


def dense(text: str) -> str:
    """The folded text without its spaces."""
    return "".join(folded(text).split())


def dense_letters(text: str) -> Iterator[tuple[int, str]]:
    """The characters of the dense text in order, each with the place in `text` that it comes from.

    >>> list(dense_letters("قـرأ"))
    [(0, 'ق'), (2, 'ر'), (3, 'ا')]
    """
    table = letters()
    for place, char in enumerate(text):
        letter = table.get(ord(char), char)
        if letter is not None and not letter.isspace():
            yield place, letter
