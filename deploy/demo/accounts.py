"""What became of every page: the fates that the topics tell of, counted over distinct (article id, origin)."""

from __future__ import annotations

import contextlib
import dataclasses
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from kafka import KafkaConsumer, TopicPartition

from streams.connect import clients
from streams.connect.kafka import KafkaSettings
from streams.dead_letters.envelope import letter_of
from streams.dedup.notice import Notice
from streams.records import Verdict
from streams.topics import Topic, Topics, topics

Origin = tuple[int, int]


@dataclasses.dataclass(slots=True)
class Accounts:
    """The fates so far. An origin is the partition and offset of a page on the topic of pages.

    `verdicts` holds, for each article id, the verdict messages as they came: after a crash one is sent again, byte for byte.
    """

    pages: set[Origin] = dataclasses.field(default_factory=set)
    articles: dict[str, set[tuple[bytes, Origin]]] = dataclasses.field(default_factory=lambda: defaultdict(set))
    verdicts: dict[bytes, list[bytes]] = dataclasses.field(default_factory=lambda: defaultdict(list))
    letters: dict[str, set[tuple[str | None, int | None, int | None]]] = dataclasses.field(
        default_factory=lambda: defaultdict(set)
    )

    def page(self, origin: Origin) -> None:
        """Enters a page that lies at `origin`."""
        self.pages.add(origin)

    def article(self, notice: bytes) -> None:
        """Enters an article that came out of a page, as its notice says."""
        found = Notice.from_bytes(notice)
        self.articles[found.role].add((found.id, found.origin))

    def verdict(self, article_id: bytes, verdict: bytes) -> None:
        """Enters a verdict on an article."""
        self.verdicts[article_id].append(verdict)

    def letter(self, headers: Iterable[tuple[str, bytes]], position: Origin) -> None:
        """Enters a dead letter that lies at `position`; two about one failed message are one."""
        letter = letter_of(headers)
        where = (None, *position) if letter.topic is None else (letter.topic, letter.partition, letter.offset)
        self.letters[letter.stage].add(where)

    def ended(self) -> int:
        """Returns how many pages of the topic came to be articles, or a dead letter."""
        cut = {origin for _, origin in self.articles["main"]}
        refused = {(partition, offset) for _, partition, offset in self.letters["split"]}
        return len(self.pages & (cut | refused))

    def judged(self) -> Counter[str]:
        """Returns the verdicts by kind, each distinct (article id, origin) once: what came more often was sent again."""
        origins = self._origins()
        kinds: Counter[str] = Counter()
        for article_id, messages in self.verdicts.items():
            kinds.update(Verdict.from_bytes(message).kind for message in without_repeats(messages, origins[article_id]))
        return kinds

    def unjudged(self) -> int:
        """Returns the articles that have no verdict, and no dead letter, yet."""
        waiting = sum(max(0, count - len(self.verdicts[article_id])) for article_id, count in self._origins().items())
        return waiting - len(self.letters["dedup"])

    def _origins(self) -> Counter[bytes]:
        """Returns how many origins each article id has."""
        return Counter(article_id for role in self.articles.values() for article_id, _ in role)


def without_repeats(messages: list[bytes], wanted: int) -> list[bytes]:
    """Returns the messages, less as many byte-identical repeats as there are more than `wanted`."""
    surplus = len(messages) - wanted
    kept: list[bytes] = []
    for message in messages:
        if surplus > 0 and message in kept:
            surplus -= 1
        else:
            kept.append(message)
    return kept


class TopicReader:
    """Reads the topics of a namespace from their beginning, and keeps the accounts."""

    MANY = 2_000  # a read of so many messages has more behind it

    def __init__(self, settings: KafkaSettings, consumer: KafkaConsumer) -> None:
        self.accounts = Accounts()
        self._consumer = consumer
        self._topics = topics(settings.namespace)
        self._partitions = [
            TopicPartition(topic.name, partition) for topic in _read(self._topics) for partition in range(topic.partitions)
        ]
        consumer.assign(self._partitions)
        consumer.seek_to_beginning(*self._partitions)

    def read(self) -> int:
        """Enters what arrives within half a second at most into the accounts; returns how many messages that was."""
        names, accounts, count = self._topics, self.accounts, 0
        for partition, records in self._consumer.poll(timeout_ms=500, max_records=self.MANY).items():
            for record in records:
                count += 1
                position = (record.partition, record.offset)
                if partition.topic == names.pages.name:
                    accounts.page(position)
                elif partition.topic == names.articles.name:
                    accounts.article(_header(record.headers, "notice"))
                elif partition.topic == names.deduplicated.name:
                    accounts.verdict(record.key, _header(record.headers, "verdict"))
                else:
                    accounts.letter(record.headers, position)
        return count


@contextlib.contextmanager
def reader(settings: KafkaSettings) -> Iterator[TopicReader]:
    """Yields a TopicReader that is in no group and commits nothing."""
    with clients.open_consumer(
        settings,
        auto_offset_reset="earliest",
        fetch_max_bytes=32 * 1024 * 1024,
        max_partition_fetch_bytes=8 * 1024 * 1024,
    ) as consumer:
        yield TopicReader(settings, consumer)


def _read(table: Topics) -> tuple[Topic, ...]:
    return (table.pages, table.articles, table.deduplicated, table.dead_letters)


def _header(headers: Iterable[tuple[str, bytes]], name: str) -> bytes:
    return next(value for key, value in headers if key == name)
