"""The numbers that a process keeps of itself."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streams.runtime.fates import Counts
from streams.runtime.vitals import Distribution, Vitals


@given(st.lists(st.floats(0, 1e6)), st.lists(st.floats(0, 1e6), min_size=1, unique=True).map(sorted))
def test_a_bucket_holds_all_that_is_not_above_its_bound(values: list[float], bounds: list[float]) -> None:
    distribution = Distribution(tuple(bounds))
    for value in values:
        distribution.observe(value)

    counted = list(distribution.cumulative())

    assert [number for _, number in counted] == [*(sum(value <= bound for value in values) for bound in bounds), len(values)]
    assert [float(bound) for bound, _ in counted] == [*bounds, float("inf")]


def test_a_process_that_still_starts_is_alive() -> None:
    vitals = Vitals(Counts("index"), silent_after_s=0.0)

    assert vitals.is_alive


def test_a_process_at_work_whose_loop_stands_is_not_alive() -> None:
    vitals = Vitals(Counts("index"), silent_after_s=0.0)
    vitals.is_started.set()

    assert not vitals.is_alive
