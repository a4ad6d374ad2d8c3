"""How far a worker is behind: what its partitions hold beyond what it has acknowledged."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

import faust
from aiokafka.errors import KafkaError
from faust.types import TP

from streams.runtime.lifecycle import log
from streams.runtime.vitals import Vitals
from streams.workers.order import OffsetSequence

MEASURE_EVERY_S = 5.0
TIMEOUT_S = 10.0


def settling(order: OffsetSequence, vitals: Vitals) -> Callable[[Sequence[Any], float], None]:
    """Returns what notes a batch that was acknowledged: its events, and the seconds that it took."""

    def settled(events: Sequence[Any], duration_s: float) -> None:
        order.settle(events)
        vitals.settle_batch(len(events), duration_s)

    return settled


def must_catch_up(app: faust.App, vitals: Vitals) -> None:
    """Makes it a hindrance to be without partitions, or behind in them, once the app has started."""
    vitals.hindrances.append(lambda: assignment_hindrance(app, vitals))
    vitals.must_catch_up()


def assignment_hindrance(app: faust.App, vitals: Vitals) -> str:
    """Returns why the worker cannot say that it has its partitions; empty when it can. A standby has none, and is well."""
    if app.rebalancing:
        return "the group shares out its partitions"
    return "" if app.order.settled.keys() == vitals.backlog.lag.keys() else "the lag of new partitions is not known yet"


async def measure_lag(app: faust.App, vitals: Vitals) -> None:
    """Asks the broker every five seconds where the assigned partitions end; never returns."""
    while True:
        await _measure(app, vitals)
        await asyncio.sleep(MEASURE_EVERY_S)


async def _measure(app: faust.App, vitals: Vitals) -> None:
    settled = app.order.settled
    try:
        async with asyncio.timeout(TIMEOUT_S):
            found = await app.consumer.highwaters(*(TP(*partition) for partition in settled)) if settled else {}
    except (KafkaError, TimeoutError) as exc:
        log.debug("lag not measured: %s", exc)  # the numbers of before stand, and grow stale
        return
    ends = {partition: found[TP(*partition)] for partition in settled if TP(*partition) in found}
    vitals.backlog.measure(ends, settled, time.monotonic())
