"""Topics on a real Kafka come to be what the table says."""

from __future__ import annotations

import time

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from deploy.local.stack import Addresses
from streams.connect import clients
from streams.connect.kafka import KafkaSettings
from streams.connect.provision import provision, remove
from streams.errors import RafidError
from streams.topics import topics


def test_a_second_provision_changes_nothing(kafka: KafkaSettings) -> None:
    assert provision(kafka) == []


def test_the_topics_are_those_of_the_table(kafka: KafkaSettings) -> None:
    admin = KafkaAdminClient(**kafka.client())
    found = {topic["name"]: len(topic["partitions"]) for topic in admin.describe_topics()}
    admin.close()
    assert {topic.name: topic.partitions for topic in topics(kafka.namespace).all()}.items() <= found.items()


def test_a_setting_that_drifted_is_put_back_and_named(kafka: KafkaSettings) -> None:
    pages = topics(kafka.namespace).pages
    admin = KafkaAdminClient(**kafka.client())
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, pages.name, configs={"retention.ms": "60000"})])
    wanted = ConfigResource(ConfigResourceType.TOPIC, pages.name)
    deadline = time.monotonic() + 10
    while admin.describe_configs([wanted])["topic"][pages.name]["retention.ms"]["value"] != "60000":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    admin.close()
    assert provision(kafka) == [f"topic {pages.name}: retention.ms 60000 -> {pages.config['retention.ms']}"]


def test_another_number_of_partitions_is_refused_before_anything_is_made(stack: Addresses, namespace: str) -> None:
    settings = KafkaSettings(stack.kafka, namespace=namespace)
    articles = topics(namespace).articles.name
    admin = KafkaAdminClient(**settings.client())
    admin.create_topics({articles: {"num_partitions": 4}}, wait_for_metadata=True)
    try:
        with pytest.raises(RafidError, match=f"{articles} has 4 partitions and needs 1"):
            provision(settings)
        assert [name for name in admin.list_topics() if namespace in name] == [articles]
    finally:
        admin.close()
        remove(settings)


def test_more_replicas_than_the_cluster_has_brokers_are_refused_before_anything_is_made(stack: Addresses, namespace: str) -> None:
    settings = KafkaSettings(stack.kafka, namespace=namespace)
    with pytest.raises(RafidError, match="a replication factor of 3 needs as many brokers, and this Kafka has 1"):
        provision(settings, factor=3)
    with clients.admin(settings) as admin:
        assert [name for name in admin.list_topics() if namespace in name] == []


def test_a_kafka_that_is_not_there_is_named() -> None:
    kafka = KafkaSettings("127.0.0.1:9")
    with pytest.raises(RafidError, match=r"no Kafka at 127\.0\.0\.1:9"):
        provision(kafka)
