"""`rafid produce feeds`: follow feeds, day and night or once."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from producers.sources import Sources, read
from streams.connect.kafka import KafkaSettings, kafka_options
from streams.errors import RafidError
from streams.runtime.options import process_options
from streams.topics import topics

if TYPE_CHECKING:  # they bring aiohttp and trafilatura along, which --help can do without
    from producers.feeds.poll import Poller
    from producers.feeds.session import FetchSettings
    from producers.feeds.store import Store
    from producers.fetch.addresses import Endpoint
    from producers.intake import Intake
    from streams.runtime.lifecycle import Process
    from streams.runtime.settings import ShellSettings

log = logging.getLogger("rafid.feeds")
state_option = click.option(
    "--state",
    envvar="RAFID_FEEDS_STATE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File of what was seen. [default: feeds.sqlite beside the state of the workers]",
)


def state_path(state: Path | None) -> Path:
    """Gives the file of the state, the user's own when none is named."""
    from streams.workers.state import state_directory  # noqa: PLC0415 - it brings kafka-python along

    return state or state_directory() / "feeds.sqlite"


def read_sources(path: Path) -> Sources:
    """Reads a sources file; raises RafidError with its first mistake, and how many there are."""
    try:
        sources, mistakes = read(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as exc:
        raise RafidError(f"{path}: {exc}") from None
    if sources is None:
        more = f" (and {len(mistakes) - 1} more: `rafid sources check {path}`)" if len(mistakes) > 1 else ""
        raise RafidError(f"{path}, {mistakes[0]}{more}")
    return sources


def allowed_endpoints(_context: click.Context, _option: click.Parameter, value: tuple[str, ...]) -> object:
    """Reads the allow-list; wrong usage for an entry that is none."""
    from producers.fetch.addresses import allow_list  # noqa: PLC0415

    try:
        return allow_list(value)
    except ValueError as exc:
        raise click.BadParameter(str(exc)) from None


allow_option = click.option(
    "--allow",
    "allowed",
    envvar="RAFID_FETCH_ALLOW",
    multiple=True,
    metavar="HOST:PORT",
    callback=allowed_endpoints,
    help="May be connected to although it is not public, like an intranet's server; may be repeated.",
)

host_concurrency_option = click.option(
    "--host-concurrency",
    envvar="RAFID_HOST_CONCURRENCY",
    type=click.IntRange(1, 16),
    default=2,
    show_default=True,
    help="Fetches of one host at once.",
)


@click.command()
@click.argument("sources_file", metavar="SOURCES", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--once", envvar="RAFID_ONCE", is_flag=True, help="Fetch what is due and end, for cron.")
@state_option
@allow_option
@host_concurrency_option
@click.option(
    "--story-retry",
    envvar="RAFID_STORY_RETRY",
    type=click.FloatRange(min=0.1),
    default=300.0,
    show_default=True,
    metavar="SECONDS",
    help="When a story that could not be fetched, or that a kill cut short, is tried again; doubled each time.",
)
@process_options
@click.option("--json", "as_json", envvar="RAFID_JSON", is_flag=True, help="Print one JSON object at the end.")
@kafka_options
def feeds(
    *,
    sources_file: Path,
    once: bool,
    state: Path | None,
    allowed: frozenset[Endpoint],
    host_concurrency: int,
    story_retry: float,
    shell: ShellSettings,
    as_json: bool,
    kafka: KafkaSettings,
) -> None:
    """Follow the feeds of SOURCES: their stories are fetched, and visited again for corrections, for ever.

    What was seen is kept in --state, so that a run which was killed goes on where it was. SIGTERM and Ctrl-C end what has
    begun and then the run. Exits with 1 when Kafka fails, or with --once when every feed failed.
    """
    from producers.feeds.session import FetchSettings  # noqa: PLC0415
    from producers.feeds.store import store  # noqa: PLC0415
    from producers.intake import Intake  # noqa: PLC0415
    from producers.publisher import publisher  # noqa: PLC0415
    from streams.runtime.lifecycle import Process  # noqa: PLC0415

    sources = read_sources(sources_file)
    process = Process("produce", shell, name="feeds")
    table = topics(kafka.namespace)
    process.start()
    destination = publisher(kafka, [table.pages.name, table.dead_letters.name])
    with contextlib.closing(process), store(state_path(state)) as kept, destination as messages:
        intake = Intake(messages, table, on_refused=log.warning, counts=process.counts)
        settings = FetchSettings(sources.contact, allowed, host_concurrency)
        running = _follow(sources, kept, intake, settings, story_retry_s=story_retry, process=process, once=once)
        poller = asyncio.run(running)
        failed = [feed for feed in kept.feeds() if feed.failures]
        is_lost = once and bool(failed) and len(failed) == len(kept.feeds())
    if as_json:
        notes = {feed.url: feed.note for feed in failed}
        click.echo(json.dumps({"counts": dict(poller.counts), "failed": notes}, ensure_ascii=False))
    else:
        click.echo(summary(poller.counts) or "nothing was due")
    if is_lost:
        raise RafidError(f"no feed could be read, the first is {failed[0].url} ({failed[0].note})")


async def _follow(
    sources: Sources,
    kept: Store,
    intake: Intake,
    settings: FetchSettings,
    *,
    story_retry_s: float,
    process: Process,
    once: bool,
) -> Poller:
    from producers.feeds.poll import Poller  # noqa: PLC0415
    from producers.feeds.session import beside, session  # noqa: PLC0415

    named = {source.name: source for source in sources.sources}
    async with session(settings, intake) as its:
        poller = Poller(sources.sources, named.get, its.fetcher, kept, its.delivery, story_retry_s=story_retry_s)
        log.info("following %d feeds of %d sources", len(kept.feeds()), len(sources.sources))
        async with beside(asyncio.create_task(_report(poller, kept, process))):
            process.ready()
            await poller.run(once=once, stop=its.stop)
    return poller


async def _report(poller: Poller, kept: Store, process: Process) -> None:
    """Shows a live table on a terminal, or logs a line when there was anything to do."""
    if sys.stderr.isatty():
        from rich.console import Console  # noqa: PLC0415
        from rich.live import Live  # noqa: PLC0415

        from producers.feeds.status import status_table  # noqa: PLC0415

        with Live(console=Console(stderr=True), auto_refresh=False) as live:
            while True:
                live.update(status_table(kept.feeds(), kept.fates()), refresh=True)
                process.vitals.turn()
                await asyncio.sleep(1.0)
    await log_counts(poller.counts, process)


async def log_counts(counts: dict[str, int], process: Process) -> None:
    """Logs the counts as often as the process reports, when they have changed, until it is cancelled."""
    before: dict[str, int] = {}
    while True:
        await asyncio.sleep(process.report_every_s)
        process.vitals.turn()
        if counts != before:
            before = dict(counts)
            log.info("%s since the start", summary(before))


def summary(counts: dict[str, int]) -> str:
    """Writes counts as one line."""
    return ", ".join(f"{count:,} {fate}" for fate, count in sorted(counts.items()))
