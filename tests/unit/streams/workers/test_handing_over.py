from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest
from mode.services import WaitResults

from streams.workers.handing_over import HandsOverAtOnce


def waiting() -> tuple[HandsOverAtOnce, asyncio.Event, Callable[[Coroutine[Any, Any, object]], Awaitable[WaitResults]]]:
    """A part of Faust, its rebalance as an event, and how it waits for a message to be in its queue."""
    consumer, rebalance = HandsOverAtOnce(), asyncio.Event()
    return consumer, rebalance, lambda handing_over: consumer.wait_first(handing_over, rebalance.wait())


async def handed_over() -> str:
    return "handed over"


async def failed() -> None:
    raise ValueError("of the message")


def test_a_message_that_nothing_keeps_is_handed_over_at_once() -> None:
    async def run() -> tuple[list[object], int]:
        _, _, wait = waiting()
        tasks = len(asyncio.all_tasks())
        results = (await wait(handed_over())).results
        return results, len(asyncio.all_tasks()) - tasks

    assert asyncio.run(run()) == (["handed over"], 0)


def test_a_message_that_waits_is_handed_over_when_its_queue_has_room() -> None:
    async def run() -> list[object]:
        _, _, wait = waiting()
        room = asyncio.get_running_loop().create_future()

        async def waits_for_room() -> object:
            await asyncio.sleep(0)
            return await room

        asyncio.get_running_loop().call_soon(room.set_result, "room")
        return list((await wait(waits_for_room())).results)

    assert asyncio.run(run()) == ["room"]


def test_a_rebalance_ends_the_wait_of_a_message() -> None:
    async def run() -> bool:
        _, rebalance, wait = waiting()
        given_up = asyncio.Event()

        async def never() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                given_up.set()

        asyncio.get_running_loop().call_soon(rebalance.set)
        await wait(never())
        await asyncio.sleep(0)
        return given_up.is_set()

    assert asyncio.run(run())


@pytest.mark.parametrize("first", [0, 1])
def test_what_fails_while_a_message_is_handed_over_is_raised(first: int) -> None:
    async def run() -> None:
        _, _, wait = waiting()

        async def fails_later() -> None:
            await asyncio.sleep(0)
            await failed()

        await wait((failed, fails_later)[first]())

    with pytest.raises(ValueError, match="of the message"):
        asyncio.run(run())


def test_a_consumer_that_is_stopped_hands_nothing_over() -> None:
    async def run() -> bool:
        consumer, _, wait = waiting()
        consumer._stopped.set()
        return bool((await wait(handed_over())).stopped)

    assert asyncio.run(run())
