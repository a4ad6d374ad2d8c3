"""How far each archive has been read, in SQLite: a run that was killed goes on behind the last record that has arrived."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from producers.state_file import own_state

_SCHEMA = """
CREATE TABLE IF NOT EXISTS archives (
    path TEXT, since TEXT, head TEXT NOT NULL, offset INTEGER NOT NULL, PRIMARY KEY (path, since)
) WITHOUT ROWID
"""


class Progress:
    """The offsets of archives; those of a run with a `since` are its own. `head` tells a file from another of its name."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def offset(self, path: Path, since: str, head: str) -> int:
        """Returns the offset up to which the file was read; 0 when it was not, or was another file."""
        row = self._connection.execute(
            "SELECT offset FROM archives WHERE path = ? AND since = ? AND head = ?", (str(path), since, head)
        ).fetchone()
        return int(row[0]) if row else 0

    def record(self, path: Path, since: str, head: str, offset: int) -> None:
        """Notes durably that all before `offset` has arrived."""
        self._connection.execute("REPLACE INTO archives VALUES (?, ?, ?, ?)", (str(path), since, head, offset))


@contextlib.contextmanager
def progress(path: Path) -> Iterator[Progress]:
    """Opens the state at `path` for this process alone; raises RafidError when another has it or when it is no state."""
    with own_state(path) as connection:
        connection.execute(_SCHEMA)
        yield Progress(connection)
