"""The store: what was claimed stays claimed over a kill, and each page is counted once."""

from __future__ import annotations

from pathlib import Path

import pytest

from producers.feeds.store import FORGOTTEN_S, FeedRow, StoryRow, readable, store
from streams.errors import RafidError

NOW = 1_800_000_000.0
FEED = FeedRow("https://s.example/rss", "s", "s.example", NOW, 300.0, None, None, None, 0.0, 0, None, 0, 0, None)


def story(key: str = "k", version: str = "1", host: str = "s.example", due: float = NOW) -> StoryRow:
    return StoryRow(key, "s", host, f"https://{host}/{key}", None, version, b"{}", NOW, due, 0, None, 0, None, None)


def test_a_claim_survives_and_what_is_claimed_is_not_due(tmp_path: Path) -> None:
    with store(tmp_path / "s") as kept:
        kept.follow([(FEED.url, "s", "s.example", NOW, 300.0)])
        kept.record_feed(FEED, [story()])
        kept.claim_feed(FEED.url, NOW + 300)
        kept.claim_stories([("k", NOW + 100)])

    with store(tmp_path / "s") as kept:
        assert (kept.due_feeds(NOW), kept.due_stories(NOW, 9, 9)) == ([], [])
        assert [row.key for row in kept.due_stories(NOW + 100, 9, 9)] == ["k"]
        assert kept.next_due() == NOW + 100


def test_a_story_that_is_listed_again_is_not_new_and_a_corrected_one_is_due(tmp_path: Path) -> None:
    with store(tmp_path / "s") as kept:
        assert kept.record_feed(FEED, [story()]) == 1
        kept.record_story(story()._replace(due=None, visits=1), "sent")

        assert kept.record_feed(FEED, [story()]) == 0
        assert kept.due_stories(NOW, 9, 9) == []
        assert kept.record_feed(FEED, [story(version="2")]) == 1
        [due] = kept.due_stories(NOW, 9, 9)
        assert (due.version, due.visits) == ("2", 1)


def test_a_correction_that_comes_during_a_visit_stays_due(tmp_path: Path) -> None:
    with store(tmp_path / "s") as kept:
        kept.record_feed(FEED, [story()])
        [visited] = kept.due_stories(NOW, 9, 9)
        kept.claim_stories([("k", NOW + 300)])
        kept.record_feed(FEED, [story(version="2")])

        kept.record_story(visited._replace(due=None, visits=1), "sent")

        assert [row.version for row in kept.due_stories(NOW, 9, 9)] == ["2"]


def test_no_host_stands_before_the_others(tmp_path: Path) -> None:
    with store(tmp_path / "s") as kept:
        kept.record_feed(
            FEED, [*(story(f"a{n}", host="a.example", due=NOW - 9) for n in range(50)), story("b", host="b.example")]
        )

        assert [row.host for row in kept.due_stories(NOW, 2, 3)] == ["a.example", "a.example", "b.example"]


def test_each_page_is_counted_once_by_its_fate(tmp_path: Path) -> None:
    with store(tmp_path / "s") as kept:
        kept.record_feed(FEED, [story("1"), story("2"), story("3")])
        for key, fate in (("1", "sent"), ("2", "sent"), ("3", None), ("3", "failed: gone")):
            kept.record_story(story(key), fate)

    with readable(tmp_path / "s") as kept:
        assert kept.fates() == {"s": {"sent": 2, "failed: gone": 1}}


def test_only_what_nobody_lists_any_more_is_forgotten(tmp_path: Path) -> None:
    with store(tmp_path / "s") as kept:
        kept.record_feed(FEED, [story("due"), story("done")])
        kept.record_story(story("done")._replace(due=None), "sent")

        assert kept.forget(NOW + FORGOTTEN_S - 1) == 0
        assert kept.forget(NOW + FORGOTTEN_S + 1) == 1


def test_feeds_that_are_not_followed_any_more_are_dropped(tmp_path: Path) -> None:
    with store(tmp_path / "s") as kept:
        kept.follow([("https://a/", "a", "a", NOW, 1.0), ("https://b/", "b", "b", NOW, 1.0)])
        kept.follow([("https://b/", "b", "b", NOW + 99, 1.0)])

        assert [(row.url, row.due) for row in kept.feeds()] == [("https://b/", NOW)]


def test_two_processes_have_not_one_state(tmp_path: Path) -> None:
    with store(tmp_path / "s"), pytest.raises(RafidError, match="in use"), store(tmp_path / "s"):
        pass


def test_a_file_that_is_no_state_is_named(tmp_path: Path) -> None:
    (tmp_path / "s").write_bytes(b"not a database" * 100)

    with pytest.raises(RafidError, match="not a database"), store(tmp_path / "s"):
        pass
    with pytest.raises(RafidError, match="no state at"), readable(tmp_path / "none"):
        pass
