"""The pipeline at one moment, over the last hour, and at its last audit: one task asks the servers, all readers hear it."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, cast

import msgspec
from kafka import TopicPartition
from kafka.admin import OffsetSpec
from kafka.errors import KafkaError

from deploy.audit.answers import last
from deploy.console.reads.index import Index
from deploy.console.reads.pipeline_answers import AuditAnswer, Flow, Stage
from deploy.status import KafkaStatus, down_lines, elasticsearch_status, topics_and_workers
from indexing.elastic.settings import ElasticSettings
from indexing.generations.names import names
from streams.connect import clients
from streams.connect.kafka import KafkaSettings
from streams.errors import RafidError, one_line
from streams.topics import topics

WATCHED_S: Final = 1.0  # between two looks while somebody watches: figures are at most two seconds old
ALONE_S: Final = 10.0  # and while nobody does
HOUR_S: Final = 3600.0
KEPT_S: Final = 10.0  # the last hour is kept in steps of this length
RATE_S: Final = 10.0
READS: Final = {"pages": "split", "articles": "dedup", "deduplicated": "index"}
log = logging.getLogger("rafid.console")


def last_audit(index: Index) -> AuditAnswer | None:
    """Returns what the last audit said whose answer was kept; None when none was. Raises RafidError."""
    found = last(index.client, index.names.namespace)
    return msgspec.convert(found, AuditAnswer) if found is not None else None


class Servers:
    """Asks Kafka and Elasticsearch; keeps its connection, and what the rates are reckoned from. For one thread at a time."""

    def __init__(self, kafka: KafkaSettings, elastic: ElasticSettings) -> None:
        self._kafka, self._elastic = kafka, elastic
        self._connection = contextlib.ExitStack()
        self._admin: Any = None
        self._ends: collections.deque[tuple[float, dict[str, int]]] = collections.deque()

    def flow(self) -> Flow:
        """Returns what the servers say now; a server that does not answer is said to be down."""
        log_, index = self._log(), elasticsearch_status(self._elastic, self._kafka.namespace)
        stages = self._stages(log_) if log_["up"] else ()
        table, held = topics(self._kafka.namespace), log_.get("topics", {})
        counts, called, namespace = index.get("aliases", {}), names(self._kafka.namespace), self._kafka.namespace
        return Flow(
            at=datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            kafka_up=log_["up"],
            elasticsearch_up=index["up"],
            health=index.get("health"),
            stages=stages,
            articles=counts.get(called.articles),
            sightings=counts.get(called.sightings),
            dead_letters=held.get(table.dead_letters.name, {}).get("messages"),
            register=held.get(table.register_changelog.name, {}).get("messages"),
            down=tuple(down_lines(cast("KafkaStatus", log_), index, namespace)),
        )

    def close(self) -> None:
        """Closes the connection to Kafka."""
        self._admin = None
        with contextlib.suppress(KafkaError):
            self._connection.close()

    def _log(self) -> dict[str, Any]:
        found: dict[str, Any] = {"address": self._kafka.servers}
        try:
            if self._admin is None:
                self._admin = self._connection.enter_context(clients.admin(self._kafka))
            found |= {"up": True, **topics_and_workers(self._admin, self._kafka.namespace)}
            return found | {"newest": self._newest(found["topics"])}
        except (RafidError, KafkaError) as exc:
            self.close()
            return found | {"up": False, "error": str(exc) if isinstance(exc, RafidError) else one_line(exc)[:300]}

    def _newest(self, held: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
        """Returns the time of the newest message of each topic, in ms since 1970."""
        asked = {
            TopicPartition(name, partition): OffsetSpec.MAX_TIMESTAMP
            for name, entry in held.items()
            for partition in range(entry["partitions"])
        }
        newest: dict[str, int] = {}
        for partition, found in (self._admin.list_partition_offsets(asked) if asked else {}).items():
            newest[partition.topic] = max(newest.get(partition.topic, -1), found.timestamp)
        return newest

    def _stages(self, log_: Mapping[str, Any]) -> tuple[Stage, ...]:
        table = topics(self._kafka.namespace)
        held, workers = log_["topics"], log_["workers"]
        rates = self._rates({name: entry["end_offset"] for name, entry in held.items()})
        out = []
        for name in (*READS, "dead_letters"):
            topic = getattr(table, name).name
            if topic not in held:
                continue
            worker, newest = workers.get(READS.get(name, ""), {}), log_["newest"].get(topic, -1)
            out.append(
                Stage(
                    name=name,
                    topic=topic,
                    messages=held[topic]["messages"],
                    rate=rates[topic],
                    lag=worker.get("lag"),
                    members=worker.get("members"),
                    age_s=max(0.0, time.time() - newest / 1000) if newest >= 0 else None,
                )
            )
        return tuple(out)

    def _rates(self, ends: dict[str, int]) -> dict[str, float]:
        """Returns messages a second of each topic since the look that is ten seconds back, or the oldest one."""
        now = time.monotonic()
        self._ends.append((now, ends))
        while len(self._ends) > 2 and now - self._ends[1][0] >= RATE_S:
            self._ends.popleft()
        since, before = self._ends[0]
        elapsed = now - since
        return {name: max(0.0, (end - before.get(name, end)) / elapsed) if elapsed else 0.0 for name, end in ends.items()}


class Broadcast:
    """One task that looks at the servers, every second while somebody listens, and keeps the last hour."""

    def __init__(self, look: Callable[[], Awaitable[Flow]]) -> None:
        self._look = look
        self._listeners: set[asyncio.Queue[Flow]] = set()
        self._wanted = asyncio.Event()
        self._hour: collections.deque[tuple[float, Flow]] = collections.deque(maxlen=int(HOUR_S / KEPT_S))
        self.latest: Flow | None = None

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._listeners)

    @property
    def hour(self) -> Sequence[Flow]:
        """The last hour in steps of ten seconds, oldest first."""
        return [flow for _, flow in self._hour]

    async def run(self) -> None:
        """Looks until it is cancelled; what goes wrong is logged, and the next look comes in its time."""
        while True:
            try:
                self._tell(await self._look())
            except Exception:
                log.exception("the pipeline cannot be looked at")
            self._wanted.clear()
            if self._listeners:
                await asyncio.sleep(WATCHED_S)
            else:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wanted.wait(), ALONE_S)

    async def listen(self) -> AsyncGenerator[Flow, None]:
        """Yields the flow at each look, the latest at once; a slow listener misses those between."""
        queue: asyncio.Queue[Flow] = asyncio.Queue(maxsize=1)
        self._listeners.add(queue)
        self._wanted.set()
        try:
            while True:
                yield await queue.get()
        finally:
            self._listeners.discard(queue)

    def _tell(self, flow: Flow) -> None:
        self.latest, now = flow, time.monotonic()
        if not self._hour or now - self._hour[-1][0] >= KEPT_S * 0.9:
            self._hour.append((now, flow))
        for queue in self._listeners:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(flow)
