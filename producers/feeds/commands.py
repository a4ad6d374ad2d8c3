"""`rafid produce feeds`: follow feeds, day and night or once."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import functools
import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from producers.sources import Sources, parse_sources
from streams.connect.kafka import KafkaSettings, kafka_options
from streams.errors import RafidError
from streams.runtime.options import json_at_end_option, process_options
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
        sources, mistakes = parse_sources(path.read_text(encoding="utf-8"))
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


_archive_options = (
    click.option(
        "--archive",
        envvar="RAFID_ARCHIVE",
        type=click.Path(file_okay=False, path_type=Path),
        help="Folder of WARC files of all that is fetched, for `rafid produce warc`. [default: none is kept]",
    ),
    click.option(
        "--archive-mib",
        envvar="RAFID_ARCHIVE_MIB",
        type=click.IntRange(1),
        default=1_024,
        show_default=True,
        help="MiB after which another file is begun.",
    ),
)


def archive_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command that fetches `archive` and `archive_mib`."""
    for option in reversed(_archive_options):
        command = option(command)
    return command


story_retry_option = click.option(
    "--story-retry",
    envvar="RAFID_STORY_RETRY",
    type=click.FloatRange(min=0.1),
    default=300.0,
    show_default=True,
    metavar="SECONDS",
    help="When a story that could not be fetched, or that a kill cut short, is tried again; doubled each time.",
)


def following_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command what is needed to follow sources; it gets these options as `how`, and its own as they are."""

    @functools.wraps(command)
    def with_how(sources_file: Path, kafka: KafkaSettings, **options: Any) -> Any:
        how = {field.name: options.pop(field.name) for field in dataclasses.fields(Following)}
        return command(sources_file, kafka, Following(**how), **options)

    for option in reversed(
        (
            click.argument("sources_file", metavar="SOURCES", type=click.Path(exists=True, dir_okay=False, path_type=Path)),
            click.option("--once", envvar="RAFID_ONCE", is_flag=True, help="Fetch what is due and end, for cron."),
            *(state_option, allow_option, host_concurrency_option, story_retry_option, archive_options, process_options),
            json_at_end_option,
            kafka_options,
        )
    ):
        with_how = option(with_how)
    return with_how


@dataclasses.dataclass(frozen=True, slots=True)
class Following:
    """How sources are followed: the options that `produce feeds` and `produce sitemaps` share."""

    once: bool
    state: Path | None
    allowed: frozenset[Endpoint]
    host_concurrency: int
    story_retry: float
    archive: Path | None
    archive_mib: int
    shell: ShellSettings
    as_json: bool


@click.command()
@click.option("--sitemaps", envvar="RAFID_SITEMAPS", is_flag=True, help="Follow the sitemaps of SOURCES too.")
@following_options
def feeds(sources_file: Path, kafka: KafkaSettings, how: Following, *, sitemaps: bool) -> None:
    """Follow the feeds of SOURCES: their stories are fetched, and visited again for corrections, for ever.

    What was seen is kept in --state, so that a run which was killed goes on where it was. SIGTERM and Ctrl-C end what has
    begun and then the run. Exits with 1 when Kafka fails, or with --once when every feed failed.
    """
    _run(sources_file, kafka, how, ("feed", "sitemap") if sitemaps else ("feed",))


@click.command()
@following_options
def sitemaps(sources_file: Path, kafka: KafkaSettings, how: Following) -> None:
    """Follow the sitemaps of SOURCES, and those that they list: their stories are fetched, and again when lastmod changes.

    XML, text, gzip, news sitemaps and indexes are read; an address that ends in /robots.txt stands for the sitemaps that it
    names. The state is that of `rafid produce feeds`: at one time only one of them has it, so that for both day and night
    there is `rafid produce feeds --sitemaps`. Exits with 1 when Kafka fails, or with --once when every sitemap failed.
    """
    _run(sources_file, kafka, how, ("sitemap",))


def _run(sources_file: Path, kafka: KafkaSettings, how: Following, kinds: tuple[str, ...]) -> None:
    from producers.feeds.session import FetchSettings  # noqa: PLC0415
    from producers.feeds.store import store  # noqa: PLC0415
    from producers.intake import Intake  # noqa: PLC0415
    from producers.publisher import publisher  # noqa: PLC0415
    from streams.runtime.lifecycle import Process  # noqa: PLC0415

    sources = read_sources(sources_file)
    _check_listed(sources_file, sources, kinds)
    process = Process("produce", how.shell, name=f"{kinds[-1]}s")
    table = topics(kafka.namespace)
    process.start()
    destination = publisher(kafka, [table.pages.name, table.dead_letters.name])
    with contextlib.closing(process), store(state_path(how.state)) as kept, destination as messages:
        intake = Intake(messages, table, on_refused=log.warning, counts=process.counts)
        settings = FetchSettings(sources.contact, how.allowed, how.host_concurrency, how.archive, how.archive_mib)
        poller = asyncio.run(_follow(sources, kept, intake, settings, how=how, kinds=kinds, process=process))
        its = [feed for feed in kept.feeds() if feed.kind in kinds]
        failed = [feed for feed in its if feed.failures]
    if how.as_json:
        notes = {feed.url: feed.note for feed in failed}
        click.echo(json.dumps({"counts": dict(poller.counts), "failed": notes}, ensure_ascii=False))
    else:
        click.echo(summary(poller.counts) or "nothing was due")
    if how.once and failed and len(failed) == len(its):
        raise RafidError(f"no {failed[0].kind} could be read, the first is {failed[0].url} ({failed[0].note})")


def _check_listed(sources_file: Path, sources: Sources, kinds: tuple[str, ...]) -> None:
    """Raises RafidError when no source has anything of these kinds."""
    if not any(source.feeds if kind == "feed" else source.sitemaps for source in sources.sources for kind in kinds):
        raise RafidError(f"{sources_file}: no source in it has {' or '.join(f'{kind}s' for kind in kinds)}")


async def _follow(
    sources: Sources,
    kept: Store,
    intake: Intake,
    settings: FetchSettings,
    *,
    how: Following,
    kinds: tuple[str, ...],
    process: Process,
) -> Poller:
    from producers.feeds.poll import Poller  # noqa: PLC0415
    from producers.feeds.session import beside, session  # noqa: PLC0415

    named = {source.name: source for source in sources.sources}
    async with session(settings, intake) as its:
        poller = Poller(
            *(sources.sources, named.get, its.fetcher, kept, its.delivery), kinds=kinds, story_retry_s=how.story_retry
        )
        log.info("following the %s of %d sources", " and ".join(f"{kind}s" for kind in kinds), len(sources.sources))
        async with beside(asyncio.create_task(_report(poller, kept, process))):
            process.ready()
            await poller.run(once=how.once, stop=its.stop)
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
