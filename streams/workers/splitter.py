"""The split worker: every page of its partitions ends as articles, or as a dead letter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import faust
import mode

from streams.clock import now
from streams.connect.kafka import KafkaSettings
from streams.dead_letters.envelope import Reason, first_appended_ms
from streams.dedup.notice import notice
from streams.identity import NotAUrl, canonical_url, digest
from streams.json_repair import NotAnObject, read_object
from streams.records import Article, MalformedRecord, Page, decode_strict
from streams.runtime.fates import Fate
from streams.runtime.lifecycle import Process
from streams.runtime.settings import ShellSettings
from streams.split.rules import SourceRules
from streams.split.splitter import split
from streams.split.stories import articles
from streams.times import with_possible_times
from streams.topics import ARTICLE_COUNT, MAX_PAGE_BYTES, MAX_TEXT_BYTES, Topics, group, topics
from streams.workers.app import producer, source, worker_app
from streams.workers.consume import TimedMessage, consume
from streams.workers.lag import settling
from streams.workers.order import OffsetSequence
from streams.workers.outbox import Outbox, OutgoingRecord
from streams.workers.rejections import ARTICLE_BYTES, Rejected, appended_ms, dead_letter_record
from streams.workers.running import Failure, run
from streams.workers.state import locked_state_directory, state_directory, topic_ids

T = TypeVar("T")
R = TypeVar("R")
Rules = Mapping[str, SourceRules]  # by source
NO_RULES: Rules = {}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The splitter reads its tables with its first page: not after partitions are assigned.
WARM_UP = Page(id="0" * 32, source="", text="نص", fetched_at="2000-01-01T00:00:00Z")


def records_for_pages(
    messages: Sequence[TimedMessage],
    our_topics: Topics,
    failed_at: Callable[[], str],
    rules: Rules = NO_RULES,
    rejected: Callable[[TimedMessage, Rejected], None] = lambda _message, _why: None,
) -> list[list[OutgoingRecord]]:
    """Returns each message's records: its page's articles, main first, or one dead letter; `rejected` is given the cause.

    Each step is taken for all messages before the next is: so the code and the tables of a step stay in the processor's cache
    (docs/performance.md). Nothing in a message makes it raise.
    """

    def taken(step: Callable[[TimedMessage, T], R], so_far: Iterable[T | Rejected]) -> list[R | Rejected]:
        return [
            it if isinstance(it, Rejected) else _taken(step, message, it) for message, it in zip(messages, so_far, strict=True)
        ]

    pages = taken(_page, (message.value for message in messages))
    cuts = taken(lambda _, page: split(page, rules.get(page.source)), pages)
    found = taken(lambda _, cut: articles(cut), cuts)
    records = taken(lambda message, of_page: _records(of_page, message, our_topics), found)

    def dead_letter(message: TimedMessage, why: Rejected) -> list[OutgoingRecord]:
        rejected(message, why)
        return [dead_letter_record("split", why, message, our_topics, failed_at())]

    return [dead_letter(message, it) if isinstance(it, Rejected) else it for message, it in zip(messages, records, strict=True)]


def _taken(step: Callable[[TimedMessage, T], R], message: TimedMessage, so_far: T) -> R | Rejected:
    try:
        return step(message, so_far)
    except Rejected as exc:
        return exc
    except MemoryError:
        raise
    except Exception as exc:
        # A step is a function of the page: it would fail again at every restart, and stop the flow behind it.
        return Rejected(Reason.SPLITTER_FAILURE, f"{type(exc).__name__}: {exc}")


def _page(message: TimedMessage, value: bytes | None) -> Page:
    """Returns the page in a message, with the times that it can have; raises Rejected."""
    if value is None:
        raise Rejected(Reason.MALFORMED_PAGE, "the message has no value")
    if len(value) > MAX_PAGE_BYTES:
        raise Rejected(Reason.PAGE_TOO_LARGE, f"{len(value)} bytes; a page may have {MAX_PAGE_BYTES}")
    try:
        page = decode_strict(Page, value) or _page_of_others(value)
    except (MalformedRecord, NotAUrl) as exc:
        raise Rejected(Reason.MALFORMED_PAGE, str(exc)) from None
    size = len(page.text.encode())
    if size > MAX_TEXT_BYTES:
        raise Rejected(Reason.PAGE_TOO_LARGE, f"{size} bytes of text; a page may have {MAX_TEXT_BYTES}")
    return with_possible_times(page, EPOCH + timedelta(milliseconds=_first_appended_ms(message)))


def _page_of_others(value: bytes) -> Page:
    """Returns the page of another producer: with unknown fields, what can be repaired, and no id when it names its URL."""
    try:
        fields, _repairs = read_object(value)
    except NotAnObject as exc:
        raise MalformedRecord("Page", "", str(exc)) from None
    url = fields.get("url")
    if fields.get("id") is None and isinstance(url, str):
        fields["id"] = digest("url", canonical_url(url))
    return Page.from_dict(fields)


def _records(found: Sequence[Article], message: TimedMessage, our_topics: Topics) -> list[OutgoingRecord]:
    count = len({article.id for article in found})
    return [_sending(article, message, our_topics, count) for article in found]


def _sending(article: Article, message: TimedMessage, our_topics: Topics, count: int) -> OutgoingRecord:
    value = article.to_bytes()
    if len(value) > ARTICLE_BYTES:
        raise Rejected(Reason.ARTICLE_TOO_LARGE, f"an article of {len(value)} bytes; it may have {ARTICLE_BYTES}")
    at_ms = _first_appended_ms(message)
    data = notice(article, at_ms, (message.partition, message.offset), is_replayed=at_ms < appended_ms(message)).to_bytes()
    headers = [("notice", data)]
    if article.role == "main":
        headers.append((ARTICLE_COUNT, b"%d" % count))
    return OutgoingRecord(our_topics.articles.name, bytes.fromhex(article.id), value, tuple(headers))


def _first_appended_ms(message: TimedMessage) -> int:
    """Returns when the page came; a page that failed and is sent again came before its message."""
    return first_appended_ms(message.headers or (), appended_ms(message))


def split_app(
    kafka: KafkaSettings, our_topics: Topics, directory: Path, failure: Failure, *, process: Process, rules: Rules = NO_RULES
) -> faust.App:
    """Returns the app that reads pages and sends articles."""
    order = OffsetSequence(kafka, failure)
    app = worker_app("split", kafka, directory, order)
    outbox = Outbox(lambda: producer(app))

    def decide(messages: Sequence[TimedMessage]) -> tuple[int, int]:
        queued = 0
        for records in records_for_pages(
            messages, our_topics, now, rules, lambda message, why: process.note_dead_letter(message, why.reason, str(why))
        ):
            for record in records:
                outbox.add(record)
                queued += len(record.value or b"")
            if records[0].topic == our_topics.articles.name:
                process.counts.add(Fate.SPLIT)
                process.counts.articles_made += len(records)
        return len(messages), queued

    async def split_pages(stream: Any) -> None:
        await failure.guard(consume(stream, order, outbox, decide, settled=settling(order, process.vitals)))

    pages = source(app, our_topics.pages.name, our_topics.pages.partitions)
    app.agent(pages, supervisor_strategy=mode.CrashingSupervisor)(split_pages)
    return app


def run_split_worker(
    kafka: KafkaSettings, state: Path | None, rules: Rules, shell: ShellSettings, pages_of: str | None = None
) -> NoReturn:
    """Splits pages until told to stop; ends the process. Raises RafidError before the start when Kafka is not as needed."""
    our_topics = topics(kafka.namespace, pages_of)
    split(WARM_UP)
    ids = topic_ids(kafka, (our_topics.pages, our_topics.articles, our_topics.dead_letters))
    with locked_state_directory(
        state or state_directory(), group("split", kafka.namespace), ids[our_topics.pages.name]
    ) as directory:
        process = Process("split", shell)
        run(process, lambda failure: split_app(kafka, our_topics, directory, failure, process=process, rules=rules))
