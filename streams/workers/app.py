"""The Faust app of a worker, in the one form that loses nothing: what differs from Faust's ways, and why, stands here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import faust
from aiokafka import AIOKafkaProducer
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, TopicT

from streams.connect.async_clients import MAX_REQUEST_BYTES
from streams.connect.kafka import KafkaSettings
from streams.topics import MAX_MESSAGE_BYTES, group
from streams.workers.handing_over import HandsOverAtOnce
from streams.workers.order import OffsetSequence

# A dead worker's partitions are free again after this. The coordinator is answered from a thread of its own, so a busy
# event loop does not miss it; ten seconds leave room for the two collectors, Python's and the broker's.
SESSION_TIMEOUT_S = 10.0


def worker_app(worker: str, kafka: KafkaSettings, directory: Path, order: OffsetSequence, **settings: Any) -> faust.App:
    """Returns the app of `worker` (`split` or `dedup`), not started, in the consumer group of that worker and namespace.

    `order` is told where each assignment begins.

    Topics are never created here, no port is opened, and offsets are committed only up to what was acknowledged.
    `directory` holds the tables, one process at a time. `settings` overrides single settings of Faust.
    """
    defaults = {
        "broker": ";".join(f"kafka://{server}" for server in kafka.servers.split(",")),
        "broker_credentials": _credentials(kafka),
        "datadir": str(directory),
        "key_serializer": "raw",
        "value_serializer": "raw",
        "topic_allow_declare": False,
        "topic_disable_leader": True,
        "table_standby_replicas": 0,
        "web_enabled": False,
        "autodiscover": False,
        "broker_session_timeout": SESSION_TIMEOUT_S,
        "broker_heartbeat_interval": 2.0,
        "broker_request_timeout": 60.0,
        "broker_commit_interval": 1.0,
        "broker_commit_every": 5_000,
        "broker_max_poll_records": 1_000,
        "consumer_auto_offset_reset": "earliest",
        "consumer_max_fetch_size": MAX_MESSAGE_BYTES,
        # When its buffers are full Faust pauses for a whole second: they must hold more than a second's work.
        "stream_buffer_maxsize": 8_192,
        "stream_wait_empty": True,
        "producer_acks": -1,
        # A batch is handed over at once and then waited for: lingering would only add to it.
        "producer_linger": 0.0,
        "producer_max_batch_size": 512 * 1024,
        "producer_max_request_size": MAX_REQUEST_BYTES,
        "producer_compression_type": "zstd",
    }
    app = WorkerApp(group(worker, kafka.namespace), **(defaults | settings))
    app.kafka, app.order = kafka, order
    return app


class IdempotentProducer(driver.Producer):  # type: ignore[misc]
    """Retries in order and forever: a retry neither doubles a record nor lets a later one pass it. Not a setting of Faust's."""

    def _settings_extra(self) -> Mapping[str, Any]:
        return {"acks": "all", "enable_idempotence": True}


class OrderedConsumer(HandsOverAtOnce, driver.Consumer):  # type: ignore[misc]
    """Says where each assignment begins, and begins there: what was fetched before, and cleared, is fetched again."""

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Forgets the expected offsets; `perform_seek` sets them again when the tables are recovered."""
        self.app.order.end()
        await super().on_partitions_assigned(assigned, generation_id)

    async def perform_seek(self) -> None:
        """Moves every partition to its committed offset, or to its first where there is none or that is gone."""
        await super().perform_seek()
        sources = {tp for tp in self.assignment() if tp.topic not in self.app.tables.changelog_topics}
        if sources:
            firsts = await self.earliest_offsets(*sources)
            starts = {tp: max(self._committed_offset.get(tp) or 0, firsts.get(tp) or 0) for tp in sources}
            await self.seek_wait(starts)
            self.app.order.seek = self.seek_wait
            self.app.order.begin(starts)


class WorkerApp(faust.App):  # type: ignore[misc]
    """A Faust app whose producer is idempotent and whose consumer keeps the order of the log."""

    kafka: KafkaSettings
    order: OffsetSequence

    def _new_consumer(self) -> OrderedConsumer:
        return OrderedConsumer(
            self.transport,
            callback=self.topics.on_message,
            on_partitions_revoked=self._on_partitions_revoked,
            on_partitions_assigned=self._on_partitions_assigned,
            loop=self.loop,
            beacon=self.beacon,
        )

    def _new_producer(self) -> IdempotentProducer:
        return IdempotentProducer(self.transport, loop=self.loop, beacon=self.beacon)


def source(app: faust.App, name: str, partitions: int) -> TopicT:
    """Returns the topic as raw bytes: what decodes badly must reach our own code, and Faust would skip it."""
    return app.topic(name, key_type=bytes, value_type=bytes, value_serializer="raw", partitions=partitions, allow_empty=True)


def producer(app: faust.App) -> AIOKafkaProducer:
    """Returns the aiokafka producer of a started app."""
    return app.producer._ensure_producer()  # noqa: SLF001 - Faust's own send costs twice as much


def _credentials(kafka: KafkaSettings) -> faust.types.auth.CredentialsT | None:
    context = kafka.ssl_context() if kafka.security.endswith("SSL") else None
    if kafka.security.startswith("SASL"):
        return faust.SASLCredentials(
            username=kafka.username, password=kafka.password, ssl_context=context, mechanism=kafka.mechanism
        )
    return faust.SSLCredentials(context) if context else None
