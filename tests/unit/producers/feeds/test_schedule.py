"""The schedule of feeds and stories: within bounds, patient with failures, never blind to a server that lies."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from producers.feeds.schedule import backoff_s, first_due, jittered, max_age_s, next_interval_s, next_visit, validators

BOUNDS = (300.0, 21_600.0)
NOW = 1_800_000_000.0
seconds = st.floats(0, 1e6)


@given(seconds, st.booleans(), seconds)
def test_an_interval_stays_between_its_bounds(interval_s: float, is_new: bool, max_age: float) -> None:
    assert BOUNDS[0] <= next_interval_s(interval_s, is_new, BOUNDS, max_age) <= BOUNDS[1]


def test_news_brings_a_feed_sooner_and_silence_later() -> None:
    assert next_interval_s(1000, True, BOUNDS) < 1000 < next_interval_s(1000, False, BOUNDS)


@given(st.integers(1, 10**6))
def test_failures_wait_longer_but_a_feed_is_never_given_up(failures: int) -> None:
    assert BOUNDS[0] < backoff_s(failures, BOUNDS, None) <= BOUNDS[1]


def test_retry_after_is_waited_for_beyond_the_bound() -> None:
    assert backoff_s(1, BOUNDS, 80_000.0) == 80_000.0


def test_a_thousand_feeds_begin_over_a_hundred_seconds_and_a_few_at_once() -> None:
    due = sorted(first_due(f"https://s{number}.example/rss", NOW, 1000, 300) - NOW for number in range(1000))

    assert due[0] >= 0
    assert due[-1] <= 100
    assert max(sum(start <= time < start + 10 for time in due) for start in range(0, 100, 10)) < 200
    assert first_due("https://s.example/rss", NOW, 3, 300) - NOW <= 0.3


def test_the_jitter_is_at_most_a_tenth() -> None:
    assert all(100 <= jittered(100, str(number)) <= 110 for number in range(100))


def test_a_story_is_visited_again_as_its_source_says_and_then_never() -> None:
    waits = [3600.0, 21_600.0, 86_400.0]

    assert next_visit(NOW, 1, waits, NOW) == NOW + 3600
    assert next_visit(NOW, 2, waits, NOW + 3601) == NOW + 21_600
    assert next_visit(NOW, 3, waits, NOW + 21_601) == NOW + 86_400
    assert next_visit(NOW, 4, waits, NOW + 86_401) is None
    assert next_visit(NOW, 2, waits, NOW + 30_000) == NOW + 86_400  # a visit that was missed is not made up for


def test_validators_are_sent_until_a_fetch_without_them_is_due() -> None:
    past = "Sun, 22 Nov 2026 06:00:00 GMT"

    assert validators('"e"', past, NOW - 60, NOW) == {"If-None-Match": '"e"', "If-Modified-Since": past}
    assert validators('"e"', past, NOW - 21_600, NOW) == {}
    assert validators('"e"', "Sat, 16 Nov 2041 19:11:00 GMT", NOW - 60, NOW) == {}
    assert validators('"e"', "yesterday", NOW - 60, NOW) == {}
    assert validators('"e"', None, NOW - 60, NOW) == {"If-None-Match": '"e"'}


def test_cache_control_is_read() -> None:
    assert [max_age_s(text) for text in ("max-age=600", 'public, Max-Age="60"', "no-store", "max-age=x")] == [600, 60, 0, 0]
