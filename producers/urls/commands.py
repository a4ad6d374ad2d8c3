"""`rafid produce urls`: the pages behind a list of URLs, each fetched politely and sent once."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click
import msgspec

from producers.commands import zone_option
from producers.feeds.commands import (
    allow_option,
    archive_options,
    host_concurrency_option,
    log_counts,
    read_sources,
    state_path,
    summary,
)
from producers.sources import Source, Sources
from producers.values.addresses import source_of
from streams.connect.kafka import KafkaSettings, kafka_options
from streams.errors import RafidError
from streams.runtime.options import json_at_end_option, process_options
from streams.topics import topics

if TYPE_CHECKING:  # they bring aiohttp and trafilatura along, which --help can do without
    from producers.feeds.session import FetchSettings
    from producers.feeds.store import Store
    from producers.fetch.addresses import Endpoint
    from producers.intake import Intake
    from producers.urls.taking import UrlIntake
    from streams.runtime.lifecycle import Process
    from streams.runtime.settings import ShellSettings

log = logging.getLogger("rafid.urls")
RETRY_WITHIN_S = 60.0  # what is to be tried again later than that is left to the next run
DRAIN_EVERY_S = 1.0


class KnownSources:
    """The source of each URL: the one of a sources file that has its host, else one that is made of these settings."""

    def __init__(self, sources: Sequence[Source], unknown: Source) -> None:
        settings = {"revisits_s": (), "full_text": False}  # a URL that somebody names is fetched, and once
        self._by_name = {source.name: msgspec.structs.replace(source, **settings) for source in sources}
        self._by_host = {source_of(url): source.name for source in sources for url in (*source.feeds, *source.sitemaps)}
        self._unknown = msgspec.structs.replace(unknown, **settings)

    def name_of(self, url: str) -> str:
        """Returns the name of the source of a URL, by default its host."""
        host = source_of(url)
        return self._by_host.get(host) or self._unknown.name or host

    def find(self, name: str) -> Source:
        """Gives the source of this name."""
        return self._by_name.get(name) or msgspec.structs.replace(self._unknown, name=name)


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(exists=False, allow_dash=True))
@click.option("--contact", envvar="RAFID_CONTACT", help="A page or mail address by which sites can reach you.")
@click.option(
    "--sources",
    "sources_file",
    envvar="RAFID_SOURCES",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Sources file: its contact, and for the hosts of its feeds and sitemaps its names, delays, zones and headers.",
)
@click.option("--source", default="", envvar="RAFID_SOURCE", help="Source of pages of other hosts. [default: the host]")
@zone_option
@click.option(
    "--delay",
    envvar="RAFID_FETCH_DELAY",
    type=click.FloatRange(min=0),
    default=2.0,
    show_default=True,
    metavar="SECONDS",
    help="Between two requests to one host; a longer crawl-delay of robots.txt goes first.",
)
@click.option(
    "--drain", envvar="RAFID_DRAIN", is_flag=True, help="Take the lines out of FILE, as of `produce serve --urls FILE`."
)
@click.option("--follow", envvar="RAFID_FOLLOW", is_flag=True, help="Drain FILE, and wait for more until stopped.")
@click.option("--again", envvar="RAFID_AGAIN", is_flag=True, help="Fetch what was fetched before, too.")
@click.option(
    "--state",
    envvar="RAFID_URLS_STATE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File of what was fetched. [default: urls.sqlite beside the state of the workers]",
)
@allow_option
@host_concurrency_option
@click.option(
    "--retry",
    envvar="RAFID_URL_RETRY",
    type=click.FloatRange(min=0.1),
    default=5.0,
    show_default=True,
    metavar="SECONDS",
    help="When a URL that could not be fetched is tried again; doubled each time.",
)
@click.option(
    "--attempts",
    envvar="RAFID_URL_ATTEMPTS",
    type=click.IntRange(1, 10),
    default=3,
    show_default=True,
    help="How often a URL is tried.",
)
@archive_options
@process_options
@json_at_end_option
@kafka_options
def urls(
    *,
    files: tuple[str, ...],
    contact: str | None,
    sources_file: Path | None,
    source: str,
    zone: ZoneInfo,
    delay: float,
    drain: bool,
    follow: bool,
    again: bool,
    state: Path | None,
    allowed: frozenset[Endpoint],
    host_concurrency: int,
    retry: float,
    attempts: int,
    archive: Path | None,
    archive_mib: int,
    shell: ShellSettings,
    as_json: bool,
    kafka: KafkaSettings,
) -> None:
    """Fetch the pages of the URLs in FILE (a line each, `-` for standard input) and send them, each once.

    A line that is no URL goes to the dead letters. What was fetched is kept in --state: a run that was killed goes on where
    it was, and a URL that is listed again is not fetched again. Exits with 1 when Kafka fails, or when no page was fetched
    and one failed.
    """
    from producers.feeds.session import FetchSettings  # noqa: PLC0415
    from producers.feeds.store import store  # noqa: PLC0415
    from producers.intake import Intake  # noqa: PLC0415
    from producers.publisher import publisher  # noqa: PLC0415
    from streams.runtime.lifecycle import Process  # noqa: PLC0415

    drains = drain or follow
    _check_files(files, drains=drains)
    sources = read_sources(sources_file) if sources_file else Sources(contact=contact or "", sources=())
    if not (contact or sources.contact):
        raise click.UsageError("sites want to know who fetches: give --contact, or --sources with a contact in it")
    known = KnownSources(sources.sources, Source(name=source, timezone=zone.key, delay_s=delay))
    settings = FetchSettings(contact or sources.contact, allowed, host_concurrency, archive, archive_mib)
    table = topics(kafka.namespace)
    path = state or state_path(None).with_name("urls.sqlite")
    process = Process("produce", shell, name="urls")
    process.start()
    destination = publisher(kafka, [table.pages.name, table.dead_letters.name])
    with contextlib.closing(process), store(path) as kept, destination as messages:
        if kept.feeds():
            raise RafidError(f"{path} is the state of feeds: give URLs one of their own with --state")
        work = Work(files, drains=drains, follows=follow, again=again, retry_s=retry, attempts=attempts)
        intake = Intake(messages, table, on_refused=log.warning, counts=process.counts)
        fetching = _fetch_all(work, known, kept, intake, settings=settings, process=process)
        counts = asyncio.run(fetching)
    click.echo(json.dumps({"counts": counts}, ensure_ascii=False) if as_json else summary(counts) or "no URL")
    failed = sum(count for fate, count in counts.items() if fate.startswith("failed"))
    if failed and not any(counts.get(fate) for fate in ("sent", "unchanged")):
        raise RafidError(f"no page could be fetched: {failed} failed")


def _check_files(files: tuple[str, ...], *, drains: bool) -> None:
    for file in files:
        if drains and file == "-":
            raise click.UsageError("standard input cannot be drained: leave --drain and --follow out")
        if not drains and file != "-" and not Path(file).exists():
            raise click.UsageError(f"{file}: no such file")


@dataclasses.dataclass(frozen=True, slots=True)
class Work:
    """Which files of URLs are fetched, and how."""

    files: tuple[str, ...]
    drains: bool
    follows: bool
    again: bool
    retry_s: float
    attempts: int


async def _fetch_all(
    work: Work, known: KnownSources, kept: Store, intake: Intake, *, settings: FetchSettings, process: Process
) -> dict[str, int]:
    """Fetches all URLs of the files, and what a run before has left; returns the counts."""
    from producers.feeds.poll import Poller  # noqa: PLC0415
    from producers.feeds.session import beside, plain_counts, session  # noqa: PLC0415
    from producers.urls.taking import UrlIntake  # noqa: PLC0415

    async with session(settings, intake) as its:
        taking = UrlIntake(kept, its.delivery, known.name_of, again=work.again)
        poller = Poller(
            *((), known.find, its.fetcher, kept, its.delivery),
            kinds=(),
            story_retry_s=work.retry_s,
            story_attempts=work.attempts,
        )
        async with beside(asyncio.create_task(log_counts(poller.counts, process))):
            process.ready()
            for file in work.files:
                await (taking.drain(Path(file)) if work.drains else taking.take(file))
            if work.follows:
                async with beside(asyncio.create_task(_drain_for_ever(taking, work.files, its.stop))):
                    await poller.run(once=False, stop=its.stop)
            else:
                await poller.run(once=True, stop=its.stop, retry_within_s=RETRY_WITHIN_S)
    return plain_counts(taking.counts, poller.counts)


async def _drain_for_ever(taking: UrlIntake, files: Sequence[str], stop: asyncio.Event) -> None:
    """Takes URLs out of the spools as they come; when one cannot be read the run ends, and this raises why."""
    try:
        while not stop.is_set():
            for file in files:
                while await taking.drain(Path(file)):
                    pass
            await asyncio.sleep(DRAIN_EVERY_S)
    finally:
        stop.set()
