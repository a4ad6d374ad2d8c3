"""The rhythm of a source: how many pages each hour of its week brings, and after which quiet it is silent. Pure.

The rate is that of Ihler, Hutchins and Smyth (Adaptive event detection with time-varying Poisson processes, KDD 2006): the
source's mean, a factor for the weekday and one for the hour, and what an hour of the week has of its own. A quiet is measured
in the pages that were due in it (time rescaling: Brown et al., Neural Computation 14, 2002); there the gaps of a Poisson process
are exponential, and longer by a factor where pages come in clumps (quasi-likelihood: Wedderburn, Biometrika 61, 1974).
"""

from __future__ import annotations

import dataclasses
import math
from statistics import median
from typing import Final

import numpy as np
import numpy.typing as npt

Hours = npt.NDArray[np.float64]

DAY_H: Final = 24
WEEK_H: Final = 7 * DAY_H
EPOCH_HOUR: Final = 3 * DAY_H  # hour 0 since 1970 was the 72nd of its week, which begins on Monday
PAST_H: Final = 4 * WEEK_H  # hours of which a rhythm is made
LEARNED_H: Final = 2 * WEEK_H  # no judgement of less past than that
MOST_SHIFTED_H: Final = 3  # hours by which a day may begin later than it did: Ramadan, summer time
# The figures below were chosen on generated traffic (tests/unit/deploy/sources), of other seeds than those of its test.
PRIOR_HOURS, PRIOR_PAGES, PRIOR_RECENT = 1.0, 0.5, 2.0  # as if so many hours or pages at the mean had been seen before any
HALF_LIFE_H: Final = 10 * DAY_H
RECENT_H: Final = 2 * DAY_H  # two slow days before the quiet make its hours slower too, down to this share of their rate
SLOWEST: Final = 0.2
ALARMS_A_MONTH: Final = 0.05  # by chance, of one source
LONGEST_FACTOR: Final = 1.75  # of the longest quiet of a usual week: silent whatever the hours say
LIKE_USUAL, NO_LONGER_USUAL = 0.8, 1.2  # of the same quiet: between these it is left in peace
SHORTEST_H: Final = 1.0  # hours; the rhythm is not known more finely
MONTH_H: Final = 30 * DAY_H


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """What a source does as a rule.

    `rates` are pages an hour from Monday 00:00 UTC, `clump` how many pages come as one (at least 1), `longest_quiet_h` the
    longest time without a page in a usual week, `pages` how many came in the `hours` that were looked at, and `level` how
    busy the two days before its last page were (at most 1).
    """

    rates: Hours
    clump: float
    longest_quiet_h: float
    pages: int
    hours: int
    level: float

    def silent_after_h(self, last: float) -> float:
        """Returns the hours after its last page from which the source is silent; `last` is in hours since 1970.

        That is the sooner of two moments: when by its rhythm so many pages were due that chance brings such a quiet in one
        month of twenty; and when it was quiet for seven quarters of the longest quiet of a usual week. About as long as that
        quiet it is left in peace: it is the pause that each week has, a little longer.
        """
        usual = max(self.longest_quiet_h, SHORTEST_H)
        longest = LONGEST_FACTOR * usual
        improbable = self._improbable_after_h(last, longest)
        if improbable > LIKE_USUAL * usual:
            improbable = max(improbable, NO_LONGER_USUAL * usual)
        return float(max(SHORTEST_H, min(longest, improbable)))

    def _improbable_after_h(self, last: float, longest: float) -> float:
        clumps_a_month = max(1.0, self.pages / self.hours * MONTH_H / self.clump)
        enough = self.clump * math.log(clumps_a_month / ALARMS_A_MONTH) / self.level
        due = self._due_by_hour(math.floor(last), math.ceil(longest) + 1)
        due -= due[0] * (last % 1)  # of the hour of the last page, only what was left
        reached = int(np.searchsorted(due, enough))
        if reached >= len(due):
            return math.inf
        before = due[reached - 1] if reached else 0.0
        share = (enough - before) / (due[reached] - before) if due[reached] > before else 1.0
        return reached + share - (last % 1 if reached else 0.0)

    def _due_by_hour(self, begin: int, hours: int) -> Hours:
        """Returns how many pages are due from an hour on until the end of each, by the daily shift that makes them fewest."""
        shifts = np.arange(-MOST_SHIFTED_H, MOST_SHIFTED_H + 1)
        at = (EPOCH_HOUR + begin + shifts[:, None] + np.arange(hours)) % WEEK_H
        fewest: Hours = self.rates[at].cumsum(axis=1).min(axis=0)
        return fewest


def rhythm_of(counts: Hours, end: int) -> Rhythm:
    """Returns the rhythm of pages by the hour, oldest first, of which the last hour ends at `end`, in hours since 1970."""
    counts = counts[-PAST_H:]
    week = (EPOCH_HOUR + np.arange(end - len(counts), end)) % WEEK_H
    rates = _rates(counts, week)
    due = rates[week]
    recent = slice(max(0, len(counts) - RECENT_H), None)
    level = (counts[recent].sum() + PRIOR_RECENT) / (due[recent].sum() + PRIOR_RECENT)
    return Rhythm(
        rates=rates,
        clump=_clump(counts, due),
        longest_quiet_h=_longest_quiet_h(counts),
        pages=int(counts.sum()),
        hours=len(counts),
        level=float(min(1.0, max(SLOWEST, level))),
    )


def _rates(counts: Hours, week: npt.NDArray[np.int64]) -> Hours:
    weights = 0.5 ** ((len(counts) - np.arange(len(counts))) / HALF_LIFE_H)
    weights /= weights.max()
    came: Hours = np.bincount(week, weights * counts, WEEK_H).reshape(7, DAY_H).astype(np.float64)
    seen: Hours = np.bincount(week, weights, WEEK_H).reshape(7, DAY_H).astype(np.float64)
    mean = came.sum() / seen.sum()
    by_day = (came.sum(1) + PRIOR_PAGES) / (seen.sum(1) * mean + PRIOR_PAGES)
    by_hour = (_smoothed(came.sum(axis=0)) + PRIOR_PAGES) / (seen.sum(0) * mean + PRIOR_PAGES)
    expected = mean * np.outer(by_day, by_hour)
    near = _smoothed(came.ravel()).reshape(7, DAY_H)
    rates: Hours = ((near + PRIOR_HOURS * expected) / (seen + PRIOR_HOURS)).ravel()
    return rates


def _smoothed(values: Hours) -> Hours:
    around = np.concatenate((values[-1:], values, values[:1]))
    smoothed: Hours = (around[:-2] + 2 * values + around[2:]) / 4
    return smoothed


def _clump(counts: Hours, due: Hours) -> float:
    """Returns variance by mean, of the usual week: a week of trouble is not usual."""
    begins = range(len(counts) % WEEK_H, len(counts), WEEK_H)
    squares = (counts - due) ** 2
    shares = [float(squares[b : b + WEEK_H].sum() / max(due[b : b + WEEK_H].sum(), 1.0)) for b in begins]
    return float(max(1.0, median(shares))) if shares else 1.0


def _longest_quiet_h(counts: Hours) -> float:
    """Returns the median over the weeks, in hours, of the longest quiet that ended in each, else of the one that filled it.

    A quiet reaches from the last page of an hour to the first of a later one, which lie a share of 1 / (n + 1) from its end.
    """
    busy = np.flatnonzero(counts)
    if len(busy) < 2 or len(counts) < WEEK_H:
        return float(len(counts))
    edges = 1 / (counts[busy] + 1)
    quiets = np.diff(busy) - 1 + edges[:-1] + edges[1:]
    longest = []
    for end in range(len(counts), WEEK_H - 1, -WEEK_H):
        ended = quiets[(busy[1:] < end) & (busy[1:] >= end - WEEK_H)]
        around = quiets[(busy[1:] >= end) & (busy[:-1] < end - WEEK_H)]
        if len(ended) or len(around):
            longest.append(float(ended.max() if len(ended) else around.max()))
    return float(median(longest))
