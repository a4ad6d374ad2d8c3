"""One grammar of times and ages for every command."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from streams.runtime.time_expressions import age, point_in_time

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        ("90s", "2026-11-22T11:58:30+00:00"),
        ("90m", "2026-11-22T10:30:00+00:00"),
        ("24h", "2026-11-21T12:00:00+00:00"),
        ("2w", "2026-11-08T12:00:00+00:00"),
        ("2026-11-22", "2026-11-22T00:00:00+00:00"),
        ("2026-11-22T18:25", "2026-11-22T18:25:00+00:00"),
        ("2026-11-22 18:25:43", "2026-11-22T18:25:43+00:00"),
        ("2026-11-22T18:00:00Z", "2026-11-22T18:00:00+00:00"),
        ("2026-11-22T18:00:00+03:00", "2026-11-22T18:00:00+03:00"),
    ],
)
def test_ages_dates_and_times_are_points_in_time(typed: str, means: str) -> None:
    assert point_in_time(typed, NOW).isoformat() == means


@pytest.mark.parametrize(
    "typed", ["", "yesterday", "0h", "24", "2026-13-01", "2026-02-31", "0000-01-01", "now-1d", "24H", "٢٤h", "2026-11-22T25:00Z"]
)
def test_anything_else_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="is no time"):
        point_in_time(typed, NOW)


@pytest.mark.parametrize(("typed", "long"), [("90m", timedelta(minutes=90)), ("7d", timedelta(days=7)), ("soon", None)])
def test_an_age_has_a_length(typed: str, long: timedelta | None) -> None:
    assert age(typed) == long


@pytest.mark.parametrize("typed", ["99999d", "999999w", "999999999w"])
def test_an_age_before_all_news_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="too long"):
        point_in_time(typed, NOW)
