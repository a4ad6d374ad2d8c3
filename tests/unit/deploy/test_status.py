"""What a status counts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from deploy.status import lag


def test_a_group_that_never_committed_has_everything_that_is_still_there_before_it() -> None:
    assert lag({}, {0: (0, 5), 1: (3, 10)}) == 12


def test_a_group_at_the_end_has_no_lag() -> None:
    assert lag({0: 5}, {0: (0, 5)}) == 0


def test_messages_that_retention_took_are_not_waited_for() -> None:
    assert lag({0: 2}, {0: (4, 10)}) == 6


def test_an_offset_behind_the_end_of_a_topic_that_was_made_again_is_no_negative_lag() -> None:
    assert lag({0: 50}, {0: (0, 5), 1: (0, 3)}) == 3


@given(st.dictionaries(st.integers(0, 5), st.tuples(st.integers(0, 9), st.integers(0, 9)).map(lambda pair: tuple(sorted(pair)))))
def test_committing_everywhere_leaves_no_lag(held: dict[int, tuple[int, int]]) -> None:
    assert lag({partition: end for partition, (_, end) in held.items()}, held) == 0
