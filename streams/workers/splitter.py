"""The split worker: every page of its partitions ends as articles, or as a dead letter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

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

Rules = Mapping[str, SourceRules]  # by source
NO_RULES: Rules = {}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The splitter reads its tables with its first page: not after partitions are assigned.
WARM_UP = Page(id="0" * 32, source="", text="نص", fetched_at="2000-01-01T00:00:00Z")


def records_for_page(
    message: TimedMessage,
    our_topics: Topics,
    failed_at: Callable[[], str],
    rules: Rules = NO_RULES,
    rejected: Callable[[Rejected], None] = lambda _: None,
) -> list[OutgoingRecord]:
    """Returns the records of a page's message: its articles, main first, or one dead letter; `rejected` is given the cause.

    Nothing in a message makes it raise.
    """
    try:
        page = _page(message.value)
        return _articles(page, message, our_topics, rules.get(page.source))
    except Rejected as exc:
        rejected(exc)
        return [dead_letter_record("split", exc, message, our_topics, failed_at())]


def _page(value: bytes | None) -> Page:
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
    return page


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


def _articles(page: Page, message: TimedMessage, our_topics: Topics, rules: SourceRules | None) -> list[OutgoingRecord]:
    try:
        page = with_possible_times(page, EPOCH + timedelta(milliseconds=_first_appended_ms(message)))
        found = articles(split(page, rules))
        count = len({article.id for article in found})
        return [_sending(article, message, our_topics, count) for article in found]
    except (Rejected, MemoryError):
        raise
    except Exception as exc:
        # Splitting is a function of the page: it would fail again at every restart, and stop the flow behind it.
        raise Rejected(Reason.SPLITTER_FAILURE, f"{type(exc).__name__}: {exc}") from exc


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


def build(
    kafka: KafkaSettings, our_topics: Topics, directory: Path, failure: Failure, *, process: Process, rules: Rules = NO_RULES
) -> faust.App:
    """Returns the app that reads pages and sends articles."""
    order = OffsetSequence(kafka, failure)
    app = worker_app("split", kafka, directory, order)
    outbox = Outbox(lambda: producer(app))

    def decide(message: TimedMessage) -> int:
        sendings = records_for_page(
            message, our_topics, now, rules, lambda why: process.note_dead_letter(message, why.reason, str(why))
        )
        for sending in sendings:
            outbox.add(sending)
        if sendings[0].topic == our_topics.articles.name:
            process.counts.add(Fate.SPLIT)
            process.counts.articles_made += len(sendings)
        return sum(len(sending.value or b"") for sending in sendings)

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
        run(process, lambda failure: build(kafka, our_topics, directory, failure, process=process, rules=rules))
