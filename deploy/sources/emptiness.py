"""Whether the pages of a source have become empty: refused or short where its pages usually are not. Pure.

The test is Page's cumulative sum (Continuous inspection schemes, Biometrika 41, 1954) over poor and good pages: the logarithm
of how much likelier they are when most pages are poor than at the source's own share, never below nothing.
"""

from __future__ import annotations

import dataclasses
import math
from itertools import accumulate
from statistics import median
from typing import Final

import numpy as np

from deploy.sources.rhythm import ALARMS_A_MONTH, MONTH_H, PAST_H, WEEK_H, Hours

BOUNDS: Final = (15, 40, 100, 250)  # words; a source's pages are short below the greatest that few of them are below
FEW_SHARE: Final = 0.05
MOST_POOR: Final = 0.3  # a source of which more is poor as a rule is not judged by it
WHEN_EMPTY: Final = 0.6  # the least share of poor pages that is looked for
OWN_FACTOR: Final = 1.5  # of the highest sum of a usual week


@dataclasses.dataclass(frozen=True, slots=True)
class Emptiness:
    """Pages of fewer than `bound` words are poor, 0 where only refused ones are; `usual` is their share as a rule."""

    bound: int
    usual: float
    is_empty: bool


def emptiness_of(pages: Hours, refused: Hours, shorter: Hours) -> Emptiness:
    """Judges pages by the hour, oldest first: those that came through, those refused, and of the former those below each bound.

    `shorter` has a row for each of BOUNDS.
    """
    pages, refused, shorter = pages[-PAST_H:], refused[-PAST_H:], shorter[:, -PAST_H:]
    came = pages + refused
    shares = [_usual_share(row, pages) for row in shorter]
    few = [number for number, share in enumerate(shares) if share <= FEW_SHARE]
    bound, short = (BOUNDS[few[-1]], shorter[few[-1]]) if few else (0, np.zeros_like(pages))
    poor = refused + short
    usual = max(0.01, _usual_share(poor, came))
    if usual > MOST_POOR:
        return Emptiness(bound, usual, is_empty=False)
    expected = max(WHEN_EMPTY, (1 + usual) / 2)
    steps = poor * math.log(expected / usual) + (came - poor) * math.log((1 - expected) / (1 - usual))
    enough = math.log(max(1.0, came.sum() / len(came) * MONTH_H) / ALARMS_A_MONTH)
    sums = _sums(steps, 3 * enough)
    enough = max(enough, OWN_FACTOR * _usual_highest(sums))
    return Emptiness(bound, usual, is_empty=bool(sums[-1] >= enough))


def _sums(steps: Hours, most: float) -> Hours:
    """Returns the sum after each hour, between nothing and `most`, so that an end is seen as fast as a beginning."""
    return np.array(list(accumulate(steps.tolist(), lambda reached, step: min(most, max(0.0, reached + step)), initial=0.0))[1:])


def _usual_share(some: Hours, all_: Hours) -> float:
    """Returns the share of the usual week: the median over the weeks that had any."""
    weeks = [slice(max(0, end - WEEK_H), end) for end in range(len(all_), 0, -WEEK_H)]
    shares = [some[week].sum() / all_[week].sum() for week in weeks if all_[week].sum()]
    return float(median(shares)) if shares else 0.0


def _usual_highest(sums: Hours) -> float:
    return float(median([float(sums[max(0, end - WEEK_H) : end].max()) for end in range(len(sums), 0, -WEEK_H)]))
