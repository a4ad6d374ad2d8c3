"""From requests to Kafka within the event loop: a request is answered when all that its items became is acknowledged.

One thread reads, checks and sends: with a thread for the intake and another for the client a page took twice the CPU time,
most of it in waking and in waiting for Python's lock (measured).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, KafkaTimeoutError

from producers.intake import Accepted, Answer, Arrived, Headers, Reception
from producers.values.defaults import Defaults
from streams.dead_letters.envelope import Reason
from streams.errors import RafidError, one_line
from streams.runtime.vitals import Vitals
from streams.topics import Topics

WAITING_REQUESTS = 1_000  # beyond it a request is turned away at once
SLOW_S = 10.0  # a request that has waited longer says that the broker is slow
AT_ONCE = 100  # items between two turns of the loop: some ten milliseconds


class Item(NamedTuple):
    """One pushed page: its fields as `read_object` gave them, or the bytes that are none and why."""

    fields: dict[str, Any] | None
    data: bytes
    error: str = ""


class KafkaUnavailable(Exception):
    """Kafka does not take pages fast enough, or not at all: the request may be sent again, whatever arrived of it."""


class _Message(NamedTuple):
    topic: str
    value: bytes | None
    key: bytes | None
    headers: list[tuple[str, bytes]]


class Delivery:
    """Takes items in and sends what they become, in their order; used within one event loop.

    `failed` is called when Kafka refuses what no waiting mends; `error` says what from then on, and nothing more is taken.
    """

    def __init__(self, producer: AIOKafkaProducer, table: Topics, vitals: Vitals, failed: Callable[[], None]) -> None:
        self.error: RafidError | None = None
        self._producer = producer
        self._vitals = vitals
        self._reception = Reception(self._note, table, counts=vitals.counts)
        self._failed = failed
        self._noted: list[_Message] = []
        self._open: dict[object, float] = {}  # by request: since when it waits, by the monotonic clock

    @property
    def hindrance(self) -> str:
        """Why pages are not taken at once; empty when they are."""
        oldest_s = min(self._open.values(), default=time.monotonic())
        return "Kafka is slow or away" if self.error or time.monotonic() - oldest_s > SLOW_S else ""

    async def deliver(self, items: Sequence[Item], defaults: Defaults, origin: str, timeout_s: float) -> list[Answer]:
        """Returns the answers in the order of the items, all of which Kafka has acknowledged; raises KafkaUnavailable.

        What of the items was handed over before that may still arrive, once.
        """
        if self.error or len(self._open) >= WAITING_REQUESTS:
            raise KafkaUnavailable
        request = object()
        self._open[request] = since_s = time.monotonic()
        sent: list[asyncio.Future[Any]] = []
        try:
            async with asyncio.timeout(timeout_s):
                answers = await self._send(items, defaults, origin, sent)
                for acknowledged in sent:
                    await acknowledged
        except (KafkaError, TimeoutError) as exc:
            for acknowledged in sent:
                acknowledged.add_done_callback(self._on_late)
            if not isinstance(exc, TimeoutError | KafkaTimeoutError):
                self._fail(exc)
            raise KafkaUnavailable from None
        finally:
            del self._open[request]
        self._vitals.settle_batch(len(items), time.monotonic() - since_s)
        return answers

    async def _send(
        self, items: Sequence[Item], defaults: Defaults, origin: str, sent: list[asyncio.Future[Any]]
    ) -> list[Answer]:
        """Returns an answer for each item, having handed over what it became; `sent` has the acknowledgements to wait for."""
        answers: list[Answer] = []
        for start in range(0, len(items), AT_ONCE):
            if start:
                await asyncio.sleep(0)
            for message in self._take(items[start : start + AT_ONCE], start, defaults, origin, answers):
                sent.append(await self._producer.send(*message[:3], headers=message.headers))
        return answers

    def _take(self, items: Sequence[Item], start: int, defaults: Defaults, origin: str, answers: list[Answer]) -> list[_Message]:
        """Adds an answer for each item, and returns the messages that they became."""
        for number, item in enumerate(items, start + 1):
            name = f"{origin}:{number}"
            if item.fields is None:
                answers.append(self._reception.refuse(Reason.MALFORMED_PAGE, item.error, item.data, name))
            else:
                answers.append(self._reception.take_fields(item.fields, defaults, name, are_clean=True))
        noted, self._noted = self._noted, []
        return noted

    def _note(self, topic: str, key: bytes | None, value: bytes | None, headers: Headers, _arrived: Arrived | None) -> None:
        self._noted.append(_Message(topic, value, key, list(headers)))

    def _on_late(self, acknowledged: asyncio.Future[Any]) -> None:
        """Notes what became of a message whose request has been answered."""
        if not acknowledged.cancelled() and (error := acknowledged.exception()):
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        if self.error is None:
            self.error = RafidError(f"Kafka did not take a page ({one_line(error)})")
            self._failed()


def result(answer: Answer) -> dict[str, str]:
    """Returns the answer as JSON has it."""
    return {"id": answer.id} if isinstance(answer, Accepted) else {"reason": answer.reason.value, "error": answer.error}
