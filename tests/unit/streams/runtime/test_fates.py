"""What a process counts: a closed list of fates, which add up to what was taken in."""

from __future__ import annotations

import pytest

from streams.records import KINDS
from streams.runtime.fates import FATES, PARTS, STAGES, TAKEN_IN, Counts, Fate


def test_every_part_has_its_fates_and_every_fate_a_stage() -> None:
    assert set(FATES) == set(TAKEN_IN) == set(PARTS)
    assert set(STAGES) < set(PARTS)
    assert set().union(*FATES.values()) == set(Fate)


def test_every_verdict_is_a_fate_of_dedup() -> None:
    assert {Fate(kind) for kind in KINDS} <= FATES["dedup"]


def test_what_was_taken_in_is_the_sum_of_the_fates() -> None:
    counts = Counts("split")
    counts.add(Fate.SPLIT, 4)
    counts.add(Fate.DEAD_LETTER)
    counts.articles_made += 7

    assert counts.taken_in == 5
    assert counts.summary() == "5 pages: 4 split, 1 dead letter; 7 articles"


def test_a_fate_of_another_stage_is_refused() -> None:
    with pytest.raises(ValueError, match="split has no fate indexed"):
        Counts("split").add(Fate.INDEXED)


def test_a_report_tells_of_what_came_since_the_last() -> None:
    counts = Counts("index")
    counts.add(Fate.INDEXED, 3)
    before = counts.copy()
    counts.add(Fate.INDEXED, 2)

    assert counts.since(before).summary() == "2 verdicts: 2 indexed"
    assert counts.since(counts).summary() == ""
