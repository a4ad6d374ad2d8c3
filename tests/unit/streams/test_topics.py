"""The table of topics: what Kafka would refuse, or lose, if it were otherwise."""

from __future__ import annotations

import pytest

from streams.errors import RafidError
from streams.topics import DAY_MS, MAX_MESSAGE_BYTES, Topic, group, topics


def test_the_topics_of_the_default_namespace_are_the_documented_ones() -> None:
    table = {topic.name: topic.partitions for topic in topics().all()}

    assert table == {
        "news.pages": 12,
        "news.articles": 1,
        "news.deduplicated": 12,
        "news.dead-letters": 3,
        "rafid-dedup-register-changelog": 1,
    }


def test_namespaces_share_no_topic_and_no_group() -> None:
    ours = {topic.name for topic in topics().all()} | {group(worker) for worker in ("split", "dedup", "index")}
    theirs = {topic.name for topic in topics("b").all()} | {group(worker, "b") for worker in ("split", "dedup", "index")}

    assert ours & theirs == set()


@pytest.mark.parametrize("topic", topics().all(), ids=lambda topic: topic.name)
def test_every_topic_takes_the_largest_message_and_the_brokers_time(topic: Topic) -> None:
    assert topic.config["max.message.bytes"] == str(MAX_MESSAGE_BYTES)
    assert topic.config["message.timestamp.type"] == "LogAppendTime"


def test_the_register_outlives_the_days_within_which_it_matches() -> None:
    changelog = topics().register_changelog

    assert changelog.config["cleanup.policy"] == "compact,delete"
    assert int(changelog.config["retention.ms"]) >= 9 * DAY_MS


def test_one_partition_for_what_must_not_race() -> None:
    assert (topics().articles.partitions, topics().register_changelog.partitions) == (1, 1)


@pytest.mark.parametrize("namespace", ["", "News", "two words", "أخبار", "a/b", "-a", ".", "a" * 101, "a\n"])
def test_a_namespace_that_kafka_or_elasticsearch_would_refuse_is_refused(namespace: str) -> None:
    with pytest.raises(RafidError, match="namespace"):
        topics(namespace)
