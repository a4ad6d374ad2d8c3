"""Commands of the stream processors: the workers, trying a stage on one's own text, and the dead letters."""

from __future__ import annotations

import heapq
import itertools
import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click
from rich.console import Console

from streams.connect.kafka import KafkaSettings, kafka_options
from streams.dead_letters import view
from streams.dead_letters.envelope import Reason
from streams.dead_letters.topic import Choice, read, send_again
from streams.errors import RafidError
from streams.records import MalformedRecord
from streams.runtime.options import report_every_option

if TYPE_CHECKING:
    from streams.split.rules import SourceRules

STAGES = ("produce", "split", "dedup", "index")


def _worker_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        report_every_option,
        click.option(
            "--state",
            envvar="RAFID_STATE",
            type=click.Path(file_okay=False, path_type=Path),
            help="Folder for the worker's state; each process takes a free place in it. [default: the user's state folder]",
        ),
    ):
        command = option(command)
    return command


_rules_option = click.option(
    "--rules", envvar="RAFID_SPLIT_RULES", type=click.File(), help="Rule file by source; see `rafid split-rules`."
)


@click.command()
@_rules_option
@_worker_options
@kafka_options
@click.pass_context
def worker_split(
    context: click.Context, rules: IO[str] | None, state: Path | None, report_every: float, kafka: KafkaSettings
) -> None:
    """Cut pages into articles: read news.pages, write news.articles. Run as many as there are partitions."""
    from streams.workers.splitter import run_split_worker  # noqa: PLC0415 - Faust takes a second to import

    debug = context.find_root().params.get("debug", False)
    run_split_worker(kafka, state, _split_rules(rules) if rules else {}, report_every_s=report_every, debug=debug)


@click.command()
@_worker_options
@kafka_options
@click.pass_context
def worker_dedup(context: click.Context, state: Path | None, report_every: float, kafka: KafkaSettings) -> None:
    """Tell stories from their copies: read news.articles, write news.deduplicated. A second one stands by."""
    from streams.workers.deduplicator import run_dedup_worker  # noqa: PLC0415 - Faust takes a second to import

    run_dedup_worker(kafka, state, report_every_s=report_every, debug=context.find_root().params.get("debug", False))


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--json", "as_lines", envvar="RAFID_JSON", is_flag=True, help="One JSON object on each line, also on a terminal.")
def try_dedup(file: IO[bytes], *, as_lines: bool) -> None:
    """See which articles of FILE (JSON Lines, in order of arrival; - is standard input) tell the same story.

    Each line has `id` or `url`, a time under `fetched_at` or `date_extracted`, and the article under `body` or `content`, or a
    whole page under `text`. Prints a line of JSON for each article, or a table of the stories on a terminal.
    """
    from streams.trials import try_dedup as trial  # noqa: PLC0415 - numpy, for this command alone

    console = Console()
    if as_lines or not console.is_terminal:
        for one in trial.judged(file):
            click.echo(one.to_json())
    else:
        with console.status("comparing"):
            found = list(trial.clusters(trial.judged(file)))
        console.print(trial.table(found))


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--why", envvar="RAFID_SPLIT_WHY", is_flag=True, help="With each segment of the JSON Lines the rule that decided.")
@_rules_option
@click.option("--source", envvar="RAFID_SOURCE", default="", help="Source of a text file, for its rules.  [default: none]")
@click.option("--title", envvar="RAFID_TITLE", help="Title of a text file, where it is not in the text.")
def try_split(file: IO[bytes], *, why: bool, rules: IO[str] | None, source: str, title: str | None) -> None:
    """See what the splitter makes of FILE (- is standard input): what each stretch of a page is, and why.

    JSON Lines in, with `text` and perhaps `id`, `title`, `links`, `source`: JSON Lines out, `id` as given and `segments` with
    `start`, `end` (code points) and `kind`. A line that is no page is named on standard error, and the rest goes on. Any
    other file is one page in UTF-8, shown with its stories.
    """
    from streams.trials import try_split as split_view  # noqa: PLC0415 - for this command alone

    known = _split_rules(rules) if rules else {}
    start = b""
    while not start.strip() and (line := file.readline()):
        start += line
    if split_view.is_json_lines(start):
        malformed = 0
        out = click.get_binary_stream("stdout")
        for one in split_view.split_lines(itertools.chain(start.splitlines(keepends=True), file), known, why=why):
            if isinstance(one, MalformedRecord):
                malformed += 1
                click.echo(f"rafid: {one}", err=True)
            else:
                out.write(one + b"\n")
        if malformed:
            raise RafidError(f"{malformed} lines are no pages; they are named above and left out")
        return
    try:
        text = (start + file.read()).decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise RafidError(f"{file.name}: not UTF-8 at byte {exc.start}; convert it, for example with `iconv -t UTF-8`") from None
    split_view.show(Console(), text, title, source, known.get(source))


@click.group()
def split_rules() -> None:
    """Rule files: what the splitter should know of single sources."""


@split_rules.command("check")
@click.argument("file", type=click.File())
def check_split_rules(file: IO[str]) -> None:
    """Check the rule FILE (- is standard input): say what it holds for each source, or what is wrong with it."""
    for source, rules in _split_rules(file).items():
        counts = Counter(marker.opens for marker in rules.own)
        said = ", ".join(f"{count} {opens}" for opens, count in counts.items()) or "no marker"
        click.echo(f"{source}: {said}" + (f"; ignores {len(rules.ignored)}" if rules.ignored else ""))


def _split_rules(file: IO[str]) -> dict[str, SourceRules]:
    from streams.split.markers import MalformedRules  # noqa: PLC0415 - for these commands alone
    from streams.split.rules import read_rules  # noqa: PLC0415 - for these commands alone

    try:
        return read_rules(file.read())
    except (MalformedRules, UnicodeDecodeError) as exc:
        raise RafidError(f"{file.name}: {exc}") from None


class Moment(click.ParamType):
    """A time in RFC 3339, a date, or an age like `90m`, `2h`, `3d`; always with a timezone, UTC unless given."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The moment; wrong usage when it is none."""
        if isinstance(value, datetime):
            return value
        if age := re.fullmatch(r"(\d{1,6})([smhd])", value):
            unit = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}[age[2]]
            try:
                return datetime.now(UTC) - timedelta(**{unit: int(age[1])})
            except OverflowError:
                self.fail(f"{value!r} is before the first year", param, ctx)
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no time: give 2026-11-22, 2026-11-22T18:25:43Z, or an age like 2h", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class Place(click.ParamType):
    """Where a dead letter lies: PARTITION:OFFSET."""

    name = "partition:offset"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        """Partition and offset; wrong usage when it is no such pair."""
        match = re.fullmatch(r"(\d{1,9}):(\d{1,18})", value, re.ASCII) if isinstance(value, str) else None
        if match is None:
            self.fail(f"{value!r} is no PARTITION:OFFSET", param, ctx)
        return int(match[1]), int(match[2])


def _filters(command: Callable[..., Any]) -> Callable[..., Any]:
    moment = Moment()
    for option in (
        click.option("--until", envvar="RAFID_UNTIL", type=moment, metavar="TIME", help="Failed before this time or age."),
        click.option(
            "--since", envvar="RAFID_SINCE", type=moment, metavar="TIME", help="Failed since this time, or within this age (2h)."
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
@click.option("--json", "as_lines", envvar="RAFID_JSON", is_flag=True, help="One JSON object on each line.")
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
    chosen = read(kafka, Choice(stage=stage, reason=reason, since=since, until=until))
    latest = heapq.nlargest(limit, chosen, key=lambda stored: stored.order)
    latest.reverse()
    console = Console()
    if as_lines or not console.is_terminal:
        for stored in latest:
            click.echo(view.as_json(stored) if as_lines else view.line(stored))
    else:
        console.print(view.table(latest))


@dead_letters.command("show")
@click.argument("places", type=Place(), nargs=-1, required=True, metavar="PARTITION:OFFSET...")
@click.option("--json", "as_lines", envvar="RAFID_JSON", is_flag=True, help="One JSON object on each line, with the whole value.")
@kafka_options
def show_dead_letter(places: tuple[tuple[int, int], ...], as_lines: bool, kafka: KafkaSettings) -> None:
    """Show dead letters: the failure, the headers and the value."""
    for stored in read(kafka, Choice(places=frozenset(places))):
        if as_lines:
            click.echo(view.as_json(stored, with_value=True))
        else:
            view.show(Console(), stored)


@dead_letters.command("replay")
@click.argument("places", type=Place(), nargs=-1, metavar="[PARTITION:OFFSET...]")
@_filters
@click.option("--all", "every", is_flag=True, envvar="RAFID_REPLAY_ALL", help="Send every dead letter again.")
@click.option("--dry-run", is_flag=True, envvar="RAFID_DRY_RUN", help="Say what would be sent, and send nothing.")
@kafka_options
@click.pass_context
def replay_dead_letters(
    context: click.Context,
    *,
    places: tuple[tuple[int, int], ...],
    stage: str | None,
    reason: str | None,
    since: datetime | None,
    until: datetime | None,
    every: bool,
    dry_run: bool,
    kafka: KafkaSettings,
) -> None:
    """Send dead letters back to the topic they came from: those named, or those that the filters leave.

    The message is as it was, with its attempts counted in a header. The letters stay where they are, so a second replay
    sends them a second time. A replayed page counts as just fetched: where a newer version of it has come since, the old one
    takes its place until the page comes again. Exits with 1 when one of them could not be sent.
    """
    filtered = any((stage, reason, since, until))
    if sum((bool(places), filtered, every)) != 1:
        raise click.UsageError("say which: PARTITION:OFFSET..., or filters (--stage, --reason, --since, --until), or --all")
    choice = Choice(places=frozenset(places), stage=stage, reason=reason, since=since, until=until)
    done = send_again(kafka, read(kafka, choice), dry_run=dry_run)
    for line in view.told(done, dry_run=dry_run):
        click.echo(line)
    if done.kept:
        context.exit(1)
