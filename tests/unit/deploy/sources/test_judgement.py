"""What is said of a source: its states, and when pages that still come are empty."""

from __future__ import annotations

import numpy as np
import pytest

from deploy.sources.emptiness import BOUNDS, emptiness_of
from deploy.sources.judgement import Arrivals, Hour, judge
from deploy.sources.rhythm import DAY_H, PAST_H, WEEK_H

MONDAY = 2_900 * WEEK_H - 72  # hours since 1970
TWO = Hour(pages=2)


def steady(weeks: int, every: Hour = TWO) -> dict[int, Hour]:
    """Hours of a source that brings the same in each, which is two pages."""
    return {MONDAY + hour: every for hour in range(weeks * WEEK_H)}


def arrivals(by_hour: dict[int, Hour]) -> Arrivals:
    last = max(by_hour) + 0.9
    return Arrivals("madar", by_hour, last, last)


def test_a_source_in_its_rhythm_is_well() -> None:
    found = judge(arrivals(steady(4)), MONDAY + 4 * WEEK_H + 1.0)

    assert found.state == "well"
    assert found.pages == 2 * 4 * WEEK_H
    assert found.silent_from is not None


def test_a_source_is_silent_from_the_moment_that_was_told_before() -> None:
    told = judge(arrivals(steady(4)), MONDAY + 4 * WEEK_H).silent_from
    assert told is not None

    assert judge(arrivals(steady(4)), told - 0.01).state == "well"
    assert judge(arrivals(steady(4)), told).state == "silent"


def test_a_source_that_has_brought_nothing_for_four_weeks_is_gone() -> None:
    assert judge(arrivals(steady(4)), MONDAY + 4 * WEEK_H + PAST_H + 1.0).state == "gone"


def test_a_source_of_less_than_two_weeks_is_new_however_quiet() -> None:
    assert judge(arrivals(steady(1)), MONDAY + 2 * WEEK_H).state == "new"


def test_the_share_of_copies_and_refused_pages_is_told() -> None:
    found = judge(arrivals(steady(3, Hour(pages=2, copies=1, refused=2))), MONDAY + 3 * WEEK_H)

    assert (found.copies_share, found.refused_share) == (0.5, 0.5)


@pytest.mark.parametrize(
    ("empty", "bound"),
    [
        (Hour(0, 0, 2), 250),  # refused
        (Hour(2, 0, 0, (2, 2, 2, 2)), 250),  # no words at all
        (Hour(2, 0, 0, (0, 0, 2, 2)), 250),  # an opening paragraph before a wall
    ],
)
def test_pages_that_are_suddenly_refused_or_short_make_a_source_empty(empty: Hour, bound: int) -> None:
    by_hour = steady(4) | {MONDAY + 4 * WEEK_H + hour: empty for hour in range(6)}

    found = judge(arrivals(by_hour), MONDAY + 4 * WEEK_H + 6.0)

    assert (found.state, found.short_below) == ("empty", bound)
    assert found.poor_share < 0.05
    assert found.poor_share_today == pytest.approx(0.25)


def test_a_source_is_well_again_soon_after_its_pages_are_whole() -> None:
    by_hour = steady(4) | {MONDAY + 4 * WEEK_H + hour: Hour(2, 0, 0, (2, 2, 2, 2)) for hour in range(6)}
    mended = by_hour | {MONDAY + 4 * WEEK_H + hour: Hour(2) for hour in range(6, 6 + DAY_H)}

    assert judge(arrivals(mended), MONDAY + 4 * WEEK_H + 6.0 + DAY_H).state == "well"


def test_a_source_of_flashes_is_not_empty_for_being_short() -> None:
    by_hour = steady(4, Hour(2, 0, 0, (1, 2, 2, 2)))

    found = judge(arrivals(by_hour), MONDAY + 4 * WEEK_H)

    assert (found.state, found.short_below) == ("well", 0)


def test_bursts_of_short_pages_that_a_source_has_each_week_are_no_emptiness() -> None:
    by_hour = steady(4)
    for week in range(4):
        by_hour |= {MONDAY + week * WEEK_H + 160 + hour: Hour(2, 0, 0, (2, 2, 2, 2)) for hour in range(4)}
    end = MONDAY + 3 * WEEK_H + 164

    assert judge(arrivals({hour: each for hour, each in by_hour.items() if hour < end}), float(end)).state == "well"


def test_chance_makes_no_source_empty_in_three_weeks() -> None:
    """Twenty sources, of which up to a tenth of the pages is short at random, judged twice a day."""
    chance = np.random.default_rng(11)
    alarms = 0
    for _ in range(20):
        pages = chance.poisson(chance.uniform(0.2, 3), 5 * WEEK_H)
        shorter = np.zeros((len(BOUNDS), len(pages)))
        shorter[-1] = chance.binomial(pages, chance.uniform(0, 0.1))
        for now in range(2 * WEEK_H, 5 * WEEK_H, 12):
            whole = pages[:now].astype(np.float64)
            alarms += emptiness_of(whole, np.zeros(now), shorter[:, :now]).is_empty

    assert alarms <= 1
