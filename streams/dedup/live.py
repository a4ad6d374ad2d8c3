"""What is derived from the table: which entry lies where in time, which texts share an anchor, which articles refer to a story.

All of it can be rebuilt from the entries, in any order, and is the same afterwards: nothing here decides by order of arrival.
"""

from __future__ import annotations

import dataclasses
from array import array
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from streams.dedup.entry import Entry
from streams.dedup.metadata import MetadataSketch
from streams.dedup.postings import Postings
from streams.dedup.rule import VERY_SHORT, Text
from streams.dedup.sketch import Sketch

_FREE = np.iinfo(np.int64).max


class LogPosition(NamedTuple):
    """A position in the log: the latest page time that the log has reached (ms since 1970), and the offset."""

    time_ms: int
    offset: int


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RegisterLimits:
    """How long an article is remembered, and how common an anchor may be.

    `window_ms`: 99.5 % of the copies come within seven days of the first (measured).
    `window_offsets`: bounds the state in a flood.
    `uncommitted`: messages that may be redelivered to a worker that ended at once: those of a second or 5,000, and one batch.
    `max_texts_per_anchor`: an anchor of more live texts is boilerplate, and says nothing.
    """

    window_ms: int = 7 * 86_400_000
    window_offsets: int = 2_000_000
    uncommitted: int = 20_000
    max_texts_per_anchor: int = 100

    def oldest(self, now: LogPosition) -> LogPosition:
        """Returns the position before which entries are expired. Times and offsets only grow, so they stay expired."""
        return LogPosition(now.time_ms - self.window_ms, now.offset - self.window_offsets)


class LiveIndex:
    """The entries' positions in the log, by slot, and the postings over them; some 200 bytes an entry."""

    __slots__ = ("_anchors", "_by_id", "_free", "_ids", "_limits", "_offsets", "_references", "_times_ms", "offset", "time_ms")

    def __init__(self, limits: RegisterLimits) -> None:
        self._limits = limits
        self.time_ms = 0
        self.offset = -1
        self._ids = bytearray()
        self._times_ms: array[int] = array("q")
        self._offsets: array[int] = array("q")
        self._free: list[int] = []
        self._by_id = Postings()
        self._anchors = Postings()
        self._references = Postings()

    def __len__(self) -> int:
        """Returns the number of entries, live or not."""
        return len(self._times_ms) - len(self._free)

    @property
    def nbytes(self) -> int:
        """Bytes of memory in the arrays."""
        tables = self._by_id.nbytes + self._anchors.nbytes + self._references.nbytes
        return tables + len(self._ids) + 16 * len(self._times_ms) + 40 * len(self._free)

    def add(self, entry: Entry) -> None:
        """Makes an entry findable, whose id must not be here yet."""
        self._advance_clock(entry)
        if self._free:
            slot = self._free.pop()
            self._ids[16 * slot : 16 * slot + 16] = entry.id
            self._times_ms[slot], self._offsets[slot] = entry.log_time_ms, entry.offset
        else:
            slot = len(self._times_ms)
            self._ids += entry.id
            self._times_ms.append(entry.log_time_ms)
            self._offsets.append(entry.offset)
        self._by_id.add(array("I", (_short(entry.id),)), slot)
        self._anchors.add(_keys(entry), slot)
        self._references.add(_referred(entry), slot)

    def remove(self, entry: Entry) -> None:
        """Removes an entry, exactly as it was added."""
        slot = self._slot(entry.id)
        self._by_id.remove(_short(entry.id), slot)
        for key in _keys(entry):
            self._anchors.remove(key, slot)
        for key in _referred(entry):
            self._references.remove(key, slot)
        self._times_ms[slot] = _FREE
        self._free.append(slot)

    def refresh(self, entry: Entry) -> None:
        """Gives an entry, of which nothing else has changed, its new position in the log."""
        self._advance_clock(entry)
        slot = self._slot(entry.id)
        self._times_ms[slot], self._offsets[slot] = entry.log_time_ms, entry.offset

    def log_time_at(self, offset: int) -> int:
        """Returns the latest page time that the log had reached before this offset.

        For an offset already passed, a lower bound: entries rewritten later no longer count.
        """
        if offset > self.offset:
            return self.time_ms
        times_ms, offsets = np.frombuffer(self._times_ms, np.int64), np.frombuffer(self._offsets, np.int64)
        return int(np.max(times_ms, initial=0, where=(offsets < offset) & (times_ms != _FREE)))

    def alike(self, text: Text, now: LogPosition) -> list[tuple[bytes, int]]:
        """Returns (id, offset) of the live texts before this position that share the body, the address or two anchors."""
        oldest_ms, oldest_offset = self._limits.oldest(now)
        times_ms, offsets, ids = self._times_ms, self._offsets, self._ids
        found = self._anchors.of_two(text.sketch.anchors, _identifying(text), lambda slots: self._exceeds_cap(slots, now))
        return [
            (bytes(ids[16 * slot : 16 * slot + 16]), offsets[slot])
            for slot in found
            if times_ms[slot] >= oldest_ms and oldest_offset <= offsets[slot] < now.offset
        ]

    def referring(self, id_: bytes, now: LogPosition) -> Iterator[bytes]:
        """Yields ids of live entries before this position that may refer to this one; only the first 4 bytes are compared."""
        oldest = self._limits.oldest(now)
        for slot in self._references.find(_short(id_)):
            if self._times_ms[slot] >= oldest.time_ms and oldest.offset <= self._offsets[slot] < now.offset:
                yield bytes(self._ids[16 * slot : 16 * slot + 16])

    def expired(self, now: LogPosition, limit: int) -> list[bytes]:
        """Returns up to `limit` ids of expired entries. The entry with the latest time is always kept: it carries the log's."""
        times_ms, offsets = np.frombuffer(self._times_ms, np.int64), np.frombuffer(self._offsets, np.int64)
        oldest = self._limits.oldest(now)
        is_old = (times_ms < oldest.time_ms) | (offsets < oldest.offset)
        old = np.flatnonzero(is_old & (times_ms < self.time_ms))[:limit]
        return [bytes(self._ids[16 * slot : 16 * slot + 16]) for slot in old.tolist()]

    def _advance_clock(self, entry: Entry) -> None:
        self.time_ms = max(self.time_ms, entry.log_time_ms)
        self.offset = max(self.offset, entry.offset)

    def _slot(self, id_: bytes) -> int:
        for slot in self._by_id.find(_short(id_)):
            if self._ids[16 * slot : 16 * slot + 16] == id_:
                return slot
        raise KeyError(id_)

    def _exceeds_cap(self, slots: Sequence[int], now: LogPosition) -> bool:
        """Tells whether too many of these are live; the newest are looked at first, as most often they decide."""
        oldest, most = self._limits.oldest(now), self._limits.max_texts_per_anchor
        if len(slots) <= most:
            return False
        every = np.array(slots, np.int64)
        times_ms, offsets = np.frombuffer(self._times_ms, np.int64), np.frombuffer(self._offsets, np.int64)
        for some in (every[-most - 1 :], every):
            live = (times_ms[some] >= oldest.time_ms) & (offsets[some] >= oldest.offset) & (offsets[some] < now.offset)
            if np.count_nonzero(live) > most:
                return True
        return False


def _short(id_: bytes) -> int:
    return int.from_bytes(id_[:4], "little")


def _keys(entry: Entry) -> array[int]:
    """Returns the keys by which the text of an entry is found; none for a text that is not compared."""
    if not entry.sketch:
        return array("I")
    text = Text(Sketch(entry.sketch), MetadataSketch(entry.metadata), entry.title_hash)
    return array("I", {*text.sketch.anchors, *_identifying(text)}) if text.sketch.word_count else array("I")


def _identifying(text: Text) -> array[int]:
    """Returns the keys of which one is enough: 32 bits of the body, and of the article's number at its site.

    A body that alone is too short to prove anything is taken with its title.
    """
    body = int.from_bytes(text.sketch.body_hash[:4], "little")
    key = body ^ _short(text.title_hash) if text.sketch.word_count < VERY_SHORT else body
    return array("I", (key, text.metadata.address) if text.metadata.address else (key,))


def _referred(entry: Entry) -> array[int]:
    """Returns the short ids that an entry refers to: its story's founder, and the text that it was found like."""
    if entry.matched is None and entry.story_id == entry.id:
        return array("I")
    return array("I", {_short(id_) for id_ in (entry.story_id, entry.matched) if id_ is not None and id_ != entry.id})
