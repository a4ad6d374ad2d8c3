"""What is derived from the table: which entry lies where in time, which texts share an anchor, which articles refer to a story.

All of it can be rebuilt from the entries, in any order, and is the same afterwards: nothing here decides by order of arrival.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from streams.dedup.entry import Entry
from streams.dedup.postings import Postings
from streams.dedup.rule import VERY_SHORT
from streams.dedup.sketch import Sketch

WINDOW_MS = 7 * 86_400_000  # 99.5 % of the copies come within seven days of the first (measured)
WINDOW_OFFSETS = 2_000_000  # bounds the state in a flood
# A worker that ends at once may be asked again for the last messages it judged: those of a second or 5,000, and one batch.
UNCOMMITTED = 20_000
CAP = 100  # an anchor of more texts is boilerplate, and says nothing
_FREE = np.iinfo(np.int64).max


class Moment(NamedTuple):
    """A place in the log: what its clock shows, the latest time of a page until then (ms since 1970), and the offset."""

    clock: int
    offset: int

    @property
    def oldest(self) -> Moment:
        """The entries from before either of these are not known any more. Clocks and offsets only grow, so they never will be."""
        return Moment(self.clock - WINDOW_MS, self.offset - WINDOW_OFFSETS)


class Live:
    """The entries' times and places in the log, by slot, and the postings over them; some 200 bytes an entry."""

    __slots__ = ("_anchors", "_by_id", "_clocks", "_free", "_ids", "_offsets", "_references", "clock", "offset")

    def __init__(self) -> None:
        self.clock = 0
        self.offset = -1
        self._ids = bytearray()
        self._clocks: array[int] = array("q")
        self._offsets: array[int] = array("q")
        self._free: list[int] = []
        self._by_id = Postings()
        self._anchors = Postings()
        self._references = Postings()

    def __len__(self) -> int:
        """How many entries there are, live or not."""
        return len(self._clocks) - len(self._free)

    @property
    def nbytes(self) -> int:
        """Bytes of memory in the arrays."""
        tables = self._by_id.nbytes + self._anchors.nbytes + self._references.nbytes
        return tables + len(self._ids) + 16 * len(self._clocks) + 40 * len(self._free)

    def add(self, entry: Entry) -> None:
        """The entry, whose id must not be here yet, can be found; `clock` and `offset` are its, unless they are later."""
        self._reach(entry)
        if self._free:
            slot = self._free.pop()
            self._ids[16 * slot : 16 * slot + 16] = entry.id
            self._clocks[slot], self._offsets[slot] = entry.clock, entry.offset
        else:
            slot = len(self._clocks)
            self._ids += entry.id
            self._clocks.append(entry.clock)
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
        self._clocks[slot] = _FREE
        self._free.append(slot)

    def renew(self, entry: Entry) -> None:
        """The entry, of which nothing but time and place in the log has changed, is live from these on."""
        self._reach(entry)
        slot = self._slot(entry.id)
        self._clocks[slot], self._offsets[slot] = entry.clock, entry.offset

    def clock_at(self, offset: int) -> int:
        """What the clock showed to the message at this offset.

        Of a message that lies behind entries already, it is no later than it was: an entry that has been written again since
        counts no more.
        """
        if offset > self.offset:
            return self.clock
        clocks, offsets = np.frombuffer(self._clocks, np.int64), np.frombuffer(self._offsets, np.int64)
        return int(np.max(clocks, initial=0, where=(offsets < offset) & (clocks != _FREE)))

    def alike(self, sketch: Sketch, title_hash: bytes, now: Moment) -> Iterator[tuple[bytes, int]]:
        """(id, offset) of the live texts from before this moment that share this body or two of its anchors."""
        oldest = now.oldest
        clocks, offsets = self._clocks, self._offsets
        whole = _whole(sketch, title_hash)
        postings = self._anchors.find_all([*sketch.anchors.tolist(), whole])
        once: set[int] = set()
        found: set[int] = set(postings.pop(whole, ()))
        for slots in postings.values():
            if len(slots) > CAP and self._are_many(slots, now):
                continue
            for slot in slots:
                (found if slot in once else once).add(slot)
        for slot in sorted(found):
            if clocks[slot] >= oldest.clock and oldest.offset <= offsets[slot] < now.offset:
                yield bytes(self._ids[16 * slot : 16 * slot + 16]), offsets[slot]

    def referring(self, id_: bytes, now: Moment) -> Iterator[bytes]:
        """Ids of live entries from before this moment that may refer to this one; only the first 4 bytes are compared."""
        oldest = now.oldest
        for slot in self._references.find(_short(id_)):
            if self._clocks[slot] >= oldest.clock and oldest.offset <= self._offsets[slot] < now.offset:
                yield bytes(self._ids[16 * slot : 16 * slot + 16])

    def expired(self, now: Moment, limit: int) -> list[bytes]:
        """Ids of the entries, at most `limit`, that are not live, but for one that shows what time it is."""
        clocks, offsets = np.frombuffer(self._clocks, np.int64), np.frombuffer(self._offsets, np.int64)
        is_old = (clocks < now.oldest.clock) | (offsets < now.oldest.offset)
        old = np.flatnonzero(is_old & (clocks < self.clock))[:limit]
        return [bytes(self._ids[16 * slot : 16 * slot + 16]) for slot in old.tolist()]

    def _reach(self, entry: Entry) -> None:
        self.clock = max(self.clock, entry.clock)
        self.offset = max(self.offset, entry.offset)

    def _slot(self, id_: bytes) -> int:
        for slot in self._by_id.find(_short(id_)):
            if self._ids[16 * slot : 16 * slot + 16] == id_:
                return slot
        raise KeyError(id_)

    def _are_many(self, slots: Sequence[int], now: Moment) -> bool:
        """Whether more than CAP of these are live; the newest are asked first, as most often they settle it."""
        every, oldest = np.array(slots, np.int64), now.oldest
        clocks, offsets = np.frombuffer(self._clocks, np.int64), np.frombuffer(self._offsets, np.int64)
        for some in (every[-CAP - 1 :], every):
            known = (clocks[some] >= oldest.clock) & (offsets[some] >= oldest.offset) & (offsets[some] < now.offset)
            if np.count_nonzero(known) > CAP:
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
