"""Texts side by side: what changed between two tellings word by word, and the numbers of a template's editions. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from typing import Final

from deploy.console.reads.answers import Series, Word
from streams.arabic.folding import SEPARATE, units

MOST_WORDS: Final = 4_000  # of each text: a comparison of more takes the server over a second
MOST_SERIES: Final = 6
_TOKEN = re.compile(r"\S+\s*")
_LETTERS = re.compile(r"[\w.,\u066b\u066c]+")
_NUMBER = re.compile(r"\d+(?:[.,\u066b\u066c]\d+)*")
_LATIN_DIGITS: Final = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_LABEL_WORDS: Final = 2


def differences(first: str, second: str) -> tuple[Word, ...]:
    """The two texts as one run of words: those in both, those only in the first, those only in the second.

    Words are the same when they differ in spelling alone (hamza, Farsi letters, marks, digits, punctuation); the second
    text's spelling is kept.
    """
    before, after = _TOKEN.findall(first)[:MOST_WORDS], _TOKEN.findall(second)[:MOST_WORDS]
    matcher = difflib.SequenceMatcher(None, [*map(_same, before)], [*map(_same, after)], autojunk=False)
    return tuple(_runs(matcher, before, after))


def count_words(words: Sequence[Word], change: str) -> int:
    """The words with this change."""
    return sum(len(word.text.split()) for word in words if word.change == change)


def changing_numbers(texts: Sequence[str]) -> tuple[Series, ...]:
    """The numbers that change from one text of a template to the next, at most six, those with most values first.

    A number is known by the words before it; the label is those words as the last text has them. Where the same words stand
    before several numbers of a text, the first is taken.
    """
    found = [dict(_numbers(text)) for text in texts]
    series: list[tuple[int, Series]] = []
    for key, (label, _) in (found[-1] if found else {}).items():
        values = tuple(text[key][1] if key in text else None for text in found)
        known = [value for value in values if value is not None]
        if len(known) > 1 and len(set(known)) > 1:
            series.append((len(known), Series(label=label, values=values)))
    series.sort(key=lambda entry: -entry[0])
    return tuple(one for _, one in series[:MOST_SERIES])


def _runs(matcher: difflib.SequenceMatcher[str], before: Sequence[str], after: Sequence[str]) -> Iterator[Word]:
    for what, i1, i2, j1, j2 in matcher.get_opcodes():
        if what == "equal":
            yield Word(text="".join(after[j1:j2]), change="same")
            continue
        if i1 < i2:
            yield Word(text="".join(before[i1:i2]), change="removed")
        if j1 < j2:
            yield Word(text="".join(after[j1:j2]), change="added")


def _same(token: str) -> str:
    """What two spellings of a word share."""
    found = units(token)
    return found[found != SEPARATE].tobytes().decode("utf-16-le") or token.strip()


def _numbers(text: str) -> Iterator[tuple[tuple[str, ...], tuple[str, float]]]:
    """The words before each number of a text, folded -> those words as they stand, and the number; the first of each."""
    before: list[str] = []
    seen: set[tuple[str, ...]] = set()
    for word in _LETTERS.findall(text):
        number = _NUMBER.fullmatch(word.rstrip(".,").translate(_LATIN_DIGITS))
        if number is None:
            before.append(word)
            continue
        label = before[-_LABEL_WORDS:]
        key = tuple(map(_same, label))
        if len(label) == _LABEL_WORDS and key not in seen:
            seen.add(key)
            yield key, (" ".join(label), _value(number[0]))


def _value(text: str) -> float:
    """The number that a run of digits says: commas before groups of three digits set thousands apart."""
    plain = text.replace("\u066c", ",").replace("\u066b", ".")
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", plain):
        plain = plain.replace(",", "")
    whole, _, rest = plain.replace(",", ".").partition(".")
    return float(f"{whole}.{rest.replace('.', '') or 0}")
