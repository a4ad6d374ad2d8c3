"""The one loop of both workers: take a batch, decide, deliver, acknowledge, in this order and as a whole."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any, Protocol

from streams.dead_letters.envelope import ConsumedMessage
from streams.errors import RafidError
from streams.workers.app import SESSION_TIMEOUT_S
from streams.workers.order import OffsetSequence
from streams.workers.outbox import Acknowledged, Outbox

BATCH_MESSAGES = 500
# How long an incomplete batch waits for more: what a single page waits on its way through a worker.
BATCH_WAIT_S = 0.05
# How long deciding may hold the event loop before heartbeats, fetches and deliveries have their turn.
SLICE_S = 0.1
# What is decided in one go, step by step for all of it, before the event loop can have its turn.
DECIDED_MESSAGES, DECIDED_BYTES = 128, 512 * 1024
# How often to check whether the process was suspended: well within its session.
CHECK_INTERVAL_S = 1.0
# What may wait in memory to be acknowledged, bounded for batches of very large pages.
BATCH_BYTES = 16 * 1024 * 1024


class ProcessSuspended(RafidError):
    """The process was stopped for longer than its session: what it would send now might overtake its successor."""


class TimedMessage(ConsumedMessage, Protocol):
    """A consumed message as Faust gives it."""

    @property
    def timestamp(self) -> float:
        """The broker's append time, in seconds since 1970."""


# Queues what follows from the messages, in their order: how many it decided, and the bytes that it queued. It decides fewer than
# all where the next one must wait until what it queued is acknowledged.
Decide = Callable[[Sequence[TimedMessage]], tuple[int, int]]


async def consume(
    stream: Any,
    order: OffsetSequence,
    outbox: Outbox,
    decide: Decide,
    *,
    within_s: float = BATCH_WAIT_S,
    before_flush: Callable[[], None] = lambda: None,
    after_flush: Callable[[list[Acknowledged]], None] = lambda _: None,
    settled: Callable[[Sequence[Any], float], None] = lambda _events, _duration_s: None,
) -> None:
    """Acknowledges every message after all that `decide` put into the outbox for it is on its topic, and never before.

    1. Take up to 500 events, or what comes within `within_s` seconds, and of them those that are due, in the order of their
    partition. 2. Decide each; `decide` returns the number of bytes that it queued. Let `before_flush` add the records that
    belong to no message. 3. Wait until the broker has acknowledged everything, and call
    `after_flush`. 4. Acknowledge the events in order, with no await between, and call `settled`. A failure in 1 to 3 leaves
    the whole batch unacknowledged. The caller must end the process with it: a stream that goes on after a failure would skip
    messages. Where `decide` stops before a message, 3 and 4 are done first for the messages before it.

    Raises ProcessSuspended when the process stood still for longer than its session, whatever it was waiting for.
    """
    suspension = SuspensionDetector()
    beating = asyncio.create_task(suspension.beat())
    try:
        async for batch in stream.noack_take(BATCH_MESSAGES, within=within_s):
            due, repeated = await order.sort(batch)
            while due:
                began_s = time.monotonic()
                count = await _decide_some(due, outbox, decide, suspension)
                before_flush()
                after_flush(await outbox.flush())
                for event in due[:count]:
                    event.ack()
                settled(due[:count], time.monotonic() - began_s)
                due = due[count:]
            for event in repeated:
                event.ack()
    finally:
        beating.cancel()


class SuspensionDetector:
    """Notices that the process was stopped, also while it waited: nothing in it ran for longer than its session lasts."""

    def __init__(self) -> None:
        self._last = time.monotonic()
        self._stood_still_s = 0.0

    async def beat(self) -> None:
        """Notes every second that the event loop runs; never returns."""
        while True:
            self.note()
            await asyncio.sleep(CHECK_INTERVAL_S)

    def note(self) -> float:
        """Returns the time now, in seconds, from which the next silence counts."""
        now = time.monotonic()
        self._stood_still_s = max(self._stood_still_s, now - self._last)
        self._last = now
        return now

    def check(self) -> float:
        """Returns the time now, in seconds; raises ProcessSuspended when the silence before it was too long."""
        now = self.note()
        if self._stood_still_s > SESSION_TIMEOUT_S:
            raise ProcessSuspended(
                f"this process stood still for {self._stood_still_s:.0f} s: another worker may have its partitions by now"
            )
        return now


async def _decide_some(events: Sequence[Any], outbox: Outbox, decide: Decide, suspension: SuspensionDetector) -> int:
    """Decides the events up to one that must wait for those before it; how many these are, at least one."""
    slice_ends, count, queued = suspension.check() + SLICE_S, 0, 0
    while count < len(events):
        together = _together(events, count)
        decided, size = decide(together)
        count, queued = count + decided, queued + size
        if decided < len(together):
            assert count, "a message waits for none before it"
            return count
        if suspension.check() > slice_ends or queued > BATCH_BYTES:
            await outbox.send()
            await asyncio.sleep(0)
            slice_ends, queued = suspension.check() + SLICE_S, 0
    return count


def _together(events: Sequence[Any], start: int) -> list[TimedMessage]:
    """Returns the messages from this event on that are decided together, at least one."""
    out: list[TimedMessage] = []
    size = 0
    for event in islice(events, start, start + DECIDED_MESSAGES):
        size += len(event.message.value or b"")
        if out and size > DECIDED_BYTES:
            break
        out.append(event.message)
    return out
