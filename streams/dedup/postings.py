"""A multimap from 32-bit keys to 32-bit slots in one array: eight bytes a pair, and no Python object for any of them."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from streams.compiled import kernel

MAX_LOAD = 0.50  # of the cells; fuller, and the runs that a look-up reads are long
GROWTH = 1.4  # times as many cells
# A key of more slots than this gets a list of its own: it would make its neighbours' runs long.
MAX_INLINE_SLOTS = 24
_PADDING = 64  # runs may spill over the end
_LOW = 0xFFFFFFFF
Cells: TypeAlias = "memoryview[int]"


class Postings:
    """Key -> slots, in no order. Open addressing with linear probing; keys must be evenly spread over 32 bits.

    A cell holds the key above the slot plus one; 0 is empty. A key's run begins at key * size / 2^32, so cells sorted by
    value are sorted by where they belong, which makes growing one sort.
    """

    __slots__ = ("_cells", "_count", "_crowds", "_size", "_view")

    def __init__(self) -> None:
        self._count = 0
        self._crowds: dict[int, array[int]] = {}
        self._allocate(1024)

    def __len__(self) -> int:
        """Returns the number of pairs."""
        return self._count + sum(map(len, self._crowds.values()))

    @property
    def nbytes(self) -> int:
        """Bytes of memory in the arrays."""
        return self._cells.nbytes + sum(crowd.buffer_info()[1] * 4 + 200 for crowd in self._crowds.values())

    def find(self, key: int) -> Sequence[int]:
        """Returns the slots of this key; those of more than 24 in the order of their addition."""
        crowd = self._crowds.get(key)
        return _slots(self._view, self._size, key) if crowd is None else crowd

    def of_two(self, keys: array[int], sufficient: array[int], is_common: Callable[[Sequence[int]], bool]) -> list[int]:
        """Returns the slots, in order and different, that have two of the keys, or one of those that are `sufficient`.

        A key that `is_common` says of its slots counts for nothing.
        """
        more: array[int] = array("I")
        crowded = self._crowds.keys()
        for key in () if crowded.isdisjoint(keys) else crowded & keys:
            if not is_common(self._crowds[key]):
                more += self._crowds[key]
        for key in () if crowded.isdisjoint(sufficient) else crowded & sufficient:
            more += self._crowds[key] * 2
        return _of_two(self._view, self._size, keys + sufficient * 2, more)

    def add(self, keys: array[int], slot: int) -> None:
        """Adds this slot to each of these different keys; no such pair may be there yet."""
        rest = keys
        if self._crowds and not self._crowds.keys().isdisjoint(rest):
            rest = array("I", (key for key in rest if not self._joins_crowd(key, slot)))
        while rest:
            placed, is_full = _place(self._view, self._size, rest, slot, MAX_INLINE_SLOTS)
            self._count += placed
            if is_full or self._count > MAX_LOAD * self._size:
                self._grow()
            elif placed < len(rest):
                self._move_to_own_list(rest[placed], slot)
                placed += 1
            rest = rest[placed:]

    def remove(self, key: int, slot: int) -> None:
        """Removes this slot from the key; raises KeyError when the pair is not there."""
        crowd = self._crowds.get(key)
        if crowd is not None:
            crowd.remove(slot)
            if not crowd:
                del self._crowds[key]
            return
        if not _take_out(self._view, self._size, key, slot):
            raise KeyError((key, slot))
        self._count -= 1

    def _joins_crowd(self, key: int, slot: int) -> bool:
        crowd = self._crowds.get(key)
        if crowd is None:
            return False
        crowd.append(slot)
        return True

    def _move_to_own_list(self, key: int, slot: int) -> None:
        slots = array("I", sorted(self.find(key)))
        for other in slots:
            self.remove(key, other)
        slots.append(slot)
        self._crowds[key] = slots

    def _allocate(self, size: int) -> None:
        self._size = size
        self._cells = np.zeros(size + _PADDING, np.uint64)
        self._view = memoryview(self._cells)  # type: ignore[arg-type]

    def _grow(self) -> None:
        """Moves the cells to a larger array, each to the first free position from where it belongs."""
        cells = np.sort(self._cells[self._cells != 0])
        size = int(self._size * GROWTH)
        while True:
            begin = ((cells >> np.uint64(32)) * np.uint64(size)) >> np.uint64(32)
            order = np.arange(len(cells))
            positions = np.maximum.accumulate(begin.astype(np.int64) - order) + order
            if not len(positions) or positions[-1] < size + _PADDING - 2:
                break
            size = int(size * GROWTH)
        self._allocate(size)
        self._cells[positions] = cells


def _slots(cells: Cells, size: int, key: int) -> list[int]:
    """Returns the slots of a key in the array, in no order."""
    found = []
    position = key * size >> 32
    while cell := cells[position]:
        if cell >> 32 == key:
            found.append((cell & _LOW) - 1)
        position += 1
    return found


def _of_two(cells: Cells, size: int, keys: array[int], more: array[int]) -> list[int]:
    """Returns the slots, in order, that occur twice among those of the keys and `more`."""
    if kernel:
        twice: list[int] = kernel.of_two(cells, size, keys, more)
        return twice
    times = Counter(more)
    for key in keys:
        times.update(_slots(cells, size, key))
    return sorted(slot for slot, count in times.items() if count > 1)


def _place(cells: Cells, size: int, keys: array[int], slot: int, most: int) -> tuple[int, bool]:
    """Gives each key the slot, up to the first that has `most` already.

    Returns how many got it, and whether the array is full to its end.
    """
    if kernel:
        done: tuple[int, bool] = kernel.place(cells, size, keys, slot, most)
        return done
    last = len(cells) - 2
    for placed, key in enumerate(keys):
        position = key * size >> 32
        same = 0
        while cell := cells[position]:
            same += cell >> 32 == key
            position += 1
        if same >= most:
            return placed, False
        cells[position] = key << 32 | slot + 1
        if position >= last:
            return placed + 1, True
    return len(keys), False


def _take_out(cells: Cells, size: int, key: int, slot: int) -> bool:
    """Takes the pair out of the array and tells whether it was there.

    What follows it moves back, where that is not before its own beginning.
    """
    if kernel:
        was_there: bool = kernel.take_out(cells, size, key, slot)
        return was_there
    hole = key * size >> 32
    sought = key << 32 | slot + 1
    while cells[hole] != sought:
        if not cells[hole]:
            return False
        hole += 1
    position = hole + 1
    while cell := cells[position]:
        if (cell >> 32) * size >> 32 <= hole:
            cells[hole] = cell
            hole = position
        position += 1
    cells[hole] = 0
    return True
