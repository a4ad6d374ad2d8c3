"""Rows of a fixed size in files, one for each first byte of their key: what joins on that key never holds more than a file."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BUCKETS = 256
BUFFER_BYTES = 16 * 1024


class Runs:
    """Rows that begin with a key of evenly spread bytes, such as a hash, in files `name-00` to `name-ff` of a folder."""

    def __init__(self, folder: Path, name: str, row: str) -> None:
        self._struct = struct.Struct(f"<{row}")
        self._paths = [folder / f"{name}-{bucket:02x}" for bucket in range(BUCKETS)]
        self._buffers = [bytearray() for _ in range(BUCKETS)]
        self._count = 0

    def __len__(self) -> int:
        """Returns the number of rows."""
        return self._count

    def add(self, key: bytes, *fields: Any) -> None:
        """Adds a row."""
        buffer = self._buffers[key[0]]
        buffer += self._struct.pack(key, *fields)
        self._count += 1
        if len(buffer) >= BUFFER_BYTES:
            self._flush(key[0])

    def rows(self, bucket: int) -> Iterator[tuple[Any, ...]]:
        """Returns the rows whose key begins with the byte `bucket`, in the order in which they came."""
        self._flush(bucket)
        path = self._paths[bucket]
        return self._struct.iter_unpack(path.read_bytes() if path.exists() else b"")

    def _flush(self, bucket: int) -> None:
        buffer = self._buffers[bucket]
        if buffer:
            with self._paths[bucket].open("ab") as file:
                file.write(buffer)
            buffer.clear()
