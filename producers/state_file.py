"""A file of state in SQLite: one process has it at a time, and what was written survives a kill.

The journal is no write-ahead log: SQLite before 3.51.3 can lose pages of one when a second program looks in.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import filelock

from streams.errors import RafidError


@contextlib.contextmanager
def own_state(path: Path) -> Iterator[sqlite3.Connection]:
    """Opens the state at `path`, for this process alone; raises RafidError when another has it or when it is no state."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(f"{path}.lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise RafidError(f"{path} is in use by another process: give each its own --state") from None
    try:
        with _opened(path, str(path)) as connection:
            connection.execute("PRAGMA journal_mode = TRUNCATE")
            connection.execute("PRAGMA synchronous = FULL")
            yield connection
    finally:
        lock.release()


def state_to_read(path: Path) -> contextlib.AbstractContextManager[sqlite3.Connection]:
    """Opens the state at `path` for reading, while another process may write to it; raises RafidError when it is none."""
    return _opened(path, f"file:{path}?mode=ro", uri=True)


@contextlib.contextmanager
def _opened(path: Path, name: str, **options: Any) -> Iterator[sqlite3.Connection]:
    try:
        with contextlib.closing(sqlite3.connect(name, timeout=30, isolation_level=None, **options)) as connection:
            yield connection
    except sqlite3.DatabaseError as exc:
        raise RafidError(f"{path}: {exc}") from None
