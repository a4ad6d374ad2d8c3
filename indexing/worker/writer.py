"""One batch on its way into the index: what it says, what is there, what is written, and what is refused."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from elasticsearch import Elasticsearch

from indexing.elastic.outcomes import ErrorBudget, ItemResult
from indexing.elastic.requests import ElasticsearchRefused, retry_while_unavailable, translate_errors
from indexing.elastic.writes import Write
from indexing.generations.targets import WriteTargets
from indexing.worker.batches import Batch, Message
from indexing.worker.bulk_writer import Bulk
from indexing.worker.dead_letters import DeadLetters, Rejection
from indexing.worker.documents import ArticleWithRawBody, Content, measure_article, plan_write
from indexing.worker.lookup import stored
from indexing.worker.unrefreshed import UnrefreshedWrites
from streams.dead_letters.envelope import Reason
from streams.records import Article, MalformedRecord, Verdict, decode_strict
from streams.runtime.fates import Fate

# What is tried again when Elasticsearch is away, by the names that metrics have.
OPERATIONS = ("look_up", "write", "refresh")


class JudgedArticle(NamedTuple):
    """An article, the verdict on it, its content, and whether no earlier write of its document may be invisible."""

    message: Message
    article: Article | ArticleWithRawBody
    verdict: Verdict
    content: Content
    lookup_is_current: bool


@dataclasses.dataclass(frozen=True, slots=True)
class DecodedBatch:
    """A batch as it is decoded: what may have an effect, what cannot be decoded, and how many need nothing."""

    decided: tuple[JudgedArticle, ...]
    rejections: tuple[Rejection, ...]
    unchanged: int


@dataclasses.dataclass(frozen=True, slots=True)
class Written:
    """What became of a batch: its messages by their fate, those that became dead letters, and how old the new documents are.

    `ages_s` is in seconds, from a page's append to its topic to its documents being written.
    """

    fates: Counter[Fate]
    rejections: tuple[Rejection, ...]
    ages_s: tuple[float, ...]


class Writer:
    """Brings batches into the index; `decode` in the order of the topic, `write` in as many threads as wanted."""

    def __init__(
        self,
        client: Elasticsearch,
        targets: WriteTargets,
        dead_letters: DeadLetters,
        *,
        in_flight: int,
        stopping: threading.Event,
        now: Callable[[], str],
        budget: ErrorBudget | None = None,
        retried: Callable[[str], None] = lambda _operation: None,
    ) -> None:
        self._client = client
        self._targets = targets
        self._dead_letters = dead_letters
        self._stopping = stopping
        self._now = now
        self._retried = retried
        self._bulk = Bulk(client, targets, in_flight=in_flight, stopping=stopping, retried=partial(retried, "write"))
        self._recent = UnrefreshedWrites()
        self._budget = budget or ErrorBudget()
        self._budget_lock = threading.Lock()

    @property
    def wants_refresh(self) -> bool:
        """Whether `refresh` should come before the next batch, with none on its way."""
        return self._recent.full

    def refresh(self) -> None:
        """Makes every write so far visible to look-ups. Raises ElasticsearchRefused or Stopping."""
        retry_while_unavailable(self._refresh, self._stopping, "refreshing the index", partial(self._retried, "refresh"))
        self._recent.clear()

    def _refresh(self) -> None:
        state = self._targets.state(anew=True)
        if state.periods(state.live):
            translate_errors(lambda: self._client.indices.refresh(index=state.live.pattern))

    def decode(self, batch: Batch) -> DecodedBatch:
        """Decodes the batch.

        Messages without a valid verdict, or without a valid article where one is needed, become rejections; nothing is raised.
        """
        decoded: list[tuple[Message, Article | ArticleWithRawBody, Verdict, Content]] = []
        rejections: list[Rejection] = []
        unchanged = 0
        for message in batch.messages:
            try:
                verdict = verdict_of(message)
                if verdict.kind == "unchanged":  # most of what is fetched again: its article is not looked at
                    unchanged += 1
                    continue
                decoded.append((message, article_of(message), verdict, content_of(message, verdict)))
            except MalformedRecord as exc:
                reason = Reason.MALFORMED_ARTICLE if exc.record == Article.__name__ else Reason.MALFORMED_VERDICT
                rejections.append(Rejection(message, reason, str(exc)))
        first = self._recent.claim(verdict.doc_id for _, _, verdict, _ in decoded)
        decided = tuple(JudgedArticle(*fields, is_first) for fields, is_first in zip(decoded, first, strict=True))
        return DecodedBatch(decided, tuple(rejections), unchanged)

    def write(self, batch: DecodedBatch) -> Written:
        """Makes every effect of the batch durable, in the index or as a dead letter; returns what became of the messages.

        Raises ElasticsearchRefused, also when the error budget is spent (then nothing was dead-lettered), Stopping, or
        RafidError.
        """
        # 1. Look up what is there, over all periods.
        doc_ids = list(dict.fromkeys(d.verdict.doc_id for d in batch.decided))
        what = f"looking up {len(doc_ids)} documents"
        found = retry_while_unavailable(
            lambda: stored(self._client, self._targets.state(), doc_ids), self._stopping, what, partial(self._retried, "look_up")
        )
        # 2. Leave out what the index holds already, and settle the period of each id.
        planned: list[tuple[JudgedArticle, Write]] = []
        indexed_at = self._now()
        for d in batch.decided:
            there = found.get(d.verdict.doc_id)
            write = plan_write(
                d.article, d.verdict, there, indexed_at=indexed_at, content=d.content, lookup_is_current=d.lookup_is_current
            )
            if write is not None:
                period = self._recent.period(write.doc_id, write.period)
                planned.append((d, write if period == write.period else dataclasses.replace(write, period=period)))
        # 3. Write until every document is decided.
        refused = self._bulk.write([write for _, write in planned])
        # 4. What was refused is a dead letter, unless so much is refused that it cannot be the documents.
        rejections = [
            *batch.rejections,
            *(rejection(planned[place][0].message, answer) for place, answer in sorted(refused.items())),
        ]
        self._check_error_budget(len(planned), len(refused), rejections)
        self._dead_letters.deliver(rejections, self._now())
        now_s = time.time()
        fates = Counter(
            {
                Fate.INDEXED: len(planned) - len(refused),
                Fate.ALREADY_THERE: len(batch.decided) - len(planned),
                Fate.UNCHANGED: batch.unchanged,
            }
        )
        ages_s = (max(0.0, now_s - write.version / 1000) for index, (_, write) in enumerate(planned) if index not in refused)
        return Written(fates, tuple(rejections), tuple(ages_s))

    def _check_error_budget(self, documents: int, refused: int, rejections: Sequence[Rejection]) -> None:
        with self._budget_lock:
            allowed = self._budget.allows(documents, refused)
        if not allowed:
            raise ElasticsearchRefused(
                f"Elasticsearch refuses too many documents ({refused} of {documents} in a batch, as {rejections[-1].error}): "
                "that looks like a mistake in the mapping; the batch stays on the topic, and none of it was dead-lettered"
            )


def rejection(message: Message, answer: ItemResult) -> Rejection:
    """Returns the rejection of a document by Elasticsearch."""
    reason = Reason.DOCUMENT_TOO_LARGE if answer.status == 413 else Reason.DOCUMENT_REFUSED
    return Rejection(message, reason, f"{answer.status} {answer.error}")


def article_of(message: Message) -> Article | ArticleWithRawBody:
    """Returns the article of a message, its body left as it came where it is a text.

    Raises MalformedRecord when it is no article, or not the one that the key names; bytes of the body that are no UTF-8 are left
    for Elasticsearch to refuse.
    """
    value = message.value or b""
    unread = decode_strict(ArticleWithRawBody, value)
    article = unread if unread is not None and bytes(unread.body).startswith(b'"') else Article.from_bytes(value)
    if message.key is None or message.key.hex() != article.id:
        raise MalformedRecord(Article.__name__, "id", "it is not the id in the key of the message")
    return article


def verdict_of(message: Message) -> Verdict:
    """Returns the verdict in the headers of a message; raises MalformedRecord when there is none."""
    for name, data in message.headers:
        if name == "verdict" and data is not None:
            return Verdict.from_bytes(data)
    raise MalformedRecord(Verdict.__name__, "", "the message has no `verdict` header")


def content_of(message: Message, verdict: Verdict) -> Content:
    """Returns the content of the message's article as the verdict has it, else from the article; raises MalformedRecord."""
    if verdict.content_hash is None or verdict.word_count is None:
        return measure_article(Article.from_bytes(message.value or b""))
    return Content(verdict.content_hash, verdict.word_count)
