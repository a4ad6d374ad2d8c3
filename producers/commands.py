"""`rafid produce ...`: pages come in."""

from __future__ import annotations

import codecs
import dataclasses
import json
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from producers.inputs import LINES, MAX_LINE_BYTES, TEXT, Input, Line, Unreadable, inputs, lines, whole
from producers.page_fields import Defaults, TooLarge, encode, page_of_line, page_of_text
from producers.publisher import NotDelivered, Publisher, publisher
from streams.connect.kafka import KafkaSettings, kafka_options
from streams.dead_letters.envelope import MAX_VALUE_BYTES, Reason, dead_letter
from streams.errors import RafidError
from streams.records import MalformedRecord
from streams.times import rfc_3339
from streams.topics import Topics, topics

SHOWN_REFUSALS = 5  # on the screen; all of them are on the dead-letters topic


@dataclasses.dataclass(slots=True)
class Tally:
    """What became of one PATH: files read, pages sent, lines refused, and the files that could not be read to their end."""

    path: str
    files: int = 0
    sent: int = 0
    refused: int = 0
    errors: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True, slots=True)
class Reader:
    """How files are read and where their pages go; `told` is shown what is refused or fails, `advanced` counts bytes."""

    messages: Publisher
    topics: Topics
    defaults: Defaults
    kind: str | None
    encoding: str | None
    told: Callable[[str], None]
    advanced: Callable[[int], None]

    def read(self, tally: Tally) -> None:
        """Every line of every file under its path has been handed over, as a page or as a dead letter."""
        for source in inputs(tally.path, self.kind):
            tally.files += 1
            try:
                self._read_file(source, tally)
            except Unreadable as exc:
                tally.errors.append(str(exc))
                self.told(str(exc))

    def _read_file(self, source: Input, tally: Tally) -> None:
        defaults = dataclasses.replace(self.defaults, name=_source_of(source))
        rows: Iterable[Line]
        rows = lines(source, self.advanced, self.encoding) if source.kind == LINES else [whole(source, self.advanced)]
        for line in rows:
            now = _now()
            try:
                if line.length > MAX_LINE_BYTES:
                    raise TooLarge(f"{line.length:,} bytes; {MAX_LINE_BYTES:,} may be one page")  # noqa: TRY301
                if source.kind == LINES:
                    page = page_of_line(line.data, defaults, now)
                else:
                    page = page_of_text(line.data, source.name, defaults, now, self.encoding)
                data = encode(page)
            except (MalformedRecord, TooLarge) as exc:
                self._refuse(source, line, exc, now)
                tally.refused += 1
            else:
                self.messages.send(self.topics.pages.name, bytes.fromhex(page.id), data)
                tally.sent += 1

    def _refuse(self, source: Input, line: Line, error: Exception, now: datetime) -> None:
        place = f"{source.name}:{line.number}" if source.kind == LINES else source.name
        is_cut = line.length > len(line.data)
        letter = dead_letter(
            stage="produce",
            reason=Reason.PAGE_TOO_LARGE if isinstance(error, TooLarge) else Reason.MALFORMED_PAGE,
            error=f"{place}: {error}",
            failed_at=rfc_3339(now),
            key=None,
            value=line.data[:MAX_VALUE_BYTES] if is_cut else line.data,
            headers=[("file", source.name.encode()), ("line", b"%d" % line.number)],
        )
        self.messages.send(self.topics.dead_letters.name, letter.key, letter.value, letter.headers)
        self.told(f"refused {place}: {error}")


def _now() -> datetime:
    """The time to the millisecond, so that what is refused in a row stays in a row."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


class Zone(click.ParamType):
    """The name of a time zone."""

    name = "zone"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> ZoneInfo:
        """The zone; wrong usage when there is none of this name."""
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


@click.group()
def produce() -> None:
    """Send pages into the stream."""


@produce.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, allow_dash=True), metavar="PATH...")
@click.option("--source", envvar="RAFID_SOURCE", help="Source of pages that name none. [default: host of the URL, or file name]")
@click.option(
    "--timezone",
    "zone",
    envvar="RAFID_TIMEZONE",
    type=Zone(),
    default="UTC",
    show_default=True,
    help="Zone of dates that name none, like Asia/Riyadh.",
)
@click.option(
    "--format", "kind", envvar="RAFID_FORMAT", type=click.Choice([LINES, TEXT]), help="What the files hold. [default: by name]"
)
@click.option(
    "--encoding",
    envvar="RAFID_ENCODING",
    callback=_known_encoding,
    help="Encoding of the files. [default: UTF-8; text files also UTF-16 and windows-1256, recognised]",
)
@click.option("--json", "as_json", envvar="RAFID_JSON", is_flag=True, help="Print one JSON object at the end.")
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
        reader = Reader(
            messages, table, Defaults(None, source, zone), kind, encoding, _teller(progress), _advancer(progress, tallies)
        )
        _send_all(reader, tallies, progress)
    _report(tallies, time.monotonic() - started, as_json=as_json)
    if not any(tally.files for tally in tallies):
        raise RafidError(f"no file to read in {', '.join(paths)}: .jsonl, .ndjson, .json, .txt are looked for, plain or .gz")
    sent, refused = sum(tally.sent for tally in tallies), sum(tally.refused for tally in tallies)
    if any(tally.errors for tally in tallies) or (refused and not sent):
        context.exit(1)


def _send_all(reader: Reader, tallies: list[Tally], progress: Progress) -> None:
    """What is in the files has arrived; NotDelivered says how much of it when Kafka fails."""
    try:
        for tally in tallies:
            reader.read(tally)
        progress.update(progress.task_ids[0], description="waiting for the last to arrive")
        reader.messages.settle()
    except NotDelivered as exc:
        arrived = reader.messages.delivered[reader.topics.pages.name]
        raise NotDelivered(f"{exc}; {arrived:,} pages have arrived, and sending all of them again does no harm") from None


def _source_of(source: Input) -> str | None:
    """A file's name without its endings; of a text file, its folder's; what comes through a pipe has none."""
    if source.path is None or source.bytes is None:
        return None
    return source.path.name.split(".")[0] if source.kind == LINES else source.path.resolve().parent.name


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


def _teller(progress: Progress) -> Callable[[str], None]:
    told = 0

    def tell(what: str) -> None:
        nonlocal told
        told += 1
        if told <= SHOWN_REFUSALS:
            progress.console.print(what, markup=False, highlight=False, soft_wrap=True)
        elif told == SHOWN_REFUSALS + 1:
            progress.console.print("... `rafid dead-letters list --stage produce` shows the rest", markup=False, highlight=False)

    return tell


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
