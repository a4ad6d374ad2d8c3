"""A WARC file -> the pages in it, from any record on: packed or not, with the faults that archives in use have.

A record that cannot be read is named, and reading goes on at the next one. Lengths, encodings and packings are believed only
as far as the bytes bear them out: old CC-NEWS files keep the headers of the wire beside a payload that was unpacked.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from producers.fetch.decompression import GZIP_MAGIC, decompressed
from producers.fetch.failures import FetchFailed

MAX_BYTES = 16 * 1024 * 1024  # of one page, as fetched ones have
_STEP_BYTES = 1024 * 1024
_MEMBER = b"\x1f\x8b\x08"
_HEAD = re.compile(rb"(?:^|\n)(WARC/[01]\.\d+\r?\nWARC-|WARC/[01]\.\d+\r?\n(?=[A-Z]))")
_SECOND_HEAD = re.compile(rb"\r?\n\r?\n(?=WARC/[01]\.\d+\r?\n(?:WARC|Content)-)")
_LENGTH = re.compile(rb"(?i)\ncontent-length:[ \t]*(\d{1,12})")
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_STATUS = re.compile(rb"HTTP/[\d.]+\s+(\d{3})")
_CHUNK = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
_UNREADABLE = (ArchiveLoadFailed, EOFError, OSError, UnicodeError, ValueError, zlib.error)


class Capture(NamedTuple):
    """A page of HTML in an archive; `end` is where the next record begins, `truncated` why its end is missing."""

    url: str
    date: str
    content_type: str
    body: bytes
    truncated: str | None
    end: int


class Skipped(NamedTuple):
    """A record that holds no page, and the reason in a few words."""

    reason: str
    end: int


class Damage(NamedTuple):
    """What could not be read from offset `at` on; reading goes on at `end`, or nothing follows."""

    at: int
    end: int
    error: str
    is_at_end: bool = False


class PackedWhole(ValueError):
    """A gzip file of many records in one member, in which no record can be sought."""


class _Records(ArchiveIterator):  # type: ignore[misc] # warcio has no types
    INC_RECORD = ""  # it is printed to standard error; the record's fault shows without it


def read_records(file: BinaryIO, start: int) -> Iterator[Capture | Skipped | Damage]:
    """Yields what the records from offset `start` on hold, in their order; offsets are those of the file.

    Raises PackedWhole for a file that was packed as a whole, and not record by record.
    """
    size = file.seek(0, io.SEEK_END)
    stream = file
    if _is_packed_whole(file):
        raise PackedWhole("packed as a whole, not record by record: `gunzip` it, or `warcio recompress` it")
    at = start
    while at < size:
        error, began = "it ends early", at
        try:
            stream.seek(at)
            for found in _leading_on(_records_from(stream), at):
                if found.end >= size:
                    if _is_torn(stream, at, size):
                        raise EOFError(error)
                    stream.seek(size)
                yield found
                at = found.end
                if _is_of_wrong_length(found):
                    break
            else:
                if at >= size:
                    return
        except _UNREADABLE as exc:
            error = " ".join(str(exc).split())[:200] or type(exc).__name__
        else:
            if began < at < size and _begins_record(stream, at):
                continue
        following = _next_record(stream, at + 1)
        yield Damage(at, size if following is None else following, error, following is None)
        if following is None:
            return
        at = following


_WRONG_LENGTH = "wrong length"


def _leading_on(records: Iterator[Capture | Skipped], at: int) -> Iterator[Capture | Skipped]:
    """Yields the records; raises EOFError for one whose length would lead back to what was read."""
    for found in records:
        if found.end < at or (found.end == at and not _is_of_wrong_length(found)):
            raise EOFError("a length that leads back")
        yield found
        at = found.end


def _is_of_wrong_length(found: Capture | Skipped) -> bool:
    return isinstance(found, Skipped) and found.reason == _WRONG_LENGTH


def _records_from(stream: BinaryIO) -> Iterator[Capture | Skipped]:
    records = _Records(stream, no_record_parse=True)
    for record in records:
        offset = records.offset
        kind = record.rec_type or ""
        content = record.raw_stream.read(MAX_BYTES + 1) if kind in ("response", "resource", "revisit") else b""
        cut = _SECOND_HEAD.search(content) if not records.reader.decompressor else None
        records.read_to_end()
        end = records.offset
        found = _found(kind, record.rec_headers, content[: cut.start()] if cut else content, end)
        if cut:  # a length that reaches into the next record: reading begins again there
            following = _next_record(stream, offset + 1) or end
            yield found._replace(end=following)
            yield Skipped(_WRONG_LENGTH, following)
            return
        yield found


def _found(kind: str, headers: object, content: bytes, end: int) -> Capture | Skipped:  # noqa: PLR0911 - a reason each
    get = headers.get_header  # type: ignore[attr-defined]
    if kind not in ("response", "resource"):
        return Skipped(kind or "no type", end)
    if len(content) > MAX_BYTES:
        return Skipped("too large", end)
    url = (get("WARC-Target-URI") or "").strip("<> ")
    if not url.lower().startswith(("http://", "https://")):
        return Skipped("no web page", end)
    known = {"content-type": get("Content-Type") or ""}
    status, body = 200, content
    if kind == "response":
        status, known, body = http_answer(content)
    if status not in (200, 203):
        return Skipped(f"status {status}", end)
    try:
        body = payload(body, known)
    except FetchFailed as exc:
        return Skipped(exc.failure.value, end)
    content_type = known.get("content-type", "")
    if not ("html" in content_type.lower() or (not content_type and body.lstrip()[:1] == b"<")):
        return Skipped("not HTML", end)
    return Capture(url, get("WARC-Date") or "", content_type, body, get("WARC-Truncated"), end)


def http_answer(content: bytes) -> tuple[int, dict[str, str], bytes]:
    """Reads an HTTP answer: its status, its headers under lower-case names, what follows them; status 0 when it is none."""
    status = _STATUS.match(content)
    end = _END_OF_HEAD.search(content)
    if not status or not end:
        return 0, {}, content
    lines = content[: end.start()].decode("utf-8", "replace").splitlines()[1:]
    fields = (line.partition(":") for line in lines if ":" in line)
    return int(status[1]), {name.strip().lower(): value.strip() for name, _, value in fields}, content[end.end() :]


def payload(body: bytes, headers: dict[str, str]) -> bytes:
    """Undoes chunks and packing where the bytes show them, whatever the headers say; raises FetchFailed when torn."""
    if "chunked" in headers.get("transfer-encoding", "").lower():
        body = _unchunked(body)
    if body.lstrip()[:1] == b"<":
        return body
    return decompressed(body, headers.get("content-encoding", ""), MAX_BYTES)


def _unchunked(body: bytes) -> bytes:
    """Joins the chunks; a body that is not in chunks is returned as it stands."""
    out, at = bytearray(), 0
    while chunk := _CHUNK.match(body, at):
        length = int(chunk[1], 16)
        if length == 0:
            return bytes(out)
        out += body[chunk.end() : chunk.end() + length]
        at = chunk.end() + length
        at += 2 if body[at : at + 2] == b"\r\n" else 1
    return bytes(out) if at >= len(body) and out else body


def _is_torn(stream: BinaryIO, at: int, size: int) -> bool:
    """Tells whether the file ends within the record at this offset: what was read of the record is less than was written."""
    stream.seek(at)
    head = stream.read(_STEP_BYTES)
    if head[:2] == GZIP_MAGIC:
        member = zlib.decompressobj(31)
        while head and not member.eof:
            member.decompress(head)
            head = stream.read(_STEP_BYTES)
        return not member.eof
    length, end = _LENGTH.search(head), _END_OF_HEAD.search(head)
    stream.seek(max(at, size - 4))
    return not (length and end and at + end.end() + int(length[1]) <= size) and stream.read(4) != b"\r\n\r\n"


def _is_packed_whole(file: BinaryIO) -> bool:
    """Tells whether the first gzip member holds more than one record."""
    file.seek(0)
    head = file.read(_STEP_BYTES)
    if head[:2] != GZIP_MAGIC:
        return False
    try:
        plain = zlib.decompressobj(31).decompress(head, 4 * _STEP_BYTES)
    except zlib.error:
        return False
    return bool(_SECOND_HEAD.search(plain))


def _begins_record(stream: BinaryIO, at: int) -> bool:
    stream.seek(at)
    head = stream.read(_STEP_BYTES)
    return bool(_HEAD.match(head)) or _is_member(head, 0)


def _next_record(stream: BinaryIO, start: int) -> int | None:
    """Finds the next offset at which a record begins, packed or not."""
    stream.seek(start)
    at, held = start, b""
    try:
        while data := stream.read(_STEP_BYTES):
            window = held + data
            begin = at - len(held)
            plain = _HEAD.search(window)
            found = [begin + plain.start(1)] if plain else []
            for member in re.finditer(re.escape(_MEMBER), window):
                if _is_member(window, member.start()):
                    found.append(begin + member.start())
                    break
            if found:
                return min(found)
            at += len(data)
            held = window[-4096:]
    except (EOFError, OSError, zlib.error):
        return None
    return None


def _is_member(window: bytes, at: int) -> bool:
    if window[at : at + 3] != _MEMBER:
        return False
    try:
        return zlib.decompressobj(31).decompress(window[at : at + 2048], 5) == b"WARC/"
    except zlib.error:
        return False
