"""One demonstration: an empty stack, the three workers, pages in, every page accounted for."""

from __future__ import annotations

import dataclasses
import json
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from deploy.audit.answers import keep
from deploy.audit.audit import Bounds, audit
from deploy.demo.accounts import Accounts
from deploy.demo.watch import Watch
from deploy.local import stack as stacks
from indexing.elastic.settings import ElasticSettings
from indexing.generations.names import names
from indexing.generations.provision import provision as provision_index
from streams.connect.kafka import KafkaSettings
from streams.connect.local_stack import stack_directory
from streams.connect.provision import provision as provision_topics
from streams.errors import RafidError

PAGES = Path(__file__).with_name("pages.jsonl")


@dataclasses.dataclass(frozen=True, slots=True)
class Demo:
    """A demonstration that is running: its servers, the worker processes of its stack, and the address of its console."""

    stack: str
    kafka: KafkaSettings
    elastic: ElasticSettings
    workers: dict[str, subprocess.Popen[bytes]]
    console: str


@dataclasses.dataclass(frozen=True, slots=True)
class Result:
    """The counts of a demonstration, over distinct (article id, origin); `pages` counts the input, its bad lines included.

    `faults` is what the audit does not find added up, by kind.
    """

    pages: int
    dead_letters: int
    articles: dict[str, int]
    verdicts: dict[str, int]
    documents: int
    sightings: int
    seconds: float
    faults: dict[str, int]


def start(stack: str, console: Console) -> Demo:
    """Starts an empty stack with topics and templates, and a worker of each kind, which end with it.

    RafidError, and nothing has been touched, when a stack of this name is there that no demonstration made.
    """
    stacks.reset(stack, console, only_disposable=True)
    addresses = stacks.up(stack, console, disposable=True)
    kafka, elastic = KafkaSettings(addresses.kafka), ElasticSettings(addresses.elasticsearch)
    provision_topics(kafka)
    with elastic.client() as client:
        provision_index(client, kafka.namespace)
    state = ["--state", str(stack_directory(stack) / "workers")]
    options = {"split": state, "dedup": state, "index": ["--elasticsearch", elastic.urls]}
    console.print(f"starting the workers {', '.join(options)}")
    workers = {
        worker: stacks.start_companion(
            stack, f"worker-{worker}", ["-m", "rafid", "worker", worker, "--kafka", kafka.servers, *its], environment()
        )
        for worker, its in options.items()
    }
    address = _console(stack, kafka, elastic)
    console.print(f"the console is at {address}")
    return Demo(stack, kafka, elastic, workers, address)


def _console(stack: str, kafka: KafkaSettings, elastic: ElasticSettings) -> str:
    """Returns the address of a console beside the stack, on a free port; it ends with the stack."""
    port = free_port()
    servers = ["--kafka", kafka.servers, "--elasticsearch", elastic.urls]
    stacks.start_companion(stack, "console", ["-m", "rafid", "console", "--port", str(port), *servers], environment())
    return f"http://127.0.0.1:{port}/"


def send(demo: Demo, paths: Sequence[Path], watch: Watch) -> None:
    """Sends the pages of the files and waits until all is done. RafidError when a file cannot be read whole."""
    with _producer(demo, [*map(str, paths)], stdin=subprocess.DEVNULL) as producer:
        counts = _counts(producer)
    watch.until_done(counts["sent"], counts["refused"])


def send_one_by_one(demo: Demo, path: Path, watch: Watch) -> None:
    """Sends the lines of the file, each when the one before is split, and waits until all is done.

    So articles come in the order of the file, and the demonstration shows the same whenever it is run: pages sent at once lie
    on twelve partitions, which a worker takes in any order.
    """
    with _producer(demo, ["-", "--source", path.stem], stdin=subprocess.PIPE) as producer:
        assert producer.stdin is not None
        lines = path.read_bytes().splitlines(keepends=True)
        for number, line in enumerate(lines, 1):
            producer.stdin.write(line)
            producer.stdin.flush()
            watch.until_split(number, len(lines))
        counts = _counts(producer)
    watch.until_done(counts["sent"], counts["refused"])


def result(demo: Demo, accounts: Accounts, seconds: float) -> Result:
    """Returns the counts, after a refresh of the index, and what an audit says of them."""
    called = names(demo.kafka.namespace)
    with demo.elastic.client() as client:
        client.indices.refresh(index=called.all_generations)
        documents, sightings = (
            client.count(index=alias, ignore_unavailable=True).body["count"] for alias in (called.articles, called.sightings)
        )
    began = datetime.now(UTC)
    with audit(demo.kafka, demo.elastic, Bounds()) as report, demo.elastic.client() as client:
        keep(client, report, began)
        faults = report.faults
    return Result(
        pages=len(accounts.pages) + len(accounts.letters["produce"]),
        dead_letters=sum(len(letters) for letters in accounts.letters.values()),
        articles={role: len(accounts.articles[role]) for role in ("main", "read_also")},
        verdicts=dict(accounts.judged().most_common()),
        documents=documents,
        sightings=sightings,
        seconds=round(seconds, 1),
        faults=faults,
    )


def _producer(demo: Demo, arguments: Sequence[str], stdin: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "rafid", "produce", "files", "--json", *arguments, "--kafka", demo.kafka.servers]
    return subprocess.Popen(command, env=environment(), stdin=stdin, stdout=subprocess.PIPE)


def _counts(producer: subprocess.Popen[bytes]) -> dict[str, Any]:
    output, _ = producer.communicate()
    if producer.returncode != 0:
        raise RafidError("not every page could be sent: see the lines above")
    counts: dict[str, Any] = json.loads(output)
    return counts


def environment() -> dict[str, str]:
    """Returns our environment, less the settings of other deployments; whom a producer may connect to is this machine's."""
    own = ("RAFID_DATA_DIR", "RAFID_CACHE_DIR", "RAFID_FETCH_ALLOW")
    return {name: value for name, value in os.environ.items() if name in own or not name.startswith("RAFID_")}


def free_port() -> int:
    """Returns a port of this machine that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port
