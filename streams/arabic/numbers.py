"""The numbers of a text, each with the words before it: what tells today's bulletin from yesterday's."""

from __future__ import annotations

import zlib

import numpy as np
import numpy.typing as npt

from streams.arabic.folding import Units
from streams.arabic.words import Words

Slots = npt.NDArray[np.uint32]

# Between two runs of digits these make one number of them. Agencies write 8ر2 for 2.8: the parts stand the other way round.
_POINTS = frozenset(map(ord, ".,٫٬،"))
_REVERSED_POINT = ord("ر")
_SHIFT_7, _SHIFT_48 = np.uint64(7), np.uint64(48)


def slots(raw: Units, folded: Units, words: Words) -> Slots:
    """The number slots of a text, sorted: 16 bits of the two words before a run of numbers, 16 bits of the run itself.

    Numbers with no word between them (25/10/2015, 4:10) are one run. A context that occurs with several runs does not say
    which of them is meant, and gives no slot. `raw` are the unfolded units beside `folded`.
    """
    (numbers,) = words.is_number.nonzero()
    if not len(numbers):
        return np.empty(0, np.uint32)
    runs, points = _runs(raw, folded, words, numbers.tolist())
    letter = ~words.is_number
    letter[points] = False
    before = np.concatenate((np.zeros(2, np.uint64), words.hashes[letter]))
    found: dict[int, int | None] = {}
    for place, run in runs.items():
        context = int((before[place] ^ (before[place + 1] >> _SHIFT_7)) >> _SHIFT_48)
        value = zlib.crc32(run.encode()) & 0xFFFF
        found[context] = value if found.get(context, value) == value else None
    return np.sort(np.array([key << 16 | value for key, value in found.items() if value is not None], np.uint32))


def _runs(raw: Units, folded: Units, words: Words, numbers: list[int]) -> tuple[dict[int, str], list[int]]:
    """How many letter words stand before a run -> the run in canonical spelling; and the words that are decimal points."""
    digits = folded.astype(np.uint8).tobytes()  # only digits are read from it
    starts, lengths = words.starts[numbers].tolist(), words.lengths[numbers].tolist()
    gaps = raw[np.maximum(words.starts[numbers] - 1, 0)].tolist()
    runs: dict[int, str] = {}
    points: list[int] = []
    parts: list[str] = []
    reverse = False
    end = place = -1
    for seen, (index, start, length, gap) in enumerate(zip(numbers, starts, lengths, gaps, strict=True)):
        text = digits[start : start + length].decode("ascii")
        joined = start == end + 1 and seen > 0
        if joined and gap == _REVERSED_POINT:
            reverse = True
            points.append(index - 1)
            parts.append(text)
        elif joined and gap in _POINTS:
            parts.append(text)
        else:
            if parts:
                _add(runs, place, parts, reverse)
            place, parts, reverse = index - seen - len(points), [text], False
        end = start + length
    _add(runs, place, parts, reverse)
    return runs, points


def _add(runs: dict[int, str], place: int, parts: list[str], reverse: bool) -> None:
    number = canonical(parts[::-1] if reverse else parts)
    runs[place] = f"{runs[place]} {number}" if place in runs else number


def canonical(parts: list[str]) -> str:
    """One spelling for a number of which the points are lost: 4,120 and 4120, 2.8 and 8ر2, 7.0 and 7 are equal.

    >>> canonical(["4", "120"]), canonical(["2", "8"]), canonical(["8", "2"]), canonical(["007"])
    ('4120', '2|8', '2|8', '7')
    """
    # After a point three digits are kept as they are: they may be thousands.
    whole = [part.lstrip("0") or "0" if place == 0 or len(part) != 3 else part for place, part in enumerate(parts)]
    if len(whole) > 1 and all(len(part) == 3 for part in whole[1:]):
        return "".join(whole)
    if len(whole) == 2 and whole[1] == "0":
        return whole[0]
    return "|".join(sorted(whole))  # the order of a decimal's halves is lost where text was copied right to left
