"""Messages that Kafka takes and the clients would not send: of no key and no value, and with headers of null."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaProducer

from streams.connect.kafka import KafkaSettings
from streams.topics import MAX_MESSAGE_BYTES
from tests.support.poison import Poison


def send_raw(
    kafka: KafkaSettings, topic: str, key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes | None]]
) -> None:
    """This message is on the first partition of the topic, as it is."""

    async def send() -> None:
        producer = AIOKafkaProducer(bootstrap_servers=kafka.servers)
        await producer.start()
        try:
            batch = producer.create_batch()
            given: Any = headers  # its types are narrower than what it writes
            batch.append(timestamp=None, key=key, value=value, headers=given)
            await (await producer.send_batch(batch, topic, partition=0))
        finally:
            await producer.stop()

    asyncio.run(send())


def send_all_raw(kafka: KafkaSettings, topic: str, messages: Sequence[Poison], partitions: int) -> None:
    """These messages are on the topic, as they are, one partition after another in turn."""

    async def send() -> None:
        size = {"max_request_size": MAX_MESSAGE_BYTES, "max_batch_size": MAX_MESSAGE_BYTES}
        producer = AIOKafkaProducer(bootstrap_servers=kafka.servers, **size)
        await producer.start()
        try:
            for number, message in enumerate(messages):
                batch = producer.create_batch()
                headers: Any = list(message.headers)
                taken = batch.append(timestamp=message.timestamp_ms, key=message.key, value=message.value, headers=headers)
                assert taken is not None, f"{message.name} is larger than a message may be"
                await (await producer.send_batch(batch, topic, partition=number % partitions))
        finally:
            await producer.stop()

    asyncio.run(send())
