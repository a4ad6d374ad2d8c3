"""The file between `rafid produce serve`, which adds addresses to it, and `rafid produce urls`, which takes them out.

Both hold a lock file beside it while they do, so that no address falls between.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import filelock


def append(spool: Path, urls: Iterable[str]) -> None:
    """Adds URLs, a line each, which are on disk when this returns; raises OSError."""
    with filelock.FileLock(f"{spool}.lock"), spool.open("a", encoding="utf-8") as file:
        file.writelines(f"{url}\n" for url in urls)
        file.flush()
        os.fsync(file.fileno())


def take(spool: Path) -> Path | None:
    """Moves what the spool holds to a file beside it and returns that; None when there is nothing.

    Whoever has stored its lines durably deletes the file. One that a kill left over is returned again before any other.
    """
    taken = spool.with_name(f"{spool.name}.taken")
    with filelock.FileLock(f"{spool}.lock"):
        if not taken.exists() and spool.exists() and spool.stat().st_size:
            spool.rename(taken)
    return taken if taken.exists() else None
