"""`rafid produce html`: saved pages are extracted and go into the stream."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import click
import msgspec
import orjson
from rich.console import Console

from producers.commands import zone_option
from producers.extract.extract import extract
from producers.extract.results import Refusal
from producers.inputs import MAX_LINE_BYTES
from producers.intake import Intake
from producers.publisher import publisher
from producers.trials.try_extract import html_files
from producers.values.defaults import Defaults
from streams.connect.kafka import KafkaSettings, kafka_options
from streams.dead_letters.envelope import MAX_VALUE_BYTES, Reason
from streams.errors import RafidError
from streams.runtime.options import json_at_end_option
from streams.topics import topics


@click.command()
@click.argument("folder", type=click.Path(exists=True, path_type=Path))
@click.option("--source", envvar="RAFID_SOURCE", help="Source of pages that name no URL. [default: the host of the URL]")
@zone_option
@json_at_end_option
@kafka_options
def html(folder: Path, *, source: str | None, zone: ZoneInfo, as_json: bool, kafka: KafkaSettings) -> None:
    """Send the saved pages (.html, .htm and others) in FOLDER and its folders, extracted; a single file may be named too.

    A page that is no article, or larger than 16 MiB, goes to the dead letters with its file name and the reason. Exits with
    0 when every page was sent or refused.
    """
    files = html_files(folder)
    if not files:
        raise RafidError(f"{folder}: no saved page in it; `.html` and its kin are looked for")
    table = topics(kafka.namespace)
    screen = Console(stderr=True)
    with publisher(kafka, [table.pages.name, table.dead_letters.name]) as messages:
        intake = Intake(
            messages, table, on_refused=lambda line: screen.print(line, markup=False, highlight=False, soft_wrap=True)
        )
        for file in files:
            _take(intake, file, Defaults(folder.resolve().name, source, zone))
        messages.flush()
    if as_json:
        click.echo(orjson.dumps(dict(intake.fates), option=orjson.OPT_NON_STR_KEYS).decode())
    else:
        click.echo(f"{folder}: " + ", ".join(f"{count:,} {fate}" for fate, count in sorted(intake.fates.items())))


def _take(intake: Intake, file: Path, defaults: Defaults) -> None:
    try:
        data = file.read_bytes()
    except OSError as exc:
        raise RafidError(f"{file}: {exc.strerror}") from None
    headers = [("file", str(file).encode())]
    if len(data) > MAX_LINE_BYTES:
        error = f"{len(data):,} bytes; {MAX_LINE_BYTES:,} may be one page"
        intake.refuse(Reason.PAGE_TOO_LARGE, error, data[:MAX_VALUE_BYTES], str(file), headers=headers)
        return
    found = extract(data, zone=defaults.zone)
    if isinstance(found, Refusal):
        intake.refuse(Reason.MALFORMED_PAGE, f"no article, {found}", data[:MAX_VALUE_BYTES], str(file), headers=headers)
        return
    fields = {name: value for name, value in msgspec.to_builtins(found).items() if value is not None}
    intake.take_fields(fields, defaults, str(file), headers=headers)
