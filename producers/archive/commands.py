"""`rafid produce warc`: the pages in WARC archives are extracted and go into the stream."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import anyio
import click
from rich.console import Console

from producers.archive.progress import Progress, progress
from producers.archive.records import Capture, Damage, PackedWhole, read_records
from producers.commands import zone_option
from producers.feeds.commands import state_path
from producers.feeds.pages import NotAnArticle, extracted
from producers.feeds.reading import WORKERS, ReadingFailed, in_worker
from producers.intake import Intake
from producers.page_fields import Defaults
from producers.publisher import publisher
from streams.connect.kafka import KafkaSettings, kafka_options
from streams.errors import RafidError
from streams.runtime.options import TimeParam
from streams.topics import topics

BATCH = 64  # records between two acknowledgements: what a kill sends again at most
_screen = Console(stderr=True)


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--since", envvar="RAFID_WARC_SINCE", type=TimeParam(), help="Not fetched before: an age (7d), a date, a time.")
@click.option("--again", envvar="RAFID_AGAIN", is_flag=True, help="Read from the beginning, whatever was read before.")
@click.option("--source", envvar="RAFID_SOURCE", help="Source of the pages. [default: the host of the URL]")
@zone_option
@click.option(
    "--state",
    envvar="RAFID_WARC_STATE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File of what was read. [default: warc.sqlite beside the state of the workers]",
)
@click.option("--json", "as_json", envvar="RAFID_JSON", is_flag=True, help="Print one JSON object at the end.")
@kafka_options
def warc(
    *,
    paths: tuple[Path, ...],
    since: datetime | None,
    again: bool,
    source: str | None,
    zone: ZoneInfo,
    state: Path | None,
    as_json: bool,
    kafka: KafkaSettings,
) -> None:
    """Send the pages in WARC files (.warc, .warc.gz; in folders too), extracted, each record counted by what became of it.

    A run that was killed goes on behind the last record that has arrived; one with --since keeps a progress of its own. A
    record that cannot be read is named, and the next ones are read. Exits with 1 when Kafka fails, or when no file is there.
    """
    files = [file for path in paths for file in _files(path)]
    if not files:
        raise RafidError(f"no .warc or .warc.gz file in {', '.join(map(str, paths))}")
    table = topics(kafka.namespace)
    counts: Counter[str] = Counter()
    kept_at = state or state_path(None).with_name("warc.sqlite")
    with progress(kept_at) as kept, publisher(kafka, [table.pages.name, table.dead_letters.name]) as messages:
        intake = Intake(messages, table, on_refused=_print)
        asyncio.run(_send_all(files, kept, intake, Defaults(None, source, zone), counts, since=since, again=again))
    text = ", ".join(f"{count:,} {fate}" for fate, count in sorted(counts.items()))
    click.echo(json.dumps({"counts": counts}, ensure_ascii=False) if as_json else text or "nothing new")


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.rglob("*") if file.is_file() and file.name.endswith((".warc", ".warc.gz")))


async def _send_all(
    files: list[Path],
    kept: Progress,
    intake: Intake,
    defaults: Defaults,
    counts: Counter[str],
    *,
    since: datetime | None,
    again: bool,
) -> None:
    limiter = anyio.CapacityLimiter(WORKERS)
    key = since.isoformat() if since else ""
    for path in files:
        with path.open("rb") as file:
            head = hashlib.sha256(file.read(512)).hexdigest()
            where = path.resolve()
            start = 0 if again else kept.offset(where, key, head)
            try:
                for batch in _batches(read_records(file, start)):
                    await _send(batch, path, intake, defaults, counts, limiter=limiter, since=since)
                    kept.record(where, key, head, batch[-1].end)
            except PackedWhole as exc:
                raise RafidError(f"{path}: {exc}") from None


def _batches(found: Any) -> Any:
    found = iter(found)
    while batch := list(itertools.islice(found, BATCH)):
        yield batch


async def _send(
    batch: list[Any],
    path: Path,
    intake: Intake,
    defaults: Defaults,
    counts: Counter[str],
    *,
    limiter: anyio.CapacityLimiter,
    since: datetime | None,
) -> None:
    """Sends the pages of a batch in their order, and waits until they have arrived."""
    captures: list[Capture] = []
    for found in batch:
        if isinstance(found, Damage):
            counts["damaged"] += 1
            _print(f"{path}: nothing can be read from byte {found.at:,} to {found.end:,}: {found.error}")
        elif not isinstance(found, Capture):
            counts[f"skipped: {found.reason}"] += 1
        elif since and _time(found.date) and _time(found.date) < since:  # type: ignore[operator]
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
    intake.messages.settle()
    counts.update(Counter(intake.fates) - before)


def _time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _print(line: str) -> None:
    _screen.print(line, markup=False, highlight=False, soft_wrap=True)
