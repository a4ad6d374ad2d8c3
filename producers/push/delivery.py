"""The thread that owns the Intake: requests put batches in, and get their answers when Kafka has acknowledged all of each."""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from producers.intake import Accepted, Answer, Intake
from producers.page_fields import Defaults
from streams.dead_letters.envelope import Reason
from streams.errors import RafidError

WAITING_BATCHES = 1_000  # beyond it a request is turned away at once
IDLE_S = 0.1  # how often failed messages are looked for when nothing comes
SLOW_S = 10.0  # a batch that has waited longer says that the broker is slow


class Item(NamedTuple):
    """One pushed page: its fields as `read_object` gave them, or the bytes that are none and why."""

    fields: dict[str, Any] | None
    data: bytes
    error: str = ""


class Unavailable(Exception):
    """Kafka does not take pages fast enough, or not at all: the request may be sent again, whatever arrived of it."""


class _Batch:
    def __init__(self, items: Sequence[Item], defaults: Defaults, origin: str) -> None:
        self.items, self.defaults, self.origin = items, defaults, origin
        self.answers: list[Answer] = []
        self.since_s = time.monotonic()
        self.loop = asyncio.get_running_loop()
        self.done: asyncio.Future[list[Answer]] = self.loop.create_future()
        self._missing = len(items) + 1  # and the last answer, which may come after its arrival
        self._lock = threading.Lock()

    def arrived(self) -> None:
        """Called once an item, on the client's thread, and once when all have their answers."""
        with self._lock:
            self._missing -= 1
            is_last = self._missing == 0
        if is_last:
            self.loop.call_soon_threadsafe(self._answer)

    def _answer(self) -> None:
        if not self.done.done():
            self.done.set_result(self.answers)


class Delivery:
    """Takes batches in, in the order they come; `failed` is called once when Kafka has refused for good."""

    def __init__(self, intake: Intake, failed: Callable[[], None]) -> None:
        self.error: RafidError | None = None
        self._intake = intake
        self._failed = failed
        self._queue: queue.Queue[_Batch | None] = queue.Queue(WAITING_BATCHES)
        self._open: dict[int, float] = {}
        self._thread = threading.Thread(target=self._run, name="delivery")

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Takes in what has been put, waits for its arrival and ends the thread."""
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()

    @property
    def is_ready(self) -> bool:
        """Whether the thread lives and no request has waited for ten seconds."""
        oldest = min(self._open.values(), default=time.monotonic())
        return self.error is None and self._thread.is_alive() and time.monotonic() - oldest < SLOW_S

    async def deliver(self, items: Sequence[Item], defaults: Defaults, origin: str, patience_s: float) -> list[Answer]:
        """The answers in the order of the items, all of which Kafka has acknowledged; raises Unavailable."""
        if not items:
            return []
        batch = _Batch(items, defaults, origin)
        if self.error:
            raise Unavailable
        try:
            self._queue.put_nowait(batch)
        except queue.Full:
            raise Unavailable from None
        self._open[id(batch)] = batch.since_s
        try:
            async with asyncio.timeout(patience_s):
                return await batch.done
        except TimeoutError:
            raise Unavailable from None
        finally:
            del self._open[id(batch)]

    def _run(self) -> None:
        try:
            while True:
                try:
                    batch = self._queue.get(timeout=IDLE_S)
                except queue.Empty:
                    self._intake.messages.resend()
                    continue
                if batch is None:
                    self._intake.messages.settle()
                    return
                self._take(batch)
        except RafidError as exc:  # requests that wait run out of patience; the process ends, and is started again
            self.error = exc
            self._failed()

    def _take(self, batch: _Batch) -> None:
        for number, item in enumerate(batch.items, 1):
            origin = f"{batch.origin}:{number}"
            if item.fields is None:
                answer: Answer = self._intake.refuse(Reason.MALFORMED_PAGE, item.error, item.data, origin, arrived=batch.arrived)
            else:
                answer = self._intake.take_fields(item.fields, batch.defaults, origin, are_clean=True, arrived=batch.arrived)
            batch.answers.append(answer)
        batch.arrived()


def result(answer: Answer) -> dict[str, str]:
    """The answer as JSON has it."""
    return {"id": answer.id} if isinstance(answer, Accepted) else {"reason": answer.reason.value, "error": answer.error}
