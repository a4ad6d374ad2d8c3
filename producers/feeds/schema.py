"""The tables of the state, and how a state of before becomes one of now."""

from __future__ import annotations

import sqlite3

_SCHEMA = """
CREATE TABLE IF NOT EXISTS feeds (
    url TEXT PRIMARY KEY, source TEXT NOT NULL, host TEXT NOT NULL, due REAL NOT NULL, interval_s REAL NOT NULL,
    etag TEXT, last_modified TEXT, body_hash TEXT, forced_at REAL NOT NULL DEFAULT 0, failures INTEGER NOT NULL DEFAULT 0,
    fetched_at REAL, items INTEGER NOT NULL DEFAULT 0, new INTEGER NOT NULL DEFAULT 0, note TEXT,
    kind TEXT NOT NULL DEFAULT 'feed', parent TEXT, depth INTEGER NOT NULL DEFAULT 0, lastmod TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stories (
    key TEXT PRIMARY KEY, source TEXT NOT NULL, host TEXT NOT NULL, url TEXT, address TEXT, version TEXT NOT NULL,
    item BLOB NOT NULL, listed_at REAL NOT NULL, due REAL, visits INTEGER NOT NULL DEFAULT 0, first_sent REAL,
    failures INTEGER NOT NULL DEFAULT 0, page_hash TEXT, note TEXT, lastmod TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS stories_due ON stories (due) WHERE due IS NOT NULL;
CREATE INDEX IF NOT EXISTS stories_of_host ON stories (host, due) WHERE due IS NOT NULL;
CREATE TABLE IF NOT EXISTS fates (source TEXT, fate TEXT, pages INTEGER NOT NULL, PRIMARY KEY (source, fate)) WITHOUT ROWID;
PRAGMA user_version = 2;
"""
_FROM_1 = """
ALTER TABLE feeds ADD COLUMN kind TEXT NOT NULL DEFAULT 'feed';
ALTER TABLE feeds ADD COLUMN parent TEXT;
ALTER TABLE feeds ADD COLUMN depth INTEGER NOT NULL DEFAULT 0;
ALTER TABLE feeds ADD COLUMN lastmod TEXT;
ALTER TABLE stories ADD COLUMN lastmod TEXT;
"""


def bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Makes the tables that are missing, and gives those of version 1 their new columns."""
    if connection.execute("PRAGMA user_version").fetchone()[0] == 1:
        connection.executescript(f"BEGIN; {_FROM_1} PRAGMA user_version = 2; COMMIT;")
    connection.executescript(_SCHEMA)
