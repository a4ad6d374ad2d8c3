"""What the register keeps of an article: its last verdict, whole, and the sketch while later articles may match it."""

from __future__ import annotations

import functools
import struct
from datetime import date, timedelta
from typing import NamedTuple

from streams.dedup.metadata import EMPTY
from streams.dedup.notice import month_name
from streams.dedup.rule import RULES
from streams.dedup.sketch import VERSION as SKETCH_VERSION
from streams.records import KINDS, ROLES, Kind, Role, Verdict

VERSION = 2  # version 1 had no metadata; such entries are still read
# The kinds of an article that tells its story; `copy` and `abridged` are sightings of another article's story.
STORY_KINDS = frozenset({"new", "fuller", "edition", "home"})
SHARE_SCALE = 10_000  # jaccard and containment are kept in ten-thousandths
HEADER = struct.Struct("<BBBBBBqqqiqqqIHH16s8s")
_LENGTH = struct.Struct("<H")
_EXISTS, _HAS_DOC, _HAS_STORY, _HAS_MATCHED, _HAS_EDITION_OF, _HAS_LIKENESS = 1, 2, 4, 8, 16, 32
_IDS = (_HAS_DOC, _HAS_STORY, _HAS_MATCHED, _HAS_EDITION_OF)
_ALL_IDS = _HAS_DOC | _HAS_STORY | _HAS_MATCHED | _HAS_EDITION_OF
_NO_RULE = 255
_ROLE_NUMBERS = {role: number for number, role in enumerate(ROLES)}
_KIND_NUMBERS = {kind: number for number, kind in enumerate(KINDS)}
_RULE_NUMBERS: dict[str | None, int] = {None: _NO_RULE} | {rule: number for number, rule in enumerate(RULES)}
_DAY_MS = 86_400_000
_EPOCH = date(1970, 1, 1)


class MalformedEntry(ValueError):
    """Bytes that are no entry, or of a version that is not known here."""


class Entry(NamedTuple):
    """The state of one article. Ids are 16 raw bytes, times are in ms since 1970.

    `current_kind`: what the article is now; an article updated in place keeps its kind.
    `last_verdict_kind`: the kind of the last verdict, `update` and `unchanged` among them.
    `page_time_ms`: when the article's page was appended to its topic.
    `log_time_ms`: the latest page time that the log had reached when this entry was written.
    `doc_id`: the document in the index; another article's when this one took it over.
    `story_id`: the article that founded the story; the own id for a founder.
    `version`: of the document, in ms since 1970; versions only grow.
    `month`: months since the year 0.
    `document_exists`: a verdict has written the document before, so that its month needs no look-up.
    `matched`: the article that this one was found like. `edition_of`: the story with the same template and other numbers.
    `jaccard`, `containment`: in ten-thousandths.
    `sketch`, `metadata`: the binary forms; an empty sketch when later articles are not compared with this one.
    """

    id: bytes
    role: Role
    current_kind: Kind
    last_verdict_kind: Kind
    page_time_ms: int
    log_time_ms: int
    offset: int
    origin: tuple[int, int]
    doc_id: bytes
    story_id: bytes
    version: int
    month: int
    document_exists: bool
    first_seen_ms: int
    matched: bytes | None
    edition_of: bytes | None
    jaccard: int | None
    containment: int | None
    rule: str | None
    title_hash: bytes
    content_hash: bytes
    sketch: bytes
    metadata: bytes = EMPTY

    def to_bytes(self) -> bytes:
        """Returns the binary form, little-endian, version first; the id is the key that it is kept under."""
        flags = _EXISTS * self.document_exists
        ids = b""
        for flag, value in ((_HAS_DOC, self.doc_id), (_HAS_STORY, self.story_id)):
            if value != self.id:
                flags |= flag
                ids += value
        for flag, other in ((_HAS_MATCHED, self.matched), (_HAS_EDITION_OF, self.edition_of)):
            if other is not None:
                flags |= flag
                ids += other
        if self.jaccard is not None:
            flags |= _HAS_LIKENESS
        header = HEADER.pack(
            VERSION,
            flags,
            _ROLE_NUMBERS[self.role],
            _KIND_NUMBERS[self.current_kind],
            _KIND_NUMBERS[self.last_verdict_kind],
            _RULE_NUMBERS[self.rule],
            self.page_time_ms,
            self.log_time_ms,
            self.offset,
            *self.origin,
            self.version,
            self.first_seen_ms,
            self.month,
            self.jaccard or 0,
            self.containment or 0,
            self.content_hash,
            self.title_hash,
        )
        return b"".join((header, ids, _LENGTH.pack(len(self.metadata)), self.metadata, self.sketch))

    @classmethod
    def from_bytes(cls, id_: bytes, data: bytes) -> Entry:
        """Returns the entry kept under this id; raises MalformedEntry."""
        try:
            fields = HEADER.unpack_from(data)
            version, flags, role, current_kind, last_verdict_kind, rule = fields[:6]
            page_time_ms, log_time_ms, offset, partition, page_offset, document_version, first_seen_ms = fields[6:13]
            month, jaccard, containment, content_hash, title_hash = fields[13:]
            if version not in (1, VERSION):
                raise MalformedEntry(f"version {version} of a register entry is not known here, only 1 and {VERSION}")
            ids: list[bytes | None] = []
            begin = HEADER.size
            for flag in _IDS:
                ids.append(data[begin : begin + 16] if flags & flag else None)
                begin += 16 if flags & flag else 0
            metadata = EMPTY
            if version == VERSION:
                (length,) = _LENGTH.unpack_from(data, begin)
                metadata = data[begin + 2 : begin + 2 + length]
                begin += 2 + length
                if begin > len(data):
                    raise MalformedEntry(f"{len(data)} bytes that end within a register entry")
            sketch = data[begin:]
            if sketch and sketch[0] != SKETCH_VERSION:
                raise MalformedEntry(f"a register entry has a sketch of version {sketch[0]}, not {SKETCH_VERSION}")
            return cls(
                id_,
                ROLES[role],
                KINDS[current_kind],
                KINDS[last_verdict_kind],
                page_time_ms,
                log_time_ms,
                offset,
                (partition, page_offset),
                ids[0] or id_,
                ids[1] or id_,
                document_version,
                month,
                bool(flags & _EXISTS),
                first_seen_ms,
                ids[2],
                ids[3],
                jaccard if flags & _HAS_LIKENESS else None,
                containment if flags & _HAS_LIKENESS else None,
                None if rule == _NO_RULE else RULES[rule],
                title_hash,
                content_hash,
                sketch,
                metadata,
            )
        except (struct.error, IndexError) as exc:
            raise MalformedEntry(f"{len(data)} bytes that are no register entry ({exc})") from None

    def verdict(self) -> Verdict:
        """Returns the last verdict, as it was given."""
        return Verdict(
            kind=self.last_verdict_kind,
            doc_id=self.doc_id.hex(),
            story_id=self.story_id.hex(),
            version=self.version,
            month=month_name(self.month),
            known=self.document_exists,
            first_seen=rfc3339_of_ms(self.first_seen_ms),
            edition_of=None if self.edition_of is None else self.edition_of.hex(),
            jaccard=None if self.jaccard is None else self.jaccard / SHARE_SCALE,
            containment=None if self.containment is None else self.containment / SHARE_SCALE,
            rule=self.rule,
        )


def stored_shingles(data: bytes) -> bytes:
    """Returns the packed shingles in a stored entry that has a sketch. The rest is not read: most candidates need no more."""
    begin = HEADER.size + 16 * (data[1] & _ALL_IDS).bit_count()
    if data[0] == VERSION:
        begin += 2 + (data[begin] | data[begin + 1] << 8)
    return data[len(data) - 2 * (data[begin + 4] | data[begin + 5] << 8) :]


def stored_address(data: bytes) -> bytes:
    """Returns the 4 bytes of the article's number at its site in a stored entry, without reading the rest."""
    begin = HEADER.size + 16 * (data[1] & _ALL_IDS).bit_count()
    return data[begin + 6 : begin + 10] if data[0] == VERSION else bytes(4)


def rfc3339_of_ms(ms: int) -> str:
    """Returns a time in UTC, to the millisecond.

    >>> rfc3339_of_ms(1_763_836_123_045)
    '2025-11-22T18:28:43.045Z'
    """
    days, rest = divmod(ms, _DAY_MS)
    seconds, millisecond = divmod(rest, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{_day(days)}T{hour:02}:{minute:02}:{second:02}.{millisecond:03}Z"


@functools.lru_cache(maxsize=64)
def _day(days: int) -> str:
    return (_EPOCH + timedelta(days=days)).isoformat()
