"""`rafid produce warc`: the pages in WARC archives are extracted and go into the stream."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from rich.console import Console

from producers.commands import zone_option
from producers.feeds.commands import state_path, summary
from producers.intake import Intake
from producers.publisher import publisher
from producers.values.defaults import Defaults
from streams.connect.kafka import KafkaSettings, kafka_options
from streams.errors import RafidError
from streams.runtime.options import TimeParam, json_at_end_option
from streams.topics import topics

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
@json_at_end_option
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
    from producers.archive.progress import progress  # noqa: PLC0415
    from producers.archive.sending import send_all  # noqa: PLC0415 - it brings warcio and the extractor along

    files = [file for path in paths for file in _files(path)]
    if not files:
        raise RafidError(f"no .warc or .warc.gz file in {', '.join(map(str, paths))}")
    table = topics(kafka.namespace)
    counts: Counter[str] = Counter()
    kept_at = state or state_path(None).with_name("warc.sqlite")
    with progress(kept_at) as kept, publisher(kafka, [table.pages.name, table.dead_letters.name]) as messages:
        intake = Intake(messages, table, on_refused=_print)
        defaults = Defaults(None, source, zone)
        asyncio.run(send_all(files, kept, intake, defaults, counts, since=since, again=again, report=_print))
    click.echo(json.dumps({"counts": counts}, ensure_ascii=False) if as_json else summary(counts) or "nothing new")


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.rglob("*") if file.is_file() and file.name.endswith((".warc", ".warc.gz")))


def _print(line: str) -> None:
    _screen.print(line, markup=False, highlight=False, soft_wrap=True)
