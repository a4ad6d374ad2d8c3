"""`rafid dead-letters ...`: what could not go on is listed, shown, and sent again."""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import click
from rich.console import Console

from streams.connect.kafka import KafkaSettings, kafka_options
from streams.dead_letters import view
from streams.dead_letters.envelope import Reason
from streams.dead_letters.topic import Selection, read_letters, send_again
from streams.runtime.fates import STAGES
from streams.runtime.options import TimeParam, json_lines_option


class LetterPosition(click.ParamType):
    """Where a dead letter lies on its topic: PARTITION:OFFSET."""

    name = "partition:offset"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        """Returns partition and offset; wrong usage when the value is no such pair."""
        match = re.fullmatch(r"(\d{1,9}):(\d{1,18})", value, re.ASCII) if isinstance(value, str) else None
        if match is None:
            self.fail(f"{value!r} is no PARTITION:OFFSET", param, ctx)
        return int(match[1]), int(match[2])


def _filters(command: Callable[..., Any]) -> Callable[..., Any]:
    time = TimeParam()
    for option in (
        click.option("--until", envvar="RAFID_UNTIL", type=time, metavar="TIME", help="Failed before this time or age."),
        click.option(
            "--since", envvar="RAFID_SINCE", type=time, metavar="TIME", help="Failed since this time, or within this age (2h)."
        ),
        click.option(
            "--reason",
            envvar="RAFID_REASON",
            type=click.Choice([reason.value for reason in Reason]),
            help="Only with this reason.",
            metavar="REASON",
        ),
        click.option("--stage", envvar="RAFID_STAGE", type=click.Choice(STAGES), help="Only from this stage."),
    ):
        command = option(command)
    return command


@click.group()
def dead_letters() -> None:
    """What could not go on: look at it, and send it again when the cause is mended."""


@dead_letters.command("list")
@_filters
@click.option(
    "--limit",
    envvar="RAFID_DEAD_LETTERS_LIMIT",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    metavar="LETTERS",
    help="Show the latest so many.",
)
@json_lines_option
@kafka_options
def list_dead_letters(
    *,
    stage: str | None,
    reason: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    as_lines: bool,
    kafka: KafkaSettings,
) -> None:
    """List dead letters, oldest first: where each lies, when, where and why it failed, and where it came from."""
    chosen = read_letters(kafka, Selection(stage=stage, reason=reason, since=since, until=until))
    latest = heapq.nlargest(limit, chosen, key=lambda stored: stored.order)
    latest.reverse()
    console = Console()
    if as_lines or not console.is_terminal:
        for stored in latest:
            click.echo(view.json_line(stored) if as_lines else view.line(stored))
    else:
        console.print(view.table(latest))


@dead_letters.command("show")
@click.argument("positions", type=LetterPosition(), nargs=-1, required=True, metavar="PARTITION:OFFSET...")
@click.option("--json", "as_lines", envvar="RAFID_JSON", is_flag=True, help="One JSON object on each line, with the whole value.")
@kafka_options
def show_dead_letter(positions: tuple[tuple[int, int], ...], as_lines: bool, kafka: KafkaSettings) -> None:
    """Show dead letters: the failure, the headers and the value."""
    for stored in read_letters(kafka, Selection(positions=frozenset(positions))):
        if as_lines:
            click.echo(view.json_line(stored, with_value=True))
        else:
            view.show(Console(), stored)


@dead_letters.command("replay")
@click.argument("positions", type=LetterPosition(), nargs=-1, metavar="[PARTITION:OFFSET...]")
@_filters
@click.option("--all", "every", is_flag=True, envvar="RAFID_REPLAY_ALL", help="Send every dead letter again.")
@click.option("--dry-run", is_flag=True, envvar="RAFID_DRY_RUN", help="Say what would be sent, and send nothing.")
@kafka_options
@click.pass_context
def replay_dead_letters(
    context: click.Context,
    *,
    positions: tuple[tuple[int, int], ...],
    stage: str | None,
    reason: str | None,
    since: datetime | None,
    until: datetime | None,
    every: bool,
    dry_run: bool,
    kafka: KafkaSettings,
) -> None:
    """Send dead letters back to the topic they came from: those named, or those that the filters leave.

    The message is as it was, with its attempts and the time when it first came in headers. The letters stay where they are, so
    a second replay sends them a second time. A replayed page is as old as it was: where a newer version of it has come since,
    that one stays. Exits with 1 when one of them could not be sent.
    """
    filtered = any((stage, reason, since, until))
    if sum((bool(positions), filtered, every)) != 1:
        raise click.UsageError("say which: PARTITION:OFFSET..., or filters (--stage, --reason, --since, --until), or --all")
    selection = Selection(positions=frozenset(positions), stage=stage, reason=reason, since=since, until=until)
    done = send_again(kafka, read_letters(kafka, selection), dry_run=dry_run)
    for line in view.replay_summary(done, dry_run=dry_run):
        click.echo(line)
    if done.not_sent:
        context.exit(1)
