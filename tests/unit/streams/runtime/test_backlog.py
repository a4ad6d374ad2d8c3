"""When a worker is behind, and when it is caught up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streams.runtime.backlog import DUE_AFTER_S, STALE_AFTER_S, Backlog

PAGES = ("news.pages", 0)


def test_what_waited_when_the_assignment_began_is_overdue_until_it_is_settled() -> None:
    backlog = Backlog()

    backlog.measure({PAGES: 100}, {PAGES: 0}, 0.0)
    assert (backlog.lag, backlog.hindrance(1.0)) == ({PAGES: 100}, "100 messages are overdue")

    backlog.measure({PAGES: 150}, {PAGES: 100}, 5.0)
    assert (backlog.lag, backlog.hindrance(6.0)) == ({PAGES: 50}, "")


def test_a_new_partition_has_to_be_caught_up_and_the_one_before_it_stays_so() -> None:
    backlog = Backlog()
    backlog.measure({PAGES: 10}, {PAGES: 10}, 0.0)

    backlog.measure({PAGES: 12, ("news.pages", 1): 7}, {PAGES: 11, ("news.pages", 1): 0}, 5.0)

    assert backlog.overdue == {PAGES: 0, ("news.pages", 1): 7}


def test_a_standby_is_caught_up_once_it_has_asked() -> None:
    backlog = Backlog()
    assert backlog.hindrance(0.0)

    backlog.measure({}, {}, 0.0)

    assert backlog.hindrance(1.0) == ""


def test_an_old_answer_is_none() -> None:
    backlog = Backlog()
    backlog.measure({PAGES: 0}, {PAGES: 0}, 0.0)

    assert backlog.hindrance(STALE_AFTER_S) == ""
    assert "Kafka does not answer" in backlog.hindrance(STALE_AFTER_S + 1)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=60), st.integers(0, int(DUE_AFTER_S / 5)))
def test_a_worker_that_settles_each_message_within_the_minute_is_never_behind(arriving: list[int], delay: int) -> None:
    """It settles at each measurement, five seconds apart, what was there `delay` measurements ago."""
    backlog, ends = Backlog(), [0]
    for step, more in enumerate(arriving):
        ends.append(ends[-1] + more)
        backlog.measure({PAGES: ends[-1]}, {PAGES: ends[max(1, len(ends) - 1 - delay)]}, step * 5.0)
        assert backlog.hindrance(step * 5.0) == ""
