"""What the register keeps of an article: its last verdict, whole, and the sketch while later articles may match it."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from streams.dedup.notice import month_name
from streams.dedup.rule import RULES
from streams.dedup.sketch import VERSION as SKETCH_VERSION
from streams.records import KINDS, ROLES, Kind, Role, Verdict

VERSION = 1
# What an article is in its story: an article of its own or a sighting of another. `update` and `unchanged` are only said.
ARTICLES = frozenset({"new", "fuller", "edition", "home"})
HEADER = struct.Struct("<BBBBBBqqqiqqqIHH16s8s")
_KNOWN, _HAS_DOC, _HAS_STORY, _HAS_MATCHED, _HAS_EDITION_OF, _HAS_LIKENESS = 1, 2, 4, 8, 16, 32
_NO_RULE = 255
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SHARES = 10_000  # jaccard and containment are kept in ten-thousandths


class MalformedEntry(ValueError):
    """Bytes that are no entry, or of a version that is not known here."""


class Entry(NamedTuple):
    """`standing` is what the article is (a kind), `said` the kind of the last verdict; ids are 16 raw bytes, times ms since 1970.

    `at` is the time of the article's page; `clock` is what the log's clock showed, the latest time of a page until then.
    `matched` is the text that it was found like, of `story_id`, which is the article's own id when it founded its story.
    `sketch` is the binary form, empty when later articles are not compared with this one.
    """

    id: bytes
    role: Role
    standing: Kind
    said: Kind
    at: int
    clock: int
    offset: int
    origin: tuple[int, int]
    doc_id: bytes
    story_id: bytes
    version: int
    month: int
    known: bool
    first_seen: int
    matched: bytes | None
    edition_of: bytes | None
    jaccard: int | None
    containment: int | None
    rule: str | None
    title_hash: bytes
    content_hash: bytes
    sketch: bytes

    def to_bytes(self) -> bytes:
        """The binary form, little-endian, version first; the id is the key that it is kept under."""
        flags = _KNOWN * self.known
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
            ROLES.index(self.role),
            KINDS.index(self.standing),
            KINDS.index(self.said),
            _NO_RULE if self.rule is None else RULES.index(self.rule),
            self.at,
            self.clock,
            self.offset,
            *self.origin,
            self.version,
            self.first_seen,
            self.month,
            self.jaccard or 0,
            self.containment or 0,
            self.content_hash,
            self.title_hash,
        )
        return header + ids + self.sketch

    @classmethod
    def from_bytes(cls, id_: bytes, data: bytes) -> Entry:
        """The entry kept under this id; raises MalformedEntry."""
        try:
            fields = HEADER.unpack_from(data)
            version, flags, role, standing, said, rule = fields[:6]
            if version != VERSION:
                raise MalformedEntry(f"version {version} of a register entry is not known here, only {VERSION}")
            ids: list[bytes | None] = []
            place = HEADER.size
            for flag in (_HAS_DOC, _HAS_STORY, _HAS_MATCHED, _HAS_EDITION_OF):
                ids.append(data[place : place + 16] if flags & flag else None)
                place += 16 if flags & flag else 0
            if place < len(data) and data[place] != SKETCH_VERSION:
                raise MalformedEntry(f"a register entry has a sketch of version {data[place]}, not {SKETCH_VERSION}")
            likeness = fields[14:16] if flags & _HAS_LIKENESS else (None, None)
            return cls(
                id_,
                ROLES[role],
                KINDS[standing],
                KINDS[said],
                fields[6],
                fields[7],
                fields[8],
                (fields[9], fields[10]),
                ids[0] or id_,
                ids[1] or id_,
                fields[11],
                fields[13],
                bool(flags & _KNOWN),
                fields[12],
                ids[2],
                ids[3],
                likeness[0],
                likeness[1],
                None if rule == _NO_RULE else RULES[rule],
                fields[17],
                fields[16],
                data[place:],
            )
        except (struct.error, IndexError) as exc:
            raise MalformedEntry(f"{len(data)} bytes that are no register entry ({exc})") from None

    def verdict(self) -> Verdict:
        """The last verdict, as it was said."""
        return Verdict(
            kind=self.said,
            doc_id=self.doc_id.hex(),
            story_id=self.story_id.hex(),
            version=self.version,
            month=month_name(self.month),
            known=self.known,
            first_seen=time(self.first_seen),
            edition_of=None if self.edition_of is None else self.edition_of.hex(),
            jaccard=None if self.jaccard is None else self.jaccard / SHARES,
            containment=None if self.containment is None else self.containment / SHARES,
            rule=self.rule,
        )


def time(ms: int) -> str:
    """RFC 3339 in UTC, to the millisecond.

    >>> time(1_763_836_123_045)
    '2025-11-22T18:28:43.045Z'
    """
    return (_EPOCH + timedelta(milliseconds=ms)).isoformat(timespec="milliseconds")[:-6] + "Z"
