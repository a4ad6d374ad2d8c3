"""How fast pages go in, from gzipped JSON Lines to acknowledged messages, against kafka-python sending the same bytes.

Rounds alternate and the best of each counts: what disturbs a round only slows it. `parse` is our own share, without Kafka.
"""

from __future__ import annotations

import gc
import gzip
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from kafka import KafkaProducer

from producers.intake import FileReader, Intake, Tally
from producers.page_fields import encode, page_of_line
from producers.publisher import LINGER_MS, publisher
from producers.values.defaults import Defaults
from streams.connect.kafka import KafkaSettings
from streams.topics import topics
from tests.bench.dedup_worker import broker
from tests.bench.report import Row
from tests.conftest import SHARED
from tests.support.news import pages

ROUNDS = int(os.environ.get("RAFID_BENCH_ROUNDS", "3"))
INVENTED = 20_000
STAGE = "produce"


class Round(NamedTuple):
    """One run over all pages: seconds by the clock, and seconds of CPU time of this process, all threads."""

    wall_s: float
    cpu_s: float


def measure() -> Iterator[Row]:
    """The rate of parsing, of the client alone, and of the whole with its ratio to the client alone."""
    with broker() as kafka, tempfile.TemporaryDirectory() as folder:
        files = sorted((SHARED / "corpus").glob("*.jsonl.gz")) or [invented(Path(folder))]
        yield from rounds(kafka, files)


def rounds(kafka: KafkaSettings, files: list[Path]) -> Iterator[Row]:
    """The rows, from rounds over these files."""
    lines = [line for file in files for line in gzip.decompress(file.read_bytes()).splitlines()]
    defaults, now = Defaults("bench"), datetime.now(UTC).replace(microsecond=0)
    parsing, alone, whole = [], [], []
    for _ in range(ROUNDS):
        parsing.append(timed(lambda: parse(lines, defaults, now)))
        messages = [(bytes.fromhex(page.id), encode(page)) for page in (page_of_line(line, defaults, now) for line in lines)]
        alone.append(timed(lambda messages=messages: client_alone(kafka, messages)))  # type: ignore[misc]
        whole.append(timed(lambda: produce_files(kafka, files, len(lines))))
    best, ours = min(alone), min(whole)
    yield Row(STAGE, "lines to pages, no Kafka", len(lines), *min(parsing))
    yield Row(STAGE, "kafka-python alone, same bytes", len(lines), *best)
    yield Row(STAGE, "rafid produce files", len(lines), *ours, best.wall_s / ours.wall_s, "kafka-python alone")


def timed(work: Callable[[], object]) -> Round:
    """How long the work takes, without what the collector would do about all that the benchmark itself holds."""
    gc.collect()
    gc.freeze()
    started, cpu = time.perf_counter(), time.process_time()
    work()
    return Round(time.perf_counter() - started, time.process_time() - cpu)


def parse(lines: list[bytes], defaults: Defaults, now: datetime) -> None:
    """Every line has been made a page and a message, one at a time."""
    for line in lines:
        encode(page_of_line(line, defaults, now))


def client_alone(kafka: KafkaSettings, messages: list[tuple[bytes, bytes]]) -> None:
    """The messages are acknowledged, with the client's settings that the publisher has and no book kept of them."""
    producer = KafkaProducer(
        **kafka.client(),
        acks="all",
        batch_size=512 * 1024,
        compression_type="zstd",
        enable_idempotence=True,
        linger_ms=LINGER_MS,
        max_request_size=4 * 1024 * 1024,
    )
    topic = topics(kafka.namespace).pages.name
    for key, value in messages:
        producer.send(topic, key=key, value=value)
    producer.flush()
    producer.close()


def produce_files(kafka: KafkaSettings, files: list[Path], expected: int) -> None:
    """What the command does, without starting a process: every line of the files is acknowledged."""
    table = topics(kafka.namespace)
    tallies = [Tally(str(file)) for file in files]
    with publisher(kafka, [table.pages.name, table.dead_letters.name]) as messages:
        reader = FileReader(Intake(messages, table, on_refused=print), Defaults(), None, None, print, lambda _count: None)
        for tally in tallies:
            reader.read(tally)
    assert messages.delivered.total() == expected


def invented(folder: Path) -> Path:
    """A file of invented pages, where there is no corpus."""
    path = folder / "pages.jsonl.gz"
    with gzip.open(path, "wb", compresslevel=1) as out:
        out.writelines(page.to_bytes() + b"\n" for page in pages(INVENTED))
    return path
