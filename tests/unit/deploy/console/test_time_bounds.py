from __future__ import annotations

import pytest

from deploy.console.reads.time_bounds import moment


@pytest.mark.parametrize(
    ("typed", "means"),
    [("24h", "now-24h"), ("2w", "now-2w"), ("2026-11-22", "2026-11-22"), ("2026-11-22T18:00:00Z", "2026-11-22T18:00:00Z")],
)
def test_ages_and_dates_are_points_in_time(typed: str, means: str) -> None:
    assert moment(typed) == means


@pytest.mark.parametrize(
    "typed", ["", "yesterday", "0h", "24", "2026-13-01", "2026-02-31", "0000-01-01", "now-1d", "24H", "٢٤h", "2026-11-22T25:00Z"]
)
def test_anything_else_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="is no time"):
        moment(typed)


@pytest.mark.parametrize("age", ["99999d", "999999w"])
def test_an_age_before_all_news_is_refused(age: str) -> None:
    with pytest.raises(ValueError, match="too long"):
        moment(age)
