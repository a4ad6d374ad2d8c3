"""How many shingles two texts share: as a whole, in their leads and in their heads. Pure."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from streams.compiled import kernel
from streams.dedup.sketch import U16

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


def shared(one: U16, other: U16) -> int:
    """Return how many of the distinct shingles of one text the other has."""
    if kernel:
        found: int = kernel.shared(one, other)
        return found
    return _count(_marks(one.tobytes()).take(other))


def overlap(one: U16, other: U16) -> Overlap:
    """Return what two texts of one shingle or more share."""
    head, other_head = _head_length(one), _head_length(other)
    if kernel:
        both, *counts = kernel.overlap(one, other, LEAD, head, other_head)
    else:
        mine, theirs = _marks(other.tobytes()).take(one), _marks(one.tobytes()).take(other)
        both, *counts = map(_count, (theirs, mine[:LEAD], theirs[:LEAD], mine[:head], theirs[:other_head]))
    lead, other_lead, in_head, in_other_head = counts
    return Overlap(
        both / (len(one) + len(other) - both),
        both / min(len(one), len(other)),
        Part(len(one), lead / min(LEAD, len(one)), in_head / min(head, len(one))),
        Part(len(other), other_lead / min(LEAD, len(other)), in_other_head / min(other_head, len(other))),
    )


def _head_length(shingles: U16) -> int:
    return max(LEAD, int(HEAD * len(shingles)))


def _count(marks: npt.NDArray[np.bool_]) -> int:
    return marks.tobytes().count(1)  # a third of the time of count_nonzero for a few hundred


@functools.lru_cache(KEPT_MARKS)
def _marks(shingles: bytes) -> npt.NDArray[np.bool_]:
    """Return 65,536 truth values: which 16-bit shingles a text has."""
    out = np.zeros(65536, np.bool_)
    out[np.frombuffer(shingles, "<u2")] = True
    return out
