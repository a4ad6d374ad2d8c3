"""Items from an event loop into the one intake: each is answered when Kafka has acknowledged what became of it."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import NamedTuple

from producers.intake import Answer, Intake

Taking = Callable[[Intake], Answer]
_MOST_AT_ONCE = 500


class _Waiting(NamedTuple):
    taking: Taking
    answer: asyncio.Future[Answer]


class Delivery:
    """Hands items to one Intake in one thread, as many at once as wait; made by `delivery`."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[_Waiting] = asyncio.Queue()

    async def take(self, taking: Taking) -> Answer:
        """Runs `taking` with the intake, and returns its answer when Kafka has acknowledged it; raises NotDelivered if not."""
        waiting = _Waiting(taking, asyncio.get_running_loop().create_future())
        await self._waiting.put(waiting)
        return await waiting.answer

    async def run(self, intake: Intake, thread: concurrent.futures.Executor) -> None:
        """Hands over what comes until it is cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            batch = [await self._waiting.get()]
            while len(batch) < _MOST_AT_ONCE and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            try:
                answers = await loop.run_in_executor(thread, _take_all, intake, batch)
            except Exception as exc:  # whoever waits for one of them raises it, and the producer ends
                for waiting in batch:
                    if not waiting.answer.done():
                        waiting.answer.set_exception(exc)
                continue
            for waiting, answer in zip(batch, answers, strict=True):
                if not waiting.answer.done():  # whoever waited may have been cancelled
                    waiting.answer.set_result(answer)


def _take_all(intake: Intake, batch: list[_Waiting]) -> list[Answer]:
    answers = [waiting.taking(intake) for waiting in batch]
    intake.messages.flush()
    return answers


@contextlib.asynccontextmanager
async def delivery(intake: Intake) -> AsyncIterator[Delivery]:
    """Runs a Delivery into this Intake, which nobody else uses meanwhile."""
    made = Delivery()
    with concurrent.futures.ThreadPoolExecutor(1, thread_name_prefix="delivery") as thread:
        running = asyncio.create_task(made.run(intake, thread))
        try:
            yield made
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running
