"""How far a worker is behind: what its partitions hold beyond what it has acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import faust
from aiokafka.errors import KafkaError
from faust.types import TP

from streams.runtime.lifecycle import log
from streams.runtime.vitals import Vitals
from streams.workers.order import Order

MEASURE_EVERY_S = 5.0
PATIENCE_S = 10.0


def settling(order: Order, vitals: Vitals) -> Callable[[Sequence[Any], float], None]:
    """Returns what notes a batch that was acknowledged: its events, and the seconds that it took."""

    def settled(events: Sequence[Any], duration_s: float) -> None:
        order.settle(events)
        vitals.settle_batch(len(events), duration_s)

    return settled


async def measure_lag(app: faust.App, vitals: Vitals) -> None:
    """Never returns; the broker is asked every five seconds where the assigned partitions end."""
    while True:
        await asyncio.sleep(MEASURE_EVERY_S)
        settled = app.order.settled
        try:
            async with asyncio.timeout(PATIENCE_S):
                ends = await app.consumer.highwaters(*(TP(*place) for place in settled)) if settled else {}
        except (KafkaError, TimeoutError) as exc:
            log.debug("lag not measured: %s", exc)  # the numbers of before stand, and what needs the broker says so itself
            continue
        vitals.lag = {place: max(0, ends[TP(*place)] - offset) for place, offset in settled.items() if TP(*place) in ends}
