"""What was seen and what is due, in SQLite: survives a kill at any moment.

One connection in one process. A story or a feed is claimed before it is fetched: its next time lies in the future from then
on, so that a process which is killed and started again neither forgets it nor fetches it within its interval.
The journal is no write-ahead log: SQLite before 3.51.3 can lose pages of one when a second program looks in.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import filelock

from streams.errors import RafidError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS feeds (
    url TEXT PRIMARY KEY, source TEXT NOT NULL, host TEXT NOT NULL, due REAL NOT NULL, interval_s REAL NOT NULL,
    etag TEXT, last_modified TEXT, body_hash TEXT, forced_at REAL NOT NULL DEFAULT 0, failures INTEGER NOT NULL DEFAULT 0,
    fetched_at REAL, items INTEGER NOT NULL DEFAULT 0, new INTEGER NOT NULL DEFAULT 0, note TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stories (
    key TEXT PRIMARY KEY, source TEXT NOT NULL, host TEXT NOT NULL, url TEXT, address TEXT, version TEXT NOT NULL,
    item BLOB NOT NULL, listed_at REAL NOT NULL, due REAL, visits INTEGER NOT NULL DEFAULT 0, first_sent REAL,
    failures INTEGER NOT NULL DEFAULT 0, page_hash TEXT, note TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS stories_due ON stories (due) WHERE due IS NOT NULL;
CREATE TABLE IF NOT EXISTS fates (source TEXT, fate TEXT, pages INTEGER NOT NULL, PRIMARY KEY (source, fate)) WITHOUT ROWID;
PRAGMA user_version = 1;
"""
FORGOTTEN_S = 45 * 86_400.0  # a story that no feed has listed for so long is forgotten


class FeedRow(NamedTuple):
    """A feed as it stands; times in seconds since 1970."""

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


class StoryRow(NamedTuple):
    """A story as it stands; `due` is None when it is not visited again."""

    key: str
    source: str
    host: str
    url: str | None
    address: str | None
    version: str
    item: bytes
    listed_at: float
    due: float | None
    visits: int
    first_sent: float | None
    failures: int
    page_hash: str | None
    note: str | None


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

    def follow(self, feeds: Iterable[tuple[str, str, str, float, float]]) -> None:
        """Adds feeds (url, source, host, due, interval) that are not known yet, and drops those that are not followed."""
        rows = list(feeds)
        with self._transaction() as connection:
            connection.executemany(
                "INSERT INTO feeds (url, source, host, due, interval_s) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (url) DO UPDATE SET source = excluded.source",
                rows,
            )
            kept = {row[0] for row in rows}
            gone = [(url,) for (url,) in connection.execute("SELECT url FROM feeds").fetchall() if url not in kept]
            connection.executemany("DELETE FROM feeds WHERE url = ?", gone)

    def feeds(self) -> list[FeedRow]:
        """Lists all feeds by source."""
        return [FeedRow(*row) for row in self._connection.execute("SELECT * FROM feeds ORDER BY source, url")]

    def due_feeds(self, now: float) -> list[FeedRow]:
        """Lists the feeds that are due, the longest due first."""
        return [FeedRow(*row) for row in self._connection.execute("SELECT * FROM feeds WHERE due <= ? ORDER BY due", (now,))]

    def due_stories(self, now: float, by_host: int, limit: int) -> list[StoryRow]:
        """Lists stories that are due, at most so many of one host, so that no host stands before the others."""
        rows = self._connection.execute(
            "SELECT key, source, host, url, address, version, item, listed_at, due, visits, first_sent, failures, page_hash, note"
            " FROM (SELECT *, row_number() OVER (PARTITION BY host ORDER BY due) AS place FROM stories WHERE due <= ?)"
            " WHERE place <= ? ORDER BY due LIMIT ?",
            (now, by_host, limit),
        )
        return [StoryRow(*row) for row in rows]

    def next_due(self) -> float | None:
        """Tells when the next feed or story is due; None when there is none."""
        row = self._connection.execute(
            "SELECT min(due) FROM (SELECT due FROM feeds UNION ALL SELECT min(due) FROM stories)"
        ).fetchone()
        return None if row is None else row[0]

    def claim_feed(self, url: str, due: float) -> None:
        """Puts the feed off, before it is fetched."""
        with self._transaction() as connection:
            connection.execute("UPDATE feeds SET due = ? WHERE url = ?", (due, url))

    def claim_stories(self, claims: Iterable[tuple[str, float]]) -> None:
        """Puts stories (key, due) off, before they are fetched."""
        with self._transaction() as connection:
            connection.executemany("UPDATE stories SET due = ? WHERE key = ?", [(due, key) for key, due in claims])

    def record_feed(self, feed: FeedRow, listed: Iterable[StoryRow] = ()) -> int:
        """Writes what a fetch of a feed brought, feed and stories at once; returns how many stories are new or corrected.

        A story that is known keeps its visits; a new version of it is due now.
        """
        count = 0
        with self._transaction() as connection:
            for story in listed:
                known = connection.execute("SELECT version, listed_at FROM stories WHERE key = ?", (story.key,)).fetchone()
                if known is None:
                    connection.execute(f"INSERT INTO stories VALUES ({','.join('?' * len(story))})", story)  # noqa: S608
                    count += 1
                elif known[0] != story.version:
                    connection.execute(
                        "UPDATE stories SET version = ?, item = ?, listed_at = ?, failures = 0,"
                        " due = min(coalesce(due, ?), ?) WHERE key = ?",
                        (story.version, story.item, story.listed_at, story.due, story.due, story.key),
                    )
                    count += 1
                elif story.listed_at - known[1] > 86_400:
                    connection.execute("UPDATE stories SET listed_at = ? WHERE key = ?", (story.listed_at, story.key))
            connection.execute(f"REPLACE INTO feeds VALUES ({','.join('?' * len(feed))})", feed._replace(new=feed.new + count))  # noqa: S608
        return count

    def record_story(self, story: StoryRow, fate: str | None) -> None:
        """Writes what became of a visit, and counts it if it has a fate; a version that came in meanwhile stays due."""
        with self._transaction() as connection:
            connection.execute(
                "UPDATE stories SET due = CASE WHEN version = ? THEN ? ELSE due END, visits = ?, first_sent = ?, failures = ?,"
                " page_hash = ?, note = ? WHERE key = ?",
                (
                    *(story.version, story.due, story.visits, story.first_sent),
                    *(story.failures, story.page_hash, story.note, story.key),
                ),
            )
            if fate:
                connection.execute(
                    "INSERT INTO fates VALUES (?, ?, 1) ON CONFLICT (source, fate) DO UPDATE SET pages = pages + 1",
                    (story.source, fate),
                )

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


@contextlib.contextmanager
def store(path: Path) -> Iterator[Store]:
    """Opens the state at `path`, for this process alone; raises RafidError when another has it or when it is no state."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(f"{path}.lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise RafidError(f"{path} is in use by another process: give each its own --state") from None
    try:
        with contextlib.closing(_connect(str(path))) as connection:
            connection.execute("PRAGMA journal_mode = TRUNCATE")
            connection.execute("PRAGMA synchronous = FULL")
            connection.executescript(_SCHEMA)
            yield Store(connection)
    except sqlite3.DatabaseError as exc:
        raise RafidError(f"{path}: {exc}") from None
    finally:
        lock.release()


@contextlib.contextmanager
def readable(path: Path) -> Iterator[Store]:
    """Opens the state for reading, while a poller may write to it; raises RafidError when there is none."""
    if not path.is_file():
        raise RafidError(f"no state at {path}: `rafid produce feeds` makes it")
    try:
        with contextlib.closing(_connect(f"file:{path}?mode=ro", uri=True)) as connection:
            yield Store(connection)
    except sqlite3.DatabaseError as exc:
        raise RafidError(f"{path}: {exc}") from None


def _connect(path: str, **options: Any) -> sqlite3.Connection:
    connection: sqlite3.Connection = sqlite3.connect(path, timeout=30, isolation_level=None, **options)
    return connection
