"""The contract: what the stages exchange. Frozen, bytes in and out; this module imports nothing of the project.

A record decodes from JSON bytes and encodes to them. Fields that are not known here survive in `extra`, so that a newer
producer can talk through an older worker. What is malformed raises `MalformedRecord`, which names the field and the reason.
Ids are 128-bit BLAKE2b hashes, 32 lower-case hexadecimal digits in JSON and 16 raw bytes as a message's key.
Times are RFC 3339 in UTC with a `Z`, e.g. `2026-11-22T18:25:43Z` or `2026-11-22T18:25:43.123Z`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, TypeVar, get_args, get_type_hints

import msgspec
import orjson
from msgspec import Meta

VERSION = 1

# Checked where a record is decoded. A day is one of the calendar's, which is what the long part of the pattern is for.
_DAY = (
    r"(?!0000)\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))"
    r"|(?:\d\d(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)-02-29"
)
_TIME = rf"(?a)^(?:{_DAY})T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{{1,6}})?Z\Z"
Id = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z", description="32 lower-case hexadecimal digits were expected")]
Time = Annotated[str, Meta(pattern=_TIME, description="an RFC 3339 time in UTC was expected, like 2026-11-22T18:25:43Z")]
Month = Annotated[str, Meta(pattern=r"(?a)^\d{4}-(?:0[1-9]|1[0-2])\Z", description="a month like 2026-11 was expected")]
# Partitions, offsets, counts and versions: what Kafka and Elasticsearch hold in a signed 64-bit number.
_MOST = (1 << 63) - 1
Count = Annotated[int, Meta(ge=0, le=_MOST, description="a whole number from 0 was expected")]
Ratio = Annotated[float, Meta(ge=0, le=1, description="a number from 0 to 1 was expected")]
Role = Literal["main", "read_also"]
# What an article is to the stories before it:
#   new        a story of its own
#   copy       a sighting of a story that was there before
#   abridged   the same, and much shorter
#   fuller     the same story with at least half as many words again: searchable beside the first
#   edition    the same template with other numbers (prices, weather): a story of its own
#   home       the page from which an appended story was taken: it takes that document over
#   update     a page that came again with other content
#   unchanged  a page that came again with the same content, or an appended story seen before: no effect in the index
Kind = Literal["new", "copy", "abridged", "fuller", "edition", "home", "update", "unchanged"]
Stage = Literal["produce", "split", "dedup", "index"]
ROLES: tuple[Role, ...] = get_args(Role)
KINDS: tuple[Kind, ...] = get_args(Kind)
SIGHTINGS: frozenset[Kind] = frozenset({"copy", "abridged"})  # kept in the index beside their story, not searched with it


class MalformedRecord(ValueError):
    """Bytes or fields that are not the record they should be: `record`, `field` and `reason` say which and why."""

    def __init__(self, record: str, field: str, reason: str) -> None:
        super().__init__(f"{record}.{field}: {reason}" if field else f"{record}: {reason}")
        self.record = record
        self.field = field
        self.reason = reason


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all records share: decoding that checks, encoding that leaves out what is empty, unknown fields kept."""

    v: Annotated[int, Meta(ge=1, le=_MOST, description="a version is a whole number from 1")] = VERSION
    # A field of this name in JSON is as unknown as any: the decoder refuses it, and `from_dict` keeps it in here.
    extra: Annotated[Mapping[str, Any], Meta(max_length=0)] = {}

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Returns the record in these JSON bytes; raises MalformedRecord."""
        record = decode_strict(cls, data)
        if record is not None:
            return record
        try:
            fields = orjson.loads(data)
        except orjson.JSONDecodeError as exc:
            raise MalformedRecord(cls.__name__, "", f"not JSON ({exc})") from None
        return cls.from_dict(fields)

    @classmethod
    def from_dict(cls, fields: Any) -> Self:
        """Returns the record with these fields, checked; null means absent, and what is unknown goes to `extra`."""
        if not isinstance(fields, dict):
            raise MalformedRecord(cls.__name__, "", "an object was expected")
        names = field_names(cls)
        known = {name: value for name, value in fields.items() if name in names and value is not None}
        if missing := _required(cls) - known.keys():
            raise MalformedRecord(cls.__name__, ", ".join(sorted(missing)), "missing")
        try:
            record = msgspec.convert(known, cls)
        except msgspec.ValidationError as exc:
            raise _malformed(cls, exc) from None
        if extra := {name: value for name, value in fields.items() if name not in names}:
            record = msgspec.structs.replace(record, extra=extra)
        return record

    def to_dict(self) -> dict[str, Any]:
        """Returns the fields that say something, then the unknown ones; `v` is the version of the record."""
        out = {name: value for name, value in msgspec.structs.asdict(self).items() if value is not None and value != ()}
        del out["extra"]
        if self.extra:
            names = field_names(type(self))
            out.update((name, value) for name, value in self.extra.items() if name not in names)
        return out

    def to_bytes(self) -> bytes:
        """Returns JSON in UTF-8, without newlines; `from_bytes` gives the same record back."""
        try:
            return orjson.dumps(self.to_dict())
        except orjson.JSONEncodeError as exc:
            raise MalformedRecord(type(self).__name__, "", f"cannot be JSON ({exc})") from None


AnyRecord = TypeVar("AnyRecord", bound=Record)


def decode_strict(record: type[AnyRecord], data: bytes) -> AnyRecord | None:
    """Returns the record in these JSON bytes; None when there is anything to look at: unknown fields, nulls, or a fault."""
    try:
        found: AnyRecord = _decoder(record).decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return found


@functools.cache
def field_names(record: type[Record]) -> Mapping[str, None]:
    """Returns the fields of the record as JSON has them, in their order."""
    return dict.fromkeys(name for name in record.__struct_fields__ if name != "extra")


@functools.cache
def _required(record: type[Record]) -> frozenset[str]:
    return frozenset(field.name for field in msgspec.structs.fields(record) if field.required)


@functools.cache
def _decoder(record: type[AnyRecord]) -> msgspec.json.Decoder[AnyRecord]:
    return msgspec.json.Decoder(record)


_AT_FIELD = re.compile(r" - at `\$\.(\w+)[^`]*`\Z")


def _malformed(record: type[Record], exc: msgspec.ValidationError) -> MalformedRecord:
    """Returns the error in our words: a field has a description of what it holds, or the library's line says it."""
    if isinstance(exc.__cause__, MalformedRecord):
        return exc.__cause__
    found = _AT_FIELD.search(str(exc))
    field = found[1] if found else ""
    hint = get_type_hints(record, include_extras=True).get(field)
    metas = (meta for part in (hint, *get_args(hint)) for meta in getattr(part, "__metadata__", ()))
    described = next((meta.description for meta in metas if meta.description), None)
    return MalformedRecord(record.__name__, field, described or _AT_FIELD.sub("", str(exc)))


class PageMetadata(Record, frozen=True, kw_only=True):
    """What a page says of itself, and each of its articles after it."""

    source: str  # who published it: a name that the producer gives, or the host
    source_id: str | None = None  # the id that the input had; never identity
    url: str | None = None  # as it came; `identity.canonical_url` makes the id of it
    published_at: Time | None = None  # when the site says so; chooses the month of its index
    published_raw: str | None = None  # what the site says, where that is no possible time
    modified_at: Time | None = None  # when the site says it changed
    fetched_at: Time  # when the producer saw it
    language: str | None = None  # as given, such as ar
    country: str | None = None  # as given
    section: str | None = None  # as the site calls it
    author: str | None = None  # as given
    tags: tuple[str, ...] = ()  # as given, in their order


# What an article takes over from its page as it stands.
METADATA_FIELDS = tuple(name for name in field_names(PageMetadata) if name != "v")


class Page(PageMetadata, frozen=True, kw_only=True):
    """A page as it was collected: one text, perhaps of several stories. `links` are code-point spans of `text`."""

    id: Id  # of its canonical URL; of source, title and text where it has none
    title: str | None = None  # the headline
    text: str  # paragraphs as lines
    links: tuple[tuple[Count, Count, str], ...] = ()  # [start, end, href], code points of `text`

    def __post_init__(self) -> None:
        """Raises MalformedRecord for a link that ends before it starts."""
        if not all(start <= end for start, end, _ in self.links):
            raise MalformedRecord("Page", "links", "a list of [start, end, href] was expected")


class ArticleHead(PageMetadata, frozen=True, kw_only=True):
    """All of an article but its body. `segments` (of a main article) cover the page; `teasers`, `related`: others' titles."""

    id: Id  # that of its page for the main article; of its folded title and body for an appended one
    page_id: Id  # of the page that it was cut from
    role: Role  # main, or read_also for a story that the page appends
    title: str | None = None  # its headline
    teasers: tuple[dict[str, str], ...] = ()  # titles of others in the text: {title, url?, kind?}
    related: tuple[dict[str, str], ...] = ()  # titles of others after it: {title, url?, kind?}
    credit: str | None = None  # the line that names where the text is from
    keywords: str | None = None  # the line of tags in the text
    segments: tuple[dict[str, Any], ...] = ()  # {start, end, kind, rule?}, code points of the page's text

    def __post_init__(self) -> None:
        """Raises MalformedRecord for a teaser without a title, and a segment that is no span of some kind."""
        for field, titles in (("teasers", self.teasers), ("related", self.related)):
            if not all("title" in title for title in titles):
                raise MalformedRecord("Article", field, "a list of {title, url?, kind?} was expected")
        if not all(map(_is_segment, self.segments)):
            raise MalformedRecord("Article", "segments", "a list of {start, end, kind} was expected")


class Article(ArticleHead, frozen=True, kw_only=True):
    """One story of a page."""

    body: str = ""  # the text of this story alone


def _is_segment(fields: dict[str, Any]) -> bool:
    start, end, kind = (fields.get(name) for name in ("start", "end", "kind"))
    return (type(start), type(end), type(kind)) == (int, int, str) and 0 <= start <= end <= _MOST  # type: ignore[operator]


class Verdict(Record, frozen=True, kw_only=True):
    """What dedup decided of one article, and where its document goes: `_id` doc_id in the index of `month`, at `version`.

    `content_hash` and `word_count` tell of the article itself, so that nobody need find them out again.
    """

    kind: Kind  # what it is to the stories before it
    doc_id: Id  # `_id` in the index
    story_id: Id  # the article that the story began with
    version: Count  # milliseconds since 1970, or one more than before; an overwrite needs as much
    month: Month  # of the index that holds the document, for good
    known: bool = False  # the document exists already, as far as the register remembers
    first_seen: Time  # when the story was first appended to the log
    edition_of: Id | None = None  # the article whose template this is, with other numbers
    jaccard: Ratio | None = None  # shared shingles of all shingles of both
    containment: Ratio | None = None  # shared shingles of those of the shorter
    rule: str | None = None  # the rule of `dedup.rule` that decided
    content_hash: Id | None = None  # of the article: changes when a reader would see a change
    word_count: Count | None = None  # words of the body


class DeadLetter(Record, frozen=True, kw_only=True):
    """Why a message failed, as the headers beside its own value tell it; `topic` absent means that it never reached Kafka."""

    stage: Stage  # where it failed
    reason: str  # one of `dead_letters.envelope.Reason`
    error: str  # in words, at most 2,000 characters
    attempts: Count = 1  # how often it has failed, this time included
    topic: str | None = None  # where it came from; absent when it never reached Kafka
    partition: Count | None = None  # of that topic
    offset: Count | None = None  # in that partition
    failed_at: Time  # when
    appended_ms: Count | None = None  # when its message first came to that topic, in ms since 1970
    length: Count | None = None  # bytes of the whole value, where only its beginning is kept
    sha256: str | None = None  # of the whole value, then
    left_out: str | None = None  # what was too heavy to keep
