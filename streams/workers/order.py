"""Every message of a partition once, in the order of its log, from where the group left it: what Faust nearly gives.

Around a rebalance Faust may drop a message that it was about to hand over and go on with the next, or hand over what it had
fetched before it seeks back (both seen with 0.15.3 under load). The committed offset would pass the message that was
dropped, and a verdict would depend on one that comes later in the log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import IllegalStateError
from faust.types import TP

from streams.connect.kafka import KafkaSettings
from streams.errors import RafidError

# A seek can be undone by what Faust still has in hand, so it is repeated, with growing patience, before the process gives up.
SEEK_WAITS_S = (0.2, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
PROBE_S = 30.0


class OutOfOrder(RafidError):
    """Faust never delivered a message that lies on the topic."""


class OffsetSequence:
    """The next offset of each assigned partition; `failed` gets what ends the process."""

    seek: Callable[[Mapping[TP, int]], Awaitable[None]]  # how to read on from other offsets; the consumer's to set

    def __init__(self, kafka: KafkaSettings, failed: Callable[[BaseException], None]) -> None:
        self._kafka, self._failed = kafka, failed
        self._next: dict[tuple[str, int], int] = {}
        self._settled: dict[tuple[str, int], int] = {}
        self._missing: dict[tuple[str, int], asyncio.Task[None]] = {}
        self._probe: AIOKafkaConsumer | None = None

    def begin(self, starts: Mapping[Any, int]) -> None:
        """Begins an assignment: these (topic, partition) at these offsets, and no others."""
        self.end()
        self._next = {(topic, partition): offset for (topic, partition), offset in starts.items()}
        self._settled = self._next.copy()

    def end(self) -> None:
        """Ends the assignment: nothing is due until the next one begins."""
        self._next = {}
        self._settled = {}
        for task in self._missing.values():
            task.cancel()
        self._missing = {}

    def settle(self, events: Sequence[Any]) -> None:
        """Notes that these events were acknowledged; what belongs to an earlier assignment changes nothing."""
        for event in events:
            partition = event.message.topic, event.message.partition
            if partition in self._settled:
                self._settled[partition] = event.message.offset + 1

    @property
    def settled(self) -> dict[tuple[str, int], int]:
        """The offset behind the last acknowledged message of each assigned partition."""
        return self._settled.copy()

    async def sort(self, events: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        """Returns the messages that are due, in order, and those that were due before and have been delivered again.

        What is neither is left out, and must not be acknowledged: it is asked for again, with what is missing before it.
        """
        due: list[Any] = []
        repeated: list[Any] = []
        for event in events:
            message = event.message
            partition = message.topic, message.partition
            expected = self._next.get(partition)
            if expected is None:
                continue
            if message.offset < expected:
                repeated.append(event)
            elif message.offset == expected or await self._nothing_between(partition, expected, message.offset):
                due.append(event)
                self._next[partition] = message.offset + 1
            elif partition not in self._missing:
                self._missing[partition] = asyncio.create_task(self._ask_again(partition, expected))
        return due, repeated

    async def close(self) -> None:
        """Closes the connection that it may have opened."""
        self.end()
        if self._probe is not None:
            await self._probe.stop()

    async def _ask_again(self, partition: tuple[str, int], expected: int) -> None:
        """Has the partition read again from `expected`, until that has arrived."""
        try:
            for wait_s in SEEK_WAITS_S:
                await self.seek({TP(*partition): expected})
                await asyncio.sleep(wait_s)
                if self._next.get(partition) != expected:
                    del self._missing[partition]
                    return
            self._failed(OutOfOrder(f"message {expected} of {partition[0]}, partition {partition[1]}, did not arrive"))
        except IllegalStateError:
            return  # the partition has just been taken away: its next owner begins where this one committed
        except Exception as exc:
            self._failed(exc)

    async def _nothing_between(self, partition: tuple[str, int], expected: int, offset: int) -> bool:
        """Tells whether the log has no message from `expected` to before `offset`: transaction markers take up offsets too."""
        asked = TopicPartition(*partition)
        if self._probe is None:
            self._probe = AIOKafkaConsumer(**self._kafka.client(), group_id=None, enable_auto_commit=False)
            await self._probe.start()
        self._probe.assign([asked])
        self._probe.seek(asked, expected)
        async with asyncio.timeout(PROBE_S):
            found = await self._probe.getone()
        return bool(found.offset >= offset)
