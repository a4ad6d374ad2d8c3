"""`rafid status` and `rafid provision` against real servers."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.structs import OffsetAndMetadata

from indexing.elastic.settings import ElasticSettings
from indexing.generations.names import names
from indexing.generations.provision import provision
from streams.connect.kafka import KafkaSettings
from streams.topics import group, topics


def rafid(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "rafid", *arguments], capture_output=True, text=True, check=False, timeout=120)


def status(kafka: KafkaSettings, elastic: ElasticSettings) -> tuple[int, dict[str, Any]]:
    ended = rafid("status", "--json", "--kafka", kafka.servers, "--namespace", kafka.namespace, "--elasticsearch", elastic.urls)
    return ended.returncode, json.loads(ended.stdout)


def fill(kafka: KafkaSettings, topic: str, messages: int) -> None:
    producer = KafkaProducer(**kafka.client())
    sent = [producer.send(topic, value=b"x", partition=0) for _ in range(messages)]
    for future in sent:
        future.get(timeout=30)
    producer.close()


def commit(kafka: KafkaSettings, worker: str, topic: str, offset: int) -> None:
    consumer = KafkaConsumer(**kafka.client(), group_id=group(worker, kafka.namespace), enable_auto_commit=False)
    consumer.assign([TopicPartition(topic, 0)])
    consumer.commit({TopicPartition(topic, 0): OffsetAndMetadata(offset, "", -1)})
    consumer.close()


def test_a_fresh_namespace_is_well(kafka: KafkaSettings, elastic: ElasticSettings) -> None:
    code, found = status(kafka, elastic)
    assert (code, found["down"]) == (0, [])
    assert {name: topic["partitions"] for name, topic in found["kafka"]["topics"].items()} == {
        topic.name: topic.partitions for topic in topics(kafka.namespace).all()
    }
    assert {worker: entry["lag"] for worker, entry in found["kafka"]["workers"].items()} == {"split": 0, "dedup": 0, "index": 0}


def test_work_that_nobody_does_is_named_with_its_amount(kafka: KafkaSettings, elastic: ElasticSettings) -> None:
    pages = topics(kafka.namespace).pages.name
    fill(kafka, pages, 5)
    commit(kafka, "split", pages, 2)
    code, found = status(kafka, elastic)
    assert code == 1
    assert found["kafka"]["topics"][pages] == {"partitions": 12, "messages": 5, "end_offset": 5}
    assert found["kafka"]["workers"]["split"]["lag"] == 3
    assert found["down"] == ["no split worker runs, and 3 messages wait: `rafid worker split`"]


def test_dead_letters_are_counted(kafka: KafkaSettings, elastic: ElasticSettings) -> None:
    fill(kafka, topics(kafka.namespace).dead_letters.name, 2)
    assert status(kafka, elastic)[1]["dead_letters"] == 2


def test_documents_are_counted_by_alias_and_index(kafka: KafkaSettings, elastic: ElasticSettings) -> None:
    called = names(kafka.namespace)
    index = called.index("2026-11")
    with elastic.client() as client:
        provision(client, kafka.namespace)
        client.indices.create(index=index)
        for number, kind in enumerate(("new", "copy", "update")):
            client.index(index=index, id=str(number), document={"kind": kind}, refresh=True)
    _, found = status(kafka, elastic)
    assert found["elasticsearch"]["indices"] == {index: 3}
    assert found["elasticsearch"]["aliases"] == {called.everything: 3, called.articles: 2, called.sightings: 1}


def test_topics_that_are_missing_are_named(kafka: KafkaSettings, elastic: ElasticSettings) -> None:
    ended = rafid("status", "--kafka", kafka.servers, "--namespace", kafka.namespace + "x", "--elasticsearch", elastic.urls)
    assert ended.returncode == 1
    assert f"DOWN: no topic {kafka.namespace}x.pages, " in ended.stdout


@pytest.mark.parametrize("servers", [("127.0.0.1:9", None), (None, "http://127.0.0.1:9")])
def test_a_server_that_is_down_is_said_and_the_other_is_shown(
    kafka: KafkaSettings, elastic: ElasticSettings, servers: tuple[str | None, str | None]
) -> None:
    log, index = servers[0] or kafka.servers, servers[1] or elastic.urls
    ended = rafid("status", "--json", "--kafka", log, "--namespace", kafka.namespace, "--elasticsearch", index)
    found = json.loads(ended.stdout)
    assert ended.returncode == 1
    assert (found["kafka"]["up"], found["elasticsearch"]["up"]) == (servers[0] is None, servers[1] is None)
    assert len(found["down"]) == 1
    assert "does not answer at" in found["down"][0]


def test_provision_says_what_it_changed_and_then_that_all_is_well(kafka: KafkaSettings, elastic: ElasticSettings) -> None:
    command = ("provision", "--kafka", kafka.servers, "--namespace", kafka.namespace, "--elasticsearch", elastic.urls)
    first, second = rafid(*command), rafid(*command)
    assert (first.returncode, second.returncode) == (0, 0)
    assert first.stdout.startswith(f"index template {kafka.namespace}-g1: created")
    assert second.stdout.splitlines() == [
        "everything is as it must be",
        "Kafka: 1 broker; a message is on one disk",
        "Elasticsearch: 1 node with data; a story is on one disk",
    ]


def test_provision_without_elasticsearch_is_one_line(kafka: KafkaSettings) -> None:
    ended = rafid("provision", "--kafka", kafka.servers, "--namespace", kafka.namespace, "--elasticsearch", "http://127.0.0.1:9")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("rafid: Elasticsearch at http://127.0.0.1:9 did not take the index template")
    assert ended.stderr.count("\n") == 1
