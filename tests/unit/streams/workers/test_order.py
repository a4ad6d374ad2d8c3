from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.connect.kafka import KafkaSettings
from streams.workers import order as module
from streams.workers.order import OffsetSequence, OutOfOrder


class Log(OffsetSequence):
    """An order over a log whose messages have these offsets; it is asked instead of a broker."""

    def __init__(self, offsets: set[int], failures: list[BaseException]) -> None:
        super().__init__(KafkaSettings("nowhere:1"), failures.append)
        self.offsets = offsets
        self.seek = self._nowhere

    async def _nowhere(self, offsets: Any) -> None:
        """Nothing comes of it."""

    async def _nothing_between(self, place: tuple[str, int], expected: int, offset: int) -> bool:
        return not any(expected <= other < offset for other in self.offsets)


def events(*offsets: int, partition: int = 0) -> list[Any]:
    return [SimpleNamespace(message=SimpleNamespace(topic="t", partition=partition, offset=offset)) for offset in offsets]


def sort(order: OffsetSequence, given: list[Any]) -> tuple[list[int], list[int]]:
    due, repeated = asyncio.run(order.sort(given))
    return [event.message.offset for event in due], [event.message.offset for event in repeated]


def begun(start: int, offsets: set[int] | None = None) -> OffsetSequence:
    order = Log(offsets if offsets is not None else set(range(100)), [])
    order.begin({("t", 0): start})
    return order


def test_messages_in_order_are_due() -> None:
    assert sort(begun(5), events(5, 6, 7)) == ([5, 6, 7], [])


def test_what_comes_before_a_missing_one_waits_for_it_to_come_again() -> None:
    async def both() -> list[list[int]]:
        order = begun(5)
        return [[event.message.offset for event in (await order.sort(events(*some)))[0]] for some in ((6, 7), (5, 6, 7))]

    assert asyncio.run(both()) == [[], [5, 6, 7]]


def test_what_is_delivered_twice_is_due_once() -> None:
    assert sort(begun(5), events(5, 6, 5, 6, 7)) == ([5, 6, 7], [5, 6])


def test_an_offset_that_holds_no_message_is_passed_over() -> None:
    assert sort(begun(5, {5, 7, 10}), events(5, 7, 10)) == ([5, 7, 10], [])


def test_a_partition_that_is_not_assigned_is_left_out() -> None:
    assert sort(begun(5), events(5, partition=1)) == ([], [])


def test_nothing_is_due_between_two_assignments() -> None:
    order = begun(5)
    order.end()

    assert sort(order, events(5)) == ([], [])


def test_a_new_assignment_begins_where_it_says() -> None:
    order = begun(5)
    order.begin({("t", 0): 3})

    assert sort(order, events(5, 3, 4, 5)) == ([3, 4, 5], [])


def test_a_missing_message_is_asked_for_until_it_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    failures: list[BaseException] = []
    asked: list[Any] = []
    monkeypatch.setattr(module, "SEEK_WAITS_S", (0,) * 10)

    async def wait() -> None:
        order = Log(set(range(100)), failures)

        async def seek(offsets: Any) -> None:
            asked.append(offsets)
            if len(asked) == 3:
                await order.sort(events(5))

        order.seek = seek
        order.begin({("t", 0): 5})
        await order.sort(events(6))
        while len(asked) < 3:
            await asyncio.sleep(0)
        await asyncio.sleep(0.01)

    asyncio.run(wait())

    assert (asked, failures) == ([{("t", 0): 5}] * 3, [])


def test_a_message_that_never_comes_ends_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    failures: list[BaseException] = []
    monkeypatch.setattr(module, "SEEK_WAITS_S", (0, 0))

    async def wait() -> None:
        order = Log(set(range(100)), failures)
        order.begin({("t", 0): 5})
        await order.sort(events(6))
        while not failures:
            await asyncio.sleep(0)

    asyncio.run(wait())

    assert [str(failure) for failure in failures] == ["message 5 of t, partition 0, did not arrive"]
    assert isinstance(failures[0], OutOfOrder)


@given(st.sets(st.integers(0, 30), min_size=1), st.lists(st.integers(0, 30), max_size=60), st.integers(0, 30))
def test_whatever_comes_what_is_due_is_the_log_from_its_start_without_a_gap(log: set[int], came: list[int], start: int) -> None:
    order = begun(start, log)

    async def all_of_it() -> list[int]:
        offsets = [offset for offset in came if offset in log]
        due, repeated = await order.sort(events(*offsets))
        done = [event.message.offset for event in due]
        assert all(event.message.offset < start or event.message.offset in done for event in repeated)
        order.end()
        return done

    done = asyncio.run(all_of_it())

    assert done == sorted(offset for offset in log if offset >= start)[: len(done)]
