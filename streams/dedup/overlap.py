"""How many shingles two texts share: as a whole, in their leads and in their heads. Pure.

Shingles are as `Sketch.packed_shingles` gives them, two bytes each: a number of Python for any of them would cost more than
the comparison.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from streams.compiled import kernel

LEAD = 58  # shingles of the first 60 words, where an agency's copy is least edited
HEAD = 0.30  # of the longer text
KEPT_MARKS = 2  # one message is compared with several texts in a row; 64 KiB each


class Part(NamedTuple):
    """Of one of two texts: how many shingles it has, and which shares of its lead and of its head the other has too."""

    length: int
    lead: float
    head: float


class Overlap(NamedTuple):
    """What two texts share: the distinct shingles of both, as shares of all and of the shorter; and each one's part."""

    jaccard: float
    containment: float
    one: Part
    other: Part


def shared(one: bytes, other: bytes) -> int:
    """Returns how many of the distinct shingles of one text the other has."""
    if kernel:
        found: int = kernel.shared(one, other)
        return found
    return _count(_marks(one).take(_numbers(other)))


def overlap(one: bytes, other: bytes) -> Overlap:
    """Returns what two texts of one shingle or more share."""
    length, other_length = len(one) // 2, len(other) // 2
    head, other_head = max(LEAD, int(HEAD * length)), max(LEAD, int(HEAD * other_length))
    if kernel:
        both, *counts = kernel.overlap(one, other, LEAD, head, other_head)
    else:
        mine, theirs = _marks(other).take(_numbers(one)), _marks(one).take(_numbers(other))
        both, *counts = map(_count, (theirs, mine[:LEAD], theirs[:LEAD], mine[:head], theirs[:other_head]))
    lead, other_lead, in_head, in_other_head = counts
    return Overlap(
        both / (length + other_length - both),
        both / min(length, other_length),
        Part(length, lead / min(LEAD, length), in_head / min(head, length)),
        Part(other_length, other_lead / min(LEAD, other_length), in_other_head / min(other_head, other_length)),
    )


def _numbers(shingles: bytes) -> npt.NDArray[np.uint16]:
    return np.frombuffer(shingles, "<u2")


def _count(marks: npt.NDArray[np.bool_]) -> int:
    return marks.tobytes().count(1)  # a third of the time of count_nonzero for a few hundred


@functools.lru_cache(KEPT_MARKS)
def _marks(shingles: bytes) -> npt.NDArray[np.bool_]:
    """Returns 65,536 truth values: which 16-bit shingles a text has."""
    out = np.zeros(65536, np.bool_)
    out[_numbers(shingles)] = True
    return out
