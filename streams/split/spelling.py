"""Matching by folding without moving an offset: patterns that match every spelling of a word in the raw text."""

from __future__ import annotations

import functools
import re

from streams.arabic.folding import DELETE, SEPARATE, table

# Marks between two letters of a word: more than a letter can carry, few enough to keep matching linear.
_MARKS_PER_LETTER = 4


@functools.cache
def letters() -> dict[int, int | None]:
    """For `str.translate`: each spelling of a letter becomes the letter, marks go; everything else stays as it is."""
    return {
        code: None if folded == DELETE else int(folded)
        for code, folded in enumerate(table().tolist())
        if folded not in (SEPARATE, code)
    }


@functools.cache
def _spellings() -> tuple[dict[str, str], str]:
    variants: dict[int, list[int]] = {}
    for code, folded in enumerate(table().tolist()):
        variants.setdefault(folded, []).append(code)
    classes = {chr(folded): _character_class(codes) for folded, codes in variants.items() if folded not in (DELETE, SEPARATE)}
    return classes, _character_class(variants[DELETE])


def _character_class(codes: list[int]) -> str:
    ranges: list[list[int]] = []
    for code in codes:
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "[" + "".join(f"\\u{a:04x}" if a == b else f"\\u{a:04x}-\\u{b:04x}" for a, b in ranges) + "]"


def pattern(words: str) -> str:
    """A regular expression for the words in every spelling; a space stands for none to three.

    >>> bool(re.fullmatch(pattern("اقرأ أيضا"), "إقـرأ  أيضاً"))
    True
    """
    classes, marks = _spellings()
    marks = f"{marks}{{0,{_MARKS_PER_LETTER}}}"
    out = [marks]
    for char in words.translate(letters()):
        if char.isspace():
            out.append(r"[^\S\n]{0,3}")
        elif char in classes:
            out.append(classes[char] + marks)
        else:
            out.append(re.escape(char) + marks)
    return "".join(out)


def folded(text: str) -> str:
    """The text with each letter in its one spelling and without marks; shorter than `text` where there were any."""
    return text.translate(letters())
