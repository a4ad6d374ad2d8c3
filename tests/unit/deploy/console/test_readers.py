"""Who waits for whom in the console."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace
from typing import Any

import pytest

from deploy.console import readers as module
from deploy.console.readers import Busy, Readers


@pytest.fixture
def one_at_once(monkeypatch: pytest.MonkeyPatch) -> Readers:
    monkeypatch.setattr(module, "CONNECTIONS", 1)
    anything: Any = SimpleNamespace()
    return Readers(anything, anything, anything, anything, anything, anything)


def test_the_wait_for_a_turn_does_not_count_as_reading(one_at_once: Readers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST_S", 1.0)

    async def ask() -> list[int]:
        def read(number: int) -> int:
            threading.Event().wait(0.3)  # as long as the server would take
            return number

        return await asyncio.gather(*(one_at_once.read(read, number) for number in range(6)))

    assert asyncio.run(ask()) == [0, 1, 2, 3, 4, 5]


def test_who_has_no_turn_in_time_is_told_that_many_ask(one_at_once: Readers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TURN_S", 0.05)

    async def ask() -> None:
        over = threading.Event()
        first = asyncio.ensure_future(one_at_once.read(over.wait))
        try:
            await asyncio.sleep(0)  # the first has its turn
            await one_at_once.read(lambda: None)
        finally:
            over.set()
            await first

    with pytest.raises(Busy, match="no turn within"):
        asyncio.run(ask())


def test_a_turn_comes_back_from_a_read_that_failed(one_at_once: Readers) -> None:
    def fail() -> None:
        raise Busy("a server is down")

    async def ask() -> str:
        with pytest.raises(Busy):
            await one_at_once.read(fail)
        return await one_at_once.read(lambda: "read")

    assert asyncio.run(ask()) == "read"
