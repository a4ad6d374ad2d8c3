"""`rafid audit`: whether all that came in came out, once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from indexing.elastic.settings import ElasticSettings, elastic_options
from streams.connect.kafka import KafkaSettings, kafka_options
from streams.runtime.options import TimeParam, json_option, pages_of_option

if TYPE_CHECKING:
    from deploy.audit.audit import Report


@click.command()
@click.option(
    "--since",
    envvar="RAFID_SINCE",
    type=TimeParam(),
    metavar="TIME",
    help="Pages since this time, or within this age (2h, 7d). [default: all that the topics hold]",
)
@click.option("--until", envvar="RAFID_UNTIL", type=TimeParam(), metavar="TIME", help="Pages before this time or age.")
@click.option(
    "--scratch",
    envvar="RAFID_AUDIT_SCRATCH",
    type=click.Path(exists=True, file_okay=False, writable=True, path_type=Path),
    metavar="DIRECTORY",
    help="Where some 200 bytes an article are kept meanwhile. [default: the system's temporary directory]",
)
@click.option(
    "--keep", is_flag=True, envvar="RAFID_AUDIT_KEEP", help="Keep the answer in an index of its own: the console shows the last."
)
@pages_of_option
@json_option
@kafka_options
@elastic_options
@click.pass_context
def audit(
    context: click.Context,
    *,
    since: datetime | None,
    until: datetime | None,
    scratch: Path | None,
    keep: bool,
    pages_of: str | None,
    as_json: bool,
    kafka: KafkaSettings,
    elastic: ElasticSettings,
) -> None:
    """Check from the topics and the index that nothing was lost and nothing doubled; beside live traffic, which it leaves alone.

    Every page has its articles or a dead letter, every article one verdict, every verdict its document or none to have, every
    document a verdict that gave it its version, and no document lies in two indices. Exit code 1 names what does not add up:
    the first 20 in text, all of it with --json.
    """
    from deploy.audit import answers  # noqa: PLC0415 - clients take half a second to import
    from deploy.audit import audit as audits  # noqa: PLC0415

    began = datetime.now(UTC)
    if since and until and since >= until:
        raise click.UsageError("--since is not before --until")
    bounds = audits.Bounds(_ms(since) or 0, _ms(until))
    with audits.audit(kafka, elastic, bounds, scratch, pages_of) as report:
        for piece in _as_json(report) if as_json else _as_text(report):
            click.echo(piece, nl=not as_json)
        if keep:
            with elastic.client() as client:
                answers.keep(client, report, began)
    context.exit(0 if report.is_clean else 1)


def _ms(time: datetime | None) -> int | None:
    return None if time is None else round(time.timestamp() * 1000)


def _as_json(report: Report) -> Iterator[str]:
    """Yields one JSON object in pieces, a finding at a time: there may be millions."""
    fields = report.summary()
    yield json.dumps(fields).removesuffix("}") + ', "findings": ['
    for number, line in enumerate(report.findings.lines()):
        yield (", " if number else "") + line
    yield "]}\n"


def _as_text(report: Report) -> Iterator[str]:
    from deploy.audit.audit import moment  # noqa: PLC0415 - clients take half a second to import

    begin = moment(report.window.since_ms) if report.window.since_ms else "the beginning"
    end = "now" if report.window.until_ms is None else moment(report.window.until_ms)
    yield f"{report.namespace}, pages from {begin} to {end}"
    yield from (f"note: {note}" for note in report.notes)
    for title, counts in (("read", report.read), ("under way", report.under_way)):
        yield f"{title:10} " + ", ".join(f"{count:,} {what.replace('_', ' ')}" for what, count in counts.items())
    if report.is_clean:
        yield "everything adds up"
        return
    yield "does NOT add up: " + ", ".join(f"{count:,} {fault}" for fault, count in report.faults.items())
    for finding in report.findings.first:
        rest = ", ".join(f"{name} {value}" for name, value in finding.items() if name != "fault")
        yield f"  {finding['fault']}: {rest}"
    if (left_out := sum(report.faults.values()) - len(report.findings.first)) > 0:
        yield f"  and {left_out:,} more: --json names them all"
