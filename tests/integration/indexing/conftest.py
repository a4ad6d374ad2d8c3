from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from deploy.local.stack import Addresses
from indexing.elastic.settings import ElasticSettings
from streams.connect.kafka import KafkaSettings
from tests.conftest import remove_indices
from tests.integration.indexing.newsroom import Newsroom, filled
from tests.integration.indexing.sink import Sink, prepared


@pytest.fixture
def sink(kafka: KafkaSettings, elastic: ElasticSettings) -> Iterator[Sink]:
    """An index worker's surroundings: topics, template, and a client on either side."""
    sink = prepared(kafka, elastic)
    yield sink
    sink.client.close()


@pytest.fixture(scope="session")
def newsroom(stack: Addresses) -> Iterator[Newsroom]:
    """An index of invented stories in a namespace of its own; tests ask it and change nothing."""
    elastic, namespace = ElasticSettings(stack.elasticsearch), f"t{uuid.uuid4().hex[:10]}"
    with elastic.client() as client:
        yield filled(client, elastic, namespace)
    remove_indices(elastic, namespace)


@pytest.fixture
def own_newsroom(elastic: ElasticSettings, namespace: str) -> Iterator[Newsroom]:
    """An index of invented stories in the test's own namespace, which it may change."""
    with elastic.client() as client:
        yield filled(client, elastic, namespace)
