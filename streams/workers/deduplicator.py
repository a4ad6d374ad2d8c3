"""The dedup worker: every article gets its verdict, in the order of the log, and the register remembers why."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import faust
import mode
from faust.types import TP
from msgspec.structs import replace

from streams.clock import now
from streams.connect.kafka import KafkaSettings
from streams.dead_letters.envelope import Headers, Reason
from streams.dedup.notice import MalformedNotice, Notice
from streams.dedup.register import Register
from streams.errors import RafidError
from streams.records import Verdict
from streams.runtime.fates import Fate
from streams.runtime.lifecycle import Process, log
from streams.runtime.settings import ShellSettings
from streams.topics import Topics, group, topics
from streams.workers.app import producer, source, worker_app
from streams.workers.consume import TimedMessage, consume
from streams.workers.lag import settling
from streams.workers.order import OffsetSequence
from streams.workers.outbox import Acknowledged, Outbox, OutgoingRecord
from streams.workers.register_table import PARTITION, RegisterTable
from streams.workers.rejections import ARTICLE_BYTES, Rejected, dead_letter_record
from streams.workers.running import Failure, run
from streams.workers.state import locked_state_directory, require_register, require_same_topics, state_directory, topic_ids

# Entries are swept away a day after they expired: pages of different partitions may come to the log this much out of time.
SWEEP_AFTER_MS = 86_400_000
# Deletions a batch may add to its own records; more wait for the next one.
SWEEP_ENTRIES = 1_000
# Its verdicts go to twelve partitions: of the articles of a twentieth of a second each gets four or five, and the broker, the
# index worker and this one pay for each record batch (measured: .85 of the CPU of the three with a quarter of a second).
GATHERED_S = 0.25


class NotReady(RuntimeError):
    """An article came before the register was rebuilt: a fault of ours, never of the article."""


class Deduplicator:
    """The register of one assignment over the table of the app, and what a batch does with it."""

    def __init__(self, app: faust.App, table: RegisterTable, our_topics: Topics, failure: Failure, process: Process) -> None:
        self.app, self.table, self.our_topics, self.failure, self.process = app, table, our_topics, failure, process
        self.counts = process.counts
        self.outbox = Outbox(lambda: producer(app))
        self._register: Register | None = None
        self._assignment = 0
        self._dropped_at_s = time.monotonic()
        self._rebuild_s = 0.0
        self._latest_at = self._latest_offset = 0
        self._undelivered: set[bytes | None] = set()
        table.follow(changed=self._changed, dropped=self._drop, failed=failure)
        table.on_recover(self.rebuild)
        process.vitals.gauges["rafid_register_entries"] = lambda: 0 if self._register is None else len(self._register)
        process.vitals.gauges["rafid_register_rebuild_seconds"] = lambda: self._rebuild_s
        process.vitals.hindrances.append(self._hindrance)

    def _hindrance(self) -> str:
        return "the register is being rebuilt" if self.app.order.settled and self._register is None else ""

    async def rebuild(self) -> None:
        """Rebuilds the postings, as if every live entry had just been judged. Failure ends the process: Faust would ignore it."""
        try:
            await self._rebuild()
        except Exception as exc:
            self.failure(exc)

    async def _rebuild(self) -> None:
        if TP(self.table.changelog_topic_name, PARTITION) not in self.app.assignor.assigned_actives():
            log.info("dedup: standing by, another worker has the register")
            return
        assignment = self._assignment
        register = Register(self.table)
        try:
            for _ in register.rebuild():
                await asyncio.sleep(0)
                if assignment != self._assignment:
                    return  # the partition moved meanwhile: whoever gets it rebuilds
        except ValueError as exc:
            changelog = self.table.changelog_topic_name
            raise RafidError(
                f"the register in {changelog} cannot be read ({exc}): run the version that wrote it, or delete that topic and "
                "run `rafid provision` to begin with an empty register"
            ) from exc
        self._register = register
        self._rebuild_s = time.monotonic() - self._dropped_at_s
        log.info("dedup: register of %s entries rebuilt", f"{len(register):,}")

    def decide(self, messages: Sequence[TimedMessage]) -> tuple[int, int]:
        """Queues each article with its verdict, nothing when its verdict is out already, or a dead letter.

        Stops before an article whose judging replaces an entry whose verdict the broker has not acknowledged yet. Returns how
        many messages it decided, and the bytes that it queued.
        """
        register = self._register
        if register is None:
            raise NotReady("an article was delivered before the register was rebuilt")
        judged: list[tuple[TimedMessage, Notice, Verdict | None]] = []
        decided = 0
        for message, found in zip(messages, list(map(_read_or_rejected, messages)), strict=True):
            if isinstance(found, Rejected):
                self.outbox.add(dead_letter_record("dedup", found, message, self.our_topics, now()))
                self.process.note_dead_letter(message, found.reason, str(found))
            elif found.id in self._undelivered and register.overwrites(found, message.offset):
                break
            else:
                judged.append((message, found, self._judge(register, found, message.offset)))
            decided += 1
        return decided, sum(self._queue(*of_message) for of_message in judged)

    def _judge(self, register: Register, notice: Notice, offset: int) -> Verdict | None:
        self._undelivered.add(notice.id)
        self._latest_at = max(self._latest_at, notice.at_ms)
        self._latest_offset = offset
        return register.judge(notice, offset)

    def _queue(self, message: TimedMessage, notice: Notice, verdict: Verdict | None) -> int:
        """Queues the article with its verdict; how many bytes it has."""
        if verdict is None:
            self.counts.add(Fate.ALREADY_OUT)
            return 0
        self.counts.add(Fate(verdict.kind))
        self.outbox.add(OutgoingRecord(self.our_topics.deduplicated.name, message.key, message.value, headers(notice, verdict)))
        return len(message.value or b"")

    def sweep(self) -> None:
        """Deletes entries that no article still under way can find live, here and in the changelog, a batch's worth."""
        if self._register is None:
            raise NotReady("a batch ended without a register")
        for key in self._register.expired(self._latest_at - SWEEP_AFTER_MS, self._latest_offset, SWEEP_ENTRIES):
            del self.table[key]

    def after_flush(self, records: list[Acknowledged]) -> None:
        """Tells the table how far its changelog is complete, now that the verdicts until here are out."""
        self._undelivered.clear()
        offsets = [taken.last_offset for taken in records if taken.topic == self.our_topics.register_changelog.name]
        if offsets:
            self.table.changelog_acknowledged(max(offsets))

    def _changed(self, key: bytes, value: bytes | None) -> None:
        self.outbox.add(OutgoingRecord(self.our_topics.register_changelog.name, key, value, partition=PARTITION))

    def _drop(self) -> None:
        self._assignment += 1
        self._dropped_at_s = time.monotonic()
        self._register = None


def headers(notice: Notice, verdict: Verdict) -> Headers:
    """Returns what the next stage needs beside the article: verdict, hash and word count of the content, the page's position."""
    complete = replace(verdict, content_hash=notice.content_hash.hex(), word_count=notice.word_count)
    return ("verdict", complete.to_bytes()), ("origin", b"%d:%d" % notice.origin)


def _read_or_rejected(message: TimedMessage) -> Notice | Rejected:
    try:
        return read_notice(message)
    except Rejected as exc:
        return exc


def read_notice(message: TimedMessage) -> Notice:
    """Returns the notice of an article's message, whose value can go on as it is and is not looked into; raises Rejected."""
    if message.value is None:
        raise Rejected(Reason.MALFORMED_ARTICLE, "the message has no value")
    if len(message.value) > ARTICLE_BYTES:
        raise Rejected(Reason.ARTICLE_TOO_LARGE, f"{len(message.value)} bytes; an article may have {ARTICLE_BYTES}")
    header = next((data for name, data in message.headers or () if name == "notice"), None)
    if header is None:
        raise Rejected(Reason.MALFORMED_NOTICE, "the message has no `notice` header")
    try:
        notice = Notice.from_bytes(header)
    except MalformedNotice as exc:
        raise Rejected(Reason.MALFORMED_NOTICE, str(exc)) from None
    if message.key != notice.id:
        key = "none" if message.key is None else message.key[:32].hex()
        raise Rejected(Reason.MALFORMED_NOTICE, f"the notice is of article {notice.id.hex()}, the message's key is {key}")
    return notice


def dedup_app(kafka: KafkaSettings, directory: Path, failure: Failure, process: Process) -> faust.App:
    """Returns the app that reads articles and sends them on with their verdicts."""
    our_topics = topics(kafka.namespace)
    order = OffsetSequence(kafka, failure)
    app = worker_app("dedup", kafka, directory, order, store="rocksdb://", Table=RegisterTable)
    table = app.Table("register", partitions=our_topics.register_changelog.partitions, key_type=bytes, value_type=bytes)
    deduplicator = Deduplicator(app, table, our_topics, failure, process)

    async def judge_articles(stream: Any) -> None:
        await failure.guard(
            consume(
                stream,
                order,
                deduplicator.outbox,
                deduplicator.decide,
                within_s=GATHERED_S,
                before_flush=deduplicator.sweep,
                after_flush=deduplicator.after_flush,
                settled=settling(order, process.vitals),
            )
        )

    articles = source(app, our_topics.articles.name, our_topics.articles.partitions)
    app.agent(articles, supervisor_strategy=mode.CrashingSupervisor)(judge_articles)
    return app


def run_dedup_worker(kafka: KafkaSettings, state: Path | None, shell: ShellSettings) -> NoReturn:
    """Judges articles until told to stop, or stands by while another does; ends the process.

    Raises RafidError before the start when Kafka is not as needed.
    """
    our_topics = topics(kafka.namespace)
    ids = topic_ids(
        kafka,
        (our_topics.pages, our_topics.articles, our_topics.deduplicated, our_topics.register_changelog, our_topics.dead_letters),
    )
    require_register(kafka, our_topics)
    parts = group("dedup", kafka.namespace), ids[our_topics.register_changelog.name]
    with locked_state_directory(state or state_directory(), *parts) as directory:
        require_same_topics(
            directory.parent / "topics.json",
            {topic.name: ids[topic.name] for topic in (our_topics.pages, our_topics.articles)},
            f"the register's entries name offsets of it: delete {our_topics.register_changelog.name} and run `rafid provision`",
        )
        process = Process("dedup", shell)
        run(process, lambda failure: dedup_app(kafka, directory, failure, process))
