"""A message that comes again hears what it heard, or nothing when its verdict has been superseded."""

from __future__ import annotations

import pytest

from streams.dedup.register import Register
from tests.unit.streams.dedup.messages import DAY, Log, message, text


def test_a_message_that_comes_again_hears_the_same_verdict(log: Log) -> None:
    log.verdict(message("a", text(1)))
    first = log.verdict(message("b", text(1), at=5))
    log.verdict(message("c", text(1, 150), at=6))
    before = dict(log.store)

    assert log.judge(message("b", text(1), at=5)) == first
    assert log.store == before


def test_a_changed_article_that_comes_again_hears_the_same_verdict(log: Log) -> None:
    log.verdict(message("a", text(1)))
    update = log.verdict(message("a", text(2), at=5))

    assert log.judge(message("a", text(2), at=5)) == update


def test_a_renewed_article_that_comes_again_is_unchanged_again(log: Log) -> None:
    log.verdict(message("a", text(1)))
    renewed = log.verdict(message("a", text(1), at=2 * DAY))

    assert log.judge(message("a", text(1), at=2 * DAY)) == renewed


def test_a_late_message_that_comes_again_hears_the_same_verdict(log: Log) -> None:
    log.verdict(message("b", text(2), at=30 * DAY))
    late = log.verdict(message("c", text(1), at=1))
    log.verdict(message("d", text(1), at=2))

    assert log.judge(message("c", text(1), at=1)) == late


@pytest.mark.parametrize("known", [1, 2, 3, 4])
def test_messages_that_come_again_after_the_clock_ran_ahead_hear_what_they_heard(log: Log, known: int) -> None:
    messages = [
        message("a", text(1), origin=(0, 0)),
        message("b", text(1), at=DAY, origin=(0, 1)),
        message("a", text(1), at=DAY // 2, origin=(0, 2)),
        message("c", text(2), at=9 * DAY, origin=(0, 3)),
    ]
    said = []
    for offset, one in enumerate(messages):
        said.append(log.verdict(one))
        if offset + 1 == known:
            store = dict(log.store)

    after_crash = Register(store)
    list(after_crash.rebuild())

    assert [verdict.kind for verdict in said] == ["new", "copy", "unchanged", "new"]
    assert [after_crash.judge(one, offset) for offset, one in enumerate(messages)] == said
    assert store == log.store


def test_what_came_before_on_the_same_page_partition_has_its_verdict_out_already(log: Log) -> None:
    log.verdict(message("a", text(1), origin=(4, 10)))
    log.verdict(message("a", text(2), at=9, origin=(4, 20)))

    assert log.judge(message("a", text(1), origin=(4, 10))) is None


def test_a_later_verdict_on_the_same_article_supersedes_one_of_another_page_partition(log: Log) -> None:
    log.verdict(message("a", text(1), role="read_also", origin=(1, 7)))
    log.verdict(message("a", text(1), role="read_also", at=2 * DAY, origin=(2, 5)))

    assert log.register.judge(message("a", text(1), role="read_also", origin=(1, 7)), 0) is None


def test_origins_of_two_partitions_are_not_compared(log: Log) -> None:
    log.verdict(message("a", text(1), origin=(4, 10)))

    assert log.verdict(message("a", text(2), at=9, origin=(3, 2))).kind == "update"
