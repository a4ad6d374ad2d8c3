"""One audit: the index first, then the logs that must explain it, each in the order in which a cause comes before its effect.

What the groups had committed is read before all else, so that whatever is missing below it is missing. The index is read before
the end of any topic is taken, so that every document's verdict is among those read; of the topics the last in the path is ended
first. A fault of a document is looked at again, as the document is at that moment, before it counts: a search sees what is
written only after a refresh.
"""

from __future__ import annotations

import contextlib
import dataclasses
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from elasticsearch import Elasticsearch
from kafka import KafkaAdminClient, KafkaConsumer
from kafka.errors import KafkaError

from deploy.audit import documents as index
from deploy.audit import law, logs
from deploy.audit.findings import Findings
from deploy.audit.law import Document, Effect, Fault, Finding, Ledger, Window, packed
from deploy.audit.runs import BUCKETS, Runs
from deploy.audit.tables import Flags, Tables, add_document, document_rows
from indexing.elastic.settings import ElasticSettings
from indexing.generations.state import Generations
from streams.connect import clients, reading
from streams.connect.kafka import KafkaSettings
from streams.errors import RafidError, one_line
from streams.times import rfc_3339
from streams.topics import Topic, Topics, group, topics


@dataclasses.dataclass(frozen=True, slots=True)
class Bounds:
    """From when to when pages are audited, in ms since 1970; 0 and None where all that is there is."""

    since_ms: int = 0
    until_ms: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Report:
    """The outcome of an audit; `read` counts messages and documents, `notes` say what could not be audited and why."""

    namespace: str
    window: Bounds
    notes: tuple[str, ...]
    read: dict[str, int]
    under_way: dict[str, int]
    faults: dict[str, int]
    findings: Findings

    @property
    def is_clean(self) -> bool:
        """Whether everything adds up."""
        return not self.faults

    def summary(self) -> dict[str, Any]:
        """Returns all but the findings, as JSON takes it."""
        since_ms, until_ms = self.window.since_ms, self.window.until_ms
        return {
            "namespace": self.namespace,
            "since": moment(since_ms) if since_ms else None,
            "until": None if until_ms is None else moment(until_ms),
            "clean": self.is_clean,
            "notes": list(self.notes),
            "read": self.read,
            "under_way": self.under_way,
            "faults": self.faults,
        }


@contextlib.contextmanager
def audit(
    kafka: KafkaSettings, elastic: ElasticSettings, bounds: Bounds, scratch: Path | None = None, pages_of: str | None = None
) -> Iterator[Report]:
    """Yields the report of an audit; its rows lie in a folder under `scratch`, some 200 bytes an article, until it is left.

    `pages_of` is the namespace whose pages the split worker reads, where that is another.

    Raises RafidError when a server does not answer, or the index or the logs are changed meanwhile by other than workers.
    """
    with (
        tempfile.TemporaryDirectory(prefix="rafid-audit-", dir=scratch) as folder,
        clients.open_consumer(kafka, **logs.CONSUMER) as consumer,
        clients.admin(kafka) as admin,
        elastic.client() as client,
        _errors(kafka, elastic),
    ):
        audit_ = _Audit(topics(kafka.namespace, pages_of), consumer, admin, client, Path(folder))
        with contextlib.closing(audit_.findings):
            yield audit_.run(bounds)


@contextlib.contextmanager
def _errors(kafka: KafkaSettings, elastic: ElasticSettings) -> Iterator[None]:
    try:
        with index.errors_as_one_line(elastic.urls):
            yield
    except KafkaError as exc:
        raise RafidError(f"Kafka at {kafka.servers} cannot be audited: {type(exc).__name__} {one_line(exc)[:300]}") from exc


class _Audit:
    """The steps of one audit, in their order."""

    def __init__(
        self, our_topics: Topics, consumer: KafkaConsumer, admin: KafkaAdminClient, client: Elasticsearch, folder: Path
    ) -> None:
        self.our_topics = our_topics
        self.consumer, self.admin, self.client, self.folder = consumer, admin, client, folder
        self.findings = Findings(folder, self.our_topics)
        self.ledger = Ledger(self.findings.keep)
        self.notes: list[str] = []

    def run(self, bounds: Bounds) -> Report:
        """Returns the report."""
        our_topics = self.our_topics
        stages = {"split": our_topics.pages, "dedup": our_topics.articles, "index": our_topics.deduplicated}
        committed = {worker: self._committed(worker, topic) for worker, topic in stages.items()}
        state = index.generations(self.client, self.our_topics.namespace)
        bounds = Bounds(max(bounds.since_ms, self._retained_since_ms()), bounds.until_ms)
        stored = self._read_documents(state)
        # A message is sent after the one that caused it: with the ends taken in this order, each cause is within its own.
        verdicts, articles, letters = (
            self._span(topic, bounds.since_ms)
            for topic in (our_topics.deduplicated, our_topics.articles, our_topics.dead_letters)
        )
        pages = self._span(our_topics.pages, bounds.since_ms)
        window = self._window(pages, bounds, committed)
        tables = Tables(self.folder, our_topics, stored, window, (articles, verdicts))
        self._read_logs(tables, window, articles, verdicts, letters)
        for bucket in range(BUCKETS):
            has_letter = tables.letters[our_topics.articles.name].has
            law.balance_articles(*tables.articles_of(bucket), window, has_letter, self.ledger, count=tables.articles_found.count)
            self._balance_documents(*tables.documents_of(bucket), window, tables.letters[our_topics.deduplicated.name])
        self._balance_pages(tables, window)
        if index.generations(self.client, self.our_topics.namespace).live != state.live:
            raise RafidError("the index was swapped for its next generation meanwhile: audit again")
        return Report(
            self.our_topics.namespace,
            bounds,
            tuple(self.notes),
            {
                "pages": sum(window.end[partition] - first for partition, first in window.first.items()),
                "articles": len(tables.articles),
                "verdicts": len(tables.judgements),
                "documents": len(stored),
                "dead_letters": len(letters),
            },
            {stage: self.ledger.under_way[stage] for stage in ("pages", "articles", "verdicts")},
            dict(sorted(self.ledger.faults.items())),
            self.findings,
        )

    def _committed(self, worker: str, topic: Topic) -> reading.Offsets:
        begin = reading.beginnings(self.consumer, topic)
        found = logs.committed(self.admin, group(worker, self.our_topics.namespace), topic.name, begin)
        if not found and len(reading.Span(topic.name, begin, reading.ends(self.consumer, topic))):
            self.notes.append(
                f"the group of the {worker} worker has committed nothing: all of {topic.name} counts as under way to it"
            )
        return found

    def _retained_since_ms(self) -> int:
        """Returns the time from which the topics hold every cause and effect; 0 when they hold all there ever was."""
        since_ms = 0
        for topic in (self.our_topics.articles, self.our_topics.deduplicated, self.our_topics.dead_letters):
            is_sparse = topic is self.our_topics.dead_letters
            retained_ms = logs.retained_since_ms(self.consumer, self.admin, topic, is_sparse=is_sparse)
            if retained_ms:
                self.notes.append(f"{topic.name} begins at {moment(retained_ms)}: what was before was removed, and is no loss")
            since_ms = max(since_ms, retained_ms)
        removed = sum(reading.beginnings(self.consumer, self.our_topics.pages).values())
        if removed:
            self.notes.append(
                f"{removed:,} pages were removed from the beginning of {self.our_topics.pages.name}, and are no loss"
            )
        return since_ms

    def _read_documents(self, state: Generations) -> Runs:
        stored = document_rows(self.folder)
        for hit in index.scan(self.client, state):
            try:
                add_document(stored, index.document_of(hit, self.our_topics.namespace))
            except index.StrangeId:
                self.ledger.note(Finding(Fault.DOCUMENT_WITHOUT_VERDICT, hit["_id"], detail=f"in {hit['_index']}"))
        return stored

    def _span(self, topic: Topic, since_ms: int) -> reading.Span:
        end = reading.ends(self.consumer, topic)
        first = logs.offsets_at(self.consumer, topic, since_ms, end) if since_ms else reading.beginnings(self.consumer, topic)
        return reading.Span(topic.name, first, end)

    def _window(self, pages: reading.Span, bounds: Bounds, committed: dict[str, reading.Offsets]) -> Window:
        end = pages.end
        if bounds.until_ms is not None:
            end = logs.offsets_at(self.consumer, self.our_topics.pages, bounds.until_ms, pages.end)
        return Window(pages.first, end, pages.end, **committed, since_ms=bounds.since_ms, until_ms=bounds.until_ms)

    def _read_logs(
        self, tables: Tables, window: Window, articles: reading.Span, verdicts: reading.Span, letters: reading.Span
    ) -> None:
        for message in reading.messages(self.consumer, letters):
            tables.add_letter(message)
        for span, add, committed in (
            (articles, tables.add_article, window.dedup),
            (verdicts, tables.add_verdict, window.index),
        ):
            for message in reading.messages(self.consumer, span):
                position = packed(message.partition, message.offset)
                if add(message) or not law.is_committed(position, committed) or tables.letters[span.topic].has(position):
                    continue
                detail = f"{span.topic} {message.partition}:{message.offset}"
                self.ledger.note(Finding(Fault.MESSAGE_WITHOUT_LETTER, detail=detail))

    def _balance_documents(
        self, effects: Iterable[Effect], documents: Iterable[Document], window: Window, letters: Flags
    ) -> None:
        joined = law.by_document(effects, documents)
        suspects = [
            id_ for id_, (wanted, found) in joined.items() if any(law.document_faults(wanted, found, window, letters.has))
        ]
        for start in range(0, len(suspects), index.GETS):
            ids = suspects[start : start + index.GETS]
            fresh = law.by_document((), index.now(self.client, self.our_topics.namespace, ids))
            for id_ in ids:
                wanted, scanned = joined[id_]
                joined[id_] = wanted, fresh[id_][1]
                for finding in law.document_faults(*joined[id_], window, letters.has, scanned=scanned):
                    self.ledger.note(finding)
        self.ledger.under_way["verdicts"] += sum(
            law.is_under_way(wanted, found, window, letters.has) for wanted, found in joined.values()
        )

    def _balance_pages(self, tables: Tables, window: Window) -> None:
        for partition, offsets in tables.pages.unset():
            missing = [offset for offset in offsets if offset < window.split.get(partition, 0)]
            self.ledger.under_way["pages"] += len(offsets) - len(missing)
            for offset in logs.present(self.consumer, self.our_topics.pages.name, partition, missing):
                self.ledger.note(Finding(Fault.PAGE_WITHOUT_ARTICLE, origin=packed(partition, offset)))
        for origin in tables.articles_stated.above(tables.articles_found):
            if law.is_committed(origin, window.split):
                detail = f"{tables.articles_found.of(origin)} of {tables.articles_stated.of(origin)}"
                self.ledger.note(Finding(Fault.PAGE_WITH_FEWER_ARTICLES, origin=origin, detail=detail))


def moment(time_ms: int) -> str:
    """Returns a time in ms since 1970 as RFC 3339 has it."""
    return rfc_3339(datetime.fromtimestamp(time_ms / 1000, UTC))
