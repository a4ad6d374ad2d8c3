"""What each principal may not do is tried, and refused by the servers; beside it, all that the broker says it may."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from elasticsearch import AuthorizationException, Elasticsearch
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ACL, ACLOperation, ACLPermissionType, ResourcePattern, ResourceType
from kafka.errors import AuthorizationError, for_code
from kafka.structs import OffsetAndMetadata

from deploy.security.rights import principals
from streams.topics import group, topics
from tests.integration.secured.conftest import Secured

TOPICS = topics()
# A producer's id is given to whoever may write to some topic: without one it is the topic that is refused.
PLAIN = {"allow_auto_create_topics": False, "enable_idempotence": False, "acks": 1}


def write(secured: Secured, name: str, topic: str) -> None:
    with contextlib.closing(KafkaProducer(**secured.kafka(name).client(), **PLAIN)) as producer:
        producer.send(getattr(TOPICS, topic).name, b"forged").get(timeout=30)


def read(secured: Secured, name: str, topic: str) -> None:
    """Fetches from the topic, or is told already that it may not know of it."""
    login, wanted = secured.kafka(name).client(), getattr(TOPICS, topic).name
    with contextlib.closing(KafkaAdminClient(**login)) as admin:
        (found,) = admin.describe_topics([wanted])
    if found["error_code"]:
        raise for_code(found["error_code"])
    with contextlib.closing(KafkaConsumer(**login, enable_auto_commit=False)) as consumer:
        consumer.assign([TopicPartition(wanted, 0)])
        consumer.seek_to_beginning()
        consumer.poll(timeout_ms=10_000)


def commit(secured: Secured, name: str, worker: str) -> None:
    """Moves the group of a worker past what it has not done."""
    login = secured.kafka(name).client()
    with contextlib.closing(KafkaConsumer(**login, group_id=group(worker), enable_auto_commit=False)) as consumer:
        partition = TopicPartition(TOPICS.dead_letters.name, 0)
        consumer.assign([partition])
        consumer.commit({partition: OffsetAndMetadata(7, "", -1)}, timeout_ms=10_000)


def administer(act: Callable[[KafkaAdminClient], Any]) -> Callable[[Secured, str, str], None]:
    def done(secured: Secured, name: str, _: str) -> None:
        with contextlib.closing(KafkaAdminClient(**secured.kafka(name).client())) as admin:
            act(admin)

    return done


def grant_itself_everything(admin: KafkaAdminClient) -> None:
    everything = ResourcePattern(ResourceType.TOPIC, "*")
    rule = ACL("User:rafid-split", "*", ACLOperation.ALL, ACLPermissionType.ALLOW, everything)
    for error in admin.create_acls([rule])["failed"]:
        raise error


delete = administer(lambda admin: admin.delete_topics([TOPICS.articles.name]))
make = administer(lambda admin: admin.create_topics({"news.other": {"num_partitions": 1}}))
grant = administer(grant_itself_everything)

IN_KAFKA = [
    ("producer", read, "pages"),
    ("producer", write, "articles"),
    ("producer", commit, "split"),
    ("split", write, "pages"),
    ("split", read, "articles"),
    ("split", write, "deduplicated"),
    ("split", commit, "dedup"),
    ("split", delete, "articles"),
    ("split", grant, "everything"),
    ("dedup", read, "pages"),
    ("dedup", write, "articles"),
    ("dedup", read, "deduplicated"),
    ("dedup", commit, "index"),
    ("index", read, "articles"),
    ("index", write, "deduplicated"),
    ("index", write, "register_changelog"),
    ("index", commit, "split"),
    ("search", read, "deduplicated"),
    ("console", write, "pages"),
    ("console", commit, "index"),
    ("audit", write, "dead_letters"),
    ("audit", commit, "dedup"),
    ("dead-letters", write, "pages"),
    ("replay", commit, "dead-letters"),
    ("provision", read, "pages"),
    ("provision", delete, "articles"),
    ("provision", make, "other"),
]


@pytest.mark.parametrize(("name", "act", "what"), IN_KAFKA, ids=lambda value: getattr(value, "__name__", value))
def test_kafka_refuses_what_is_another_process_s(secured: Secured, name: str, act: Any, what: str) -> None:
    with pytest.raises(AuthorizationError):
        act(secured, name, what)


@pytest.fixture(scope="module")
def clients(secured: Secured) -> Iterator[Callable[[str], Elasticsearch]]:
    """A client of Elasticsearch for each principal, closed at the end."""
    with contextlib.ExitStack() as opened:
        made: dict[str, Elasticsearch] = {}

        def client(name: str) -> Elasticsearch:
            if name not in made:
                made[name] = opened.enter_context(secured.elastic(name).client())
            return made[name]

        yield client


MONTH = "news-g1-2026.11"
IN_ELASTICSEARCH: list[tuple[str, str, Callable[[Elasticsearch], Any]]] = [
    ("search", "write", lambda client: client.index(index=MONTH, document={"title": "forged"})),
    ("search", "delete an index", lambda client: client.indices.delete(index=MONTH)),
    ("search", "see the users", lambda client: client.security.get_user()),
    ("console", "write", lambda client: client.index(index=MONTH, document={"title": "forged"})),
    ("console", "make a template", lambda client: client.indices.put_index_template(name="x", index_patterns=["x-*"])),
    ("audit", "write", lambda client: client.index(index=MONTH, document={"title": "forged"})),
    ("index", "delete an index", lambda client: client.indices.delete(index=MONTH)),
    ("index", "delete a document", lambda client: client.delete(index=MONTH, id="1")),
    ("index", "make a template", lambda client: client.indices.put_index_template(name="x", index_patterns=["x-*"])),
    ("index", "write elsewhere", lambda client: client.index(index="other", document={"title": "forged"})),
    ("index", "make a key", lambda client: client.security.create_api_key(name="mine")),
    ("dead-letters", "delete an index", lambda client: client.indices.delete(index="news-dead-letters")),
    ("dashboards", "read stories", lambda client: client.search(index=MONTH)),
    ("dead-letters", "write stories", lambda client: client.index(index=MONTH, document={"title": "forged"})),
    ("provision", "read stories", lambda client: client.search(index=MONTH)),
    ("provision", "delete an index", lambda client: client.indices.delete(index=MONTH)),
    ("reindex", "write elsewhere", lambda client: client.index(index="other", document={"title": "forged"})),
]


@pytest.mark.parametrize(("name", "what", "act"), IN_ELASTICSEARCH, ids=lambda value: value if isinstance(value, str) else "")
def test_elasticsearch_refuses_what_is_another_process_s(
    clients: Callable[[str], Elasticsearch], name: str, what: str, act: Callable[[Elasticsearch], Any]
) -> None:
    with pytest.raises(AuthorizationException):
        act(clients(name))


IMPLIED = {"Read": {"DESCRIBE"}, "Write": {"DESCRIBE"}, "AlterConfigs": {"DESCRIBE_CONFIGS"}}


@pytest.mark.parametrize("name", list(principals()))
def test_the_broker_allows_each_principal_what_the_table_says(secured: Secured, name: str) -> None:
    wanted: dict[str, set[str]] = {}
    for acl in principals()[name].acls:
        if acl.kind == "topic":
            words = {"DescribeConfigs": "DESCRIBE_CONFIGS", "AlterConfigs": "ALTER_CONFIGS"}
            allowed = {words.get(acl.operation, acl.operation.upper())} | IMPLIED.get(acl.operation, set())
            wanted.setdefault(acl.name, set()).update(allowed)

    with contextlib.closing(KafkaAdminClient(**secured.kafka(f"{name}-tls").client())) as admin:
        found = {topic["name"]: set(topic["authorized_operations"]) for topic in admin.describe_topics()}

    # A topic is shown to those who may describe it, whatever else they may do with it.
    assert found == wanted
