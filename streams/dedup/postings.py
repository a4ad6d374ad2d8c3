"""A multimap from 32-bit keys to 32-bit slots in one array: eight bytes a pair, and no Python object for any of them."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence

import numpy as np

MAX_LOAD = 0.50
GROWTH = 1.4
# A key of more slots than this gets a list of its own: it would make its neighbours' runs long.
MAX_INLINE_SLOTS = 24
_PADDING = 64  # runs may spill over the end
_LOW = 0xFFFFFFFF


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
        """How many pairs there are."""
        return self._count + sum(map(len, self._crowds.values()))

    @property
    def nbytes(self) -> int:
        """Bytes of memory in the arrays."""
        return self._cells.nbytes + sum(crowd.buffer_info()[1] * 4 + 200 for crowd in self._crowds.values())

    def find(self, key: int) -> Sequence[int]:
        """The slots of this key; those of more than 24 in the order of their addition."""
        return self.find_all((key,)).get(key, ())

    def find_all(self, keys: Iterable[int]) -> dict[int, Sequence[int]]:
        """The slots of each of these keys that has any."""
        view, size, crowds = self._view, self._size, self._crowds
        found: dict[int, Sequence[int]] = {}
        for key in keys:
            place = key * size >> 32
            cell = view[place]
            while cell:
                if cell >> 32 == key:
                    slots = found.get(key)
                    if slots is None:
                        found[key] = [(cell & _LOW) - 1]
                    else:
                        slots.append((cell & _LOW) - 1)  # type: ignore[attr-defined]
                place += 1
                cell = view[place]
        if crowds:
            found.update((key, crowds[key]) for key in keys if key in crowds)
        return found

    def add(self, keys: Iterable[int], slot: int) -> None:
        """Each of these different keys has this slot too; no such pair may be there yet."""
        view, size = self._view, self._size
        for key in keys:
            crowd = self._crowds.get(key)
            if crowd is not None:
                crowd.append(slot)
                continue
            place = key * size >> 32
            same = 0
            cell = view[place]
            while cell:
                if cell >> 32 == key:
                    same += 1
                place += 1
                cell = view[place]
            if same >= MAX_INLINE_SLOTS:
                self._move_to_own_list(key, slot)
                continue
            view[place] = key << 32 | slot + 1
            self._count += 1
            if self._count > MAX_LOAD * size or place >= len(view) - 2:
                self._grow()
                view, size = self._view, self._size

    def _move_to_own_list(self, key: int, slot: int) -> None:
        slots = array("I", sorted(self.find(key)))
        for other in slots:
            self.remove(key, other)
        slots.append(slot)
        self._crowds[key] = slots

    def remove(self, key: int, slot: int) -> None:
        """The key no longer has this slot; the pair must be there, else KeyError."""
        crowd = self._crowds.get(key)
        if crowd is not None:
            crowd.remove(slot)
            if not crowd:
                del self._crowds[key]
            return
        view, size = self._view, self._size
        hole = key * size >> 32
        sought = key << 32 | slot + 1
        while view[hole] != sought:
            if not view[hole]:
                raise KeyError((key, slot))
            hole += 1
        place = hole + 1
        while cell := view[place]:  # what follows moves back, where that is not before its own beginning
            if (cell >> 32) * size >> 32 <= hole:
                view[hole] = cell
                hole = place
            place += 1
        view[hole] = 0
        self._count -= 1

    def _allocate(self, size: int) -> None:
        self._size = size
        self._cells = np.zeros(size + _PADDING, np.uint64)
        self._view = memoryview(self._cells)  # type: ignore[arg-type]

    def _grow(self) -> None:
        """The same cells in a larger array, each at the first free place from where it belongs."""
        cells = np.sort(self._cells[self._cells != 0])
        size = int(self._size * GROWTH)
        while True:
            begin = ((cells >> np.uint64(32)) * np.uint64(size)) >> np.uint64(32)
            order = np.arange(len(cells))
            places = np.maximum.accumulate(begin.astype(np.int64) - order) + order
            if not len(places) or places[-1] < size + _PADDING - 2:
                break
            size = int(size * GROWTH)
        self._allocate(size)
        self._cells[places] = cells
