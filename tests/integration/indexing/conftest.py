from __future__ import annotations

from collections.abc import Iterator

import pytest

from indexing.elastic.settings import ElasticSettings
from streams.connect.kafka import KafkaSettings
from tests.integration.indexing.newsroom import Newsroom, filled
from tests.integration.indexing.sink import Sink, prepared


@pytest.fixture
def sink(kafka: KafkaSettings, elastic: ElasticSettings) -> Iterator[Sink]:
    """An index worker's surroundings: topics, template, and a client on either side."""
    sink = prepared(kafka, elastic)
    yield sink
    sink.client.close()


@pytest.fixture
def newsroom(elastic: ElasticSettings, namespace: str) -> Iterator[Newsroom]:
    """An index of invented stories in a namespace of its own."""
    with elastic.client() as client:
        yield filled(client, elastic, namespace)
