"""What was seen and what is due, in SQLite: survives a kill at any moment.

One connection in one process. A story or a feed is claimed before it is fetched: its next time lies in the future from then
on, so that a process which is killed and started again neither forgets it nor fetches it within its interval.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from producers.feeds.schema import bring_up_to_date
from producers.state_file import own_state, state_to_read
from streams.errors import RafidError

FEED, SITEMAP = "feed", "sitemap"
FORGOTTEN_S = 45 * 86_400.0  # a story that no feed has listed for so long is forgotten
# From host to host by the index: a host with thousands of stories due costs no more than one with a single one.
_FIRST_DUE = """
WITH RECURSIVE hosts (host) AS (
    SELECT min(host) FROM stories WHERE due IS NOT NULL
    UNION ALL
    SELECT (SELECT min(host) FROM stories WHERE due IS NOT NULL AND host > hosts.host) FROM hosts WHERE hosts.host IS NOT NULL
)
SELECT (SELECT min(due) FROM stories WHERE due IS NOT NULL AND stories.host = hosts.host), host
FROM hosts WHERE host IS NOT NULL
"""
_DUE_STORIES = """
SELECT key, source, host, url, address, version, item, listed_at, due, visits, first_sent, failures, page_hash, note, lastmod
FROM stories WHERE host = ? AND due <= ? ORDER BY due LIMIT ?
"""


class FeedRow(NamedTuple):
    """A feed or a sitemap as it stands; times in seconds since 1970.

    `parent` is the index that lists a sitemap, None for one that the sources name; `depth` counts the indexes above it.
    """

    url: str
    source: str
    host: str
    due: float
    interval_s: float
    etag: str | None
    last_modified: str | None
    body_hash: str | None
    forced_at: float
    failures: int
    fetched_at: float | None
    items: int
    new: int
    note: str | None
    kind: str = FEED
    parent: str | None = None
    depth: int = 0
    lastmod: str | None = None


class StoryRow(NamedTuple):
    """A story as it stands, by default one that was never visited; `due` is None when it is not visited again.

    `version` is what a feed tells of it, empty when none does, `lastmod` what a sitemap does.
    """

    key: str
    source: str
    host: str
    url: str | None
    address: str | None
    version: str
    item: bytes
    listed_at: float
    due: float | None
    visits: int = 0
    first_sent: float | None = None
    failures: int = 0
    page_hash: str | None = None
    note: str | None = None
    lastmod: str | None = None


class Visit(NamedTuple):
    """A story as it stands behind a visit, and what became of its page, if that is decided."""

    story: StoryRow
    fate: str | None


class Store:
    """The state of one poller; every method is one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def follow(self, feeds: Iterable[tuple[str, str, str, float, float]], kind: str = FEED) -> None:
        """Adds feeds or sitemaps (url, source, host, due, interval) that are not known yet, and drops what is not followed.

        What is of the other kind stays as it is.
        """
        rows = list(feeds)
        with self._transaction() as connection:
            connection.executemany(
                "INSERT INTO feeds (url, source, host, due, interval_s, kind) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (url) DO UPDATE SET source = excluded.source, kind = excluded.kind, parent = NULL, depth = 0",
                [(*row, kind) for row in rows],
            )
            kept = {row[0] for row in rows}
            roots = connection.execute("SELECT url FROM feeds WHERE kind = ? AND parent IS NULL", (kind,)).fetchall()
            connection.executemany("DELETE FROM feeds WHERE url = ?", [root for root in roots if root[0] not in kept])
            _drop_orphans(connection)

    def follow_children(self, index: FeedRow, children: Iterable[tuple[str, str, float, str | None]]) -> None:
        """Follows the sitemaps (url, host, due, lastmod) that an index lists, and drops those that it does not list any more.

        One that is known stays as it is; it is due when its lastmod has changed.
        """
        rows = list(children)
        with self._transaction() as connection:
            connection.executemany(
                "INSERT INTO feeds (url, source, host, due, interval_s, kind, parent, depth, lastmod)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (url) DO UPDATE SET lastmod = excluded.lastmod,"
                " due = CASE WHEN excluded.lastmod IS NOT NULL AND lastmod IS NOT excluded.lastmod"
                " THEN min(due, excluded.due) ELSE due END WHERE parent = excluded.parent",
                [
                    (url, index.source, host, due, index.interval_s, SITEMAP, index.url, index.depth + 1, lastmod)
                    for url, host, due, lastmod in rows
                ],
            )
            kept = {row[0] for row in rows}
            known = connection.execute("SELECT url FROM feeds WHERE parent = ?", (index.url,)).fetchall()
            connection.executemany("DELETE FROM feeds WHERE url = ?", [child for child in known if child[0] not in kept])
            _drop_orphans(connection)

    def feeds(self) -> list[FeedRow]:
        """Lists all feeds and sitemaps by source."""
        return [FeedRow(*row) for row in self._connection.execute("SELECT * FROM feeds ORDER BY source, url")]

    def due_feeds(self, now: float, kinds: Iterable[str] = (FEED,)) -> list[FeedRow]:
        """Lists the feeds and sitemaps of these kinds that are due, the longest due first."""
        rows = self._connection.execute("SELECT * FROM feeds WHERE due <= ? ORDER BY due", (now,))
        return [feed for row in rows if (feed := FeedRow(*row)).kind in kinds]

    def due_hosts(self, now: float) -> list[str]:
        """Lists the hosts that have a story due, the longest due first; looks at one story of each host."""
        return [host for due, host in sorted(self._connection.execute(_FIRST_DUE)) if due <= now]

    def due_stories(self, now: float, slots: Callable[[str], int], limit: int) -> list[StoryRow]:
        """Lists stories that are due, of each host at most as many as it has `slots`, so that none stands before the others."""
        found: list[StoryRow] = []
        for host in self.due_hosts(now):
            if len(found) >= limit:
                break
            if count := max(0, min(slots(host), limit - len(found))):
                found += [StoryRow(*row) for row in self._connection.execute(_DUE_STORIES, (host, now, count))]
        return found

    def claim(self, feeds: Iterable[tuple[str, float]], stories: Iterable[tuple[str, float]]) -> None:
        """Puts feeds (url, due) and stories (key, due) off, before they are fetched."""
        with self._transaction() as connection:
            connection.executemany("UPDATE feeds SET due = ? WHERE url = ?", [(due, url) for url, due in feeds])
            connection.executemany("UPDATE stories SET due = ? WHERE key = ?", [(due, key) for key, due in stories])

    def record(self, feeds: Iterable[FeedRow], visits: Iterable[Visit]) -> None:
        """Writes what became of fetches of feeds, and of visits to stories.

        A visit is counted if it has a fate; a version of its story that came in meanwhile stays due.
        """
        with self._transaction() as connection:
            for feed in feeds:
                connection.execute(f"REPLACE INTO feeds VALUES ({','.join('?' * len(feed))})", feed)  # noqa: S608
            for story, fate in visits:
                _write_visit(connection, story, fate)

    def record_stories(self, listed: Iterable[StoryRow]) -> int:
        """Writes stories that were found, before the feed that lists them; returns how many are new or corrected."""
        with self._transaction() as connection:
            return sum(_is_news(connection, story) for story in listed)

    def lastmods(self, keys: Iterable[str]) -> dict[str, str]:
        """Gives the lastmod of each of these stories that has one."""
        found = (self._connection.execute("SELECT key, lastmod FROM stories WHERE key = ?", (key,)).fetchone() for key in keys)
        return {row[0]: row[1] for row in found if row and row[1]}

    def visit_again(self, key: str, due: float) -> None:
        """Lets a story be visited again, whatever became of it."""
        with self._transaction() as connection:
            connection.execute("UPDATE stories SET due = ?, failures = 0, page_hash = NULL WHERE key = ?", (due, key))

    def forget(self, now: float) -> int:
        """Drops stories that are not due and that no feed has listed for 45 days; returns how many."""
        with self._transaction() as connection:
            return connection.execute("DELETE FROM stories WHERE due IS NULL AND listed_at < ?", (now - FORGOTTEN_S,)).rowcount

    def fates(self) -> dict[str, dict[str, int]]:
        """Counts pages by source and fate."""
        found: dict[str, dict[str, int]] = {}
        for source, fate, pages in self._connection.execute("SELECT source, fate, pages FROM fates ORDER BY source, fate"):
            found.setdefault(source, {})[fate] = pages
        return found


def _write_visit(connection: sqlite3.Connection, story: StoryRow, fate: str | None) -> None:
    connection.execute(
        "UPDATE stories SET due = CASE WHEN version = ? AND lastmod IS ? THEN ? ELSE due END, visits = ?, first_sent = ?,"
        " failures = ?, page_hash = ?, note = ? WHERE key = ?",
        (
            *(story.version, story.lastmod, story.due, story.visits, story.first_sent),
            *(story.failures, story.page_hash, story.note, story.key),
        ),
    )
    if fate:
        connection.execute(
            "INSERT INTO fates VALUES (?, ?, 1) ON CONFLICT (source, fate) DO UPDATE SET pages = pages + 1", (story.source, fate)
        )


def _is_news(connection: sqlite3.Connection, story: StoryRow) -> bool:
    """Adds a story, or brings one that is known up to date; returns whether it is new, or due because it has changed.

    A known story keeps its visits. It is due at the `due` of `story` when its feed tells another version of it than before,
    or its sitemap a later lastmod; not when the one tells of it for the first time what the other has told.
    """
    known = connection.execute("SELECT version, lastmod, listed_at FROM stories WHERE key = ?", (story.key,)).fetchone()
    if known is None:
        connection.execute(f"INSERT INTO stories VALUES ({','.join('?' * len(story))})", story)  # noqa: S608
        return True
    version, lastmod, listed_at = known
    is_corrected = bool(version and story.version and version != story.version)
    is_modified = bool(lastmod and story.lastmod and lastmod < story.lastmod)
    is_due = story.due is not None and (is_corrected or is_modified)
    if (story.version and version != story.version) or (story.lastmod and lastmod != story.lastmod):
        connection.execute(
            "UPDATE stories SET version = ?, lastmod = ?, item = CASE WHEN ? THEN ? ELSE item END, listed_at = ? WHERE key = ?",
            (
                *(story.version or version, story.lastmod or lastmod),
                *(bool(story.version) or not version, story.item, story.listed_at, story.key),
            ),
        )
    elif story.listed_at - listed_at > 86_400:
        connection.execute("UPDATE stories SET listed_at = ? WHERE key = ?", (story.listed_at, story.key))
    if is_due:
        connection.execute(
            "UPDATE stories SET failures = 0, due = min(coalesce(due, ?), ?) WHERE key = ?", (story.due, story.due, story.key)
        )
    return is_due


def _drop_orphans(connection: sqlite3.Connection) -> None:
    """Drops sitemaps whose index is not followed any more."""
    orphans = "DELETE FROM feeds WHERE parent IS NOT NULL AND parent NOT IN (SELECT url FROM feeds)"
    while connection.execute(orphans).rowcount > 0:
        pass


@contextlib.contextmanager
def store(path: Path) -> Iterator[Store]:
    """Opens the state at `path`, for this process alone; raises RafidError when another has it or when it is no state."""
    with own_state(path) as connection:
        bring_up_to_date(connection)
        yield Store(connection)


@contextlib.contextmanager
def readable(path: Path) -> Iterator[Store]:
    """Opens the state for reading, while a poller may write to it; raises RafidError when there is none."""
    if not path.is_file():
        raise RafidError(f"no state at {path}: `rafid produce feeds` makes it")
    with state_to_read(path) as connection:
        yield Store(connection)
