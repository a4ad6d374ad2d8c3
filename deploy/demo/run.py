"""One demonstration: an empty stack, the three workers, pages in, every page accounted for."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kafka import KafkaAdminClient
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from deploy.demo.accounts import Accounts, Reader, reader
from deploy.local import stack as stacks
from deploy.local.servers import last_line
from deploy.status import topics_and_workers
from indexing.elastic import ElasticSettings
from indexing.names import names
from indexing.provision import provision as provision_index
from streams.errors import RafidError
from streams.kafka import KafkaSettings, stack_directory
from streams.provision import provision as provision_topics

PAGES = Path(__file__).with_name("pages.jsonl")
WORKERS = ("split", "dedup", "index")
STALLED_SECONDS = 90


@dataclasses.dataclass(frozen=True, slots=True)
class Demo:
    """A demonstration that is running: its servers, and the worker processes that belong to its stack."""

    stack: str
    kafka: KafkaSettings
    elastic: ElasticSettings
    workers: dict[str, subprocess.Popen[bytes]]


@dataclasses.dataclass(frozen=True, slots=True)
class Result:
    """The counts of a demonstration, over distinct (article id, origin); `pages` counts the input, its bad lines included."""

    pages: int
    dead_letters: int
    articles: dict[str, int]
    verdicts: dict[str, int]
    documents: int
    sightings: int
    seconds: float


def start(stack: str, console: Console) -> Demo:
    """The stack is up and empty but for topics and templates, and a worker of each kind runs beside it."""
    stacks.reset(stack, console)
    addresses = stacks.up(stack, console)
    kafka, elastic = KafkaSettings(addresses.kafka), ElasticSettings(addresses.elasticsearch)
    provision_topics(kafka)
    with elastic.client() as client:
        provision_index(client, kafka.namespace)
    console.print("starting the workers: split, dedup, index")
    workers = {worker: _start_worker(stack, worker, addresses) for worker in WORKERS}
    return Demo(stack, kafka, elastic, workers)


def send(demo: Demo, paths: Sequence[Path]) -> dict[str, Any]:
    """The pages of the files are sent; `{"sent": pages, "refused": bad lines}`. RafidError when a file cannot be read whole."""
    command = [sys.executable, "-m", "rafid", "produce", "files", "--json", *map(str, paths), "--kafka", demo.kafka.servers]
    produced = subprocess.run(command, env=_environment(), stdout=subprocess.PIPE, check=False, text=True)
    if produced.returncode != 0:
        raise RafidError("not every page could be sent: see the lines above")
    told: dict[str, Any] = json.loads(produced.stdout)
    return told


def wait(demo: Demo, pages: int, console: Console) -> Accounts:
    """Every one of the `pages` sent has its fate, every article its verdict, every verdict its effect in the index.

    RafidError, naming the log to look into, when a worker ends, or when for 90 s nothing goes on.
    """
    columns = (TextColumn("{task.description:22}"), BarColumn(), MofNCompleteColumn())
    admin = KafkaAdminClient(**demo.kafka.client())
    try:
        with reader(demo.kafka) as source, Progress(*columns, console=console, disable=not console.is_terminal) as progress:
            bars = [progress.add_task(what, total=total) for what, total in (("pages split", pages), ("verdicts", None))]
            bars.append(progress.add_task("verdicts indexed", total=None))
            last, since = None, time.monotonic()
            while True:
                seen = _follow(source, admin, demo)
                if seen.finished(pages):
                    return source.accounts
                for bar, (done, total) in zip(bars, seen.bars(pages), strict=True):
                    progress.update(bar, completed=done, total=total)
                if seen != last:
                    last, since = seen, time.monotonic()
                _check_workers(demo)
                if time.monotonic() - since > STALLED_SECONDS:
                    raise RafidError(f"nothing goes on since {STALLED_SECONDS} s: {seen.waiting(pages, demo.stack)}")
    finally:
        admin.close()


@dataclasses.dataclass(frozen=True, slots=True)
class Progressed:
    """How far the stages are."""

    ended: int
    articles: int
    unjudged: int
    verdicts: int
    unindexed: int

    def finished(self, pages: int) -> bool:
        """Whether nothing is left to wait for."""
        return self.ended == pages and not self.unjudged and not self.unindexed

    def bars(self, pages: int) -> tuple[tuple[int, int], ...]:
        """(done, of how many) of each stage."""
        indexed = self.verdicts - self.unindexed
        return (self.ended, pages), (self.articles - self.unjudged, self.articles), (indexed, self.verdicts)

    def waiting(self, pages: int, stack: str) -> str:
        """What is waited for, and which log to look into."""
        if self.ended < pages:
            return f"{pages - self.ended:,} pages are not split, see {_log(stack, 'split')}"
        if self.unjudged:
            return f"{self.unjudged:,} articles have no verdict, see {_log(stack, 'dedup')}"
        return f"{self.unindexed:,} verdicts are not indexed, see {_log(stack, 'index')}"


def result(demo: Demo, accounts: Accounts, refused: int, seconds: float) -> Result:
    """The counts, after a refresh of the index."""
    called = names(demo.kafka.namespace)
    with demo.elastic.client() as client:
        client.indices.refresh(index=called.all_generations)
        documents, sightings = (
            client.count(index=alias, ignore_unavailable=True).body["count"] for alias in (called.articles, called.sightings)
        )
    return Result(
        pages=len(accounts.pages) + refused,
        dead_letters=sum(len(letters) for letters in accounts.letters.values()),
        articles={role: len(accounts.articles[role]) for role in ("main", "read_also")},
        verdicts=dict(accounts.judged().most_common()),
        documents=documents,
        sightings=sightings,
        seconds=round(seconds, 1),
    )


def _follow(source: Reader, admin: KafkaAdminClient, demo: Demo) -> Progressed:
    while source.read() >= Reader.MANY:
        pass
    accounts = source.accounts
    return Progressed(
        ended=accounts.ended(),
        articles=sum(len(role) for role in accounts.articles.values()),
        unjudged=accounts.unjudged(),
        verdicts=sum(len(messages) for messages in accounts.verdicts.values()),
        unindexed=topics_and_workers(admin, demo.kafka.namespace)["workers"]["index"]["lag"],
    )


def _start_worker(stack: str, worker: str, addresses: stacks.Addresses) -> subprocess.Popen[bytes]:
    command = ["-m", "rafid", "worker", worker, "--kafka", addresses.kafka]
    if worker == "index":
        command += ["--elasticsearch", addresses.elasticsearch]
    else:
        command += ["--state", str(stack_directory(stack) / "workers")]
    return stacks.start_beside(stack, f"worker-{worker}", command, _environment())


def _check_workers(demo: Demo) -> None:
    for worker, process in demo.workers.items():
        if process.poll() is not None:
            log = _log(demo.stack, worker)
            raise RafidError(f"the {worker} worker ended (exit code {process.returncode}): {last_line(log)}; see {log}")


def _log(stack: str, worker: str) -> Path:
    return stacks.log_path(stack_directory(stack), f"worker-{worker}")


def _environment() -> dict[str, str]:
    """Ours, less what is meant for other deployments."""
    return {name: value for name, value in os.environ.items() if not name.startswith("RAFID_")} | {
        name: os.environ[name] for name in ("RAFID_DATA_DIR", "RAFID_CACHE_DIR") if name in os.environ
    }
