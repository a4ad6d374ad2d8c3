"""The file between `rafid produce serve`, which adds addresses to it, and `rafid produce urls`, which takes them out.

Both hold a lock file beside it while they do, so that no address falls between.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from pathlib import Path

import filelock


def append(spool: Path, urls: Iterable[str]) -> None:
    """Adds URLs, a line each, which are on disk when this returns; raises OSError, and then none is there.

    Half a line that a kill has left is ended first: what follows it is a line of its own.
    """
    with filelock.FileLock(f"{spool}.lock"), spool.open("ab+", buffering=0) as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 1))
        is_torn = file.read(1) not in (b"", b"\n")
        data = (b"\n" if is_torn else b"") + "".join(f"{url}\n" for url in urls).encode()
        try:
            if file.write(data) != len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(spool))  # noqa: TRY301 - undone below
            os.fsync(file.fileno())
        except OSError:
            file.truncate(size)
            raise


def take(spool: Path) -> Path | None:
    """Moves what the spool holds to a file beside it and returns that; None when there is nothing.

    Whoever has stored its lines durably deletes the file. One that a kill left over is returned again before any other.
    """
    taken = spool.with_name(f"{spool.name}.taken")
    with filelock.FileLock(f"{spool}.lock"):
        if not taken.exists() and spool.exists() and spool.stat().st_size:
            spool.rename(taken)
    return taken if taken.exists() else None
