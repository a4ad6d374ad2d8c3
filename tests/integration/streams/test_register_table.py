"""A changelog is read to where it ends, from where one asks, with what was deleted."""

from __future__ import annotations

import asyncio

import pytest
from faust.types import TP

from streams.connect.kafka import KafkaSettings
from streams.topics import topics
from streams.workers.register_table import read_to_end
from tests.support.servers import send

ENTRIES = [(b"one", b"1"), (b"two", b"2"), (b"one", None), (b"three", b"3")]


async def read(kafka: KafkaSettings, offset: int) -> list[tuple[int, bytes, bytes | None]]:
    place = TP(topics(kafka.namespace).register_changelog.name, 0)
    return [(r.offset, r.key, r.value) async for records in read_to_end(kafka, place, offset) for r in records]


@pytest.mark.parametrize("start", [0, 2, 4])
def test_a_changelog_is_read_from_an_offset_to_its_end(kafka: KafkaSettings, start: int) -> None:
    send(kafka, topics(kafka.namespace).register_changelog.name, [(key, value, {}) for key, value in ENTRIES])

    found = asyncio.run(read(kafka, start))

    assert found == [(offset, key, value) for offset, (key, value) in enumerate(ENTRIES)][start:]


def test_an_empty_changelog_is_read_at_once(kafka: KafkaSettings) -> None:
    assert asyncio.run(read(kafka, 0)) == []
