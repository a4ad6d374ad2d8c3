"""How a failure becomes a message on the dead-letters topic, and how that message goes back to where it came from.

A dead letter is the failed message itself, key, value and headers, and one `dead-letter-...` header for each field of
`records.DeadLetter`. Sending it again strips those and leaves an `attempts` header, which the next failure counts on, and an
`appended-ms` header: a page that is sent again is no younger than it was.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol

from streams.records import DeadLetter, MalformedRecord, Stage

PREFIX = "dead-letter-"
ATTEMPTS = "attempts"
APPENDED = "appended-ms"
# With both at their limit a dead letter is half of what its topic takes: recording a failure can never fail for size.
MAX_VALUE_BYTES = 1024 * 1024
MAX_ENVELOPE_BYTES = 1024 * 1024
MAX_ERROR_CHARACTERS = 2_000
NUMERIC_FIELDS = frozenset({"attempts", "partition", "offset", "length", "appended_ms"})

Headers = tuple[tuple[str, bytes], ...]


class Reason(enum.StrEnum):
    """Why a message could not go on. The set is closed: what is not here is a fault of ours and ends the process."""

    MALFORMED_PAGE = "malformed_page"  # a line or a message that is no Page
    PAGE_TOO_LARGE = "page_too_large"  # more text, or more bytes, than a page may have
    SPLITTER_FAILURE = "splitter_failure"  # the splitter raised on a well-formed page
    ARTICLE_TOO_LARGE = "article_too_large"  # an article that fits no message
    MALFORMED_NOTICE = "malformed_notice"  # the `notice` header is missing or is no Notice
    MALFORMED_ARTICLE = "malformed_article"  # a message that is no Article, or not the one its key names
    MALFORMED_VERDICT = "malformed_verdict"  # the `verdict` header is missing or is no Verdict
    DOCUMENT_REFUSED = "document_refused"  # Elasticsearch cannot parse or map the document
    DOCUMENT_TOO_LARGE = "document_too_large"  # Elasticsearch takes no request of this size, even with one document


class OutgoingMessage(NamedTuple):
    """A message ready to be sent."""

    key: bytes | None
    value: bytes | None
    headers: Headers

    def for_kafka_python(self) -> OutgoingMessage:
        """Returns the message as that client takes it.

        The client refuses what Kafka allows: a header of null, and a message of nothing at all.
        """
        nothing = self.key is None and self.value is None
        return OutgoingMessage(
            self.key, b"" if nothing else self.value, tuple((name, data or b"") for name, data in self.headers)
        )


class NotReplayable(Exception):
    """A dead letter that cannot be sent again from what it holds; the message says why."""


class Incomplete(NotReplayable):
    """A dead letter that holds only a part of its message: the whole may still stand where it came from."""


def dead_letter(
    *,
    stage: Stage,
    reason: Reason,
    error: str,
    failed_at: str,
    key: bytes | None,
    value: bytes | None,
    headers: Iterable[tuple[str, bytes]] = (),
    topic: str | None = None,
    partition: int | None = None,
    offset: int | None = None,
    appended_ms: int | None = None,
) -> OutgoingMessage:
    """Returns the message for the dead-letters topic: the failed one with the `dead-letter-...` headers of this failure.

    `failed_at` is RFC 3339 UTC; `topic` is None for what never reached Kafka. `appended_ms` is when the message came to its
    topic; of one that was sent again the first time is kept. A value above 1 MiB is cut there and its
    length and SHA-256 (hexadecimal) are kept; a key and headers above 1 MiB together are left out, and named as such.
    """
    kept = tuple((name, data) for name, data in headers if not name.startswith(PREFIX))
    cut = value is not None and len(value) > MAX_VALUE_BYTES
    heavy = len(key or b"") + sum(len(name.encode()) + len(data or b"") for name, data in kept) > MAX_ENVELOPE_BYTES
    letter = DeadLetter(
        stage=stage,
        reason=Reason(reason).value,
        error=error[:MAX_ERROR_CHARACTERS],
        attempts=attempts(kept) + 1,
        topic=topic,
        partition=partition,
        offset=offset,
        failed_at=failed_at,
        appended_ms=None if appended_ms is None else first_appended_ms(kept, appended_ms),
        length=len(value) if cut and value is not None else None,
        sha256=hashlib.sha256(value).hexdigest() if cut and value is not None else None,
        left_out="key and headers" if heavy else None,
    )
    return OutgoingMessage(
        key=None if heavy else key,
        value=value[:MAX_VALUE_BYTES] if value is not None else None,
        headers=(() if heavy else kept) + _encode(letter),
    )


class ConsumedMessage(Protocol):
    """A message as each client of ours gives it."""

    @property
    def topic(self) -> str:
        """The topic that the message was on."""

    @property
    def partition(self) -> int:
        """Its partition there."""

    @property
    def offset(self) -> int:
        """Its offset in that partition."""

    @property
    def key(self) -> bytes | None:
        """Its key."""

    @property
    def value(self) -> bytes | None:
        """Its value."""

    @property
    def headers(self) -> Sequence[tuple[str, bytes]]:
        """Its headers, in their order."""


def dead_letter_for(
    message: ConsumedMessage, stage: Stage, reason: Reason, error: str, failed_at: str, *, appended_ms: int | None = None
) -> OutgoingMessage:
    """Returns the dead letter of a message that was consumed, with the position that it had. `failed_at` is RFC 3339 UTC.

    `appended_ms` is the append time of the message, where the client tells it.
    """
    return dead_letter(
        stage=stage,
        reason=reason,
        error=error,
        failed_at=failed_at,
        key=message.key,
        value=message.value,
        headers=message.headers or (),
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        appended_ms=appended_ms,
    )


def letter_of(headers: Iterable[tuple[str, bytes]]) -> DeadLetter:
    """Returns the failure that these headers tell of; raises MalformedRecord when they tell of none."""
    fields: dict[str, Any] = {}
    for name, data in headers:
        if name.startswith(PREFIX):
            field = name.removeprefix(PREFIX)
            text = (data or b"").decode("utf-8", "replace")
            fields[field] = _number(field, text) if field in NUMERIC_FIELDS else text
    return DeadLetter.from_dict(fields)


def replay(key: bytes | None, value: bytes | None, headers: Iterable[tuple[str, bytes]]) -> tuple[str, OutgoingMessage]:
    """Returns the topic that the message came from, and the message as it was there.

    Headers say how often it was tried and when it was first appended. Raises Incomplete when the dead letter holds only a part,
    NotReplayable when it never was on a topic, and MalformedRecord when it is no dead letter.
    """
    headers = tuple(headers)
    letter = letter_of(headers)
    if letter.topic is None:
        raise NotReplayable("it never reached Kafka: mend the input and produce it again")
    if letter.length is not None:
        raise Incomplete(f"it holds the first {len(value or b'')} of {letter.length} bytes")
    if letter.left_out is not None:
        raise Incomplete(f"it was too heavy to keep its {letter.left_out}")
    return letter.topic, original_message(letter, key, value, headers)


def original_message(
    letter: DeadLetter, key: bytes | None, value: bytes | None, headers: Iterable[tuple[str, bytes]]
) -> OutgoingMessage:
    """Returns the message of this failure, given whole, as it is sent another time."""
    kept = [(name, data) for name, data in headers if not name.startswith(PREFIX) and name not in (ATTEMPTS, APPENDED)]
    history = [(ATTEMPTS, b"%d" % letter.attempts)]
    if letter.appended_ms is not None:
        history.append((APPENDED, b"%d" % letter.appended_ms))
    return OutgoingMessage(key, value, (*kept, *history))


def attempts(headers: Iterable[tuple[str, bytes]]) -> int:
    """Returns how often a message has failed before, by its `attempts` header; 0 when it never did."""
    for name, data in headers:
        if name == ATTEMPTS and data and data.isdigit() and len(data) < 10:
            return int(data)
    return 0


def first_appended_ms(headers: Iterable[tuple[str, bytes]], appended_ms: int) -> int:
    """Returns when a message that lies on its topic since `appended_ms` came there first, by its `appended-ms` header.

    Never later than `appended_ms`, so that a header that somebody made up cannot give a page a time to come.
    """
    for name, data in headers:
        if name == APPENDED and data and data.isdigit() and len(data) < 16:
            return min(int(data), appended_ms)
    return appended_ms


def _encode(letter: DeadLetter) -> Headers:
    fields = letter.to_dict()
    del fields["v"]
    return tuple((PREFIX + name, str(value).encode("utf-8", "replace")) for name, value in fields.items())


def _number(field: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 19:
        raise MalformedRecord(DeadLetter.__name__, field, "a whole number was expected")
    return int(text)
