"""Invented traffic of sources: the moments of their pages, by rhythms as newsrooms have them, with planted silences.

Moments are in hours from a Monday 00:00 UTC on.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import numpy.typing as npt

DAY, WEEK = 24, 168
Moments = npt.NDArray[np.float64]
Rate = Callable[[Moments], Moments]  # pages an hour at these moments
KINDS = ("agency", "daily", "desk", "weekend", "shifted", "rare")


@dataclasses.dataclass(frozen=True)
class Silence:
    """From the last page before it to the first one after it."""

    last: float
    end: float


@dataclasses.dataclass(frozen=True)
class Traffic:
    """The pages of a source, and the silence that was planted among them, if any."""

    kind: str
    pages: list[float]
    silence: Silence | None


def usual_quiet_h(pages: list[float], end: float) -> float:
    """The median over the weeks before `end` of the longest gap that ended in each, else filled it, in hours; one at least."""
    gaps = list(pairwise(page for page in pages if page <= end))
    longest = []
    for last in (end - week * WEEK for week in range(int(end // WEEK))):
        ended = [b - a for a, b in gaps if last - WEEK < b <= last]
        longest.append(max(ended) if ended else max((b - a for a, b in gaps if a <= last - WEEK and b > last), default=WEEK))
    return max(1.0, float(np.median(longest)))


def hump(moments: Moments, centre: float, width: float) -> Moments:
    away = (moments - centre + 12) % DAY - 12
    return np.exp(-0.5 * (away / width) ** 2)


def agency(scale: float) -> Rate:
    """Round the clock, busier by day."""
    return lambda t: scale * (0.25 + hump(t, 12, 4))


def daily(scale: float, hour: float) -> Rate:
    """A paper that puts its pages online around one hour of the night."""
    return lambda t: scale * hump(t, hour, 1.5)


def desk(scale: float, weekend: float) -> Rate:
    """A newsroom of days and evenings; on Fridays and Saturdays only a share of it is there."""
    return lambda t: scale * np.where(np.isin(t // DAY % 7, (4, 5)), weekend, 1.0) * (hump(t, 11, 2.5) + 0.6 * hump(t, 19, 2))


def shifted(rate: Rate, change: float, hours: float) -> Rate:
    """A month of fasting: from `change` on everything is later by `hours`."""
    return lambda t: rate(np.where(t >= change, t - hours, t))


def rare(a_week: float) -> Rate:
    """A few pages a week, mostly by day."""
    return lambda t: a_week / WEEK * np.where(t % DAY < 6, 0.2, 1.27)


def moments(rate: Rate, hours: int, clump: float, chance: np.random.Generator) -> list[float]:
    """Pages of a Poisson process of this rate; each brings others within minutes, `clump` in all on average."""
    steps = np.arange(0, hours, 0.25)
    first = np.repeat(steps, chance.poisson(rate(steps) * 0.25 / clump))
    first += chance.uniform(0, 0.25, len(first))
    pages = np.repeat(first, chance.geometric(1 / clump, len(first)))
    pages[1:] += np.where(pages[1:] == pages[:-1], chance.exponential(0.1, max(0, len(pages) - 1)), 0)
    return sorted(pages[pages < hours].tolist())


def sixty_sources(seed: int, learned_weeks: int, weeks: int) -> list[Traffic]:
    """Ten sources of each kind, half of them with a silence at some moment after `learned_weeks`."""
    chance = np.random.default_rng(seed)
    change = (learned_weeks + 0.5) * WEEK
    found = []
    for number in range(60):
        kind = KINDS[number % 6]
        rates: dict[str, Callable[[], Rate]] = {
            "agency": lambda: agency(chance.uniform(4, 40)),
            "daily": lambda: daily(chance.uniform(5, 30), chance.choice((1.0, 3.0, 22.0))),
            "desk": lambda: desk(chance.uniform(1, 8), 0.6),
            "weekend": lambda: desk(chance.uniform(1, 8), 0.0),
            "shifted": lambda: shifted(
                chance.choice(np.array([agency(8), desk(6, 0.6)])), change, chance.choice((2.0, 3.0, 4.0))
            ),
            "rare": lambda: rare(3),
        }
        clump = 1.0 if kind == "rare" else chance.choice((1.0, 1.0, 2.0, 4.0))
        pages = moments(rates[kind](), weeks * WEEK, clump, chance)
        is_planted = number % 2 == number // 6 % 2
        found.append(with_silence(kind, pages, learned_weeks, weeks, chance) if is_planted else Traffic(kind, pages, None))
    return found


def with_silence(kind: str, pages: list[float], learned_weeks: int, weeks: int, chance: np.random.Generator) -> Traffic:
    """The pages without those of three usual quiets, or of what is left of the traffic, at a random moment."""
    length = 3 * usual_quiet_h(pages, learned_weeks * WEEK)
    earliest = next(page for page in pages if page > learned_weeks * WEEK) + 0.01
    begin = chance.uniform(earliest, max(earliest + 1, weeks * WEEK - length))
    left = [page for page in pages if not begin <= page < begin + length]
    last = max(page for page in left if page < begin)
    return Traffic(kind, left, Silence(last, min((page for page in left if page > begin), default=math.inf)))
