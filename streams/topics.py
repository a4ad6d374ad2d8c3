"""THE table of topics: their names, partitions and settings, read by workers, provisioning and tests."""

from __future__ import annotations

import dataclasses
import re

from streams.errors import RafidError

DAY_MS = 86_400_000
# The greatest page (2 MiB as JSON) cut in two articles, with their segments, notice and verdict, fits into one message.
MAX_MESSAGE_BYTES = 4 * 1024 * 1024
# What both Kafka takes in a topic's name and Elasticsearch in an index's, with room for what is put behind it.
NAMESPACE = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}", re.ASCII)
# A page beyond these is refused: cut into articles, with its notice and its verdict, it must still fit a message.
MAX_PAGE_BYTES = 2 * 1024 * 1024
MAX_TEXT_BYTES = 900_000
# The header of a main article in which it says how many articles its page has, so that an audit misses each of them.
ARTICLE_COUNT = "articles"


@dataclasses.dataclass(frozen=True, slots=True)
class Topic:
    """A topic and what it must be configured with."""

    name: str
    partitions: int
    config: dict[str, str]


@dataclasses.dataclass(frozen=True, slots=True)
class Topics:
    """The topics of one namespace, in the order of the path."""

    namespace: str
    pages: Topic
    articles: Topic
    deduplicated: Topic
    dead_letters: Topic
    register_changelog: Topic

    def all(self) -> tuple[Topic, ...]:
        """Returns every topic, in the order of the path."""
        return (self.pages, self.articles, self.deduplicated, self.dead_letters, self.register_changelog)


def topics(namespace: str = "news", pages_of: str | None = None) -> Topics:
    """Returns the topics of `namespace`. A test holds that these figures and what follows from them agree.

    - pages, 12 partitions: as many split workers as may run; 12 divides by 2, 3, 4 and 6. 30 days: within a month a wrong
      rule of the splitter can be undone from the pages (chosen by reading).
    - articles, 1 partition: decisions about one story must not race. 9 days: an article can be matched for 7
      (`dedup.live.RegisterLimits.window_ms`), its entry is swept a day after that, and a day is left for a worker that was down.
    - deduplicated, 12 partitions: as many index workers. 9 days: as articles, so that either can be read again with the other.
    - dead letters, 3 partitions: they are few; 90 days for a person to look (chosen by reading).
    - register changelog, 1 partition beside the one of articles. Compacted, so that a rebuild reads each entry about once;
      deleted after 9 days, when no entry is live. Segments of an hour and a dirty ratio of .1 because only closed segments
      are compacted, and by default a rebuild would read half of the log twice.

    `pages_of` is the namespace whose pages are read, where that is another: a rebuild beside a live namespace.

    Raises RafidError for a namespace that Kafka or Elasticsearch would not take.
    """
    checked_namespace(namespace)
    return Topics(
        namespace=namespace,
        pages=_topic(f"{checked_namespace(pages_of or namespace)}.pages", 12, days=30),
        articles=_topic(f"{namespace}.articles", 1, days=9),  # one: decisions about one story must not race
        deduplicated=_topic(f"{namespace}.deduplicated", 12, days=9),
        dead_letters=_topic(f"{namespace}.dead-letters", 3, days=90),
        register_changelog=Topic(
            f"{group('dedup', namespace)}-register-changelog",
            1,
            {
                "cleanup.policy": "compact,delete",
                "retention.ms": str(9 * DAY_MS),
                "segment.ms": str(3_600_000),
                "min.cleanable.dirty.ratio": "0.1",
                "max.message.bytes": str(MAX_MESSAGE_BYTES),
                "message.timestamp.type": "LogAppendTime",
            },
        ),
    )


def checked_namespace(namespace: str) -> str:
    """Returns the namespace itself; raises RafidError for one that Kafka or Elasticsearch would not take."""
    if not NAMESPACE.fullmatch(namespace):
        raise RafidError(f"{namespace!r} is no namespace: up to 100 of a-z, 0-9, `.`, `_` and `-`, with a letter or digit first")
    return namespace


def group(worker: str, namespace: str = "news") -> str:
    """Returns the consumer group of a worker (`split`, `dedup` or `index`), which is also its Faust app's id."""
    return f"rafid-{worker}" if namespace == "news" else f"rafid-{namespace}-{worker}"


def _topic(name: str, partitions: int, *, days: int) -> Topic:
    return Topic(
        name,
        partitions,
        {
            "retention.ms": str(days * DAY_MS),
            "max.message.bytes": str(MAX_MESSAGE_BYTES),
            "message.timestamp.type": "LogAppendTime",  # event time is the broker's: no producer can move it
        },
    )
