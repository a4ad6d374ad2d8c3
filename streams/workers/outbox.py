"""What a batch sends: queued while it is decided, delivered before any of it is acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.producer.message_accumulator import BatchBuilder

from streams.dead_letters.envelope import Headers
from streams.errors import RafidError

# A batch that cannot be delivered for this long is given up with its process, which a restart redoes. It bounds how long
# a worker that lost its partition, and does not know yet, can go on writing beside the new owner.
DELIVERY_DEADLINE_S = 30.0


class DeliveryFailed(RafidError):
    """Kafka did not take what a batch had to send; nothing of the batch is acknowledged."""


class OutgoingRecord(NamedTuple):
    """A record on its way to a topic; without a partition, its key chooses one."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    partition: int | None = None


class Acknowledged(NamedTuple):
    """The last of some records that a partition took together."""

    topic: str
    partition: int
    last_offset: int


class Outbox:
    """The records of one batch and their deliveries; `producer` gives a started aiokafka producer.

    They go out as whole record batches. Record by record, through Faust or aiokafka, costs two to four times the CPU, and
    Faust hides the delivery of table changelogs.
    """

    def __init__(self, producer: Callable[[], AIOKafkaProducer]) -> None:
        self._producer = producer
        self._partitioner = DefaultPartitioner()
        self._queued: list[OutgoingRecord] = []
        self._deliveries: list[tuple[asyncio.Future[Any], int]] = []

    def add(self, sending: OutgoingRecord) -> None:
        """Queues a record; nothing leaves before `send`."""
        self._queued.append(sending)

    async def send(self) -> None:
        """Hands what is queued to the producer, each partition's records in order; it sends while the batch goes on."""
        producer = self._producer()
        queued, self._queued = self._queued, []
        partitions = {topic: sorted(await producer.partitions_for(topic)) for topic in {sending.topic for sending in queued}}
        builders: dict[tuple[str, int], BatchBuilder] = {}
        for topic, key, value, headers, fixed in queued:
            all_of_it = partitions[topic]
            target = (topic, self._partitioner(key, all_of_it, all_of_it) if fixed is None else fixed)
            builder = builders.get(target)
            while builder is None or builder.append(timestamp=None, key=key, value=value, headers=list(headers)) is None:
                if builder is not None:
                    await self._hand_over(producer, builder, target)
                builder = builders[target] = producer.create_batch()
        for target, builder in builders.items():
            await self._hand_over(producer, builder, target)

    async def _hand_over(self, producer: AIOKafkaProducer, builder: BatchBuilder, target: tuple[str, int]) -> None:
        topic, partition = target
        delivery = await producer.send_batch(builder, topic, partition=partition)
        self._deliveries.append((delivery, builder.record_count()))

    async def flush(self) -> list[Acknowledged]:
        """Sends what is queued and waits until all in-sync replicas have it; returns what each partition took, in order.

        Raises DeliveryFailed when one fails or the deadline passes.
        """
        try:
            async with asyncio.timeout(DELIVERY_DEADLINE_S):
                await self.send()
                deliveries, self._deliveries = self._deliveries, []
                records = await asyncio.gather(*(delivery for delivery, _ in deliveries))
        except TimeoutError:
            raise DeliveryFailed(f"Kafka acknowledged nothing for {DELIVERY_DEADLINE_S:.0f} s: is it up?") from None
        except Exception as exc:
            raise DeliveryFailed(f"Kafka refused a record ({type(exc).__name__}: {exc})") from exc
        counts = (count for _, count in deliveries)
        return [Acknowledged(it.topic, it.partition, it.offset + n - 1) for it, n in zip(records, counts, strict=True)]
