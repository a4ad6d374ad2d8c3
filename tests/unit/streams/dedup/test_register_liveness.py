"""How long an entry can be found, by the time of the log and by offsets, and when it is swept away."""

from __future__ import annotations

import pytest

from streams.dedup.live import RegisterLimits
from tests.unit.streams.dedup.messages import DAY, START, Log, bulletin, key, message, text

LIMITS = RegisterLimits()


def sweep(log: Log, at: int, limit: int = 1000) -> list[bytes]:
    """Sweeps when the messages so far cannot come again."""
    return log.register.expired(START + at, log.offset + 2 * LIMITS.uncommitted + 1, limit)


@pytest.mark.parametrize(
    ("at", "after", "kind"),
    [(7 * DAY, 1, "copy"), (7 * DAY + 1, 1, "new"), (1, LIMITS.window_offsets, "copy"), (1, LIMITS.window_offsets + 1, "new")],
)
def test_entries_live_for_seven_days_and_two_million_offsets(log: Log, at: int, after: int, kind: str) -> None:
    log.verdict(message("a", text(1)))

    assert log.verdict(message("b", text(1), at=at), after=after).kind == kind


def test_an_expired_article_is_judged_as_if_it_were_new(log: Log) -> None:
    log.verdict(message("a", text(1)))

    again = log.verdict(message("a", text(1), at=7 * DAY + 1))

    assert (again.kind, again.known, again.version) == ("new", False, START + 7 * DAY + 1)


def test_an_expired_founder_is_not_a_copy_of_its_own_story(log: Log) -> None:
    log.verdict(message("flash", text(1)))
    log.verdict(message("report", text(1, 150), at=6 * DAY))

    again = log.verdict(message("flash", text(1), at=8 * DAY))

    assert (again.kind, again.story_id) == ("new", key("flash").hex())


def test_texts_that_have_expired_do_not_count_as_boilerplate(log: Log) -> None:
    for number in range(150):
        log.verdict(message(number, bulletin(1000 + number, 5000 + number), at=number))
    log.verdict(message("before", bulletin(1, 2), at=5 * DAY))

    verdict = log.verdict(message("after", bulletin(1, 2) + " " + text(3, 8), at=8 * DAY))

    assert (verdict.kind, verdict.story_id) == ("copy", key("before").hex())


def test_the_clock_of_the_log_never_goes_back(log: Log) -> None:
    log.verdict(message("a", text(1)))
    log.verdict(message("b", text(2), at=8 * DAY))

    late = log.verdict(message("c", text(1), at=1))

    assert (late.kind, late.version) == ("new", START + 1)


def test_what_is_swept_away_was_past_finding(log: Log) -> None:
    for number in range(5):
        log.verdict(message(number, text(number), at=number * DAY))
    log.verdict(message("late", text(50), at=9 * DAY))

    swept = sweep(log, 9 * DAY)

    assert swept == [key(0), key(1)]
    assert len(log.register) == 4
    for id_ in swept:
        del log.store[id_]
    assert log.verdict(message("copy", text(1), at=9 * DAY)).kind == "new"
    assert log.verdict(message("another", text(2), at=9 * DAY)).story_id == key(2).hex()


def test_nothing_is_swept_before_the_log_has_reached_its_time(log: Log) -> None:
    log.verdict(message("a", text(1)))
    log.verdict(message("b", text(2), at=7 * DAY))

    assert sweep(log, 100 * DAY) == []


def test_nothing_is_swept_that_a_message_which_may_come_again_has_found(log: Log) -> None:
    log.verdict(message("a", text(1)))
    log.verdict(message("late", text(2), at=9 * DAY), after=LIMITS.uncommitted)

    assert log.register.expired(START + 9 * DAY, log.offset + 2 * LIMITS.uncommitted, 1000) == []
    assert sweep(log, 9 * DAY) == [key("a")]


def test_offsets_sweep_too(log: Log) -> None:
    for number in range(5):
        log.verdict(message(number, text(number), at=number))

    offset = LIMITS.window_offsets + 2 * LIMITS.uncommitted + 3
    assert log.register.expired(START, offset, 1000) == [key(0), key(1), key(2)]


def test_a_sweep_leaves_what_is_beyond_its_limit(log: Log) -> None:
    for number in range(5):
        log.verdict(message(number, text(number), at=number))
    log.verdict(message("late", text(50), at=30 * DAY))

    assert sweep(log, 30 * DAY, limit=2) == [key(0), key(1)]
    assert len(log.register) == 4
