"""Workers as processes and topics as lists: what the tests of the moving parts are made of."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition

from streams.connect.kafka import KafkaSettings
from streams.connect.offsets import while_groups_are_set_up
from streams.records import Page
from streams.topics import MAX_MESSAGE_BYTES, group, topics

ROOT = Path(__file__).parents[2]


def wait_until(condition: Callable[[], Any], what: str, deadline_s: float = 60.0) -> Any:
    """What the condition gives as soon as it is true; fails with `what` when that takes longer than the deadline."""
    ends = time.monotonic() + deadline_s
    while not (met := condition()):
        assert time.monotonic() < ends, f"not within {deadline_s:g} s: {what}"
        time.sleep(0.1)
    return met


class Worker:
    """A worker's process; its log is a file, its state a folder that outlives it."""

    def __init__(
        self,
        stage: str,
        kafka: KafkaSettings,
        folder: Path,
        *,
        state: Path | None = None,
        checkout: Path = ROOT,
        **environment: str,
    ) -> None:
        self.stage = stage
        self.log = folder / f"{stage}-{time.monotonic_ns()}.log"
        settings = {
            "RAFID_KAFKA": kafka.servers,
            "RAFID_NAMESPACE": kafka.namespace,
            "RAFID_STATE": str(state or folder / "state"),
            "RAFID_REPORT_EVERY": "1",
        }
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "rafid", "worker", stage],
                cwd=checkout,
                env=os.environ | settings | environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def said(self) -> str:
        """All that it logged so far."""
        return self.log.read_text(errors="replace")

    def wait_for(self, pattern: str, deadline_s: float = 60.0) -> re.Match[str]:
        """The first match in its log; fails when the process ends before, or the deadline passes."""

        def found() -> re.Match[str] | None:
            match = re.search(pattern, self.said())
            assert match or self.process.poll() is None, f"worker {self.stage} ended:\n{self.said()}"
            return match

        match: re.Match[str] = wait_until(found, f"{pattern!r} of worker {self.stage}, which said:\n{self.said()}", deadline_s)
        return match

    def ready(self) -> Worker:
        """This worker, when it has joined its group and works."""
        self.wait_for(": ready")
        return self

    def kill(self) -> None:
        """It is gone, with no chance to say so."""
        self.process.kill()
        self.process.wait(10)

    def stop(self) -> int:
        """Its exit code after SIGTERM."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(40)


@contextlib.contextmanager
def workers() -> Iterator[list[Worker]]:
    """A list of workers that are all gone afterwards."""
    started: list[Worker] = []
    try:
        yield started
    finally:
        for worker in started:
            if worker.process.poll() is None:
                worker.kill()


class Message(NamedTuple):
    """A message as it lies on a topic; `timestamp` in seconds since 1970, as Faust gives it."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: dict[str, bytes]
    timestamp: float


def read_all(kafka: KafkaSettings, topic: str) -> list[Message]:
    """Every message of the topic, partition by partition."""
    with contextlib.closing(
        KafkaConsumer(**kafka.client(), enable_auto_commit=False, max_partition_fetch_bytes=MAX_MESSAGE_BYTES)
    ) as consumer:
        partitions = [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or ())]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        ends = consumer.end_offsets(partitions)
        found: list[Message] = []
        while any(consumer.position(partition) < ends[partition] for partition in partitions):
            for messages in consumer.poll(timeout_ms=500).values():
                found += [Message(m.partition, m.offset, m.key, m.value, dict(m.headers), m.timestamp / 1000) for m in messages]
    return sorted(found, key=lambda message: (message.partition, message.offset))


def send(kafka: KafkaSettings, topic: str, records: Iterable[tuple[bytes | None, bytes | None, dict[str, bytes]]]) -> None:
    """The records are on the topic, in this order within a partition."""
    with contextlib.closing(KafkaProducer(**kafka.client(), linger_ms=20, max_request_size=MAX_MESSAGE_BYTES)) as producer:
        sent = [producer.send(topic, value, key, list(headers.items())) for key, value, headers in records]
        for future in sent:
            future.get(timeout=60)


def send_pages(kafka: KafkaSettings, pages: Iterable[Page]) -> None:
    """The pages are on their topic."""
    send(kafka, topics(kafka.namespace).pages.name, ((bytes.fromhex(page.id), page.to_bytes(), {}) for page in pages))


@while_groups_are_set_up
def lag(kafka: KafkaSettings, worker: str, topic: str) -> int:
    """How many messages of the topic the worker's group has not committed."""
    with contextlib.closing(KafkaConsumer(**kafka.client(), enable_auto_commit=False)) as consumer:
        partitions = [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or ())]
        ends = consumer.end_offsets(partitions)
    name = group(worker, kafka.namespace)
    with contextlib.closing(KafkaAdminClient(**kafka.client())) as admin:
        committed = admin.list_group_offsets({name: partitions})[name]
    return sum(end - max(0, committed[partition].offset if partition in committed else 0) for partition, end in ends.items())


def wait_for_all(kafka: KafkaSettings, worker: str, topic: str, deadline_s: float = 120.0) -> None:
    """The worker has committed every message of the topic."""
    wait_until(lambda: lag(kafka, worker, topic) == 0, f"{worker} through with {topic}", deadline_s)
