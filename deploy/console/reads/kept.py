"""Answers that many readers share for a few seconds."""

from __future__ import annotations

import collections
import threading
import time
from collections.abc import Callable
from typing import Final, Generic, TypeVar

MOST_KEPT: Final = 500
T = TypeVar("T")


class Kept(Generic[T]):
    """The latest answers by key, none older than `seconds`; the one used longest ago goes first. For any thread."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        self._answers: collections.OrderedDict[bytes, tuple[float, T]] = collections.OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: bytes, read: Callable[[], T]) -> T:
        """Returns the answer of this key, read when there is none that is young enough; raises what `read` raises."""
        now = self._clock()
        with self._lock:
            found = self._answers.get(key)
            if found and now - found[0] < self._seconds:
                self._answers.move_to_end(key)
                return found[1]
        answer = read()  # outside of the lock: two who ask at once may both read
        with self._lock:
            self._answers[key] = now, answer
            self._answers.move_to_end(key)
            while len(self._answers) > MOST_KEPT:
                self._answers.popitem(last=False)
        return answer
