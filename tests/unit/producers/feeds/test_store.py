"""The store: what was claimed stays claimed over a kill, and each page is counted once."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from producers.feeds.store import FORGOTTEN_S, SITEMAP, FeedRow, StoryRow, Visit, readable, store
from streams.errors import RafidError

NOW = 1_800_000_000.0
FEED = FeedRow("https://s.example/rss", "s", "s.example", NOW, 300.0, None, None, None, 0.0, 0, None, 0, 0, None)


def story(key: str = "k", version: str = "1", host: str = "s.example", due: float = NOW) -> StoryRow:
    return StoryRow(key, "s", host, f"https://{host}/{key}", None, version, b"{}", NOW, due, 0, None, 0, None, None)


def many(_host: str) -> int:
    return 9


def test_a_claim_survives_and_what_is_claimed_is_not_due(tmp_path: Path) -> None:
    with store(tmp_path / "s") as kept:
        kept.follow([(FEED.url, "s", "s.example", NOW, 300.0)])
        kept.record_stories([story()])
        kept.claim([(FEED.url, NOW + 300)], [("k", NOW + 100)])

    with store(tmp_path / "s") as kept:
        assert (kept.due_feeds(NOW), kept.due_stories(NOW, many, 9)) == ([], [])
        assert [row.key for row in kept.due_stories(NOW + 100, many, 9)] == ["k"]


def test_a_story_that_is_listed_again_is_not_new_and_a_corrected_one_is_due(tmp_path: Path) -> None:
    with store(tmp_path / "s") as kept:
        assert kept.record_stories([story()]) == 1
        kept.record([], [Visit(story()._replace(due=None, visits=1), "sent")])

        assert kept.record_stories([story()]) == 0
        assert kept.due_stories(NOW, many, 9) == []
        assert kept.record_stories([story(version="2")]) == 1
        [due] = kept.due_stories(NOW, many, 9)
        assert (due.version, due.visits) == ("2", 1)


def test_a_correction_that_comes_during_a_visit_stays_due(tmp_path: Path) -> None:
    with store(tmp_path / "s") as kept:
        kept.record_stories([story()])
        [visited] = kept.due_stories(NOW, many, 9)
        kept.claim([], [("k", NOW + 300)])
        kept.record_stories([story(version="2")])

        kept.record([], [Visit(visited._replace(due=None, visits=1), "sent")])

        assert [row.version for row in kept.due_stories(NOW, many, 9)] == ["2"]


def test_no_host_stands_before_the_others(tmp_path: Path) -> None:
    with store(tmp_path / "s") as kept:
        kept.record_stories([*(story(f"a{n}", host="a.example", due=NOW - 9) for n in range(50)), story("b", host="b.example")])

        assert [row.host for row in kept.due_stories(NOW, lambda _: 2, 3)] == ["a.example", "a.example", "b.example"]


def test_hosts_that_may_not_be_asked_now_stand_before_no_other(tmp_path: Path) -> None:
    with store(tmp_path / "s") as kept:
        slow = [story(f"{n}", host=f"slow-{n}.example", due=NOW - 9) for n in range(50)]
        kept.record_stories([*slow, story("b", host="b.example"), story("c", host="c.example", due=NOW + 1)])

        assert kept.due_hosts(NOW) == [*sorted(row.host for row in slow), "b.example"]
        assert [row.host for row in kept.due_stories(NOW, lambda host: int(host == "b.example"), 3)] == ["b.example"]


def test_each_page_is_counted_once_by_its_fate(tmp_path: Path) -> None:
    with store(tmp_path / "s") as kept:
        kept.record_stories([story("1"), story("2"), story("3")])
        for key, fate in (("1", "sent"), ("2", "sent"), ("3", None), ("3", "failed: gone")):
            kept.record([], [Visit(story(key), fate)])

    with readable(tmp_path / "s") as kept:
        assert kept.fates() == {"s": {"sent": 2, "failed: gone": 1}}


def test_only_what_nobody_lists_any_more_is_forgotten(tmp_path: Path) -> None:
    with store(tmp_path / "s") as kept:
        kept.record_stories([story("due"), story("done")])
        kept.record([], [Visit(story("done")._replace(due=None), "sent")])

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


def test_an_index_that_names_itself_or_its_parent_is_followed_once(tmp_path: Path) -> None:
    with store(tmp_path / "s") as kept:
        kept.follow([("https://a/", "a", "a", NOW, 1.0)], SITEMAP)
        [index] = kept.feeds()
        kept.follow_children(index, [("https://a/", "a", NOW, None), ("https://a/1", "a", NOW, None)])
        child = next(feed for feed in kept.feeds() if feed.depth)
        kept.follow_children(child, [("https://a/", "a", NOW, None), ("https://a/2", "a", NOW, None)])

        assert [(row.url, row.depth) for row in kept.feeds()] == [("https://a/", 0), ("https://a/1", 1), ("https://a/2", 2)]

        kept.follow_children(index, [])  # it lists them no more
        assert [row.url for row in kept.feeds()] == ["https://a/"]


def test_a_sitemap_is_due_when_its_index_says_that_it_has_changed(tmp_path: Path) -> None:
    with store(tmp_path / "s") as kept:
        kept.follow([("https://a/", "a", "a", NOW + 9, 1.0)], SITEMAP)
        [index] = kept.feeds()
        kept.follow_children(index, [("https://a/1", "a", NOW, "2026-11-22")])
        kept.claim([("https://a/1", NOW + 500)], [])
        kept.follow_children(index, [("https://a/1", "a", NOW, "2026-11-22")])
        assert kept.due_feeds(NOW, (SITEMAP,)) == []

        kept.follow_children(index, [("https://a/1", "a", NOW, "2026-11-23")])
        assert [row.url for row in kept.due_feeds(NOW, (SITEMAP,))] == ["https://a/1"]
        assert kept.due_feeds(NOW) == []  # feeds are another matter


def test_a_story_that_feed_and_sitemap_list_is_visited_for_changes_of_each(tmp_path: Path) -> None:
    first = story(version="")._replace(lastmod="2026-11-22T00:00:00Z")
    with store(tmp_path / "s") as kept:
        kept.record_stories([first])
        kept.record([], [Visit(first._replace(due=None), "sent")])

        assert kept.record_stories([first, story(version="1")]) == 0  # the feed tells of it for the first time
        assert kept.record_stories([first._replace(lastmod="2026-11-21T00:00:00Z")]) == 0
        assert kept.record_stories([first._replace(lastmod="2026-11-23T00:00:00Z")]) == 1
        assert kept.record_stories([story(version="2")]) == 1
        [due] = kept.due_stories(NOW, many, 9)
        assert (due.version, due.lastmod) == ("2", "2026-11-23T00:00:00Z")


def test_a_state_of_version_1_is_brought_up_to_date(tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "s")) as old:
        old.executescript(
            "CREATE TABLE feeds (url TEXT PRIMARY KEY, source TEXT NOT NULL, host TEXT NOT NULL, due REAL NOT NULL,"
            " interval_s REAL NOT NULL, etag TEXT, last_modified TEXT, body_hash TEXT, forced_at REAL NOT NULL DEFAULT 0,"
            " failures INTEGER NOT NULL DEFAULT 0, fetched_at REAL, items INTEGER NOT NULL DEFAULT 0,"
            " new INTEGER NOT NULL DEFAULT 0, note TEXT) WITHOUT ROWID;"
            "CREATE TABLE stories (key TEXT PRIMARY KEY, source TEXT NOT NULL, host TEXT NOT NULL, url TEXT, address TEXT,"
            " version TEXT NOT NULL, item BLOB NOT NULL, listed_at REAL NOT NULL, due REAL, visits INTEGER NOT NULL DEFAULT 0,"
            " first_sent REAL, failures INTEGER NOT NULL DEFAULT 0, page_hash TEXT, note TEXT) WITHOUT ROWID;"
            "INSERT INTO feeds (url, source, host, due, interval_s) VALUES ('https://s.example/rss', 's', 's.example', 1, 300);"
            "PRAGMA user_version = 1;"
        )

    for _ in range(2):
        with store(tmp_path / "s") as kept:
            [feed] = kept.due_feeds(NOW)
            assert (feed.url, feed.kind, feed.depth) == ("https://s.example/rss", "feed", 0)
