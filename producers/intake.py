"""THE way in: what a producer has becomes a page on its topic, or a dead letter, counted once by its fate.

Every producer hands over an item, a line, a text file or the fields of a page under whatever names, together with its
origin, the words that say where the item stands (`news.jsonl:17`, a URL). The answer says at once what became of it. That an
accepted page has reached Kafka is said by `arrived`, or by the Publisher's `flush` for all that was sent.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from producers.inputs import LINES, MAX_LINE_BYTES, Input, InputLine, Unreadable, inputs, lines, read_whole
from producers.page_fields import PageTooLarge, encode, page_of_fields, page_of_line, page_of_text
from producers.publisher import Publisher
from producers.values.defaults import Defaults
from streams.dead_letters.envelope import MAX_VALUE_BYTES, Reason, dead_letter
from streams.records import MalformedRecord, Page
from streams.runtime.fates import Counts, Fate
from streams.times import rfc_3339
from streams.topics import Topics

GATHERED_MESSAGES, GATHERED_BYTES = 256, 1024 * 1024
Headers = Sequence[tuple[str, bytes]]
Arrived = Callable[[], None]
Send = Callable[[str, bytes | None, bytes | None, Headers, Arrived | None], None]  # topic, key, value and what Publisher.send has


@dataclasses.dataclass(frozen=True, slots=True)
class Accepted:
    """An item that is on its way to Kafka as the page of this id."""

    id: str


@dataclasses.dataclass(frozen=True, slots=True)
class Refused:
    """An item that is on its way to the dead letters, and why."""

    reason: Reason
    error: str


Answer = Accepted | Refused


def time_of_arrival() -> datetime:
    """Returns the time to the millisecond, so that what is refused in a row stays in a row."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


class Reception:
    """Makes a message of each item, a page or a dead letter, and gives it to `send`; used by one thread.

    `counts` has every item once: as sent, or under the reason for which it was refused. `on_refused` is given a line for each
    refusal.
    """

    def __init__(
        self,
        send: Send,
        topics: Topics,
        *,
        on_refused: Callable[[str], None] = lambda _line: None,
        clock: Callable[[], datetime] = time_of_arrival,
        counts: Counts | None = None,
    ) -> None:
        self.counts = counts or Counts("produce")
        self.topics = topics
        self._send = send
        self._on_refused = on_refused
        self._clock = clock

    @property
    def fates(self) -> Counter[str]:
        """The numbers of items by what became of them: `sent`, or the reason of their dead letter."""
        sent = self.counts.fates[Fate.SENT]
        return self.counts.dead_letters + Counter({Fate.SENT.value: sent})

    def take_line(
        self, data: bytes, defaults: Defaults, origin: str, *, headers: Headers = (), arrived: Arrived | None = None
    ) -> Answer:
        """Takes one object of JSON in; `headers` go with its dead letter."""
        return self._take(lambda now: page_of_line(data, defaults, now), data, origin, headers, arrived)

    def take_text(
        self,
        data: bytes,
        name: str,
        defaults: Defaults,
        *,
        encoding: str | None = None,
        headers: Headers = (),
        arrived: Arrived | None = None,
    ) -> Answer:
        """Takes the text of a file in; its `name` becomes the page's `source_id`."""
        return self._take(lambda now: page_of_text(data, name, defaults, now, encoding), data, name, headers, arrived)

    def take_fields(
        self,
        fields: dict[str, Any],
        defaults: Defaults,
        origin: str,
        *,
        are_clean: bool = False,
        headers: Headers = (),
        arrived: Arrived | None = None,
    ) -> Answer:
        """Takes the fields of a page in, under any names that `page_fields` knows; `are_clean` is as there."""
        return self._take(
            lambda now: page_of_fields(fields, defaults, now, are_clean=are_clean), fields, origin, headers, arrived
        )

    def refuse(
        self,
        reason: Reason,
        error: str,
        data: bytes | None,
        origin: str,
        *,
        headers: Headers = (),
        arrived: Arrived | None = None,
    ) -> Refused:
        """Sends an item that is no page to the dead letters; `arrived` is called when it is there."""
        letter = dead_letter(
            stage="produce",
            reason=reason,
            error=f"{origin}: {error}",
            failed_at=rfc_3339(self._clock()),
            key=None,
            value=data,
            headers=headers,
        )
        self._send(self.topics.dead_letters.name, letter.key, letter.value, letter.headers, arrived)
        self.counts.add_dead_letter(reason)
        self._on_refused(f"refused {origin}: {error}")
        return Refused(reason, error)

    def _take(
        self,
        page_at: Callable[[datetime], Page],
        raw: bytes | dict[str, Any],
        origin: str,
        headers: Headers,
        arrived: Arrived | None,
    ) -> Answer:
        try:
            page = page_at(self._clock())
            data = encode(page)
        except (MalformedRecord, PageTooLarge) as exc:
            reason = Reason.PAGE_TOO_LARGE if isinstance(exc, PageTooLarge) else Reason.MALFORMED_PAGE
            return self.refuse(reason, str(exc), _bytes_of(raw), origin, headers=headers, arrived=arrived)
        self._send(self.topics.pages.name, bytes.fromhex(page.id), data, (), arrived)
        self.counts.add(Fate.SENT)
        return Accepted(page.id)


class Intake(Reception):
    """Takes items in for one producer, through its Publisher; `settings` are those of a Reception."""

    def __init__(self, messages: Publisher, topics: Topics, **settings: Any) -> None:
        super().__init__(messages.send, topics, **settings)
        self.messages = messages

    @contextlib.contextmanager
    def gathering(self) -> Iterator[None]:
        """Makes some messages before it sends them, within the block; at its end, and at an error, all that were made are sent.

        The code of both does not fit the processor's cache together (docs/performance.md has what it gains).
        """
        gathered = _Gathered(self.messages.send)
        self._send = gathered.keep
        try:
            yield
        finally:
            self._send = self.messages.send
            gathered.send_all()


class _Gathered:
    """Messages that are sent together: up to 256, or 1 MiB of them."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._messages: list[tuple[str, bytes | None, bytes | None, Headers, Arrived | None]] = []
        self._bytes = 0

    def keep(self, topic: str, key: bytes | None, value: bytes | None, headers: Headers, arrived: Arrived | None) -> None:
        """Keeps a message back, or sends it with those that were kept."""
        self._messages.append((topic, key, value, headers, arrived))
        self._bytes += len(value or b"")
        if len(self._messages) >= GATHERED_MESSAGES or self._bytes >= GATHERED_BYTES:
            self.send_all()

    def send_all(self) -> None:
        """Sends what was kept, in its order."""
        messages, self._messages, self._bytes = self._messages, [], 0
        for message in messages:
            self._send(*message)


def _bytes_of(raw: bytes | dict[str, Any]) -> bytes:
    if isinstance(raw, bytes):
        return raw
    try:
        return orjson.dumps(raw, default=repr, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:  # numbers of more than 64 bits, or nested deeper than JSON is written
        return repr(raw).encode("utf-8", "backslashreplace")


@dataclasses.dataclass(slots=True)
class Tally:
    """What became of one PATH: files read, pages sent, lines refused, and the files that could not be read to their end."""

    path: str
    files: int = 0
    sent: int = 0
    refused: int = 0
    errors: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True, slots=True)
class FileReader:
    """How files are read into an Intake; `on_error` is given a line for a file that fails, `advanced` counts bytes."""

    intake: Intake
    defaults: Defaults
    kind: str | None
    encoding: str | None
    on_error: Callable[[str], None]
    advanced: Callable[[int], None]

    def read(self, tally: Tally) -> None:
        """Hands over every line of every file under the tally's path, as a page or as a dead letter."""
        for source in inputs(tally.path, self.kind):
            tally.files += 1
            try:
                self._read_file(source, tally)
            except Unreadable as exc:
                tally.errors.append(str(exc))
                self.on_error(str(exc))

    def _read_file(self, source: Input, tally: Tally) -> None:
        defaults = dataclasses.replace(self.defaults, name=_source_of(source))
        rows: Iterable[InputLine]
        rows = lines(source, self.advanced, self.encoding) if source.kind == LINES else [read_whole(source, self.advanced)]
        # A pipe may stand still for hours: what came through it is not kept back.
        with contextlib.nullcontext() if source.bytes is None else self.intake.gathering():
            for line in rows:
                for answer in self._answers(source, line, defaults):
                    tally.sent += isinstance(answer, Accepted)
                    tally.refused += isinstance(answer, Refused)

    def _answers(self, source: Input, line: InputLine, defaults: Defaults) -> Iterator[Answer]:
        """Gives the answer to each record of the line; several in a list are told apart by their number."""
        records = _records(line.data) if source.kind == LINES else []
        if not records:
            yield self._answer(source, line, defaults)
        for number, record in enumerate(records, 1):
            origin = f"{source.name}:{line.number}[{number}]"
            headers = (("file", source.name.encode()), ("line", b"%d" % line.number))
            yield self.intake.take_fields(record, defaults, origin, headers=headers)

    def _answer(self, source: Input, line: InputLine, defaults: Defaults) -> Answer:
        origin = f"{source.name}:{line.number}" if source.kind == LINES else source.name
        headers = (("file", source.name.encode()), ("line", b"%d" % line.number))
        if line.length > MAX_LINE_BYTES:
            error = f"{line.length:,} bytes; {MAX_LINE_BYTES:,} may be one page"
            return self.intake.refuse(Reason.PAGE_TOO_LARGE, error, line.data[:MAX_VALUE_BYTES], origin, headers=headers)
        if source.kind == LINES:
            return self.intake.take_line(line.data, defaults, origin, headers=headers)
        return self.intake.take_text(line.data, source.name, defaults, encoding=self.encoding, headers=headers)


def _records(data: bytes) -> list[dict[str, Any]]:
    """Returns the records of a list of several; nothing for any other line, and for a list with anything else in it."""
    if data.lstrip(b" \t")[:1] != b"[":
        return []
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError:
        return []
    return found if isinstance(found, list) and len(found) > 1 and all(isinstance(record, dict) for record in found) else []


def _source_of(source: Input) -> str | None:
    """Returns a file's name without its endings; of a text file, its folder's; what comes through a pipe has none."""
    if source.path is None or source.bytes is None:
        return None
    return source.path.name.split(".")[0] if source.kind == LINES else source.path.resolve().parent.name
