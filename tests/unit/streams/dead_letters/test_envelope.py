from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.dead_letters.envelope import (
    MAX_ENVELOPE_BYTES,
    MAX_VALUE_BYTES,
    Incomplete,
    NotReplayable,
    OutgoingMessage,
    Reason,
    attempts,
    dead_letter,
    first_appended_ms,
    letter_of,
    replay,
)
from streams.records import DeadLetter, MalformedRecord, Stage

FAILED_AT = "2026-11-22T18:25:43Z"
NAMES = st.text(max_size=20).filter(lambda name: not name.startswith("dead-letter-") and name not in ("attempts", "appended-ms"))
HEADERS = st.lists(st.tuples(NAMES, st.binary(max_size=50)), max_size=5).map(tuple)


def failed(
    *,
    key: bytes | None = b"k",
    value: bytes | None = b"v",
    headers: tuple[tuple[str, bytes], ...] = (),
    error: str = "broken",
    appended_ms: int | None = None,
) -> OutgoingMessage:
    return dead_letter(
        stage="split",
        reason=Reason.MALFORMED_PAGE,
        error=error,
        failed_at=FAILED_AT,
        key=key,
        value=value,
        headers=headers,
        topic="news.pages",
        partition=7,
        offset=123,
        appended_ms=appended_ms,
    )


@given(key=st.none() | st.binary(max_size=40), value=st.none() | st.binary(max_size=200), headers=HEADERS, error=st.text())
def test_a_message_that_failed_goes_back_as_it_was(
    key: bytes | None, value: bytes | None, headers: tuple[tuple[str, bytes], ...], error: str
) -> None:
    letter = failed(key=key, value=value, headers=headers, error=error)

    topic, again = replay(*letter)

    assert (topic, again) == ("news.pages", OutgoingMessage(key, value, (*headers, ("attempts", b"1"))))


@given(
    stage=st.sampled_from(["produce", "split", "dedup", "index"]),
    reason=st.sampled_from(Reason),
    error=st.text(st.characters(codec="utf-8"), max_size=2000),
    where=st.none() | st.tuples(st.text(st.characters(codec="utf-8")), st.integers(0, 2**31), st.integers(0, 2**62)),
)
def test_the_headers_tell_the_failure(stage: Stage, reason: Reason, error: str, where: tuple[str, int, int] | None) -> None:
    topic, partition, offset = where or (None, None, None)

    letter = dead_letter(
        stage=stage,
        reason=reason,
        error=error,
        failed_at=FAILED_AT,
        key=None,
        value=b"",
        topic=topic,
        partition=partition,
        offset=offset,
    )

    assert letter_of(letter.headers) == DeadLetter(
        stage=stage, reason=reason, error=error, failed_at=FAILED_AT, topic=topic, partition=partition, offset=offset
    )


def test_each_failure_of_a_replayed_message_counts_one_attempt_more() -> None:
    message = OutgoingMessage(b"k", b"v", (("notice", b"n"),))
    counted = []

    for _ in range(3):
        letter = failed(key=message.key, value=message.value, headers=message.headers)
        counted.append(letter_of(letter.headers).attempts)
        _, message = replay(*letter)

    assert counted == [1, 2, 3]
    assert message == OutgoingMessage(b"k", b"v", (("notice", b"n"), ("attempts", b"3")))


def test_a_message_that_is_sent_again_keeps_the_time_at_which_it_first_came() -> None:
    message = OutgoingMessage(b"k", b"v", ())
    told = []

    for appended_ms in (1_000, 2_000, 3_000):
        letter = failed(key=message.key, value=message.value, headers=message.headers, appended_ms=appended_ms)
        told.append(letter_of(letter.headers).appended_ms)
        _, message = replay(*letter)

    assert told == [1_000, 1_000, 1_000]
    assert first_appended_ms(message.headers, 4_000) == 1_000


@pytest.mark.parametrize("data", [b"", b"-1", b"long ago", b"\xd9\xa3", b"9" * 16, b"5001"])
def test_a_first_time_that_cannot_be_is_not_believed(data: bytes) -> None:
    assert first_appended_ms([("appended-ms", data)], 5_000) == 5_000


@pytest.mark.parametrize("data", [b"", b"-1", b"many", b"\xd9\xa3", b"9" * 10])
def test_a_damaged_count_of_attempts_starts_anew(data: bytes) -> None:
    assert attempts([("attempts", data)]) == 0


def test_a_value_above_the_limit_is_cut_and_can_be_recognised() -> None:
    value = bytes(range(256)) * 8192

    letter = failed(value=value)

    told = letter_of(letter.headers)
    assert letter.value == value[:MAX_VALUE_BYTES]
    assert (told.length, told.sha256) == (len(value), hashlib.sha256(value).hexdigest())
    with pytest.raises(Incomplete, match=f"first {MAX_VALUE_BYTES} of {len(value)} bytes"):
        replay(*letter)


def test_a_value_at_the_limit_is_whole() -> None:
    letter = failed(value=bytes(MAX_VALUE_BYTES))

    assert letter_of(letter.headers).length is None


@pytest.mark.parametrize("heavy", ["key", "headers"])
def test_a_heavy_key_or_headers_never_make_a_letter_too_large(heavy: str) -> None:
    data = bytes(MAX_ENVELOPE_BYTES + 1)

    letter = failed(key=data) if heavy == "key" else failed(headers=(("notice", data),))

    assert letter.key is None
    assert letter_of(letter.headers).left_out == "key and headers"
    with pytest.raises(Incomplete, match="key and headers"):
        replay(*letter)


def test_a_line_that_never_reached_kafka_cannot_be_sent_again() -> None:
    letter = dead_letter(
        stage="produce", reason=Reason.MALFORMED_PAGE, error="not JSON", failed_at=FAILED_AT, key=None, value=b"{"
    )

    with pytest.raises(NotReplayable, match="produce it again"):
        replay(*letter)


def test_dead_letter_headers_of_an_earlier_life_are_not_believed() -> None:
    letter = failed(headers=(("dead-letter-topic", b"elsewhere"), ("notice", b"n")))

    assert [data for name, data in letter.headers if name == "dead-letter-topic"] == [b"news.pages"]


def test_an_ordinary_message_is_no_dead_letter() -> None:
    with pytest.raises(MalformedRecord, match="missing"):
        letter_of([("notice", b"n")])


@pytest.mark.parametrize("data", [b"", b"x", b"-1", b"1" * 30])
def test_a_number_that_is_none_is_refused(data: bytes) -> None:
    headers = [header for header in failed().headers if header[0] != "dead-letter-offset"]

    with pytest.raises(MalformedRecord, match="offset"):
        letter_of([*headers, ("dead-letter-offset", data)])
