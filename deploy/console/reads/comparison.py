"""Texts side by side: what changed between two tellings word by word, and the numbers of a template's editions. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from deploy.console.reads.answers import Series, Word
from streams.arabic.folding import SEPARATE, units

MOST_WORDS: Final = 4_000  # of each text: a comparison of more takes the server over a second
MOST_SERIES: Final = 6
_TOKEN = re.compile(r"\S+\s*")
_LETTERS = re.compile(r"[\w.,\u064b-\u0652\u0670\u066b\u066c]+")  # with the marks of vowels
_NUMBER = re.compile(r"\d+(?:[.,\u066b\u066c]\d+)*")
_LATIN_DIGITS: Final = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
KEY_WORDS, LABEL_WORDS = 2, 3
Key = tuple[str, ...]


def differences(first: str, second: str) -> tuple[Word, ...]:
    """Returns the two texts as one run of words: those in both, those only in the first, those only in the second.

    Words are the same when they differ in spelling alone (hamza, Farsi letters, marks, digits, punctuation); the second
    text's spelling is kept.
    """
    before, after = _TOKEN.findall(first)[:MOST_WORDS], _TOKEN.findall(second)[:MOST_WORDS]
    matcher = difflib.SequenceMatcher(None, [*map(_same, before)], [*map(_same, after)], autojunk=False)
    return tuple(_runs(matcher, before, after))


def count_words(words: Sequence[Word], change: str) -> int:
    """Returns the number of words with this change."""
    return sum(len(word.text.split()) for word in words if word.change == change)


def changing_numbers(texts: Sequence[str]) -> tuple[Series, ...]:
    """Returns the numbers that change from one text of a template to the next, at most six, those with most values first.

    A number is known by the two words before it and a number between them (the price of `عيار 24 نحو`), or by the words alone
    where no other text has that number there. The label is what stands before it in the last text. Where the same stands
    before several numbers of a text, the first is taken.
    """
    found = [_numbers(text) for text in texts]
    by_key = [_first_of_each(numbers) for numbers in found]
    series: dict[Key, Series] = {}
    for number in found[-1] if found else ():
        key = next((key for key in number.keys if any(key in other for other in by_key[:-1])), None)
        if key is None or by_key[-1][key] is not number:
            continue
        values = tuple(other[key].value if key in other else None for other in by_key)
        if len({value for value in values if value is not None}) > 1:
            series[key] = Series(label=number.label, values=values)
    return tuple(sorted(series.values(), key=lambda one: one.values.count(None))[:MOST_SERIES])


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
    """Returns what two spellings of a word share."""
    found = units(token)
    return found[found != SEPARATE].tobytes().decode("utf-16-le") or token.strip()


class _Number(NamedTuple):
    """A number of a text: by what it may be known, the surest first; what stands before it; its value."""

    keys: tuple[Key, ...]
    label: str
    value: float


def _numbers(text: str) -> list[_Number]:
    before: list[tuple[str, bool]] = []  # words and numbers, and whether each is a word
    found: list[_Number] = []
    for word in _LETTERS.findall(text):
        number = _NUMBER.fullmatch(word.rstrip(".,").translate(_LATIN_DIGITS))
        key = _last_words(before, KEY_WORDS)
        if number is not None and key:
            keys = tuple(map(_same, key)), tuple(_same(one) for one in key if not _NUMBER.fullmatch(one.translate(_LATIN_DIGITS)))
            found.append(
                _Number(tuple(dict.fromkeys(keys)), " ".join(_last_words(before, LABEL_WORDS) or key), _value(number[0]))
            )
        before.append((word.rstrip(".,"), number is None))
    return found


def _last_words(before: Sequence[tuple[str, bool]], count: int) -> tuple[str, ...]:
    """Returns the last so many words with the numbers between them; nothing where there are fewer."""
    words = [place for place, (_, is_word) in enumerate(before) if is_word][-count:]
    return tuple(text for text, _ in before[words[0] :]) if len(words) == count else ()


def _first_of_each(numbers: Sequence[_Number]) -> dict[Key, _Number]:
    return {key: number for number in reversed(numbers) for key in number.keys}


def _value(text: str) -> float:
    """Returns the number that a run of digits says: commas before groups of three digits set thousands apart."""
    plain = text.replace("\u066c", ",").replace("\u066b", ".")
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", plain):
        plain = plain.replace(",", "")
    whole, _, rest = plain.replace(",", ".").partition(".")
    return float(f"{whole}.{rest.replace('.', '') or 0}")
