from __future__ import annotations

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from kafka.errors import KafkaConnectionError, KafkaTimeoutError

from indexing.worker.batches import Message
from indexing.worker.dead_letters import DeadLetters, Rejection
from streams.connect import clients
from streams.connect.kafka import KafkaSettings
from streams.dead_letters.envelope import Reason
from streams.errors import RafidError


class Unsending:
    def __init__(self, **settings: Any) -> None: ...

    def send(self, *message: Any) -> None:
        raise KafkaTimeoutError("no metadata within 60 s")


def unreachable(**settings: Any) -> None:
    raise KafkaConnectionError


@pytest.mark.parametrize(("client", "cause"), [(unreachable, clients.NoKafka), (Unsending, KafkaTimeoutError)])
def test_a_broker_that_is_gone_is_one_line_wherever_it_is_missed(
    monkeypatch: pytest.MonkeyPatch, client: Any, cause: type[Exception]
) -> None:
    """In place of the client one that fails as it does after half a minute, at its making or at the first message."""
    monkeypatch.setattr(clients, "KafkaProducer", client)
    rejection = Rejection(Message("t", 0, 0, b"k", b"{}", ()), Reason.MALFORMED_VERDICT, "broken")

    with pytest.raises(RafidError, match=r"could not be delivered to news\.dead-letters") as raised:
        DeadLetters(KafkaSettings("127.0.0.1:1")).deliver([rejection], "2026-11-22T10:00:00Z")

    assert isinstance(raised.value.__cause__, cause)


def test_threads_that_refuse_at_once_share_one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    both_connect = threading.Barrier(2)
    made = []

    class Connecting:
        def __init__(self, **settings: Any) -> None:
            made.append(self)
            with contextlib.suppress(threading.BrokenBarrierError):
                both_connect.wait(0.5)  # met only by a second connection

        def send(self, *message: Any) -> SimpleNamespace:
            return SimpleNamespace(get=lambda timeout: None)

    monkeypatch.setattr(clients, "KafkaProducer", Connecting)
    dead_letters = DeadLetters(KafkaSettings("127.0.0.1:1"))
    rejection = Rejection(Message("t", 0, 0, b"k", b"{}", ()), Reason.MALFORMED_VERDICT, "broken")
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda _: dead_letters.deliver([rejection], "2026-11-22T10:00:00Z"), range(2)))

    assert len(made) == 1
