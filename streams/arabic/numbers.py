"""The numbers of a text, each with the words before it: what tells today's bulletin from yesterday's."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from streams.arabic.folding import Units
from streams.arabic.words import Words

Slots = npt.NDArray[np.uint32]

# Between two runs of digits these make one number of them. Agencies write 8ر2 for 2.8: the parts stand the other way round.
_POINTS = frozenset(map(ord, ".,٫٬،"))
_REVERSED_POINT = ord("ر")


def slots(raw: Units, folded: Units, words: Words) -> Slots:
    """Returns the number slots of a text, sorted: 16 bits of the two words before a run of numbers, 16 bits of the run.

    Numbers with no word between them (25/10/2015, 4:10) are one run. A context that occurs with several runs does not say
    which of them is meant, and gives no slot. `raw` are the unfolded units beside `folded`.
    """
    found: dict[int, int | None] = {}
    for context, run in _runs(raw, folded, words):
        value = zlib.crc32(run.encode()) & 0xFFFF
        found[context] = value if found.get(context, value) == value else None
    return np.array(sorted(key << 16 | value for key, value in found.items() if value is not None), np.uint32)


def _runs(raw: Units, folded: Units, words: Words) -> Iterator[tuple[int, str]]:
    """Yields each run of numbers in canonical spelling, behind the 16 bits of the two words before it.

    Texts have few numbers: places are looked at one by one, since a call of numpy costs more than that.
    """
    (numbers,) = words.is_number.nonzero()
    if not len(numbers):
        return
    digits = folded.astype(np.uint8).tobytes()  # only digits are read from it
    hashes, starts, lengths, units = (column.data for column in (words.hashes, words.starts, words.lengths, raw))
    run, parts, reverse = "", list[str](), False
    second = first = 0  # hashes of the two words before the run
    end = behind = -1  # where the number before ends, and its index among the words
    for index in numbers.tolist():
        start = starts[index]
        gap = units[start - 1] if parts and start == end + 1 else 0
        between = index - behind - 1
        end, behind = start + lengths[index], index
        number = digits[start:end].decode("ascii")
        if gap == _REVERSED_POINT or gap in _POINTS:
            parts.append(number)
            reverse = reverse or gap == _REVERSED_POINT
            continue
        run = _with_number(run, parts, reverse)
        if between and run:
            yield (second ^ first >> 7) >> 48, run
            run = ""
        if between:
            second, first = hashes[index - 2] if between > 1 else first, hashes[index - 1]
        parts, reverse = [number], False
    yield (second ^ first >> 7) >> 48, _with_number(run, parts, reverse)


def _with_number(run: str, parts: list[str], reverse: bool) -> str:
    if not parts:
        return run
    number = canonical(parts[::-1] if reverse else parts)
    return f"{run} {number}" if run else number


def canonical(parts: list[str]) -> str:
    """Returns one spelling for a number of which the points are lost: 4,120 and 4120, 2.8 and 8ر2, 7.0 and 7 are equal.

    >>> canonical(["4", "120"]), canonical(["2", "8"]), canonical(["8", "2"]), canonical(["007"])
    ('4120', '2|8', '2|8', '7')
    """
    # After a point three digits are kept as they are: they may be thousands.
    whole = [part.lstrip("0") or "0" if index == 0 or len(part) != 3 else part for index, part in enumerate(parts)]
    if len(whole) > 1 and all(len(part) == 3 for part in whole[1:]):
        return "".join(whole)
    if len(whole) == 2 and whole[1] == "0":
        return whole[0]
    return "|".join(sorted(whole))  # the order of a decimal's halves is lost where text was copied right to left
