"""What becomes of messages when the client fails some: none is lost, none overtakes a later one of its key, memory is bounded.

A scripted client stands in for failures that a broker cannot be made to give at a chosen message; its futures are the real
client's. The rest is tested against a real broker.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kafka import errors as kafka_errors
from kafka.future import Future

from producers.publisher import ATTEMPTS, NotDelivered, Publisher

Sent = tuple[str, bytes | None, bytes | None]


class Client:
    """Takes what is sent into its log when it is flushed, in order, but what `fails` says of the message and the attempt."""

    def __init__(self, fails: Callable[[bytes, int], Exception | None] = lambda _value, _attempt: None) -> None:
        self.fails = fails
        self.log: list[Sent] = []
        self.waiting: list[tuple[Sent, Future]] = []
        self.attempts: dict[bytes, int] = {}
        self.closed = False

    def send(self, topic: str, *, key: bytes | None, value: bytes, headers: list[tuple[str, bytes]]) -> Future:
        assert isinstance(headers, list)
        future = Future()
        self.waiting.append(((topic, key, value), future))
        return future

    def flush(self, _timeout: float) -> None:
        """Answers every message, as the real client's thread would: outside of the caller's locks."""
        waiting, self.waiting = self.waiting, []
        thread = threading.Thread(target=self.answer_all, args=(waiting,))
        thread.start()
        thread.join()

    def answer_all(self, waiting: list[tuple[Sent, Future]]) -> None:
        for sent, future in waiting:
            self.answer(sent, future)

    def answer(self, sent: Sent, future: Future) -> None:
        value = sent[2] or b""
        self.attempts[value] = self.attempts.get(value, 0) + 1
        error = self.fails(value, self.attempts[value])
        if error:
            future.failure(error)
        else:
            self.log.append(sent)
            future.success(None)

    def close(self, _timeout: float) -> None:
        self.closed = True


class Answering(Client):
    """Answers from a thread of its own, a little after each message, as a broker does; keeps how much ever waited."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = threading.Semaphore(0)
        self.most = 0
        self.bytes = 0
        self.ended = False
        self.lock = threading.Lock()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def send(self, topic: str, *, key: bytes | None, value: bytes, headers: list[tuple[str, bytes]]) -> Future:
        with self.lock:
            self.bytes += len(value) + len(key or b"")
            self.most = max(self.most, self.bytes)
            future = super().send(topic, key=key, value=value, headers=headers)
        self.sent.release()
        return future

    def run(self) -> None:
        while True:
            self.sent.acquire()
            if self.ended:
                return
            with self.lock:
                (topic, key, value), future = self.waiting.pop(0)
                self.bytes -= len(value or b"") + len(key or b"")
            self.answer((topic, key, value), future)

    def flush(self, _timeout: float) -> None:
        """Nothing lingers here."""

    def close(self, _timeout: float) -> None:
        self.ended = True
        self.sent.release()
        self.thread.join()
        super().close(_timeout)


def values(client: Client, key: bytes | None = None) -> Iterator[bytes]:
    return (value for _, its_key, value in client.log if value is not None and (key is None or its_key == key))


def once(*failing: bytes) -> Callable[[bytes, int], Exception | None]:
    return lambda value, attempt: kafka_errors.OutOfOrderSequenceNumberError() if value in failing and attempt == 1 else None


def test_what_is_sent_has_arrived_when_the_block_ends() -> None:
    client = Client()
    with Publisher(client) as messages:
        messages.send("pages", b"a", b"1")
        messages.send("dead-letters", None, b"2", [("file", b"x")])

    assert client.log == [("pages", b"a", b"1"), ("dead-letters", None, b"2")]
    assert client.closed
    assert messages.delivered == {"pages": 1, "dead-letters": 1}


def test_what_failed_is_sent_again() -> None:
    client = Client(once(b"1", b"3"))
    with Publisher(client) as messages:
        for value in (b"1", b"2", b"3"):
            messages.send("pages", value, value)

    assert sorted(client.log) == [("pages", b"1", b"1"), ("pages", b"2", b"2"), ("pages", b"3", b"3")]
    assert messages.delivered == {"pages": 3}


def test_an_update_that_went_through_is_sent_again_after_the_page_that_failed_before_it() -> None:
    client = Client(once(b"old"))
    with Publisher(client) as messages:
        messages.send("pages", b"page", b"old")
        messages.send("pages", b"page", b"new")

    assert list(values(client)) == [b"new", b"old", b"new"]
    assert messages.delivered == {"pages": 2}


@given(st.lists(st.tuples(st.sampled_from([b"a", b"b", b"c"]), st.integers(0, ATTEMPTS - 1)), max_size=20))
@settings(deadline=None, max_examples=60)
def test_whatever_fails_every_message_arrives_and_none_is_the_last_word_but_the_last(plan: list[tuple[bytes, int]]) -> None:
    failures = {b"%d" % index: count for index, (_, count) in enumerate(plan)}
    client = Client(lambda value, attempt: kafka_errors.NetworkExceptionError() if attempt <= failures[value] else None)
    sent: dict[bytes, list[bytes]] = {}
    with Publisher(client) as messages:
        for index, (key, _) in enumerate(plan):
            messages.send("pages", key, b"%d" % index)
            sent.setdefault(key, []).append(b"%d" % index)

    for key, wanted in sent.items():
        last_words = dict.fromkeys(reversed(list(values(client, key))))  # each value once, the latest first
        assert list(reversed(last_words)) == wanted
    assert messages.delivered.total() == len(plan)


@pytest.mark.parametrize(
    "error",
    [
        kafka_errors.TopicAuthorizationFailedError(),
        kafka_errors.MessageSizeTooLargeError(),
        kafka_errors.KafkaTimeoutError("Timed out waiting to send"),
    ],
)
def test_what_no_second_try_can_mend_is_an_error_in_one_line(error: Exception) -> None:
    client = Client(lambda _value, _attempt: error)

    with pytest.raises(NotDelivered) as caught, Publisher(client) as messages:
        messages.send("pages", b"a", b"1")

    assert str(caught.value).startswith(f"Kafka did not take a message for pages ({type(error).__name__}")
    assert "\n" not in str(caught.value)
    assert client.closed


def test_what_fails_every_time_is_given_up() -> None:
    client = Client(lambda _value, _attempt: kafka_errors.NetworkExceptionError())

    with pytest.raises(NotDelivered), Publisher(client) as messages:
        messages.send("pages", b"a", b"1")

    assert client.attempts == {b"1": ATTEMPTS}


def test_a_failure_is_told_no_later_than_with_the_next_message() -> None:
    client = Client(lambda _value, _attempt: kafka_errors.TopicAuthorizationFailedError())
    messages = Publisher(client)
    messages.send("pages", b"a", b"1")
    client.flush(0)

    with pytest.raises(NotDelivered):
        messages.send("pages", b"b", b"2")


def test_a_client_that_refuses_at_once_is_no_different() -> None:
    class Refusing(Client):
        def send(self, topic: str, *, key: bytes | None, value: bytes, headers: list[tuple[str, bytes]]) -> Future:
            raise kafka_errors.MessageSizeTooLargeError("too large for this client")

    with pytest.raises(NotDelivered, match="too large for this client"), Publisher(Refusing()) as messages:
        messages.send("pages", b"a", b"1")


def test_no_answer_at_all_is_an_error_and_not_a_wait_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("producers.publisher._GRACE_S", 0.01)

    class Silent(Client):
        def flush(self, timeout: float) -> None:
            raise kafka_errors.KafkaTimeoutError

    with pytest.raises(NotDelivered, match="answered nothing for"), Publisher(Silent(), timeout_s=0.01) as messages:
        messages.send("pages", b"a", b"1")


def test_an_error_of_the_caller_is_not_hidden_by_waiting_for_deliveries() -> None:
    class Failing(Client):
        def send(self, topic: str, *, key: bytes | None, value: bytes, headers: list[tuple[str, bytes]]) -> Future:
            super().send(topic, key=key, value=value, headers=headers)
            raise TypeError("a key is bytes")

    client = Failing()

    with pytest.raises(TypeError, match="a key is bytes"), Publisher(client) as messages:
        messages.send("pages", b"a", b"1")
    assert client.closed


def test_no_more_than_the_window_is_ever_on_its_way() -> None:
    client = Answering()
    with Publisher(client, window_bytes=1_000) as messages:
        for index in range(2_000):
            messages.send("pages", b"%04d" % index, b"x" * 96)

    assert client.most <= 1_000
    assert messages.delivered == {"pages": 2_000}


def test_a_message_larger_than_the_window_goes_alone() -> None:
    client = Answering()
    with Publisher(client, window_bytes=10) as messages:
        for index in range(20):
            messages.send("pages", b"%d" % index, b"x" * 100)

    assert client.most <= 102
    assert len(client.log) == 20
