"""The register's table: one RocksDB, one changelog partition, and the changelog's deliveries in our own hands."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator

import faust
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from faust.stores import rocksdb
from faust.types import TP, EventT
from rocksdict import WriteBatch

from streams.connect.kafka import KafkaSettings
from streams.errors import RafidError
from streams.workers.app import SESSION_TIMEOUT_S

# There is one partition of articles, so there is one of entries.
PARTITION = 0
# Faust's defaults are for a few large stores: 2 GiB of cache and 192 MB of buffers for each partition.
ROCKSDB = {
    "driver": "rocksdict",
    "write_buffer_size": 8 * 1024 * 1024,
    "max_write_buffer_number": 2,
    "block_cache_size": 64 * 1024 * 1024,
    "bloom_filter_size": 10,
    "max_open_files": 256,
}
# How long the changelog is read within a rebalance: the group hears no heartbeat meanwhile.
CATCH_UP_S = SESSION_TIMEOUT_S / 2
# Records taken at a time while the changelog is read: some megabytes.
READ_AT_ONCE = 5_000


class RecoveryFailed(RafidError):
    """The table cannot be brought to the end of its changelog."""


class RegisterStore(rocksdb.Store):  # type: ignore[misc]
    """The table's RocksDB, read and written without asking which event is being processed: there is one partition."""

    def raw(self, key: bytes) -> bytes | None:
        """Returns the value of this key as it is stored, or None."""
        value: bytes | None = self._db_for_partition(PARTITION).get(key)
        return value

    _get = raw

    def _contains(self, key: bytes) -> bool:
        return self.raw(key) is not None

    def _set(self, key: bytes, value: bytes | None) -> None:
        self._db_for_partition(PARTITION).put(key, value)

    def _del(self, key: bytes) -> None:
        self._db_for_partition(PARTITION).delete(key)

    def put_all(self, records: Iterable[ConsumerRecord]) -> None:
        """Stores what these records of the changelog say."""
        batch = WriteBatch(raw_mode=True)
        for record in records:
            if record.value is None:
                batch.delete(record.key)
            else:
                batch.put(record.key, record.value)
        self._db_for_partition(PARTITION).write(batch)

    def _iteritems(self) -> Iterator[tuple[bytes, bytes]]:
        yield from self._visible_items(self._db_for_partition(PARTITION))

    def _iterkeys(self) -> Iterator[bytes]:
        yield from self._visible_keys(self._db_for_partition(PARTITION))


async def read_to_end(kafka: KafkaSettings, assigned: TP, offset: int) -> AsyncGenerator[list[ConsumerRecord], None]:
    """Yields the records of a partition from `offset` to where it ends now, in order, in lists that are not empty."""
    partition = TopicPartition(*assigned)
    consumer = AIOKafkaConsumer(**kafka.client(), group_id=None, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([partition])
        (first,) = (await consumer.beginning_offsets([partition])).values()
        (end,) = (await consumer.end_offsets([partition])).values()
        consumer.seek(partition, max(first, offset))
        while await consumer.position(partition) < end:
            found = await consumer.getmany(partition, timeout_ms=1_000, max_records=READ_AT_ONCE)
            if records := found.get(partition):
                yield records
    finally:
        await consumer.stop()


class RegisterTable(faust.Table):  # type: ignore[misc]
    """A table that hands each change to `changed`; Faust would send it to the changelog and wait for nobody.

    RocksDB is written before the changelog is acknowledged. After a crash it may be ahead of the changelog; the redelivered
    messages write the same values again.
    """

    def follow(
        self,
        *,
        changed: Callable[[bytes, bytes | None], None],
        dropped: Callable[[], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        """Has `changed` called with each key and value from now on (None: deleted), and `dropped` when partitions move.

        `failed` gets what goes wrong in recovery, which Faust would log and ignore.
        """
        self._changed, self._dropped, self._failed = changed, dropped, failed

    def _new_store(self) -> RegisterStore:
        return RegisterStore(
            "rocksdb://",
            self.app,
            self,
            table_name=self.name,
            key_type=bytes,
            key_serializer="raw",
            value_serializer="raw",
            value_type=bytes,
            loop=self.loop,
            options=dict(ROCKSDB),
        )

    def __getitem__(self, key: bytes) -> bytes:
        value = self.get(key)
        if value is None:
            raise KeyError(key)
        return value

    def get(self, key: bytes, default: bytes | None = None) -> bytes | None:
        """Returns the entry of this key, or `default`."""
        value: bytes | None = self.data.raw(key)
        return default if value is None else value

    def on_key_set(self, key: bytes, value: bytes) -> None:
        """Tells the change."""
        self._changed(key, value)

    def on_key_del(self, key: bytes) -> None:
        """Tells the deletion."""
        self._changed(key, None)

    def changelog_acknowledged(self, offset: int) -> None:
        """Notes that the changelog holds everything up to `offset`: recovery will begin after it."""
        self.data.set_persisted_offset(TP(self.changelog_topic_name, PARTITION), offset)

    async def on_rebalance(self, assigned: set[TP], revoked: set[TP], newly_assigned: set[TP], generation_id: int = 0) -> None:
        """Drops what was derived from the entries; then closes the database of a partition that left.

        That of one that came is brought towards the end of its changelog, and Faust's recovery reads the rest: it takes many
        times as long for an entry, and a worker that takes over has none of them.
        """
        self._dropped()
        await super().on_rebalance(assigned, revoked, newly_assigned, generation_id)
        changelog = TP(self.changelog_topic_name, PARTITION)
        if changelog in newly_assigned and changelog in self.app.assignor.assigned_actives():
            try:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(CATCH_UP_S):
                        await self._catch_up(changelog)
            except Exception as exc:
                self._failed(RecoveryFailed(f"the register's changelog cannot be read ({type(exc).__name__}: {exc})"))
                raise

    async def _catch_up(self, changelog: TP) -> None:
        """Puts the entries of the changelog up to its end into RocksDB; when cancelled, those until somewhere before it."""
        persisted = self.persisted_offset(changelog)
        async with contextlib.aclosing(
            read_to_end(self.app.kafka, changelog, 0 if persisted is None else persisted + 1)
        ) as batches:
            async for records in batches:
                self.data.put_all(records)
                self.changelog_acknowledged(records[-1].offset)

    def apply_changelog_batch(self, batch: Iterable[EventT]) -> None:
        """Puts the entries of these changelog events into RocksDB; a failure ends the process."""
        try:
            super().apply_changelog_batch(batch)
        except Exception as exc:
            self._failed(RecoveryFailed(f"the register cannot be read from its changelog ({type(exc).__name__}: {exc})"))
            raise
