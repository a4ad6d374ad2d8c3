"""`rafid sources status`: what comes of each source, whether that is its own rhythm, and how its feeds go."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import click

from indexing.elastic.settings import ElasticSettings, elastic_options_unless
from producers.feeds.commands import state_option, state_path
from streams.connect.kafka import KafkaSettings, kafka_options_unless
from streams.runtime.options import json_option


@click.command()
@state_option
@click.option(
    "--feeds-only", is_flag=True, envvar="RAFID_FEEDS_ONLY", help="Show the feeds alone, from their state; no server is asked."
)
@kafka_options_unless("feeds_only")
@elastic_options_unless("feeds_only")
@json_option
@click.pass_context
def status(
    context: click.Context,
    *,
    state: Path | None,
    feeds_only: bool,
    kafka: KafkaSettings | None,
    elastic: ElasticSettings | None,
    as_json: bool,
) -> None:
    """Show what each source brings, by its own rhythm, and the feeds that are followed from here.

    Names each source that is silent, or whose pages are suddenly empty, against its own past of four weeks; exit code 1 then.
    The rhythm is drawn from Monday to Sunday, and over the day from 00:00 UTC. Feeds are shown where their state is: last
    fetch, items, what is new, errors, when next; and what became of their pages.
    """
    from rich.console import Console  # noqa: PLC0415

    out = Console(width=None if click.get_text_stream("stdout").isatty() else 200)
    shown: dict[str, Any] = {}
    odd = False
    if kafka is not None and elastic is not None:
        shown, odd = _show_rhythms(kafka, elastic, None if as_json else out)
    if feeds_only or state is not None or state_path(None).is_file():
        shown |= _show_feeds(state_path(state), None if as_json else out)
    if as_json:
        click.echo(json.dumps(shown, ensure_ascii=False))
    context.exit(1 if odd else 0)


def _show_rhythms(kafka: KafkaSettings, elastic: ElasticSettings, out: Any) -> tuple[dict[str, Any], bool]:
    from deploy.sources.show import odd_lines, status_fields, status_table  # noqa: PLC0415 - clients take half a second
    from deploy.sources.status import sources_status  # noqa: PLC0415

    with elastic.client() as client:
        found = sources_status(client, kafka, time.time() / 3600)
    lines = odd_lines(found)
    if out is not None:
        out.print(status_table(found))
        if found.behind:
            out.print(f"{found.behind:,} messages wait for a worker: sources are judged up to the oldest", highlight=False)
        for line in lines:
            out.print(f"ODD: {line}", style="bold red", highlight=False, soft_wrap=True)
    return status_fields(found), bool(lines)


def _show_feeds(path: Path, out: Any) -> dict[str, Any]:
    from producers.feeds.status import status_fields, status_table  # noqa: PLC0415
    from producers.feeds.store import readable  # noqa: PLC0415

    with readable(path) as kept:
        feeds, fates = kept.feeds(), kept.fates()
    if out is not None:
        out.print(status_table(feeds, fates))
    return status_fields(feeds, fates)
