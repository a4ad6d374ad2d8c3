"""A month that nobody writes to any more becomes one segment, while the worker goes on."""

from __future__ import annotations

import dataclasses

from indexing.worker.resting import months
from tests.integration.indexing.sink import SETTINGS, Sink, eventually
from tests.integration.indexing.test_sink import some

OFTEN = dataclasses.replace(SETTINGS, look_every_s=0.5)


def segments(sink: Sink) -> list[int]:
    sink.client.indices.refresh(index=sink.names.pattern)
    return [month.segments for _, month in months(sink.client, sink.names.pattern)]


def test_a_month_at_rest_becomes_one_segment_and_takes_writes_as_before(sink: Sink) -> None:
    for number in range(3):
        sink.feed(*some(4, f"batch-{number}"))
        sink.index()
        sink.client.indices.refresh(index=sink.names.pattern)
    assert segments(sink) == [3]

    with sink.worker(OFTEN):
        eventually(lambda: segments(sink) == [1], "the month is one segment")
        sink.feed(*some(4, "late"))
        eventually(lambda: sink.lag() == 0, "what comes later is indexed")

    assert len(sink.documents()) == 16
