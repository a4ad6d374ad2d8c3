"""Documents into Elasticsearch: one bulk request, its answer item by item, and what to send again until all is decided."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Sequence

from elasticsearch import Elasticsearch

from indexing.elastic.bulk import post
from indexing.elastic.outcomes import ItemResult, Outcome
from indexing.elastic.requests import RequestTooLarge, Unavailable, ending_error, retry_while_unavailable
from indexing.elastic.writes import Write
from indexing.generations.names import Names
from indexing.generations.targets import WriteTargets

MAX_DOCUMENT_TRIES = 5  # tries of a document that fails with a 5xx of its own: some 10 seconds

Item = tuple[int, Names]


class Bulk:
    """Writes documents to every generation that wants them. For many threads; at most `in_flight` requests at a time."""

    def __init__(
        self,
        client: Elasticsearch,
        targets: WriteTargets,
        *,
        in_flight: int,
        stopping: threading.Event,
        retried: Callable[[], None] = lambda: None,
    ) -> None:
        self._client = client
        self._targets = targets
        self._slots = threading.Semaphore(in_flight)
        self._stopping = stopping
        self._retried = retried

    def write(self, writes: Sequence[Write]) -> dict[int, ItemResult]:
        """Writes every document to every target generation; returns why the others were refused, by their number in `writes`.

        Returns only when all is decided, however long Elasticsearch is away. Raises ElasticsearchRefused when it will not
        write at all, and Stopping when the process ends first; what was written until then stays written.
        """
        work = _Work(writes)
        if writes:
            retry_while_unavailable(
                lambda: self._attempt(work), self._stopping, f"writing {len(writes)} documents", self._retried
            )
        return work.refused

    def _attempt(self, work: _Work) -> None:
        state = self._targets.prepare(work.periods())
        items = work.items(state.targets)
        if not items:
            return
        with self._slots:
            answers = self._post(work.writes, items)
        blocked: list[ItemResult] = []
        for item, answer in zip(items, answers, strict=True):
            if answer.outcome is Outcome.STOP and item[1] not in self._targets.state(anew=not blocked).targets:
                continue  # the generation was frozen or left behind since the state was read: others are the target now
            if answer.outcome is Outcome.STOP:
                blocked.append(answer)
            work.note(item, answer)
        if blocked:
            raise ending_error(blocked[0])
        if work.items(self._targets.state().targets):
            raise Unavailable(work.trouble or "the generations have changed")

    def _post(self, writes: Sequence[Write], items: Sequence[Item]) -> list[ItemResult]:
        """Returns the answers for these items, in their order; a request that is too large goes in halves, one by one."""
        try:
            return post(self._client, [(writes[index], target.index(writes[index].period)) for index, target in items])
        except RequestTooLarge as exc:
            if len(items) == 1:
                return [ItemResult(Outcome.DEAD_LETTER, 413, str(exc))]
        half = len(items) // 2
        return self._post(writes, items[:half]) + self._post(writes, items[half:])


@dataclasses.dataclass(slots=True)
class _Work:
    """What is decided of some writes: which generations hold each, and which documents were refused."""

    writes: Sequence[Write]
    done: list[set[int]] = dataclasses.field(init=False)
    refused: dict[int, ItemResult] = dataclasses.field(default_factory=dict)
    failures: dict[int, int] = dataclasses.field(default_factory=dict)
    trouble: str = ""

    def __post_init__(self) -> None:
        self.done = [set() for _ in self.writes]

    def periods(self) -> set[str]:
        return {write.period for write in self.writes}

    def items(self, targets: Sequence[Names]) -> list[Item]:
        """Returns what has still to be sent, in the order of the topic: an earlier write of an id stands before a later one."""
        return [
            (index, target)
            for index in range(len(self.writes))
            if index not in self.refused
            for target in targets
            if target.generation not in self.done[index]
        ]

    def note(self, item: Item, answer: ItemResult) -> None:
        """Counts the answer for one item."""
        index, target = item
        if answer.outcome is Outcome.DONE:
            self.done[index].add(target.generation)
            return
        self.trouble = f"{answer.status} {answer.error}"
        if answer.outcome is Outcome.RETRY_A_FEW_TIMES:
            self.failures[index] = self.failures.get(index, 0) + 1
        if answer.outcome is Outcome.DEAD_LETTER or self.failures.get(index, 0) >= MAX_DOCUMENT_TRIES:
            self.refused[index] = answer
