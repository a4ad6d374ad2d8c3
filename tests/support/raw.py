"""Messages that Kafka takes and the clients would not send: of no key and no value, and with headers of null."""

from __future__ import annotations

import asyncio
from typing import Any

from aiokafka import AIOKafkaProducer

from streams.connect.kafka import KafkaSettings


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
