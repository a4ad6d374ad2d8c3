"""Words of a folded text as 64-bit numbers, without a Python object for any of them.

A word is a run of letters or a run of digits, so `كوفيد19` is two. The numbers depend on the letters alone: not on the
process, the machine's byte order or the hash seed.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from streams.arabic.folding import SEPARATE, Units
from streams.compiled import kernel

Hashes = npt.NDArray[np.uint64]
Indices = npt.NDArray[np.intp]

# The FNV-1a prime makes the polynomial; it is odd, so it has an inverse modulo 2^64.
_PRIME = 0x100000001B3
_INVERSE = pow(_PRIME, -1, 1 << 64)
# The multipliers of splitmix64 (Steele, Lea, Flood 2014), which spread every bit.
_MIX_1, _MIX_2, _GAMMA = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB), np.uint64(0x9E3779B97F4A7C15)
_SHIFT_30, _SHIFT_27, _SHIFT_31 = np.uint64(30), np.uint64(27), np.uint64(31)
_SEPARATE = np.uint16(SEPARATE)
_LETTER, _DIGIT = np.uint8(1), np.uint8(2)


class Words(NamedTuple):
    """The words of a text in order: their hashes, where each begins, how many units it has, and which are numbers."""

    hashes: Hashes
    starts: Indices
    lengths: Indices
    is_number: npt.NDArray[np.bool_]


NO_WORDS = Words(np.empty(0, np.uint64), np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0, np.bool_))


def words(units: Units) -> Words:
    """Returns the words of folded units as `streams.arabic.folding.units` gives them."""
    if kernel:
        hashes, starts, sizes, numbers = kernel.words(units, _sorts())
        return Words(
            np.frombuffer(hashes, np.uint64),
            np.frombuffer(starts, np.intp),
            np.frombuffer(sizes, np.intp),
            np.frombuffer(numbers, np.bool_),
        )
    # 0 between words, 1 a letter, 2 a digit; a separator before the text and one behind it.
    sorts = np.zeros(len(units) + 2, np.uint8)
    _sorts().take(units, out=sorts[1:-1])
    (bounds,) = (sorts[1:] != sorts[:-1]).nonzero()
    if not len(bounds):
        return NO_WORDS
    begin, after, sort = bounds[:-1], bounds[1:], sorts.take(bounds[:-1] + 1)
    (is_word,) = sort.nonzero()
    starts = begin.take(is_word)
    powers, inverses = _powers(1 << max(13, (len(units) - 1).bit_length()))
    # Each letter counts by its place in the text, a separator nothing; the inverse power brings the sum back to the word.
    values = (units - _SEPARATE).astype(np.uint64)
    values *= powers[: len(units)]
    sums = np.add.reduceat(values, starts)
    sums *= inverses.take(starts)
    return Words(_mix(sums), starts, after.take(is_word) - starts, sort.take(is_word) == _DIGIT)


def shingles(hashes: Hashes, size: int = 3) -> Hashes:
    """Returns one 64-bit number for each `size` words in a row, n - size + 1 of them; of fewer words, the words themselves."""
    if len(hashes) < size:
        return hashes
    count = len(hashes) - size + 1
    out = hashes[:count].copy()
    for k in range(1, size):
        out *= _GAMMA
        out += hashes[k : k + count]
    return out


def _mix(numbers: Hashes) -> Hashes:
    """Returns the numbers with all bits spread, in place."""
    numbers ^= numbers >> _SHIFT_30
    numbers *= _MIX_1
    numbers ^= numbers >> _SHIFT_27
    numbers *= _MIX_2
    numbers ^= numbers >> _SHIFT_31
    return numbers


@functools.cache
def _sorts() -> npt.NDArray[np.uint8]:
    """Returns the class of each of the 65,536 folded units: 0 between words, 1 a letter, 2 a digit."""
    out = np.full(65536, _LETTER)
    out[SEPARATE] = 0
    out[ord("0") : ord("9") + 1] = _DIGIT
    return out


@functools.lru_cache(maxsize=4)
def _powers(count: int) -> tuple[Hashes, Hashes]:
    """Returns the first `count` powers of the prime and of its inverse, modulo 2^64."""
    both = []
    for base in (_PRIME, _INVERSE):
        steps = np.full(count, base, np.uint64)
        steps[0] = 1
        both.append(np.cumprod(steps, dtype=np.uint64))
    return both[0], both[1]
