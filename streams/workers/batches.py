"""The one loop of both workers: take a batch, decide, deliver, acknowledge, in this order and as a whole."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from streams.errors import RafidError
from streams.workers.app import SESSION_TIMEOUT_S
from streams.workers.order import Order
from streams.workers.outbox import Delivered, Outbox

BATCH_MESSAGES = 500
# How long an incomplete batch waits for more: what a single page waits on its way through a worker.
BATCH_WAIT_S = 0.05
# How long deciding may hold the event loop before heartbeats, fetches and deliveries have their turn.
SLICE_S = 0.1
# What may wait in memory to be acknowledged, bounded for batches of very large pages.
BATCH_BYTES = 16 * 1024 * 1024


class HeldUp(RafidError):
    """The process was stopped for longer than its session: what it would send now might overtake its successor."""


class Message(Protocol):
    """A consumed message as Faust gives it; `timestamp` is in seconds since 1970, the broker's append time."""

    topic: str
    partition: int
    offset: int
    timestamp: float
    headers: Sequence[tuple[str, bytes]]
    key: bytes | None
    value: bytes | None


async def consume(
    stream: Any,
    order: Order,
    outbox: Outbox,
    decide: Callable[[Message], int],
    *,
    portions: Callable[[Sequence[Any]], Iterator[Sequence[Any]]] = lambda events: iter((events,)),
    closing: Callable[[], None] = lambda: None,
    delivered: Callable[[list[Delivered]], None] = lambda _: None,
) -> None:
    """Every message is acknowledged after all that `decide` put into the outbox for it is on its topic, and never before.

    1. take up to 500 events, and of them those that are due in the order of their partition; 2. decide each, `decide` giving
    the bytes it queued, and let `closing` add what belongs to none; 3. wait until everything is delivered and tell
    `delivered`; 4. acknowledge them all in order, with no await between. A failure in 1 to 3 leaves all of the batch
    unacknowledged and is the caller's to end the process with: a stream that goes on after one would skip messages.
    `portions` cuts a batch where 3 must come earlier.
    """
    async for batch in stream.noack_take(BATCH_MESSAGES, within=BATCH_WAIT_S):
        due, repeated = await order.sort(batch)
        for events in portions(due):
            await _decide_all(events, outbox, decide)
            closing()
            delivered(await outbox.delivered())
            for event in events:
                event.ack()
        for event in repeated:
            event.ack()


async def _decide_all(events: Sequence[Any], outbox: Outbox, decide: Callable[[Message], int]) -> None:
    last = time.monotonic()
    slice_ends, queued = last + SLICE_S, 0
    for event in events:
        queued += decide(event.message)
        now = time.monotonic()
        if now - last > SESSION_TIMEOUT_S:
            raise HeldUp(f"this process stood still for {now - last:.0f} s: another worker may have its partitions by now")
        last = now
        if now > slice_ends or queued > BATCH_BYTES:
            await outbox.send()
            await asyncio.sleep(0)
            last = time.monotonic()
            slice_ends, queued = last + SLICE_S, 0
