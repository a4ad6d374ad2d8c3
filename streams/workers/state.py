"""Where a worker keeps its state on disk: one directory for each process, and for each life of the topic that it goes by."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from pathlib import Path

import orjson
import platformdirs
from filelock import FileLock, Timeout
from kafka import KafkaAdminClient, TopicPartition
from kafka.errors import KafkaError

from streams.connect import clients
from streams.connect.kafka import KafkaSettings
from streams.connect.offsets import committed_offsets, held_offsets
from streams.errors import RafidError
from streams.topics import Topic, Topics, group

# A worker may be started together with its broker, which is up within this.
STARTING_BROKER_MS = 30_000


def state_directory() -> Path:
    """Returns where the workers of this user keep their state, unless they are told otherwise."""
    return Path(platformdirs.user_state_path("rafid"))


def topic_ids(kafka: KafkaSettings, needed: tuple[Topic, ...]) -> dict[str, str]:
    """Returns the broker's id of each needed topic; a topic that was deleted and made again has another one.

    Raises RafidError when Kafka does not answer, or a topic is missing or has another number of partitions.
    """
    try:
        with clients.admin(kafka, bootstrap_timeout_ms=STARTING_BROKER_MS) as admin:
            found = clients.require_topics(admin, kafka, [topic.name for topic in needed])
    except KafkaError as exc:
        raise clients.as_no_kafka(kafka, exc) from exc
    for topic in needed:
        partitions = len(found[topic.name]["partitions"])
        if partitions != topic.partitions:
            raise RafidError(f"topic {topic.name} has {partitions} partitions, not {topic.partitions}: see `rafid provision`")
    return {topic.name: str(found[topic.name]["topic_id"]) for topic in needed}


@contextlib.contextmanager
def locked_state_directory(base: Path, *parts: str) -> Iterator[Path]:
    """Yields a directory under `base`/`parts` that no other process uses meanwhile: the first free of `1`, `2`, ...

    A restart finds what it left, and a second worker stands beside the first. Raises RafidError when it cannot be written.
    """
    home = base.joinpath(*parts)
    try:
        home.mkdir(parents=True, exist_ok=True)
        for number in itertools.count(1):
            lock = FileLock(home / f"{number}.lock", timeout=0)
            try:
                lock.acquire()
            except Timeout:
                continue
            break
        directory = home / str(number)
        directory.mkdir(exist_ok=True)
    except OSError as exc:
        raise RafidError(f"no state can be kept in {home} ({exc.strerror}): set --state (RAFID_STATE) to another folder") from exc
    with lock:
        yield directory


def require_register(kafka: KafkaSettings, our_topics: Topics) -> None:
    """Raises RafidError when articles were judged, and the register's changelog has never held an entry.

    A worker that began with an empty register there would take copies for new stories.
    """
    articles, name = TopicPartition(our_topics.articles.name, 0), group("dedup", kafka.namespace)
    try:
        with clients.admin(kafka, bootstrap_timeout_ms=STARTING_BROKER_MS) as admin:
            if _end(admin, our_topics.register_changelog) or not _end(admin, our_topics.deduplicated):
                return
            judged = committed_offsets(admin, name, [articles])
    except KafkaError as exc:
        raise clients.as_no_kafka(kafka, exc) from exc
    if judged.get(articles):
        raise RafidError(
            f"topic {our_topics.register_changelog.name} is empty, though articles were judged: it was deleted and made again. "
            f"With `kafka-consumer-groups --delete --group {name}` every article is judged again, as it was; nothing is lost"
        )


def _end(admin: KafkaAdminClient, topic: Topic) -> int:
    """Returns how many messages the topic has ever had."""
    return sum(end for _, end in held_offsets(admin, topic.name, topic.partitions).values())


def require_same_topics(kept: Path, ids: dict[str, str], why: str) -> None:
    """Compares the ids of these topics with those in the file `kept`, and writes them there the first time.

    Raises RafidError, with `why` it matters and what to do, when a topic has been deleted and made again since, or when the
    file cannot be read or written.
    """
    try:
        with FileLock(kept.with_suffix(".lock")):
            if not kept.exists():
                new = kept.with_suffix(".new")
                new.write_bytes(orjson.dumps(ids))
                new.replace(kept)
            known = orjson.loads(kept.read_bytes())
    except (OSError, orjson.JSONDecodeError) as exc:
        raise RafidError(f"{kept} cannot be kept ({exc}): delete it, or set --state (RAFID_STATE) to another folder") from exc
    other = [name for name, id_ in ids.items() if known.get(name) != id_]
    if other:
        raise RafidError(f"topic {' and '.join(other)} was deleted and made again, and {why}")
