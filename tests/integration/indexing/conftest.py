from __future__ import annotations

from collections.abc import Iterator

import pytest

from indexing.elastic import ElasticSettings
from streams.kafka import KafkaSettings
from tests.integration.indexing.sink import Sink, prepared


@pytest.fixture
def sink(kafka: KafkaSettings, elastic: ElasticSettings) -> Iterator[Sink]:
    """An index worker's surroundings: topics, template, and a client on either side."""
    sink = prepared(kafka, elastic)
    yield sink
    sink.client.close()
