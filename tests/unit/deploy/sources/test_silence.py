"""Silences are found soon and seldom by mistake, in generated traffic of sixty sources."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from deploy.sources.rhythm import WEEK_H, Hours, rhythm_of
from tests.support.traffic import KINDS, Traffic, sixty_sources, usual_quiet_h

LEARNED_H, JUDGED = 2, 3  # weeks
MONDAY = 2_900 * WEEK_H - 72  # hours since 1970
END = float((LEARNED_H + JUDGED) * WEEK_H)
SOURCE_MONTHS = 10 * JUDGED * 7 / 30  # of each kind


def silent_after_h(counts: Hours, last: float) -> float:
    """The hours after the page `last` from which the source is silent, by the pages up to it."""
    end = int(last) + 1
    return rhythm_of(counts[:end], MONDAY + end).silent_after_h(MONDAY + last)


def delays_and_false_alarms(traffic: list[Traffic]) -> tuple[list[tuple[str, float]], Counter[str]]:
    """Of each planted silence its kind and the usual quiets until it is found; and the alarms at other gaps, by kind."""
    delays, false = [], Counter[str]()
    for each in traffic:
        counts = np.bincount(np.array(each.pages, dtype=np.int64), minlength=int(END)).astype(np.float64)
        for last, following in pairwise([*each.pages, END]):
            is_planted = each.silence is not None and each.silence.last == last
            if last < LEARNED_H * WEEK_H or (following - last < 1 and not is_planted):  # no quiet of less than an hour is one
                continue
            found_after = silent_after_h(counts, last)
            if is_planted:
                delays.append((each.kind, found_after / usual_quiet_h(each.pages, last)))
            elif found_after < following - last:
                false[each.kind] += 1
    return delays, false


def holds(seed: int) -> tuple[list[tuple[str, float]], dict[str, float]]:
    """The silences that are found after more than two usual quiets, and false alarms a source-month of each kind."""
    delays, false = delays_and_false_alarms(sixty_sources(seed, LEARNED_H, LEARNED_H + JUDGED))
    assert len(delays) == 30
    return [(kind, delay) for kind, delay in delays if delay > 2], {kind: false[kind] / SOURCE_MONTHS for kind in KINDS}


def test_every_silence_is_found_within_twice_the_usual_quiet_with_few_false_alarms() -> None:
    late, false = holds(seed=2026)

    assert late == []
    assert max(false.values()) <= 1


@pytest.mark.soak
def test_it_holds_for_other_seeds() -> None:
    """One in a hundred silences may be found later, because the hours are known no more finely than that."""
    seeds = [delays_and_false_alarms(sixty_sources(seed, LEARNED_H, LEARNED_H + JUDGED)) for seed in range(50)]
    delays = [delay for found, _ in seeds for _, delay in found]
    false = sum((alarms for _, alarms in seeds), Counter[str]())

    assert sum(delay > 2 for delay in delays) <= len(delays) / 100
    assert max(delays) < 2.5
    assert max(false[kind] / (len(seeds) * SOURCE_MONTHS) for kind in KINDS) <= 0.5


def weekly(pages: dict[int, float], weeks: int) -> Hours:
    """The counts of weeks that are all alike: hour of the week -> pages."""
    week = np.zeros(WEEK_H)
    for hour, number in pages.items():
        week[hour] = number
    return np.tile(week, weeks)


def test_a_pause_of_every_weekend_is_no_silence() -> None:
    """Pages on the hour from 8 to 20, none on Friday and Saturday."""
    counts = weekly({day * 24 + hour: 2 for day in (0, 1, 2, 3, 6) for hour in range(8, 20)}, 4)
    thursday = 3 * WEEK_H + 4 * 24 - 4

    rhythm = rhythm_of(counts[:thursday], MONDAY + thursday)

    assert rhythm.silent_after_h(MONDAY + thursday - 0.5) > 60  # until Sunday morning


def test_the_same_quiet_on_a_working_day_is_one() -> None:
    counts = weekly({day * 24 + hour: 2 for day in (0, 1, 2, 3, 6) for hour in range(8, 20)}, 4)
    noon = 3 * WEEK_H + 2 * 24 + 12

    rhythm = rhythm_of(counts[:noon], MONDAY + noon)

    assert rhythm.silent_after_h(MONDAY + noon - 0.5) < 24


def test_one_outage_in_the_past_does_not_make_the_next_one_usual() -> None:
    counts = weekly(dict.fromkeys(range(WEEK_H), 5), 4)
    with_outage = counts.copy()
    with_outage[2 * WEEK_H : 2 * WEEK_H + 60] = 0

    before, after = (rhythm_of(each, MONDAY + 4 * WEEK_H) for each in (counts, with_outage))

    assert after.longest_quiet_h == pytest.approx(before.longest_quiet_h)
    assert after.silent_after_h(MONDAY + 4 * WEEK_H - 0.5) < 4 * before.silent_after_h(MONDAY + 4 * WEEK_H - 0.5)


def test_three_pages_a_week_are_silent_when_the_third_is_missing() -> None:
    counts = weekly({9: 1, 2 * 24 + 9: 1, 4 * 24 + 9: 1}, 4)
    last = 3 * WEEK_H + 4 * 24 + 9

    rhythm = rhythm_of(counts[: last + 1], MONDAY + last + 1)

    assert rhythm.longest_quiet_h == pytest.approx(72, abs=1)
    assert 72 < rhythm.silent_after_h(MONDAY + last + 0.5) < 144


def test_pages_that_come_in_clumps_are_waited_for_longer() -> None:
    chance = np.random.default_rng(7)
    alone = chance.poisson(4, 4 * WEEK_H).astype(np.float64)
    clumped = (8 * chance.poisson(0.5, 4 * WEEK_H)).astype(np.float64)

    alone_rhythm, clumped_rhythm = (rhythm_of(each, MONDAY + 4 * WEEK_H) for each in (alone, clumped))

    assert alone_rhythm.clump < 2
    assert clumped_rhythm.clump > 4
