"""Archives into the stream: the pages of their records, extracted, sent in batches that are acknowledged before the next."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path

import anyio

from producers.archive.progress import Progress
from producers.archive.records import Capture, Damage, PackedWhole, Skipped, read_records
from producers.feeds.pages import NotAnArticle, extracted
from producers.feeds.reading import WORKERS, ReadingFailed, in_worker
from producers.intake import Intake
from producers.values.defaults import Defaults
from streams.errors import RafidError

BATCH = 64  # records between two acknowledgements: what a kill sends again at most
Record = Capture | Skipped | Damage


async def send_all(
    files: list[Path],
    kept: Progress,
    intake: Intake,
    defaults: Defaults,
    counts: Counter[str],
    *,
    since: datetime | None,
    again: bool,
    report: Callable[[str], object],
) -> None:
    """Sends what the files hold beyond what was sent before; `counts` has each record once, `report` gets a line for damage.

    Raises RafidError for a file that was packed as a whole, and NotDelivered when Kafka fails.
    """
    limiter = anyio.CapacityLimiter(WORKERS)
    key = since.isoformat() if since else ""
    for path in files:
        with path.open("rb") as file:
            head = hashlib.sha256(file.read(512)).hexdigest()
            where = path.resolve()
            start = 0 if again else kept.offset(where, key, head)
            try:
                for batch in _batches(read_records(file, start)):
                    await _send(batch, path, intake, defaults, counts, limiter=limiter, since=since, report=report)
                    kept.record(where, key, head, _read_to(batch[-1]))
            except PackedWhole as exc:
                raise RafidError(f"{path}: {exc}") from None


def _read_to(last: Record) -> int:
    """Returns where the next run begins: an end that could not be read is looked at again, since the file may be growing."""
    return last.at if isinstance(last, Damage) and last.is_at_end else last.end


def _batches(found: Iterable[Record]) -> Iterator[list[Record]]:
    rest = iter(found)
    while batch := list(itertools.islice(rest, BATCH)):
        yield batch


async def _send(
    batch: list[Record],
    path: Path,
    intake: Intake,
    defaults: Defaults,
    counts: Counter[str],
    *,
    limiter: anyio.CapacityLimiter,
    since: datetime | None,
    report: Callable[[str], object],
) -> None:
    """Sends the pages of a batch in their order, and waits until they have arrived."""
    captures: list[Capture] = []
    for found in batch:
        if isinstance(found, Damage):
            counts["damaged"] += 1
            report(f"{path}: nothing can be read from byte {found.at:,} to {found.end:,}: {found.error}")
        elif isinstance(found, Skipped):
            counts[f"skipped: {found.reason}"] += 1
        elif since and (fetched := _time(found.date)) and fetched < since:
            counts["skipped: earlier"] += 1
        else:
            captures.append(found)
    zone = str(getattr(defaults.zone, "key", "UTC"))
    work = (in_worker(extracted, found.body, found.url, found.content_type, zone, limiter=limiter) for found in captures)
    before = Counter(intake.fates)
    for capture, fields in zip(captures, await asyncio.gather(*work, return_exceptions=True), strict=True):
        if isinstance(fields, NotAnArticle | ReadingFailed):
            counts[f"{'refused' if isinstance(fields, NotAnArticle) else 'failed'}: {fields}"] += 1
            continue
        if isinstance(fields, BaseException):
            raise fields
        known = {"url": capture.url, **fields, "fetched_at": capture.date, "truncated": capture.truncated}
        given = {name: value for name, value in known.items() if value}
        intake.take_fields(given, defaults, capture.url, headers=[("file", str(path).encode())])
    intake.messages.flush()
    counts.update(Counter(intake.fates) - before)


def _time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None
