"""How often one reader may ask: a bucket of requests each, filled at a steady rate. Pure."""

from __future__ import annotations

import collections
from typing import Final

MOST_READERS: Final = 10_000  # buckets that are kept; the one asked longest ago goes first, and it is full by then


class Buckets:
    """One bucket for each key: `burst` requests at once, `rate` a second after that."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._levels: collections.OrderedDict[str, tuple[float, float]] = collections.OrderedDict()

    def wait_s(self, key: str, now_s: float, cost: float = 1.0) -> float:
        """Takes the cost out of the bucket and returns 0, or leaves it and returns the seconds until it will be there."""
        level, since = self._levels.pop(key, (self._burst, now_s))
        level = min(self._burst, level + max(0.0, now_s - since) * self._rate)
        allowed = level >= cost
        self._levels[key] = (level - cost if allowed else level, now_s)
        if len(self._levels) > MOST_READERS:
            self._levels.popitem(last=False)
        return 0.0 if allowed else (cost - level) / self._rate
