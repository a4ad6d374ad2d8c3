"""What is derived from the table: which entry lies where in time, which texts share an anchor, which articles refer to a story.

All of it can be rebuilt from the entries, in any order, and is the same afterwards: nothing here decides by order of arrival.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence

import numpy as np

from streams.dedup.entry import Entry
from streams.dedup.postings import Postings
from streams.dedup.rule import VERY_SHORT
from streams.dedup.sketch import Sketch

WINDOW_MS = 7 * 86_400_000  # 99.5 % of the copies come within seven days of the first (measured)
WINDOW_OFFSETS = 2_000_000  # bounds the state in a flood
CAP = 100  # an anchor of more texts is boilerplate, and says nothing
ENOUGH_ANCHORS = 2
_FREE = np.iinfo(np.int64).max


class Live:
    """The entries' times and places in the log, by slot, and the postings over them; some 200 bytes an entry."""

    __slots__ = ("_anchors", "_ats", "_by_id", "_free", "_ids", "_offsets", "_references")

    def __init__(self) -> None:
        self._ids = bytearray()
        self._ats: array[int] = array("q")
        self._offsets: array[int] = array("q")
        self._free: list[int] = []
        self._by_id = Postings()
        self._anchors = Postings()
        self._references = Postings()

    def __len__(self) -> int:
        """How many entries there are, live or not."""
        return len(self._ats) - len(self._free)

    @property
    def nbytes(self) -> int:
        """Bytes of memory in the arrays."""
        tables = self._by_id.nbytes + self._anchors.nbytes + self._references.nbytes
        return tables + len(self._ids) + 16 * len(self._ats) + 40 * len(self._free)

    def add(self, entry: Entry) -> None:
        """The entry, whose id must not be here yet, can be found."""
        if self._free:
            slot = self._free.pop()
            self._ids[16 * slot : 16 * slot + 16] = entry.id
            self._ats[slot], self._offsets[slot] = entry.at, entry.offset
        else:
            slot = len(self._ats)
            self._ids += entry.id
            self._ats.append(entry.at)
            self._offsets.append(entry.offset)
        self._by_id.add((_short(entry.id),), slot)
        self._anchors.add(_keys(entry), slot)
        self._references.add(_referred(entry), slot)

    def remove(self, entry: Entry) -> None:
        """The entry, exactly as it was added, is gone."""
        slot = self._slot(entry.id)
        self._by_id.remove(_short(entry.id), slot)
        for key in _keys(entry):
            self._anchors.remove(key, slot)
        for key in _referred(entry):
            self._references.remove(key, slot)
        self._ats[slot] = _FREE
        self._free.append(slot)

    def renew(self, entry: Entry) -> None:
        """The entry, of which nothing but time and place in the log has changed, is live from these on."""
        slot = self._slot(entry.id)
        self._ats[slot], self._offsets[slot] = entry.at, entry.offset

    def alike(self, sketch: Sketch, title_hash: bytes, at: int, offset: int) -> Iterator[tuple[bytes, int]]:
        """(id, offset) of the texts live for a message of this time and place that share its body or two of its anchors."""
        oldest_at, oldest_offset = at - WINDOW_MS, offset - WINDOW_OFFSETS
        ats, offsets = self._ats, self._offsets
        whole = _whole(sketch, title_hash)
        postings = self._anchors.find_all([*sketch.anchors.tolist(), whole])
        once: set[int] = set()
        found: set[int] = set(postings.pop(whole, ()))
        for slots in postings.values():
            if len(slots) > CAP and self._crowded(slots, oldest_at, oldest_offset):
                continue
            for slot in slots:
                (found if slot in once else once).add(slot)
        for slot in sorted(found):
            if ats[slot] >= oldest_at and offsets[slot] >= oldest_offset:
                yield bytes(self._ids[16 * slot : 16 * slot + 16]), offsets[slot]

    def referring(self, id_: bytes, at: int, offset: int) -> Iterator[bytes]:
        """Ids of live entries that may refer to this one; the first 4 bytes agree, the rest is the caller's to check."""
        for slot in self._references.find(_short(id_)):
            if self._ats[slot] >= at - WINDOW_MS and self._offsets[slot] >= offset - WINDOW_OFFSETS:
                yield bytes(self._ids[16 * slot : 16 * slot + 16])

    def older(self, at: int, offset: int) -> list[bytes]:
        """Ids of the entries from before this time, or from before this offset."""
        ats, offsets = np.frombuffer(self._ats, np.int64), np.frombuffer(self._offsets, np.int64)
        old = np.flatnonzero((ats != _FREE) & ((ats < at) | (offsets < offset)))
        return [bytes(self._ids[16 * slot : 16 * slot + 16]) for slot in old.tolist()]

    def _slot(self, id_: bytes) -> int:
        for slot in self._by_id.find(_short(id_)):
            if self._ids[16 * slot : 16 * slot + 16] == id_:
                return slot
        raise KeyError(id_)

    def _crowded(self, slots: Sequence[int], oldest_at: int, oldest_offset: int) -> bool:
        """Whether more than CAP of these are live; the newest are asked first, as most often they settle it."""
        every = np.array(slots, np.int64)
        ats, offsets = np.frombuffer(self._ats, np.int64), np.frombuffer(self._offsets, np.int64)
        for some in (every[-CAP - 1 :], every):
            if np.count_nonzero((ats[some] >= oldest_at) & (offsets[some] >= oldest_offset)) > CAP:
                return True
        return False


def _short(id_: bytes) -> int:
    return int.from_bytes(id_[:4], "little")


def _keys(entry: Entry) -> list[int]:
    """What the text of an entry is found by: its anchors, and the whole of it; nothing for a text that is not matched."""
    if not entry.sketch:
        return []
    sketch = Sketch(entry.sketch)
    return [*{*sketch.anchors.tolist(), _whole(sketch, entry.title_hash)}] if sketch.word_count else []


def _whole(sketch: Sketch, title_hash: bytes) -> int:
    """32 bits of the body; of the title too where the body alone is too short to prove anything."""
    whole = int.from_bytes(sketch.body_hash[:4], "little")
    return whole ^ _short(title_hash) if sketch.word_count < VERY_SHORT else whole


def _referred(entry: Entry) -> list[int]:
    """The articles that an entry refers to: the founder of its story, and the text that it was found like."""
    return [*{_short(id_) for id_ in (entry.story_id, entry.matched) if id_ is not None and id_ != entry.id}]
