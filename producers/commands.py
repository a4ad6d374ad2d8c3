"""`rafid produce ...`: pages come in."""

from __future__ import annotations

import codecs
import dataclasses
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from producers.inputs import LINES, TEXT, inputs
from producers.intake import FileReader, Intake, Tally
from producers.publisher import NotDelivered, publisher
from producers.values.defaults import Defaults
from streams.connect.kafka import KafkaSettings, kafka_options
from streams.errors import RafidError
from streams.runtime.options import json_at_end_option
from streams.topics import topics

SHOWN_REFUSALS = 5  # on the screen; all of them are on the dead-letters topic


class ZoneParam(click.ParamType):
    """The name of a time zone."""

    name = "zone"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> ZoneInfo:
        """Returns the zone; wrong usage when there is none of this name."""
        if isinstance(value, ZoneInfo):
            return value
        try:
            return ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.fail(f"{value!r} is no time zone: give a name like UTC, Asia/Riyadh, Africa/Casablanca", param, ctx)


def _known_encoding(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    if value is None:
        return None
    try:
        "".encode(value)  # not every codec is one of text
        return codecs.lookup(value).name
    except LookupError:
        raise click.BadParameter(f"{value!r} is no encoding: give one like utf-8, windows-1256, iso-8859-6") from None


zone_option = click.option(
    "--timezone",
    "zone",
    envvar="RAFID_TIMEZONE",
    type=ZoneParam(),
    default="UTC",
    show_default=True,
    help="Zone of dates that name none, like Asia/Riyadh.",
)


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, allow_dash=True), metavar="PATH...")
@click.option("--source", envvar="RAFID_SOURCE", help="Source of pages that name none. [default: host of the URL, or file name]")
@zone_option
@click.option(
    "--format", "kind", envvar="RAFID_FORMAT", type=click.Choice([LINES, TEXT]), help="What the files hold. [default: by name]"
)
@click.option(
    "--encoding",
    envvar="RAFID_ENCODING",
    callback=_known_encoding,
    help="Encoding of the files. [default: UTF-8; text files also UTF-16 and windows-1256, recognised]",
)
@json_at_end_option
@kafka_options
@click.pass_context
def files(
    context: click.Context,
    *,
    paths: tuple[str, ...],
    source: str | None,
    zone: ZoneInfo,
    kind: str | None,
    encoding: str | None,
    as_json: bool,
    kafka: KafkaSettings,
) -> None:
    """Send pages: JSON Lines (.jsonl, .ndjson, .json) or texts (.txt), also gzipped: files, folders, pipes, standard input (-).

    Each line is a JSON object with `text` (or content, body) and what else is known: title, url, date, source, category,
    tags (or keywords), author, id. A line that is no page goes to the dead letters with its file and line number, and the rest
    goes on. Exits with 0 when every line was sent or refused, with 1 when none was a page, when a file ends early, or when
    Kafka fails.
    """
    screen = Console(stderr=True)
    tallies = [Tally(path) for path in paths]
    table = topics(kafka.namespace)
    started = time.monotonic()
    with publisher(kafka, [table.pages.name, table.dead_letters.name]) as messages, _progress(screen, paths, kind) as progress:
        show = _refusal_printer(progress)
        intake = Intake(messages, table, on_refused=show)
        reader = FileReader(intake, Defaults(None, source, zone), kind, encoding, show, _advancer(progress, tallies))
        _send_all(reader, tallies, progress)
    _report(tallies, time.monotonic() - started, as_json=as_json)
    if not any(tally.files for tally in tallies):
        raise RafidError(f"no file to read in {', '.join(paths)}: .jsonl, .ndjson, .json, .txt are looked for, plain or .gz")
    sent, refused = sum(tally.sent for tally in tallies), sum(tally.refused for tally in tallies)
    if any(tally.errors for tally in tallies) or (refused and not sent):
        context.exit(1)


def _send_all(reader: FileReader, tallies: list[Tally], progress: Progress) -> None:
    """Sends all that is in the files and waits until it has arrived; NotDelivered says how much of it did when Kafka fails."""
    try:
        for tally in tallies:
            reader.read(tally)
        progress.update(progress.task_ids[0], description="waiting for the last to arrive")
        reader.intake.messages.flush()
    except NotDelivered as exc:
        arrived = reader.intake.messages.delivered[reader.intake.topics.pages.name]
        raise NotDelivered(f"{exc}; {arrived:,} pages have arrived, and sending all of them again does no harm") from None


def _progress(screen: Console, paths: tuple[str, ...], kind: str | None) -> Progress:
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[sent]:,} pages"),
        console=screen,
        disable=not screen.is_terminal,
        transient=True,
    )
    sizes = [source.bytes for path in paths for source in inputs(path, kind)]
    known = [size for size in sizes if size is not None]
    progress.add_task("sending", total=sum(known) if len(known) == len(sizes) else None, sent=0)
    return progress


def _advancer(progress: Progress, tallies: list[Tally]) -> Callable[[int], None]:
    task = progress.task_ids[0]
    return lambda count: progress.update(task, advance=count, sent=sum(tally.sent for tally in tallies))


def _refusal_printer(progress: Progress) -> Callable[[str], None]:
    shown = 0

    def show(line: str) -> None:
        nonlocal shown
        shown += 1
        if shown <= SHOWN_REFUSALS:
            progress.console.print(line, markup=False, highlight=False, soft_wrap=True)
        elif shown == SHOWN_REFUSALS + 1:
            progress.console.print("... `rafid dead-letters list --stage produce` shows the rest", markup=False, highlight=False)

    return show


def _report(tallies: list[Tally], seconds: float, *, as_json: bool) -> None:
    sent, refused = sum(tally.sent for tally in tallies), sum(tally.refused for tally in tallies)
    if as_json:
        whole_story = {"sent": sent, "refused": refused, "seconds": round(seconds, 3)}
        click.echo(json.dumps(whole_story | {"paths": [dataclasses.asdict(tally) for tally in tallies]}, ensure_ascii=False))
        return
    out = Console()
    if not out.is_terminal:
        for tally in tallies:
            click.echo(f"{tally.path}: {tally.sent} sent, {tally.refused} refused")
        return
    table = Table("", "sent", "refused", show_footer=len(tallies) > 1)
    for column, total in zip(table.columns, ("all", f"{sent:,}", f"{refused:,}"), strict=True):
        column.footer = total
        column.justify = "left" if column.header == "" else "right"
    for tally in tallies:
        table.add_row(Path(tally.path).name or tally.path, f"{tally.sent:,}", f"{tally.refused:,}")
    out.print(table)
    if refused:
        out.print("`rafid dead-letters list --stage produce` says why lines were refused", markup=False, highlight=False)
