"""What was fetched into WARC files: an answer is on disk before anything is made of it, so that it can be read again later.

A file is a run's own: it is begun with the first answer, and the next one when it is large enough. A record is handed to the
system as a whole and survives the process; a file is synced to disk when it is full, and at the end.
"""

from __future__ import annotations

import asyncio
import base64
import collections
import concurrent.futures
import contextlib
import hashlib
import io
import os
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO

from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from producers.fetch.client import Answer
from streams.errors import RafidError

MIB = 1024 * 1024
KNOWN_BODIES = 50_000  # addresses whose last body is known, some 15 MB: the feeds and revisited stories of a day
_NOT_MODIFIED = "http://netpreserve.org/warc/1.0/revisit/server-not-modified"
_OF_THE_WIRE = frozenset({"transfer-encoding", "content-length"})  # the body is stored unchunked


class ArchiveWriter:
    """Writes answers to files in a folder, each at most `max_bytes` and one record long; used by one thread.

    An answer whose body is that of the last answer of its address becomes a revisit record, and one of 304 too.
    """

    def __init__(self, folder: Path, software: str, max_bytes: int) -> None:
        self._folder, self._software, self._max_bytes = folder, software, max_bytes
        self._file: BinaryIO | None = None
        self._bodies: collections.OrderedDict[str, tuple[str, str]] = collections.OrderedDict()  # address -> digest, date

    def write(self, answer: Answer, at: datetime) -> None:
        """Has the answer in a file; raises RafidError when the disk does not take it."""
        try:
            self._write(answer, at)
        except OSError as exc:
            raise RafidError(f"{self._folder}: what was fetched cannot be archived ({exc.strerror or exc})") from None

    def close(self) -> None:
        """Syncs the last file to disk."""
        if self._file:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._file = None

    def _write(self, answer: Answer, at: datetime) -> None:
        date = f"{at:%Y-%m-%dT%H:%M:%SZ}"
        digest = "sha1:" + base64.b32encode(hashlib.sha1(answer.sent, usedforsecurity=False).digest()).decode()
        known = self._bodies.get(answer.final_url)
        if answer.status == HTTPStatus.NOT_MODIFIED and not known:
            return  # its body was archived by another run, or is not wanted
        if self._file and self._file.tell() >= self._max_bytes:
            self.close()
        file = self._file or self._begin(at)
        packed = io.BytesIO()
        WARCWriter(packed, gzip=True).write_record(_record(answer, date, digest, known))
        file.write(packed.getbuffer())
        file.flush()
        if answer.status != HTTPStatus.NOT_MODIFIED and (known is None or known[0] != digest):
            self._bodies[answer.final_url] = digest, date
        if answer.final_url in self._bodies:
            self._bodies.move_to_end(answer.final_url)
        if len(self._bodies) > KNOWN_BODIES:
            self._bodies.popitem(last=False)

    def _begin(self, at: datetime) -> BinaryIO:
        """Returns a new file, which begins with who wrote it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"rafid-{at:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}.warc.gz"
        self._file = path.open("xb")
        writer = WARCWriter(self._file, gzip=True)
        information = {"software": self._software, "format": "WARC File Format 1.0"}
        writer.write_record(writer.create_warcinfo_record(path.name, information))
        return self._file


def _record(answer: Answer, date: str, digest: str, known: tuple[str, str] | None) -> ArcWarcRecord:
    writer = WARCWriter(None)
    headers = [(name, _ascii(value)) for name, value in answer.headers.items() if name not in _OF_THE_WIRE]
    status = f"{answer.status} {HTTPStatus(answer.status).phrase}"
    http = StatusAndHeaders(status, [*headers, ("content-length", str(len(answer.sent)))], protocol="HTTP/1.1")
    dated = {"WARC-Date": date}
    if known is None or (answer.status != HTTPStatus.NOT_MODIFIED and known[0] != digest):
        return writer.create_warc_record(
            answer.final_url, "response", io.BytesIO(answer.sent), len(answer.sent), http_headers=http, warc_headers_dict=dated
        )
    record = writer.create_revisit_record(
        answer.final_url, known[0], answer.final_url, known[1], http_headers=http, warc_headers_dict=dated
    )
    if answer.status == HTTPStatus.NOT_MODIFIED:
        record.rec_headers.replace_header("WARC-Profile", _NOT_MODIFIED)
    return record


def _ascii(value: str) -> str:
    return value.encode("ascii", "backslashreplace").decode()


class Archive:
    """An ArchiveWriter in a thread of its own, for an event loop that has other things to do; made by `archive`."""

    def __init__(self, writer: ArchiveWriter, thread: concurrent.futures.Executor) -> None:
        self._writer, self._thread = writer, thread

    async def keep(self, answer: Answer) -> None:
        """Returns when the answer is in a file; raises RafidError when the disk does not take it."""
        at = datetime.now(UTC)
        await asyncio.get_running_loop().run_in_executor(self._thread, self._writer.write, answer, at)


@contextlib.asynccontextmanager
async def archive(folder: Path, software: str, max_bytes: int) -> AsyncIterator[Archive]:
    """Opens an Archive in this folder, which is made when there is something to write."""
    with concurrent.futures.ThreadPoolExecutor(1, thread_name_prefix="archive") as thread:
        writer = ArchiveWriter(folder, software, max_bytes)
        try:
            yield Archive(writer, thread)
        finally:
            await asyncio.get_running_loop().run_in_executor(thread, writer.close)
