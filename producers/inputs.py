"""The bytes of the files that are given: which there are, what they hold, line by line, in bounded memory."""

from __future__ import annotations

import codecs
import dataclasses
import gzip
import io
import os
import stat
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import orjson

from streams.errors import RafidError

CHUNK_BYTES = 256 * 1024
# Text of 900,000 bytes, every letter of it escaped (`\u0627` is three times as long), and its other fields.
MAX_LINE_BYTES = 16 * 1024 * 1024
LINES, TEXT = "jsonl", "text"
_KINDS = {".jsonl": LINES, ".ndjson": LINES, ".json": LINES, ".txt": TEXT, ".text": TEXT}
_GZIP = b"\x1f\x8b"
_UNSUPPORTED_FORMATS = {
    b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"PK\x03\x04": "zip",
    b"%PDF": "PDF",
    b"PAR1": "Parquet",
}


class Unreadable(RafidError):
    """A file that ends early, is damaged, or cannot be read at all; what it gave before has been handled."""


@dataclasses.dataclass(frozen=True, slots=True)
class Input:
    """One file or pipe, or standard input (`path` None): how it is called, what it holds, its bytes on disk, if any."""

    path: Path | None
    name: str
    kind: str
    bytes: int | None = None


class InputLine(NamedTuple):
    """A line without its end, counted from 1; of one above 16 MiB the beginning, and how long it is."""

    number: int
    data: bytes
    length: int


def inputs(path: str, kind: str | None = None) -> Iterator[Input]:
    """Yields the files that a PATH of the command names: standard input (`-`), a file, or those below a folder, by name.

    Of a folder, files that are neither JSON Lines nor text by their name are left out, as are hidden ones.
    """
    if path == "-":
        yield Input(None, "standard input", kind or LINES)
        return
    root = Path(path)
    if not root.is_dir():
        is_file = root.is_file()  # a pipe tells its size to nobody, and what is looked at in it is gone
        held = kind or _kind(root) or (_sniffed(root) if is_file else LINES)
        yield Input(root, _shown(root.name), held, root.stat().st_size if is_file else None)
        return
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(folder, name)
            its_kind = _kind(file)
            if its_kind and not name.startswith(".") and file.is_file():
                yield Input(file, _shown(str(file.relative_to(root))), kind or its_kind, file.stat().st_size)


def lines(source: Input, advanced: Callable[[int], None], encoding: str | None = None) -> Iterator[InputLine]:
    """Yields every line of the file but blank ones; raises Unreadable after the last whole line of one that ends early.

    One that begins with a list or an object over several lines raises it before the first. `advanced` is told how many more
    bytes of the file on disk have been read.
    """
    found = _every_line(source, advanced, encoding)
    first = next(found, None)
    if first is None:
        return
    if program := _jq_program(first.data):
        raise Unreadable(f"{source.name} is JSON, but not one object on each line: `jq -c '{program}'` makes it so")
    yield first
    yield from found


def _jq_program(first: bytes) -> str:
    """Returns the jq program that makes lines of a file that begins so: a list, or an object written over several lines.

    A whole list in the first line is that line's own fault.
    """
    start = first.strip()
    if start == b"{":
        return "."
    if start[:1] != b"[":
        return ""
    try:
        orjson.loads(start)
    except orjson.JSONDecodeError:
        return ".[]"
    return ""


def _every_line(source: Input, advanced: Callable[[int], None], encoding: str | None) -> Iterator[InputLine]:
    number, held, length = 0, bytearray(), 0
    for chunk in _chunks(source, advanced, encoding):
        *ended, rest = chunk.split(b"\n")
        for part in ended:
            number += 1
            data, whole = (part, len(part)) if not length else _joined(held, length, part)
            if data.strip():
                yield InputLine(number, data, whole)
            held, length = bytearray(), 0
        if rest:
            data, length = _joined(held, length, rest)
            held = bytearray(data) if len(data) > len(held) else held
    if held.strip():
        yield InputLine(number + 1, bytes(held), length)


def read_whole(source: Input, advanced: Callable[[int], None]) -> InputLine:
    """Returns all of the file, as `InputLine` number 1; above 16 MiB its beginning."""
    held, length = bytearray(), 0
    for chunk in _chunks(source, advanced):
        held += chunk[: MAX_LINE_BYTES - len(held)]
        length += len(chunk)
    return InputLine(1, bytes(held), length)


def _joined(held: bytearray, length: int, part: bytes) -> tuple[bytes, int]:
    return bytes(held) + part[: MAX_LINE_BYTES - len(held)], length + len(part)


def _chunks(source: Input, advanced: Callable[[int], None], encoding: str | None = None) -> Iterator[bytes]:
    """Yields the file's bytes, unpacked, and in UTF-8 when an encoding is given: bytes that are not in it stay as they are."""
    try:
        with _opened(source) as raw:
            unpacked, at, first = _unpacked(raw, source), 0, True
            is_file = stat.S_ISREG(os.fstat(raw.fileno()).st_mode) and source.path is not None
            decoder = codecs.getincrementaldecoder(encoding or "utf-8")("surrogateescape")
            while chunk := unpacked.read1(CHUNK_BYTES):
                position = raw.tell() if is_file else at + len(chunk)
                advanced(position - at)
                at = position
                if encoding:
                    chunk = decoder.decode(chunk).encode("utf-8", "surrogateescape")
                yield chunk.removeprefix(codecs.BOM_UTF8) if first else chunk
                first = False
            yield decoder.decode(b"", final=True).encode("utf-8", "surrogateescape")
    except EOFError:
        raise Unreadable(f"{source.name} ends early (its gzip is cut off): what came before was handled") from None
    except (gzip.BadGzipFile, zlib.error) as exc:
        raise Unreadable(f"{source.name} is damaged ({exc}): what came before was handled") from None
    except OSError as exc:
        raise Unreadable(f"{source.name} cannot be read: {exc.strerror or exc}") from None


def _opened(source: Input) -> io.BufferedReader:
    # Standard input is opened anew by its number, so that closing this leaves Python's own object alone.
    return source.path.open("rb") if source.path else os.fdopen(os.dup(sys.stdin.fileno()), "rb")


def _unpacked(raw: io.BufferedReader, source: Input) -> io.BufferedReader | gzip.GzipFile:
    head = raw.peek(8)[:8]
    for magic, name in _UNSUPPORTED_FORMATS.items():
        if head.startswith(magic):
            raise Unreadable(f"{source.name} is {name}: unpack it first (plain or gzip is expected)")
    return gzip.GzipFile(fileobj=raw) if head.startswith(_GZIP) else raw


def _shown(name: str) -> str:
    return os.fsencode(name).decode("utf-8", "replace")  # a name may hold any bytes, a message may not


def _kind(path: Path) -> str | None:
    suffixes: Sequence[str] = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes = suffixes[:-1]
    return _KINDS.get(suffixes[-1]) if suffixes else None


def _sniffed(path: Path) -> str:
    """Returns what a file of another name holds: JSON Lines when it begins like an object or a list, else text."""
    try:
        with _opened(Input(path, path.name, TEXT)) as raw:
            head = _unpacked(raw, Input(path, path.name, TEXT)).read1(1024)
    except (OSError, EOFError, zlib.error):
        return TEXT  # reading it will say what is wrong
    return LINES if head.removeprefix(codecs.BOM_UTF8).lstrip()[:1] in (b"{", b"[") else TEXT
