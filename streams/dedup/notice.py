"""The header `notice` of an article: all that dedup needs to know of it, in binary, so that it never parses a body."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import re
import struct

from streams import identity
from streams.arabic.folding import fold
from streams.dedup.metadata import NO_METADATA, MetadataSketch, metadata_sketch
from streams.dedup.sketch import Sketch, sketch_of, title_and_body
from streams.records import ROLES, Article, Role

VERSION = 2  # version 1 had no metadata; such notices are still read
_LENGTH = struct.Struct("<H")
HEADER = struct.Struct("<BBB16s16sqiqI8s16s")
LAST_MS = 253_402_300_799_999  # the end of the year 9999
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
_HAS_URL, _IS_REPLAYED = 1, 2


class MalformedNotice(ValueError):
    """Bytes that are no notice, or of a version that is not known here; the message says which."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What the register judges an article by.

    `id` and `page_id` are 16 raw bytes, `at_ms` is the append time of its page, `origin` the partition and offset of
    that page, `is_replayed` whether the page had failed and was sent again, so that `at_ms` may lie before that of newer ones,
    `month` that of the index it would go to. Hashes: `title_hash` 8 bytes of the folded title,
    `content_hash` 16 bytes of all that a reader would see change.
    """

    id: bytes
    page_id: bytes
    role: Role
    has_url: bool
    at_ms: int
    origin: tuple[int, int]
    month: str
    title_hash: bytes
    content_hash: bytes
    sketch: Sketch
    metadata: MetadataSketch = NO_METADATA
    is_replayed: bool = False

    @property
    def body_hash(self) -> bytes:
        """8 bytes, equal for bodies of equal folded words."""
        return self.sketch.body_hash

    @property
    def word_count(self) -> int:
        """Words of the body; 0 when it has no letter and no digit."""
        return self.sketch.word_count

    def to_bytes(self) -> bytes:
        """Returns the binary form, little-endian, version first."""
        header = HEADER.pack(
            VERSION,
            ROLES.index(self.role),
            _HAS_URL * self.has_url | _IS_REPLAYED * self.is_replayed,
            self.id,
            self.page_id,
            self.at_ms,
            *self.origin,
            month_number(self.month),
            self.title_hash,
            self.content_hash,
        )
        return header + _LENGTH.pack(len(self.metadata.data)) + self.metadata.data + self.sketch.data

    @classmethod
    def from_bytes(cls, data: bytes) -> Notice:
        """Returns the notice in these bytes; raises MalformedNotice."""
        if len(data) < HEADER.size:
            raise MalformedNotice(f"{len(data)} bytes are too few for a notice")
        version, role, flags, id_, page_id, at, partition, offset, month, title_hash, content_hash = HEADER.unpack_from(data)
        if version not in (1, VERSION):
            raise MalformedNotice(f"version {version} of a notice is not known here, only 1 and {VERSION}")
        if (
            role >= len(ROLES)
            or flags > _HAS_URL | _IS_REPLAYED
            or not 0 <= at <= LAST_MS
            or partition < 0
            or offset < 0
            or month >= 120_000
        ):
            raise MalformedNotice("a role, flag, time, origin or month that cannot be")
        try:
            metadata, rest = _metadata_and_sketch(data) if version == VERSION else (NO_METADATA, data[HEADER.size :])
            body = Sketch(rest)
        except (ValueError, struct.error) as exc:
            raise MalformedNotice(str(exc)) from None
        return cls(
            id=id_,
            page_id=page_id,
            role=ROLES[role],
            has_url=bool(flags & _HAS_URL),
            is_replayed=bool(flags & _IS_REPLAYED),
            at_ms=at,
            origin=(partition, offset),
            month=month_name(month),
            title_hash=title_hash,
            content_hash=content_hash,
            sketch=body,
            metadata=metadata,
        )


def notice(article: Article, at_ms: int, origin: tuple[int, int], *, is_replayed: bool = False) -> Notice:
    """Returns the notice of an article whose page was appended at `at_ms` (since 1970) as `origin` (partition, offset)."""
    title, body = title_and_body(article.title or "", article.body)
    return Notice(
        id=bytes.fromhex(article.id),
        page_id=bytes.fromhex(article.page_id),
        role=article.role,
        has_url=bool(article.url),
        at_ms=at_ms,
        origin=origin,
        month=identity.month(article),
        title_hash=hashlib.blake2b(fold(article.title or "").encode(), digest_size=8).digest(),
        content_hash=bytes.fromhex(identity.content_hash(article)),
        sketch=sketch_of(body),
        metadata=metadata_sketch(article, title, body.words),
        is_replayed=is_replayed,
    )


def _metadata_and_sketch(data: bytes) -> tuple[MetadataSketch, bytes]:
    """Returns what stands beside the body in a notice of version 2, and the bytes of the sketch behind it."""
    (length,) = _LENGTH.unpack_from(data, HEADER.size)
    begin = HEADER.size + _LENGTH.size
    return MetadataSketch(data[begin : begin + length]), data[begin + length :]


@functools.lru_cache(maxsize=1024)
def month_number(month: str) -> int:
    """Returns the months from the year 0 to this one: `2026-11` is 24,322."""
    match = _MONTH.fullmatch(month)
    if not match:
        raise ValueError(f"not a month: {month!r}")
    return int(match[1]) * 12 + int(match[2]) - 1


@functools.lru_cache(maxsize=1024)
def month_name(number: int) -> str:
    """Returns the month of this number, like `2026-11`."""
    return f"{number // 12:04}-{number % 12 + 1:02}"
