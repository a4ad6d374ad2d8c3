from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from streams.workers import consume as batches
from streams.workers.app import SESSION_TIMEOUT_S
from streams.workers.consume import DECIDED_BYTES, DECIDED_MESSAGES, SLICE_S, Decide, ProcessSuspended, consume
from streams.workers.order import OffsetSequence
from streams.workers.outbox import Acknowledged, DeliveryFailed, Outbox, OutgoingRecord


class Event:
    """An event that notes when it is acknowledged."""

    def __init__(self, happened: list[str], name: str, value: bytes = b"") -> None:
        self.happened, self.name = happened, name
        self.message = SimpleNamespace(name=name, value=value)

    def ack(self) -> None:
        self.happened.append(f"acknowledged {self.name}")


class AsTheyCome(OffsetSequence):
    """Every event is due."""

    def __init__(self) -> None: ...

    async def sort(self, events: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        return list(events), []


class Stream:
    """Batches in the way of Faust's stream."""

    def __init__(self, batches: Sequence[Sequence[Event]]) -> None:
        self.batches = batches

    async def noack_take(self, max_: int, within: float) -> AsyncIterator[Sequence[Event]]:
        for batch in self.batches:
            yield batch


class Batch:
    """A record batch that takes two records and no more."""

    def __init__(self) -> None:
        self.keys: list[bytes] = []

    def append(self, *, timestamp: None, key: bytes, value: bytes | None, headers: list[Any]) -> object | None:
        if len(self.keys) == 2:
            return None
        self.keys.append(key)
        return object()

    def record_count(self) -> int:
        return len(self.keys)


class Producer:
    """A producer of one partition whose deliveries end only when the loop runs, or fail for a key."""

    def __init__(self, happened: list[str], refused: bytes | None = None) -> None:
        self.happened, self.refused, self.offset = happened, refused, 0

    async def partitions_for(self, topic: str) -> set[int]:
        return {0}

    def create_batch(self) -> Batch:
        return Batch()

    async def send_batch(self, batch: Batch, topic: str, *, partition: int) -> asyncio.Future[Any]:
        delivery = asyncio.get_running_loop().create_future()
        offset, self.offset = self.offset, self.offset + len(batch.keys)

        def end() -> None:
            if self.refused in batch.keys:
                delivery.set_exception(RuntimeError("too large"))
            else:
                self.happened.extend(f"delivered {key.decode()}" for key in batch.keys)
                delivery.set_result(SimpleNamespace(topic=topic, partition=partition, offset=offset))

        asyncio.get_running_loop().call_soon(end)
        return delivery


def one_by_one(decide: Callable[[Any], int]) -> Decide:
    """What decides messages together, from what decides one."""
    return lambda messages: (len(messages), sum(map(decide, messages)))


def test_nothing_is_acknowledged_before_all_of_its_batch_is_delivered() -> None:
    happened: list[str] = []
    outbox = Outbox(lambda: Producer(happened))

    def decide(message: Any) -> int:
        outbox.add(OutgoingRecord("t", message.name.encode(), b""))
        return 0

    stream = Stream([[Event(happened, "1"), Event(happened, "2")], [Event(happened, "3")]])
    asyncio.run(consume(stream, AsTheyCome(), outbox, one_by_one(decide)))

    assert happened == [
        *("delivered 1", "delivered 2", "acknowledged 1", "acknowledged 2"),
        *("delivered 3", "acknowledged 3"),
    ]


def test_a_failed_delivery_leaves_the_whole_batch_unacknowledged() -> None:
    happened: list[str] = []
    outbox = Outbox(lambda: Producer(happened, refused=b"2"))

    def decide(message: Any) -> int:
        outbox.add(OutgoingRecord("t", message.name.encode(), b""))
        return 0

    with pytest.raises(DeliveryFailed, match="too large"):
        asyncio.run(consume(Stream([[Event(happened, name) for name in "123"]]), AsTheyCome(), outbox, one_by_one(decide)))

    assert [what for what in happened if what.startswith("acknowledged")] == []


def test_an_error_while_deciding_leaves_the_whole_batch_unacknowledged() -> None:
    happened: list[str] = []

    def decide(message: Any) -> int:
        if message.name == "2":
            raise ValueError("unexpected")
        return 0

    with pytest.raises(ValueError, match="unexpected"):
        asyncio.run(
            consume(
                Stream([[Event(happened, "1"), Event(happened, "2")]]),
                AsTheyCome(),
                Outbox(lambda: Producer(happened)),
                one_by_one(decide),
            )
        )

    assert happened == []


def test_slow_decisions_let_the_event_loop_have_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch of slow decisions must not keep heartbeats and deliveries waiting."""
    now = 0.0
    turns = 0
    seen: list[int] = []
    monkeypatch.setattr(batches, "time", SimpleNamespace(monotonic=lambda: now))

    def decide(message: Any) -> int:
        nonlocal now
        now += SLICE_S * 0.6
        seen.append(turns)
        return 0

    async def watch() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def both() -> None:
        watching = asyncio.create_task(watch())
        await consume(
            Stream([[Event([], str(n), bytes(DECIDED_BYTES)) for n in range(6)]]),
            AsTheyCome(),
            Outbox(lambda: Producer([])),
            one_by_one(decide),
        )
        watching.cancel()

    asyncio.run(both())

    assert seen[0] == seen[1] < seen[2] == seen[3] < seen[4] == seen[5]


def test_a_process_that_stood_still_for_longer_than_its_session_sends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    happened: list[str] = []
    now = 0.0
    outbox = Outbox(lambda: Producer(happened))
    monkeypatch.setattr(batches, "time", SimpleNamespace(monotonic=lambda: now))

    def decide(message: Any) -> int:
        nonlocal now
        now += SESSION_TIMEOUT_S + 1 if message.name == "2" else 0
        outbox.add(OutgoingRecord("t", message.name.encode(), b""))
        return 0

    with pytest.raises(ProcessSuspended, match="stood still for 11 s"):
        asyncio.run(consume(Stream([[Event(happened, name) for name in "123"]]), AsTheyCome(), outbox, one_by_one(decide)))

    assert happened == []


def test_a_process_that_stood_still_while_it_waited_for_messages_decides_none(monkeypatch: pytest.MonkeyPatch) -> None:
    happened: list[str] = []
    now = 0.0
    monkeypatch.setattr(batches, "time", SimpleNamespace(monotonic=lambda: now))

    class Stopped(Stream):
        async def noack_take(self, max_: int, within: float) -> AsyncIterator[Sequence[Event]]:
            nonlocal now
            now += SESSION_TIMEOUT_S + 1
            yield self.batches[0]

    def decide(message: Any) -> int:
        happened.append("decided")
        return 0

    with pytest.raises(ProcessSuspended, match="stood still for 11 s"):
        asyncio.run(
            consume(Stopped([[Event(happened, "1")]]), AsTheyCome(), Outbox(lambda: Producer(happened)), one_by_one(decide))
        )

    assert happened == []


def test_waiting_long_for_messages_is_no_standing_still(monkeypatch: pytest.MonkeyPatch) -> None:
    happened: list[str] = []
    now = 0.0
    monkeypatch.setattr(batches, "time", SimpleNamespace(monotonic=lambda: now))
    monkeypatch.setattr(batches, "CHECK_INTERVAL_S", 0)

    class Quiet(Stream):
        async def noack_take(self, max_: int, within: float) -> AsyncIterator[Sequence[Event]]:
            nonlocal now
            for _ in range(3):
                now += SESSION_TIMEOUT_S * 0.9
                await asyncio.sleep(0.01)
            yield self.batches[0]

    asyncio.run(
        consume(Quiet([[Event(happened, "1")]]), AsTheyCome(), Outbox(lambda: Producer(happened)), one_by_one(lambda _: 0))
    )

    assert happened == ["acknowledged 1"]


def test_what_comes_before_a_message_that_begins_anew_is_delivered_and_acknowledged_first() -> None:
    happened: list[str] = []
    outbox = Outbox(lambda: Producer(happened))

    def decide(messages: Sequence[Any]) -> tuple[int, int]:
        for count, message in enumerate(messages):
            if count and message.name == "3":
                return count, 0
            happened.append(f"decided {message.name}")
            outbox.add(OutgoingRecord("t", message.name.encode(), b""))
        return len(messages), 0

    stream = Stream([[Event(happened, name) for name in "123"]])
    asyncio.run(consume(stream, AsTheyCome(), outbox, decide))

    assert happened == [
        *("decided 1", "decided 2", "delivered 1", "delivered 2", "acknowledged 1", "acknowledged 2"),
        *("decided 3", "delivered 3", "acknowledged 3"),
    ]


def test_records_go_out_in_order_however_many_batches_they_fill() -> None:
    happened: list[str] = []
    producer = Producer(happened)
    outbox = Outbox(lambda: producer)

    async def deliver() -> list[Acknowledged]:
        for name in "12345":
            outbox.add(OutgoingRecord("t", name.encode(), b""))
        return await outbox.flush()

    delivered = asyncio.run(deliver())

    assert happened == [f"delivered {name}" for name in "12345"]
    assert delivered == [Acknowledged("t", 0, 1), Acknowledged("t", 0, 3), Acknowledged("t", 0, 4)]


def test_an_outbox_begins_each_batch_with_nothing() -> None:
    happened: list[str] = []
    producer = Producer(happened)
    outbox = Outbox(lambda: producer)

    async def deliver_twice() -> list[Acknowledged]:
        outbox.add(OutgoingRecord("t", b"1", b""))
        await outbox.flush()
        return await outbox.flush()

    assert asyncio.run(deliver_twice()) == []
    assert happened == ["delivered 1"]


@pytest.mark.parametrize(
    ("sizes", "together"),
    [
        ([0] * (DECIDED_MESSAGES + 1), [DECIDED_MESSAGES, 1]),
        ([DECIDED_BYTES, 1, 1], [1, 2]),
        ([1, DECIDED_BYTES, DECIDED_BYTES + 1, 1], [1, 1, 1, 1]),
    ],
)
def test_as_many_are_decided_together_as_a_count_and_their_bytes_allow(sizes: list[int], together: list[int]) -> None:
    seen: list[list[str]] = []

    def decide(messages: Sequence[Any]) -> tuple[int, int]:
        seen.append([message.name for message in messages])
        return len(messages), 0

    events = [Event([], str(number), bytes(size)) for number, size in enumerate(sizes)]
    asyncio.run(consume(Stream([events]), AsTheyCome(), Outbox(lambda: Producer([])), decide))

    assert list(map(len, seen)) == together
    assert [name for names in seen for name in names] == [str(number) for number in range(len(sizes))]
