"""Waiting for a demonstration: what is done is read from the servers, and what hinders it is said."""

from __future__ import annotations

import contextlib
import dataclasses
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from kafka import KafkaAdminClient
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from deploy.demo.accounts import Accounts, TopicReader, reader
from deploy.local.servers import last_line
from deploy.local.state import log_path
from deploy.status import topics_and_workers
from streams.connect.kafka import KafkaSettings
from streams.connect.local_stack import stack_directory
from streams.errors import RafidError

STALLED_S = 90


@dataclasses.dataclass(frozen=True, slots=True)
class Seen:
    """How far the stages are; `indexed` is None where it was not asked."""

    ended: int
    refused: int
    articles: int
    unjudged: int
    verdicts: int
    unindexed: int | None = None


class Watch:
    """Follows the stages of one stack; every wait ends with RafidError when a worker ends, or when nothing goes on for 90 s."""

    def __init__(
        self,
        stack: str,
        kafka: KafkaSettings,
        workers: Mapping[str, subprocess.Popen[bytes]],
        *,
        source: TopicReader,
        admin: KafkaAdminClient,
        progress: Progress,
    ) -> None:
        self._stack, self._kafka, self._workers = stack, kafka, workers
        self._source, self._admin, self._progress = source, admin, progress
        self._bars = [progress.add_task(what, total=None) for what in ("pages split", "articles judged", "verdicts indexed")]

    @property
    def accounts(self) -> Accounts:
        """What became of the pages so far."""
        return self._source.accounts

    def until_split(self, lines: int, of: int) -> None:
        """Waits until so many lines have become pages that are split, or dead letters."""
        self._until(lambda seen: seen.ended + seen.refused >= lines, of, "split", lambda seen: lines - seen.ended - seen.refused)

    def until_ended(self, producer: subprocess.Popen[bytes]) -> None:
        """Waits until the producer has ended; shows meanwhile what goes through."""
        while producer.poll() is None:
            seen = self._look(ask_index=self._progress.console.is_terminal)
            self._show(seen, len(self.accounts.pages) + seen.refused)
            self._check_workers()

    def until_done(self, pages: int, refused: int) -> None:
        """Waits until every page sent has its fate, every article its verdict, every verdict its effect in the index."""
        of = pages + refused
        self._until(lambda seen: seen.ended >= pages and seen.refused >= refused, of, "split", lambda seen: pages - seen.ended)
        self._until(lambda seen: not seen.unjudged, of, "dedup", lambda seen: seen.unjudged)
        self._until(lambda seen: seen.unindexed == 0, of, "index", lambda seen: seen.unindexed or 0)

    def _until(self, is_met: Callable[[Seen], bool], pages: int, stage: str, missing: Callable[[Seen], int]) -> None:
        last, since = None, time.monotonic()
        while True:
            seen = self._look(ask_index=stage == "index" or self._progress.console.is_terminal)
            self._show(seen, pages)
            if is_met(seen):
                return
            self._check_workers()
            if seen != last:
                last, since = seen, time.monotonic()
            elif time.monotonic() - since > STALLED_S:
                raise RafidError(
                    f"nothing goes on since {STALLED_S} s, and {missing(seen):,} messages wait for the {stage} worker: "
                    f"see {self._log(stage)}"
                )

    def _look(self, ask_index: bool) -> Seen:
        while self._source.read() >= TopicReader.MANY:
            pass
        accounts = self.accounts
        unindexed = topics_and_workers(self._admin, self._kafka.namespace)["workers"]["index"]["lag"] if ask_index else None
        return Seen(
            ended=accounts.ended(),
            refused=len(accounts.letters["produce"]),
            articles=sum(len(role) for role in accounts.articles.values()),
            unjudged=accounts.unjudged(),
            verdicts=sum(len(messages) for messages in accounts.verdicts.values()),
            unindexed=unindexed,
        )

    def _show(self, seen: Seen, pages: int) -> None:
        indexed = max(0, seen.verdicts - seen.unindexed) if seen.unindexed is not None else 0
        done = ((seen.ended + seen.refused, pages), (seen.articles - seen.unjudged, seen.articles), (indexed, seen.verdicts))
        for bar, (completed, total) in zip(self._bars, done, strict=True):
            self._progress.update(bar, completed=completed, total=total)

    def _check_workers(self) -> None:
        for worker, process in self._workers.items():
            if process.poll() is not None:
                log = self._log(worker)
                raise RafidError(f"the {worker} worker ended (exit code {process.returncode}): {last_line(log)}; see {log}")

    def _log(self, worker: str) -> Path:
        return log_path(stack_directory(self._stack), f"worker-{worker}")


@contextlib.contextmanager
def watching(
    stack: str, kafka: KafkaSettings, workers: Mapping[str, subprocess.Popen[bytes]], console: Console
) -> Iterator[Watch]:
    """Yields a Watch over the workers of the stack, with progress bars on a terminal."""
    columns = (TextColumn("{task.description:17}"), BarColumn(), MofNCompleteColumn())
    admin = KafkaAdminClient(**kafka.client())
    try:
        with reader(kafka) as source, Progress(*columns, console=console, disable=not console.is_terminal) as progress:
            yield Watch(stack, kafka, workers, source=source, admin=admin, progress=progress)
    finally:
        admin.close()
