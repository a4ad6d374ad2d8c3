"""All that a run which fetches needs: a polite fetcher, the way to Kafka, and the wish to stop."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import signal
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from producers.delivery import Delivery, delivery
from producers.fetch.addresses import Endpoint
from producers.fetch.archiving import MIB, archive
from producers.fetch.client import Client, Keep
from producers.fetch.fetcher import Fetcher
from producers.fetch.waiting import Hosts
from producers.intake import Intake


@dataclasses.dataclass(frozen=True, slots=True)
class FetchSettings:
    """How a run fetches: whom sites can reach, which addresses beside public ones, how many fetches of a host at once.

    What was fetched is archived in the folder `archive`, if any, in files of some `archive_mib`.
    """

    contact: str
    allowed: frozenset[Endpoint]
    host_concurrency: int
    archive: Path | None = None
    archive_mib: int = 1_024


@dataclasses.dataclass(frozen=True, slots=True)
class Session:
    """A run while it runs; `stop` is set by SIGTERM and Ctrl-C."""

    fetcher: Fetcher
    delivery: Delivery
    stop: asyncio.Event


@contextlib.asynccontextmanager
async def session(settings: FetchSettings, intake: Intake) -> AsyncIterator[Session]:
    """Opens a Session, whose pages go to an Intake that nobody else uses meanwhile."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    agent = f"rafid/0.1 (+{settings.contact})"
    async with (
        _keeping(settings, agent) as keep,
        Client(agent, allowed=settings.allowed, keep=keep) as client,
        delivery(intake) as deliver,
    ):
        fetcher = Fetcher(client, Hosts(delay_s=0.0, concurrency=settings.host_concurrency), agent="rafid")
        yield Session(fetcher, deliver, stop)


@contextlib.asynccontextmanager
async def _keeping(settings: FetchSettings, agent: str) -> AsyncIterator[Keep | None]:
    if settings.archive is None:
        yield None
        return
    async with archive(settings.archive, agent, settings.archive_mib * MIB) as kept:
        yield kept.keep


@contextlib.asynccontextmanager
async def beside(task: asyncio.Task[None]) -> AsyncIterator[None]:
    """Runs a task beside a block, and ends it with the block; raises what the task raised."""
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def plain_counts(*counts: Mapping[str, int]) -> dict[str, int]:
    """Joins counts into one table, without zeros."""
    return {name: count for table in counts for name, count in table.items() if count}
