"""Which months are merged: those that nothing was written to between two looks."""

from __future__ import annotations

from indexing.worker.resting import LARGEST_BYTES, Month, at_rest


def test_a_month_at_rest_of_several_segments_is_merged() -> None:
    look = {"news-g1-2026.09": Month(500, 7, 4_000_000)}

    assert at_rest(look, look) == ["news-g1-2026.09"]


def test_a_month_that_was_written_to_is_not() -> None:
    before, now = {"news-g1-2026.11": Month(500, 7, 4_000_000)}, {"news-g1-2026.11": Month(501, 7, 4_000_000)}

    assert at_rest(before, now) == []


def test_a_month_that_was_not_seen_before_waits_for_the_next_look() -> None:
    assert at_rest({}, {"news-g1-2026.11": Month(0, 7, 4_000_000)}) == []


def test_a_month_of_one_segment_is_left_alone_and_so_is_one_that_is_large() -> None:
    look = {"news-g1-2026.09": Month(500, 1, 4_000_000), "news-g1-2026.10": Month(500, 7, LARGEST_BYTES + 1)}

    assert at_rest(look, look) == []
