"""The contract: what the stages exchange. Frozen, slotted, bytes in and out; this module imports nothing of the project.

A record decodes from JSON bytes and encodes to them. Fields that are not known here survive in `extra`, so that a newer
producer can talk through an older worker. What is malformed raises `MalformedRecord`, which names the field and the reason.
Ids are 128-bit BLAKE2b hashes, 32 lower-case hexadecimal digits in JSON and 16 raw bytes as a message's key.
Times are RFC 3339 in UTC with a `Z`, e.g. `2026-11-22T18:25:43Z` or `2026-11-22T18:25:43.123Z`.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar, Self

import orjson

VERSION = 1
TIME = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?Z", re.ASCII)
ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])", re.ASCII)
ROLES = ("main", "read_also")
KINDS = ("new", "copy", "abridged", "fuller", "edition", "home", "update", "unchanged")


class MalformedRecord(ValueError):
    """Bytes or fields that are not the record they should be: `record`, `field` and `reason` say which and why."""

    def __init__(self, record: str, field: str, reason: str) -> None:
        super().__init__(f"{record}.{field}: {reason}" if field else f"{record}: {reason}")
        self.record = record
        self.field = field
        self.reason = reason


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What all records share: decoding that checks, encoding that leaves out what is empty, unknown fields kept."""

    extra: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    CHECKS: ClassVar[dict[str, Callable[[Any], str | None]]] = {}
    REQUIRED: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The record in these JSON bytes; raises MalformedRecord."""
        try:
            fields = orjson.loads(data)
        except orjson.JSONDecodeError as exc:
            raise MalformedRecord(cls.__name__, "", f"not JSON ({exc})") from None
        return cls.from_dict(fields)

    @classmethod
    def from_dict(cls, fields: Any) -> Self:
        """The record with these fields, checked; null means absent, and what is unknown goes to `extra`."""
        name = cls.__name__
        if not isinstance(fields, dict):
            raise MalformedRecord(name, "", f"an object was expected, not {_kind(fields)}")
        version = VERSION if fields.get("v") is None else fields["v"]
        if type(version) is not int or version < 1:
            raise MalformedRecord(name, "v", "a version is a whole number from 1")
        known: dict[str, Any] = {}
        extra: dict[str, Any] = {}
        checks = cls.CHECKS
        for key, value in fields.items():
            check = checks.get(key)
            if check is None:
                if key != "v":
                    extra[key] = value
            elif value is not None:
                problem = None if check is _text and type(value) is str else check(value)  # most fields: spare the call
                if problem:
                    raise MalformedRecord(name, key, problem)
                known[key] = tuple(map(_frozen, value)) if type(value) is list else value
        if version > VERSION:
            extra["v"] = version
        if not known.keys() >= cls.REQUIRED:
            missing = ", ".join(sorted(cls.REQUIRED - known.keys()))
            raise MalformedRecord(name, missing, "missing")
        return cls(**known, extra=extra)

    def to_dict(self) -> dict[str, Any]:
        """The fields that say something, then the unknown ones; `v` is the version of the record."""
        out: dict[str, Any] = {"v": VERSION}
        for key in self.CHECKS:
            value = getattr(self, key)
            if value is not None and value != ():
                out[key] = value
        out.update((key, value) for key, value in self.extra.items() if key not in self.CHECKS)
        return out

    def to_bytes(self) -> bytes:
        """JSON in UTF-8, without newlines; `from_bytes` gives the same record back."""
        try:
            return orjson.dumps(self.to_dict())
        except orjson.JSONEncodeError as exc:
            raise MalformedRecord(type(self).__name__, "", f"cannot be JSON ({exc})") from None


def _frozen(item: Any) -> Any:
    return tuple(item) if type(item) is list else item


def _kind(value: Any) -> str:
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "a truth value", type(None): "null"}
    return kinds.get(type(value), "a number")


def _text(value: Any) -> str | None:
    return None if isinstance(value, str) else f"a text was expected, not {_kind(value)}"


def _number(value: Any) -> str | None:
    # Partitions, offsets, counts and versions: what Kafka and Elasticsearch hold in a signed 64-bit number.
    return None if type(value) is int and 0 <= value < 1 << 63 else "a whole number from 0 was expected"


def _share(value: Any) -> str | None:
    return None if type(value) in (int, float) and 0 <= value <= 1 else "a number from 0 to 1 was expected"


def _truth(value: Any) -> str | None:
    return None if isinstance(value, bool) else f"true or false was expected, not {_kind(value)}"


def _id(value: Any) -> str | None:
    return None if isinstance(value, str) and ID.fullmatch(value) else "32 lower-case hexadecimal digits were expected"


def _time(value: Any) -> str | None:
    if isinstance(value, str) and TIME.fullmatch(value):
        try:
            datetime.fromisoformat(value)
        except ValueError:
            return "there is no such day"
        return None
    return "an RFC 3339 time in UTC was expected, like 2026-11-22T18:25:43Z"


def _month(value: Any) -> str | None:
    return None if isinstance(value, str) and MONTH.fullmatch(value) else "a month like 2026-11 was expected"


def _one_of(*values: str) -> Callable[[Any], str | None]:
    return lambda value: None if value in values else f"one of {', '.join(values)} was expected"


def _texts(value: Any) -> str | None:
    return None if isinstance(value, list | tuple) and all(isinstance(x, str) for x in value) else "a list of texts was expected"


def _links(value: Any) -> str | None:
    good = isinstance(value, list | tuple) and all(
        isinstance(x, list | tuple)
        and len(x) == 3
        and (type(x[0]), type(x[1]), type(x[2])) == (int, int, str)
        and 0 <= x[0] <= x[1]
        for x in value
    )
    return None if good else "a list of [start, end, href] was expected"


def _titles(value: Any) -> str | None:
    good = isinstance(value, list | tuple) and all(
        isinstance(x, dict) and "title" in x and all(isinstance(v, str) for v in x.values()) for x in value
    )
    return None if good else "a list of {title, url?, kind?} was expected"


def _spans(value: Any) -> str | None:
    good = isinstance(value, list | tuple) and all(
        isinstance(x, dict)
        and (type(x.get("start")), type(x.get("end")), type(x.get("kind"))) == (int, int, str)
        and 0 <= x["start"] <= x["end"]
        for x in value
    )
    return None if good else "a list of {start, end, kind} was expected"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Described(Record):
    """What a page says of itself, and each of its articles after it."""

    source: str
    source_id: str | None = None
    url: str | None = None
    published_at: str | None = None
    published_raw: str | None = None
    modified_at: str | None = None
    fetched_at: str
    language: str | None = None
    country: str | None = None
    section: str | None = None
    author: str | None = None
    tags: tuple[str, ...] = ()

    REQUIRED: ClassVar[frozenset[str]] = frozenset({"source", "fetched_at"})
    CHECKS: ClassVar[dict[str, Callable[[Any], str | None]]] = {
        "source": _text,
        "source_id": _text,
        "url": _text,
        "published_at": _time,
        "published_raw": _text,
        "modified_at": _time,
        "fetched_at": _time,
        "language": _text,
        "country": _text,
        "section": _text,
        "author": _text,
        "tags": _texts,
    }


# What an article takes over from its page as it stands.
DESCRIPTIVE = tuple(Described.CHECKS)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Page(Described):
    """A page as it was collected: one text, perhaps of several stories. `links` are code-point spans of `text`."""

    id: str
    title: str | None = None
    text: str
    links: tuple[tuple[int, int, str], ...] = ()

    REQUIRED: ClassVar[frozenset[str]] = Described.REQUIRED | {"id", "text"}
    CHECKS: ClassVar[dict[str, Callable[[Any], str | None]]] = {
        "id": _id,
        **Described.CHECKS,
        "title": _text,
        "text": _text,
        "links": _links,
    }


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Article(Described):
    """One story of a page. `segments` (of a main article) cover the page; `teasers` and `related` are other stories' titles."""

    id: str
    page_id: str
    role: str
    title: str | None = None
    body: str = ""
    teasers: tuple[dict[str, str], ...] = ()
    related: tuple[dict[str, str], ...] = ()
    credit: str | None = None
    keywords: str | None = None
    segments: tuple[dict[str, Any], ...] = ()

    REQUIRED: ClassVar[frozenset[str]] = Described.REQUIRED | {"id", "page_id", "role"}
    CHECKS: ClassVar[dict[str, Callable[[Any], str | None]]] = {
        "id": _id,
        "page_id": _id,
        "role": _one_of(*ROLES),
        "title": _text,
        "body": _text,
        **Described.CHECKS,
        "teasers": _titles,
        "related": _titles,
        "credit": _text,
        "keywords": _text,
        "segments": _spans,
    }


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Verdict(Record):
    """What dedup decided of one article, and where its document goes: `_id` doc_id in the index of `month`, at `version`."""

    kind: str
    doc_id: str
    story_id: str
    version: int
    month: str
    known: bool = False
    first_seen: str
    edition_of: str | None = None
    jaccard: float | None = None
    containment: float | None = None
    rule: str | None = None

    REQUIRED: ClassVar[frozenset[str]] = frozenset({"kind", "doc_id", "story_id", "version", "month", "first_seen"})
    CHECKS: ClassVar[dict[str, Callable[[Any], str | None]]] = {
        "kind": _one_of(*KINDS),
        "doc_id": _id,
        "story_id": _id,
        "version": _number,
        "month": _month,
        "known": _truth,
        "first_seen": _time,
        "edition_of": _id,
        "jaccard": _share,
        "containment": _share,
        "rule": _text,
    }


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter(Record):
    """Why a message failed, as the headers beside its own value tell it; `topic` absent means that it never reached Kafka."""

    stage: str
    reason: str
    error: str
    attempts: int = 1
    topic: str | None = None
    partition: int | None = None
    offset: int | None = None
    failed_at: str
    length: int | None = None
    sha256: str | None = None
    left_out: str | None = None

    REQUIRED: ClassVar[frozenset[str]] = frozenset({"stage", "reason", "error", "failed_at"})
    CHECKS: ClassVar[dict[str, Callable[[Any], str | None]]] = {
        "stage": _one_of("produce", "split", "dedup", "index"),
        "reason": _text,
        "error": _text,
        "attempts": _number,
        "topic": _text,
        "partition": _number,
        "offset": _number,
        "failed_at": _time,
        "length": _number,
        "sha256": _text,
        "left_out": _text,
    }
