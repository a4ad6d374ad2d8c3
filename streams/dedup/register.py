"""The register: one verdict for each article, from the table of entries and the message alone. Its decision table: README.md.

A table entry holds the whole verdict and the origin of the message that it answers. A message that comes again after a crash
finds its own entry and gets the same verdict, so an entry can never outlive a verdict that was not passed on.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import Literal

from streams.dedup.entry import STORY_KINDS, Entry, stored_address, stored_shingles
from streams.dedup.judgements import Match, first_entry, returning_guest, taking_over, with_new_text
from streams.dedup.live import LiveIndex, LogPosition, RegisterLimits
from streams.dedup.metadata import MetadataSketch
from streams.dedup.notice import Notice
from streams.dedup.rule import Likeness, Text, likeness, share_enough
from streams.dedup.sketch import Sketch
from streams.records import Kind, Verdict

DAY_MS = 86_400_000
FULLER_WORD_RATIO = 1.5  # times as many words: a flash has become a report
HOME_WORD_SHARE = 0.8  # of the words of what was appended elsewhere: the page that it was taken from
REBUILD_SLICE = 500  # entries between two chances for the event loop
# Of several texts that are alike, the one that the message is nearest to in kind is its match.
PREFERENCE = {"copy": 0, "abridged": 1, "fuller": 2, "edition": 3}

# An article's state before it is judged: what its entry says of its message, and what there would be to write.
MessageState = Literal["unknown", "expired", "judged", "superseded", "unchanged", "renewed", "changed"]


class Register:
    """Judges articles in the order of their log; `store` maps 16-byte ids to entries and is written by nobody else.

    Judging writes one entry at most, that of the message's own id. The derived indexes are kept beside the store: call
    `rebuild` for a store that is not empty.
    """

    def __init__(self, store: MutableMapping[bytes, bytes], limits: RegisterLimits = RegisterLimits()) -> None:  # noqa: B008 - frozen
        self._store = store
        self._limits = limits
        self._live = LiveIndex(limits)

    def __len__(self) -> int:
        """Returns the number of entries, live or not."""
        return len(self._live)

    @property
    def nbytes(self) -> int:
        """Bytes of memory beside the store."""
        return self._live.nbytes

    def judge(self, notice: Notice, offset: int) -> Verdict | None:
        """Returns the verdict on the article at this offset of the log; None when a later one is already out.

        After a crash the last `uncommitted` messages may be redelivered, all or some, to a register that has already seen
        them all; each gets the same verdict again. A verdict `unchanged` within a day writes nothing.
        """
        own = self._entry_of(notice.id)
        state = self._classify(own, notice, offset)
        if own is None:
            return self._put(self._judge_unknown(notice, self._position(notice, offset)), None)
        if state == "judged":
            self._store[notice.id] = own.to_bytes()
            return own.verdict()
        if state == "superseded":
            return None
        now = self._position(notice, offset)
        if state == "unchanged":
            return own._replace(last_verdict_kind="unchanged", document_exists=True).verdict()
        if state == "renewed":
            return self._renew(own, notice, now)
        return self._put(self._judge_changed(own, notice, now) if state == "changed" else self._judge_unknown(notice, now), own)

    def overwrites(self, notice: Notice, offset: int) -> bool:
        """Tells whether judging this message replaces the stored entry.

        The verdict in that entry must be delivered first: afterwards it can no longer be repeated.
        """
        return self._classify(self._entry_of(notice.id), notice, offset) in ("expired", "changed", "renewed")

    def rebuild(self) -> Iterator[int]:
        """Derives the indexes anew, as if every entry of the store had just been judged; yields their number every 500."""
        self._live = LiveIndex(self._limits)
        count = 0
        for count, (id_, data) in enumerate(self._store.items(), 1):
            self._live.add(Entry.from_bytes(bytes(id_), bytes(data)))
            if count % REBUILD_SLICE == 0:
                yield count
        yield count

    def expired(self, at_ms: int, offset: int, limit: int) -> list[bytes]:
        """Returns ids of at most `limit` entries that no message finds any more at this time and offset of the log.

        Entries that a redelivered message may need are kept: expiry is computed at `offset - 2 * uncommitted`. The ids are
        removed from the indexes; the caller deletes them from the store.
        """
        before = offset - 2 * self._limits.uncommitted
        ids = self._live.expired(LogPosition(min(at_ms, self._live.log_time_at(before)), before), limit)
        for id_ in ids:
            self._live.remove(Entry.from_bytes(id_, self._store[id_]))
        return ids

    def _position(self, notice: Notice, offset: int) -> LogPosition:
        return LogPosition(max(self._live.log_time_at(offset), notice.at_ms), offset)

    def _classify(self, own: Entry | None, notice: Notice, offset: int) -> MessageState:
        """Classifies the message against the entry of the same id. Redelivery is checked before expiry."""
        if own is None:
            return "unknown"
        if own.offset > offset:
            return "superseded"
        redelivered = _redelivery(own, notice)
        if redelivered is not None and own.offset >= offset - self._limits.uncommitted:
            return redelivered
        now = self._position(notice, offset)
        return redelivered or self._age_of(own, notice, now) if self._is_live(own, now) else "expired"

    def _age_of(self, own: Entry, notice: Notice, now: LogPosition) -> MessageState:
        if own.role != "read_also" and own.content_hash != notice.content_hash:
            return "unchanged" if _is_outdated(notice, own) else "changed"
        is_used_up = now.time_ms - own.log_time_ms > DAY_MS or now.offset - own.offset > self._limits.window_offsets // 7
        return "renewed" if is_used_up else "unchanged"

    def _is_live(self, entry: Entry, now: LogPosition) -> bool:
        oldest = self._limits.oldest(now)
        return entry.log_time_ms >= oldest.time_ms and entry.offset >= oldest.offset

    def _put(self, entry: Entry, before: Entry | None) -> Verdict:
        self._store[entry.id] = entry.to_bytes()
        if before is not None:
            self._live.remove(before)
        self._live.add(entry)
        return entry.verdict()

    def _renew(self, own: Entry, notice: Notice, now: LogPosition) -> Verdict:
        """Gives an unchanged article that has used up a day, or a seventh of its offsets, a whole window from here."""
        entry = own._replace(
            last_verdict_kind="unchanged",
            document_exists=True,
            page_time_ms=max(own.page_time_ms, notice.at_ms),
            log_time_ms=now.time_ms,
            offset=now.offset,
            origin=notice.origin,
        )
        self._store[entry.id] = entry.to_bytes()
        self._live.refresh(entry)
        return entry.verdict()

    def _judge_unknown(self, notice: Notice, now: LogPosition) -> Entry:
        """Returns the entry of an article that has none, or an expired one."""
        home = self._home_of(notice.id, notice, now) if notice.role == "read_also" else None
        if home is not None:
            return returning_guest(notice, now, home)
        match = self._match(notice, now)
        entry = first_entry(notice, now, match)
        if match is None or match.kind == "edition":
            return entry
        if self._comes_home(notice, now, match):
            return taking_over(entry, match.entry, notice, "home")
        if _updates(notice, match):
            return taking_over(entry, match.entry, notice, "update")
        return entry

    def _comes_home(self, notice: Notice, now: LogPosition, match: Match) -> bool:
        """Tells whether this is the page from which the appended story was taken, and the first that says so."""
        guest = match.entry
        return (
            notice.role == "main"
            and notice.has_url
            and guest.role == "read_also"
            and notice.word_count >= HOME_WORD_SHARE * Sketch(guest.sketch).word_count
            and self._home_of(guest.id, notice, now) is None
        )

    def _judge_changed(self, own: Entry, notice: Notice, now: LogPosition) -> Entry:
        """Returns the entry of a known article with other content: judged again, unless other articles refer to it."""
        version = max(notice.at_ms, own.version + 1)
        if own.current_kind == "home":
            owner = self._entry_of(own.doc_id)
            if owner is not None and self._is_live(owner, now):
                version = max(version, owner.version + 1)
            entry = with_new_text(own, notice, now)
        elif own.current_kind in STORY_KINDS and self._has_members(own.id, notice, now):
            entry = with_new_text(own, notice, now)
        else:
            entry = first_entry(notice, now, self._match(notice, now))
        kind: Kind = "update" if entry.current_kind in STORY_KINDS else entry.current_kind
        return entry._replace(
            last_verdict_kind=kind, document_exists=True, month=own.month, first_seen_ms=own.first_seen_ms, version=version
        )

    def _match(self, notice: Notice, now: LogPosition) -> Match | None:
        """Returns the best of the texts that the message is like: by kind, then Jaccard, then the older."""
        best: tuple[tuple[int, float, int], Match] | None = None
        new = Text(notice.sketch, notice.metadata, notice.title_hash)
        new_shingles = notice.sketch.packed_shingles
        address = notice.metadata.data[4:8] if notice.metadata.address else None
        for id_, offset in self._live.alike(new, now):
            data = self._store.get(id_)
            if data is None or id_ == notice.id:
                continue
            if not share_enough(new_shingles, stored_shingles(data)) and (address is None or stored_address(data) != address):
                continue
            entry = Entry.from_bytes(id_, bytes(data))
            if entry.story_id == notice.id:
                continue
            old = Text(Sketch(entry.sketch), MetadataSketch(entry.metadata), entry.title_hash)
            alike = likeness(new, old, notice.at_ms - entry.page_time_ms)
            if alike is None:
                continue
            match = Match(_kind(notice, self._searchable(entry), alike), entry, alike)
            order = (PREFERENCE[match.kind], -alike.jaccard, offset)
            if best is None or order < best[0]:
                best = (order, match)
        return None if best is None else best[1]

    def _searchable(self, entry: Entry) -> Sketch:
        """Returns the text that a reader finds for an entry: of a sighting the one it was found like, while that is known."""
        found = entry
        while found.current_kind not in STORY_KINDS and found.matched is not None:
            matched = self._entry_of(found.matched)
            if matched is None or not matched.sketch or matched.offset >= found.offset:
                break
            found = matched
        return Sketch(found.sketch)

    def _has_members(self, id_: bytes, notice: Notice, now: LogPosition) -> bool:
        """Tells whether a live article refers to this one as its story, or as the text that it is a copy of."""
        entries = (self._entry_of(other) for other in self._live.referring(id_, now))
        return any(entry is not None and id_ in (entry.story_id, entry.matched) for entry in entries)

    def _home_of(self, id_: bytes, notice: Notice, now: LogPosition) -> Entry | None:
        """Returns the live entry of the page that took this article's document over; of several, the first in the log."""
        homes = []
        for other in self._live.referring(id_, now):
            entry = self._entry_of(other)
            if entry is not None and entry.current_kind == "home" and entry.doc_id == id_ and other != notice.id:
                homes.append(entry)
        return min(homes, key=lambda entry: entry.offset, default=None)

    def _entry_of(self, id_: bytes) -> Entry | None:
        data = self._store.get(id_)
        return None if data is None else Entry.from_bytes(id_, bytes(data))


def _redelivery(own: Entry, notice: Notice) -> MessageState | None:
    if own.origin == notice.origin:
        return "judged"
    return "superseded" if own.origin[0] == notice.origin[0] and own.origin[1] > notice.origin[1] else None


def _kind(notice: Notice, old: Sketch, alike: Likeness) -> Kind:
    if alike.is_edition:
        return "edition"
    if notice.word_count >= FULLER_WORD_RATIO * old.word_count:
        return "fuller"
    return "abridged" if FULLER_WORD_RATIO * notice.word_count <= old.word_count else "copy"


def _updates(notice: Notice, match: Match) -> bool:
    """Tells whether a site has updated its article under another address: the document is the article's, old and new."""
    before = match.entry
    if _is_outdated(notice, before):
        return False
    return match.likeness.is_update and notice.role == before.role == "main" and before.current_kind in STORY_KINDS


def _is_outdated(notice: Notice, entry: Entry) -> bool:
    """Tells whether the message is an old page, sent again, and the entry that of a page which came after it.

    Of pages that were not sent again the later in the log is the newer, whatever the broker's clock said.
    """
    return notice.is_replayed and notice.at_ms < entry.page_time_ms
