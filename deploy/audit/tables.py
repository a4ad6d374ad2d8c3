"""The tables that an audit fills from the topics: what each message says, in rows on disk and flags by offset."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from deploy.audit.law import Document, Effect, Judgement, SentArticle, Window, packed, unpacked
from deploy.audit.runs import Runs
from streams.connect.reading import Span
from streams.dead_letters.envelope import letter_of
from streams.dedup.notice import HEADER
from streams.records import KINDS, ROLES, MalformedRecord, Verdict
from streams.topics import ARTICLE_COUNT, Topics

_KINDS = {kind: number for number, kind in enumerate(KINDS)}
_READ_ALSO = ROLES.index("read_also")
_NO_CONTENT = bytes(16)


class _Role(msgspec.Struct):
    role: str = ""


_role = msgspec.json.Decoder(_Role)


class Flags:
    """A flag for each offset of a span of a topic, a byte each; those outside are never set."""

    def __init__(self, first: Mapping[int, int], end: Mapping[int, int]) -> None:
        self._first = first
        self._flags: dict[int, npt.NDArray[np.bool_]] = {
            partition: np.zeros(max(0, end[partition] - offset), dtype=np.bool_) for partition, offset in first.items()
        }

    def set(self, partition: int | None, offset: int | None) -> None:
        """Sets a flag."""
        if partition in self._flags and offset is not None:
            number = offset - self._first[partition]
            if 0 <= number < len(self._flags[partition]):
                self._flags[partition][number] = True

    def has(self, position: int) -> bool:
        """Returns whether the flag of this position (`law.packed`) is set."""
        partition, offset = unpacked(position)
        flags = self._flags.get(partition)
        number = offset - self._first.get(partition, 0)
        return flags is not None and 0 <= number < len(flags) and bool(flags[number])

    def unset(self) -> Iterable[tuple[int, list[int]]]:
        """Yields the partitions, each with the offsets whose flag is not set."""
        for partition, flags in self._flags.items():
            yield partition, (np.flatnonzero(~flags) + self._first[partition]).tolist()


class Tallies:
    """A number for each offset of a span of a topic, a byte each: 255 stands for as much and more."""

    MOST = 255

    def __init__(self, first: Mapping[int, int], end: Mapping[int, int]) -> None:
        self._first = first
        self._numbers: dict[int, npt.NDArray[np.uint8]] = {
            partition: np.zeros(max(0, end[partition] - offset), dtype=np.uint8) for partition, offset in first.items()
        }

    def put(self, position: int, number: int) -> None:
        """Sets the number of this position (`law.packed`)."""
        partition, offset = unpacked(position)
        index = offset - self._first.get(partition, 0)
        if partition in self._numbers and 0 <= index < len(self._numbers[partition]):
            self._numbers[partition][index] = min(number, self.MOST)

    def count(self, position: int) -> None:
        """Adds one to the number of this position."""
        self.put(position, self.of(position) + 1)

    def of(self, position: int) -> int:
        """Returns the number of this position; 0 outside of the span."""
        partition, offset = unpacked(position)
        index = offset - self._first.get(partition, 0)
        numbers = self._numbers.get(partition)
        return int(numbers[index]) if numbers is not None and 0 <= index < len(numbers) else 0

    def above(self, other: Tallies) -> Iterator[int]:
        """Yields the positions whose number is above that of `other`, which is of the same span."""
        for partition, numbers in self._numbers.items():
            for index in np.flatnonzero(numbers > other._numbers[partition]).tolist():
                yield packed(partition, index + self._first[partition])


def document_rows(folder: Path) -> Runs:
    """Returns rows for documents, none yet: id, version, kind, and the period as it is written."""
    return Runs(folder, "documents", "16sqB7s")


def add_document(rows: Runs, document: Document) -> None:
    """Adds a document, without its content."""
    rows.add(document.doc_id, document.version, document.kind, document.period.encode())


def documents_of(rows: Runs, bucket: int) -> Iterator[Document]:
    """Yields the documents whose id begins with the byte `bucket`."""
    for doc_id, version, kind, period in rows.rows(bucket):
        yield Document(doc_id, version, kind, period.rstrip(b"\0").decode())  # a year is shorter than a month


class Tables:
    """Articles and verdicts by article id, effects and documents by document id; pages that ended, messages with a letter."""

    def __init__(self, folder: Path, our_topics: Topics, documents: Runs, window: Window, spans: Iterable[Span]) -> None:
        self._our_topics = our_topics
        self.documents = documents
        self.pages = Flags(window.first, window.end)
        self.articles_stated = Tallies(window.first, window.end)
        self.articles_found = Tallies(window.first, window.end)
        self.letters = {span.topic: Flags(span.first, span.end) for span in spans}
        self.articles = Runs(folder, "articles", "16sQQ")
        self.judgements = Runs(folder, "judgements", "16sQ8sQ")
        self.effects = Runs(folder, "effects", "16sqB??16sQQ")

    def add_letter(self, message: Any) -> None:
        """Takes a dead letter in: the message that it names is accounted for. What is no dead letter accounts for none."""
        try:
            letter = letter_of(message.headers)
        except MalformedRecord:
            return
        if letter.topic == self._our_topics.pages.name:
            self.pages.set(letter.partition, letter.offset)
        elif letter.topic in self.letters:
            self.letters[letter.topic].set(letter.partition, letter.offset)

    def add_article(self, message: Any) -> bool:
        """Takes an article in; returns False when the message is none, for which there should be a dead letter."""
        notice = _header(message, "notice")
        if len(notice) < HEADER.size:
            return False
        _, role, _, id_, _, _, partition, offset, *_ = HEADER.unpack_from(notice)
        if message.key != id_ or partition < 0 or offset < 0:
            return False
        self.articles.add(id_, packed(partition, offset), packed(message.partition, message.offset))
        if role != _READ_ALSO:
            self.pages.set(partition, offset)
            stated = _header(message, ARTICLE_COUNT)
            if stated.isdigit() and len(stated) < 10:
                self.articles_stated.put(packed(partition, offset), int(stated))
        return True

    def add_verdict(self, message: Any) -> bool:
        """Takes a verdict in; returns False when the message has none, for which there should be a dead letter."""
        data = _header(message, "verdict")
        origin = _origin(_header(message, "origin"))
        try:
            verdict = Verdict.from_bytes(data)
        except MalformedRecord:
            return False
        if len(message.key or b"") != 16 or origin is None:
            return False
        position = packed(message.partition, message.offset)
        self.judgements.add(message.key, origin, hashlib.blake2b(data, digest_size=8).digest(), position)
        if verdict.kind != "unchanged":
            content = bytes.fromhex(verdict.content_hash) if verdict.content_hash else _NO_CONTENT
            read_also = not verdict.known and _is_read_also(message.value)
            kind = _KINDS[verdict.kind]
            doc_id = bytes.fromhex(verdict.doc_id)
            self.effects.add(doc_id, verdict.version, kind, verdict.known, read_also, content, origin, position)
        return True

    def articles_of(self, bucket: int) -> tuple[Iterable[SentArticle], Iterable[Judgement]]:
        """Returns the articles and verdicts whose article id begins with the byte `bucket`."""
        return map(SentArticle._make, self.articles.rows(bucket)), map(Judgement._make, self.judgements.rows(bucket))

    def documents_of(self, bucket: int) -> tuple[Iterable[Effect], Iterable[Document]]:
        """Returns the effects and documents whose document id begins with the byte `bucket`."""
        return map(Effect._make, self.effects.rows(bucket)), documents_of(self.documents, bucket)


def _is_read_also(article: bytes | None) -> bool:
    try:
        return _role.decode(article or b"").role == "read_also"
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False


def _header(message: Any, name: str) -> bytes:
    return next((data for key, data in message.headers if key == name and data is not None), b"")


def _origin(data: bytes) -> int | None:
    partition, _, offset = data.partition(b":")
    return packed(int(partition), int(offset)) if partition.isdigit() and offset.isdigit() else None
