"""Commands of the stream processors: the workers, trying a stage on one's own text, and rule files."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click
from rich.console import Console

from streams.connect.kafka import KafkaSettings, kafka_options
from streams.errors import RafidError
from streams.records import MalformedRecord
from streams.runtime.options import pages_of_option, process_options

if TYPE_CHECKING:
    from streams.runtime.settings import ShellSettings
    from streams.split.rules import SourceRules


def _worker_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        process_options,
        click.option(
            "--state",
            envvar="RAFID_STATE",
            type=click.Path(file_okay=False, path_type=Path),
            help="Folder for the worker's state; each process takes a free place in it. [default: the user's state folder]",
        ),
    ):
        command = option(command)
    return command


rules_option = click.option(
    "--rules", envvar="RAFID_SPLIT_RULES", type=click.File(), help="Rule file by source; see `rafid split-rules`."
)


@click.command()
@rules_option
@pages_of_option
@_worker_options
@kafka_options
def worker_split(
    rules: IO[str] | None, pages_of: str | None, state: Path | None, shell: ShellSettings, kafka: KafkaSettings
) -> None:
    """Cut pages into articles: read news.pages, write news.articles. Run as many as there are partitions."""
    from streams.workers.splitter import run_split_worker  # noqa: PLC0415 - Faust takes a second to import

    run_split_worker(kafka, state, split_rules(rules) if rules else {}, shell, pages_of)


@click.command()
@_worker_options
@kafka_options
def worker_dedup(state: Path | None, shell: ShellSettings, kafka: KafkaSettings) -> None:
    """Tell stories from their copies: read news.articles, write news.deduplicated. A second one stands by."""
    from streams.workers.deduplicator import run_dedup_worker  # noqa: PLC0415 - Faust takes a second to import

    run_dedup_worker(kafka, state, shell)


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
            click.echo(one.json_line())
    else:
        with console.status("comparing"):
            found = list(trial.clusters(trial.judged(file)))
        console.print(trial.table(found))


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--why", envvar="RAFID_SPLIT_WHY", is_flag=True, help="With each segment of the JSON Lines the rule that decided.")
@rules_option
@click.option("--source", envvar="RAFID_SOURCE", default="", help="Source of a text file, for its rules.  [default: none]")
@click.option("--title", envvar="RAFID_TITLE", help="Title of a text file, where it is not in the text.")
@click.option(
    "--gold",
    envvar="RAFID_SPLIT_GOLD",
    is_flag=True,
    help="FILE holds labelled pages: print how the splitter does on them, by site, kind and rule.",
)
@click.option(
    "--report",
    envvar="RAFID_SPLIT_REPORT",
    type=click.Path(dir_okay=False, path_type=Path),
    help="With --gold, also write an HTML page with the text of what is wrong.",
)
def try_split(
    file: IO[bytes],
    *,
    why: bool,
    rules: IO[str] | None,
    source: str,
    title: str | None,
    gold: bool,
    report: Path | None,
) -> None:
    """See what the splitter makes of FILE (- is standard input): what each stretch of a page is, and why.

    JSON Lines in, with `text` and perhaps `id`, `title`, `links`, `source`: JSON Lines out, `id` as given and `segments` with
    `start`, `end` (code points) and `kind`. A line that is no page is named on standard error, and the rest goes on. Any
    other file is one page in UTF-8, shown with its stories.

    With --gold each line also has its `segments` as a person marked them (`rafid label` makes such files), and perhaps
    `site` and `cls`: printed are pages that came out right, precision and recall by kind, and what each rule decided.
    """
    from streams.trials import try_split as split_view  # noqa: PLC0415 - for this command alone

    known = split_rules(rules) if rules else {}
    if gold:
        _try_gold(file, known, report)
        return
    if report:
        raise click.UsageError("--report needs --gold")
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


def _try_gold(file: IO[bytes], known: dict[str, SourceRules], report: Path | None) -> None:
    from streams.split.splitter import split  # noqa: PLC0415 - for this command alone
    from streams.trials import gold, quality_report  # noqa: PLC0415 - jinja2, for this command alone

    try:
        pages = list(gold.read_gold(file))
    except MalformedRecord as exc:
        raise RafidError(f"{file.name}: {exc}") from None
    compared = [gold.compare(one, split(page, known.get(page.source)).segments) for one in pages for page in [one.page()]]
    section = quality_report.section_of_pages(f"{len(pages)} labelled pages of {file.name}", compared)
    quality_report.show(Console(), [section])
    if report:
        report.write_text(quality_report.html("How the splitter does", [section]), encoding="utf-8")


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option(
    "--to",
    envvar="RAFID_GOLD",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("gold.jsonl"),
    show_default=True,
    help="File of labelled pages, which is added to; pages that it has are not asked for again.",
)
@rules_option
def label(file: IO[bytes], *, to: Path, rules: IO[str] | None) -> None:
    """Correct what the splitter makes of the pages of FILE (JSON Lines), one after the other, in your editor ($EDITOR).

    Each line of a page stands behind its kind. A page that you save is added to the labelled ones, which
    `rafid try split --gold` measures with; a page that you leave unsaved is left out. Stop with Ctrl-C: nothing is lost.
    """
    from streams.trials import label as labels  # noqa: PLC0415 - for this command alone

    known = split_rules(rules) if rules else {}
    saved = labels.label_pages(file, to, known, lambda text: click.edit(text, extension=".txt"), click.echo)
    click.echo(f"{saved} pages labelled: {to}")


@click.command()
@click.argument("file", type=click.File())
def check_split_rules(file: IO[str]) -> None:
    """Check the rule FILE (- is standard input): say what it holds for each source, or what is wrong with it."""
    for source, rules in split_rules(file).items():
        counts = Counter(marker.opens for marker in rules.own) + Counter(tail=len(rules.tails))
        held = ", ".join(f"{count} {opens}" for opens, count in counts.items()) or "no marker"
        click.echo(f"{source}: {held}" + (f"; ignores {len(rules.ignored)}" if rules.ignored else ""))


def split_rules(file: IO[str]) -> dict[str, SourceRules]:
    """Returns the rules in an open rule file by source; raises RafidError, which names the file."""
    from streams.split.markers import MalformedRules  # noqa: PLC0415 - for these commands alone
    from streams.split.rules import read_rules  # noqa: PLC0415 - for these commands alone

    try:
        return read_rules(file.read())
    except (MalformedRules, UnicodeDecodeError) as exc:
        raise RafidError(f"{file.name}: {exc}") from None


@click.command()
@click.argument("record", required=False, type=click.Choice(["page", "article", "verdict", "deadletter"], case_sensitive=False))
@click.option("--namespace", envvar="RAFID_NAMESPACE", default="news", show_default=True, help="Prefix of the topics.")
def schema(record: str | None, namespace: str) -> None:
    """Print what travels as other programs read it: the topics as an AsyncAPI document, or one RECORD as JSON Schema."""
    import importlib.metadata  # noqa: PLC0415 - what no worker needs

    import orjson  # noqa: PLC0415 - what no worker needs

    from streams import asyncapi  # noqa: PLC0415 - what no worker needs

    names = {found.__name__.lower(): found.__name__ for found in asyncapi.RECORDS}
    document = (
        asyncapi.json_schema(names[record]) if record else asyncapi.document(importlib.metadata.version("rafid"), namespace)
    )
    click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode())
