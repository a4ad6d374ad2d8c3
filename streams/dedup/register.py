"""The register: one verdict for each article, from the table of entries and the message alone.

A table entry holds the whole verdict and the origin of the message that it answers. A message that comes again after a crash
finds itself and hears the same verdict, so being seen can never outlive not having been passed on.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import Literal, NamedTuple

from streams.dedup.entry import ARTICLES, SHARES, Entry
from streams.dedup.live import UNCOMMITTED, WINDOW_OFFSETS, Live, Moment
from streams.dedup.notice import Notice, month_number
from streams.dedup.rule import Likeness, likeness, marks
from streams.dedup.sketch import Sketch
from streams.records import Kind, Verdict

DAY_MS = 86_400_000
FULLER = 1.5  # times as many words: a flash has become a report
HOME = 0.8  # of the words of what was appended elsewhere: the page that it was taken from
SLICE = 500
# Of two texts that are alike, the one that the message is nearest to in kind is its match.
PREFERENCE = {"copy": 0, "abridged": 1, "fuller": 2, "edition": 3}

# What an article is to the register before it is judged: whether its message is, and what there would be to write.
Known = Literal["unknown", "expired", "judged", "superseded", "unchanged", "renewed", "changed"]


class Match(NamedTuple):
    """The text that a message is like, and what the message is to it."""

    kind: Kind
    entry: Entry
    likeness: Likeness


class Register:
    """Judges articles in the order of their log; `store` maps 16-byte ids to entries and is written by nobody else.

    Judging writes one entry at most, that of the message's own id. What is derived from the store is kept beside it: call
    `rebuild` for a store that is not empty.
    """

    def __init__(self, store: MutableMapping[bytes, bytes]) -> None:
        self._store = store
        self._live = Live()

    def __len__(self) -> int:
        """How many entries there are, live or not."""
        return len(self._live)

    @property
    def nbytes(self) -> int:
        """Bytes of memory beside the store."""
        return self._live.nbytes

    def judge(self, notice: Notice, offset: int) -> Verdict | None:
        """The verdict on the article at this offset of the log; None when a later one is already out.

        The store has afterwards what this verdict needs to be said again: the last UNCOMMITTED messages, or any number of the
        last of them, hear it again from a register that already knows all of them. A verdict `unchanged` within a day writes
        nothing.
        """
        own = self._entry_of(notice.id)
        known = self._known(own, notice, offset)
        if own is None:
            return self._put(self._first(notice, self._moment(notice, offset)), None)
        if known == "judged":
            self._store[notice.id] = own.to_bytes()
            return own.verdict()
        if known == "superseded":
            return None
        now = self._moment(notice, offset)
        if known == "unchanged":
            return own._replace(said="unchanged", known=True).verdict()
        if known == "renewed":
            return self._renewed(own, notice, now)
        return self._put(self._changed(own, notice, now) if known == "changed" else self._first(notice, now), own)

    def overwrites(self, notice: Notice, offset: int) -> bool:
        """Whether judging this message would write over an entry: what that says must be out by then, it cannot be said again."""
        known = self._known(self._entry_of(notice.id), notice, offset)
        return known in ("expired", "changed", "renewed")

    def _moment(self, notice: Notice, offset: int) -> Moment:
        return Moment(max(self._live.clock_at(offset), notice.at), offset)

    def _known(self, own: Entry | None, notice: Notice, offset: int) -> Known:
        """What the entry of its own id makes of a message. Which message it is comes before whether it is still live."""
        if own is None:
            return "unknown"
        if own.offset > offset:
            return "superseded"
        answered = _answered(own, notice)
        if answered is not None and own.offset >= offset - UNCOMMITTED:
            return answered
        now = self._moment(notice, offset)
        return answered or _aged(own, notice, now) if is_live(own, now) else "expired"

    def rebuild(self) -> Iterator[int]:
        """What is derived is as if every entry of the store had just been judged; yields the number of entries every 500."""
        self._live = Live()
        count = 0
        for count, (id_, data) in enumerate(self._store.items(), 1):
            self._live.add(Entry.from_bytes(bytes(id_), bytes(data)))
            if count % SLICE == 0:
                yield count
        yield count

    def expired(self, at: int, offset: int, limit: int) -> list[bytes]:
        """Ids of at most `limit` entries that no message finds any more, now that the log has reached this time and offset.

        What a message that may be delivered again can find is kept: time and offset count from twice UNCOMMITTED before. A
        time that the log had not reached there counts as the latest that it had. The ids are out of what is derived, and the
        caller's to delete from the store.
        """
        before = offset - 2 * UNCOMMITTED
        ids = self._live.expired(Moment(min(at, self._live.clock_at(before)), before), limit)
        for id_ in ids:
            self._live.remove(Entry.from_bytes(id_, self._store[id_]))
        return ids

    def _put(self, entry: Entry, before: Entry | None) -> Verdict:
        self._store[entry.id] = entry.to_bytes()
        if before is not None:
            self._live.remove(before)
        self._live.add(entry)
        return entry.verdict()

    def _renewed(self, own: Entry, notice: Notice, now: Moment) -> Verdict:
        """Nothing to write to the index; an entry that has used up a day, or a seventh of its offsets, lives on from here."""
        at = max(own.at, notice.at)
        entry = own._replace(said="unchanged", known=True, at=at, clock=now.clock, offset=now.offset, origin=notice.origin)
        self._store[entry.id] = entry.to_bytes()
        self._live.renew(entry)
        return entry.verdict()

    def _first(self, notice: Notice, now: Moment) -> Entry:
        """The entry of an article that is not known, or was forgotten."""
        claim = self._home_of(notice.id, notice, now) if notice.role == "read_also" else None
        if claim is not None:
            return self._claimed(notice, now, claim)
        match = self._match(notice, now)
        entry = _entry(notice, now, match)
        if match is None or match.kind == "edition" or not self._comes_home(notice, now, match):
            return entry
        guest = match.entry
        return entry._replace(
            standing="home",
            said="home",
            doc_id=guest.id,
            version=max(notice.at, guest.version + 1),
            month=guest.month,
            first_seen=guest.first_seen,
            known=True,
            sketch=notice.sketch.data,
        )

    def _comes_home(self, notice: Notice, now: Moment, match: Match) -> bool:
        """Whether this page is where the appended story was taken from, and the first that says so."""
        guest = match.entry
        return (
            notice.role == "main"
            and notice.has_url
            and guest.role == "read_also"
            and notice.word_count >= HOME * Sketch(guest.sketch).word_count
            and self._home_of(guest.id, notice, now) is None
        )

    def _claimed(self, notice: Notice, now: Moment, home: Entry) -> Entry:
        """An appended story whose page has come home, and whose own entry has expired: its document is the page's by now."""
        return _entry(notice, now, None)._replace(
            standing="new" if home.story_id == notice.id else "fuller",
            said="unchanged",
            story_id=home.story_id,
            version=home.version,
            month=home.month,
            first_seen=home.first_seen,
            known=True,
        )

    def _changed(self, own: Entry, notice: Notice, now: Moment) -> Entry:
        """The entry of a known article with other content: judged again, unless others lean on what it is."""
        version = max(notice.at, own.version + 1)
        if own.standing == "home":
            guest = self._entry_of(own.doc_id)
            if guest is not None and is_live(guest, now):
                version = max(version, guest.version + 1)
            entry = _kept(own, notice, now)
        elif own.standing in ARTICLES and self._has_members(own.id, notice, now):
            entry = _kept(own, notice, now)
        else:
            entry = _entry(notice, now, self._match(notice, now))
        said = "update" if entry.standing in ARTICLES else entry.standing
        return entry._replace(said=said, known=True, month=own.month, first_seen=own.first_seen, version=version)

    def _match(self, notice: Notice, now: Moment) -> Match | None:
        """The best of the texts that the message is like: by kind, then Jaccard, then the older."""
        best: tuple[tuple[int, float, int], Match] | None = None
        new_marks = None
        for id_, place in self._live.alike(notice.sketch, notice.title_hash, now):
            entry = self._entry_of(id_)
            if entry is None or notice.id in (id_, entry.story_id):
                continue
            old = Sketch(entry.sketch)
            if new_marks is None:
                new_marks = marks(notice.sketch)
            same_title = entry.title_hash == notice.title_hash
            alike = likeness(notice.sketch, new_marks, old, same_title=same_title, apart_ms=notice.at - entry.at)
            if alike is None:
                continue
            match = Match(_kind(notice, old, alike), entry, alike)
            order = (PREFERENCE[match.kind], -alike.jaccard, place)
            if best is None or order < best[0]:
                best = (order, match)
        return None if best is None else best[1]

    def _has_members(self, id_: bytes, notice: Notice, now: Moment) -> bool:
        """Whether a live article refers to this one as its story, or as the text that it is a copy of."""
        entries = (self._entry_of(other) for other in self._live.referring(id_, now))
        return any(entry is not None and id_ in (entry.story_id, entry.matched) for entry in entries)

    def _home_of(self, id_: bytes, notice: Notice, now: Moment) -> Entry | None:
        """The live entry of the page that this appended story has come home to; of several, the first in the log."""
        homes = []
        for other in self._live.referring(id_, now):
            entry = self._entry_of(other)
            if entry is not None and entry.standing == "home" and entry.doc_id == id_ and other != notice.id:
                homes.append(entry)
        return min(homes, key=lambda entry: entry.offset, default=None)

    def _entry_of(self, id_: bytes) -> Entry | None:
        data = self._store.get(id_)
        return None if data is None else Entry.from_bytes(id_, bytes(data))


def _answered(own: Entry, notice: Notice) -> Known | None:
    if own.origin == notice.origin:
        return "judged"
    return "superseded" if own.origin[0] == notice.origin[0] and own.origin[1] > notice.origin[1] else None


def _aged(own: Entry, notice: Notice, now: Moment) -> Known:
    if own.role != "read_also" and own.content_hash != notice.content_hash:
        return "changed"
    is_used_up = now.clock - own.clock > DAY_MS or now.offset - own.offset > WINDOW_OFFSETS // 7
    return "renewed" if is_used_up else "unchanged"


def is_live(entry: Entry, now: Moment) -> bool:
    """Whether the entry is still known at this place in the log."""
    oldest = now.oldest
    return entry.clock >= oldest.clock and entry.offset >= oldest.offset


def _kind(notice: Notice, old: Sketch, alike: Likeness) -> Kind:
    if alike.is_edition:
        return "edition"
    if notice.word_count >= FULLER * old.word_count:
        return "fuller"
    return "abridged" if FULLER * notice.word_count <= old.word_count else "copy"


def _kept(own: Entry, notice: Notice, now: Moment) -> Entry:
    """The entry of an article that stays what it is, with the message's text."""
    return own._replace(
        at=notice.at,
        clock=now.clock,
        offset=now.offset,
        origin=notice.origin,
        title_hash=notice.title_hash,
        content_hash=notice.content_hash,
        sketch=notice.sketch.data,
    )


def _entry(notice: Notice, now: Moment, match: Match | None) -> Entry:
    """The entry of an article as a first verdict has it."""
    kind = "new" if match is None else match.kind
    founds = match is None or kind == "edition"
    return Entry(
        id=notice.id,
        role=notice.role,
        standing=kind,
        said=kind,
        at=notice.at,
        clock=now.clock,
        offset=now.offset,
        origin=notice.origin,
        doc_id=notice.id,
        story_id=notice.id if founds else match.entry.story_id,  # type: ignore[union-attr]
        version=notice.at,
        month=month_number(notice.month),
        known=False,
        first_seen=notice.at,
        matched=None if founds else match.entry.id,  # type: ignore[union-attr]
        edition_of=match.entry.story_id if match is not None and kind == "edition" else None,
        jaccard=None if match is None else round(match.likeness.jaccard * SHARES),
        containment=None if match is None else round(match.likeness.containment * SHARES),
        rule=None if match is None else match.likeness.rule,
        title_hash=notice.title_hash,
        content_hash=notice.content_hash,
        sketch=notice.sketch.data if kind in ARTICLES else b"",
    )
