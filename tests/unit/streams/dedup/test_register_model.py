"""The register against a slow, obvious model, in any order of what can happen to it."""

from __future__ import annotations

import dataclasses
import functools
from collections import Counter
from collections.abc import Iterator
from typing import Any
from unittest import mock

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test
from msgspec.structs import replace

from streams.dedup import postings
from streams.dedup.entry import rfc3339_of_ms
from streams.dedup.live import RegisterLimits
from streams.dedup.metadata import MetadataSketch
from streams.dedup.notice import Notice
from streams.dedup.register import Register
from streams.dedup.rule import Likeness, Text, likeness
from streams.dedup.sketch import Sketch, sketch
from streams.records import Kind, Role, Verdict
from tests.unit.streams.dedup.messages import DAY, START, beside, message, text

# Small enough that a few texts are boilerplate, and a few slots a list of their own.
MAX_INLINE_SLOTS = 2
LIMITS = RegisterLimits(max_texts_per_anchor=3, window_offsets=40, uncommitted=12)


def _bodies() -> list[Sketch]:
    """Texts of three stories, cut, grown and mixed; one bulletin on many days; short ones, and none."""
    bodies = [""]
    for story in range(3):
        bodies += [text(story, words) for words in (12, 30, 70, 80, 100, 160)]
        bodies += [text(story, 100, first=20), text(story, 60) + " " + text(7, 60)]
    template = text(9, 70).split()
    for day in range(7):
        bodies.append(" ".join([*template[:30], str(100 + day), *template[30:50], str(900 - day), *template[50:]]))
    return [sketch(body) for body in bodies]


def as_text(notice: Notice) -> Text:
    return Text(notice.sketch, notice.metadata, notice.title_hash)


BODIES = _bodies()
# Two sites, two articles by their numbers, titles that share half of their words or none, names in one place of a template.
METADATA = [
    beside(),
    beside(source=1, title=(1, 2, 3)),
    beside(source=1, address=11, title=(1, 2, 4), slots={5: 4, 6: 4}),
    beside(source=1, address=11, title=(7, 8, 9), slots={5: 9, 6: 9}),
    beside(source=2, address=12, title=(1, 2, 9), slots={5: 9, 6: 9}),
    beside(source=2, address=12, title=(1, 2, 4)),
]
anchors_of = functools.cache(lambda body: frozenset(body.anchors.tolist()))


@dataclasses.dataclass
class Known:
    """What the model knows of an article: the message it was last judged by, and what it is."""

    notice: Notice
    clock: int
    offset: int
    current_kind: Kind
    verdict: Verdict
    matched: bytes | None
    is_partner: bool


class Model:
    """The table of verdicts, read aloud: no postings, no binary, every entry looked at each time."""

    def __init__(self) -> None:
        self.known: dict[bytes, Known] = {}

    def clock(self, notice: Notice) -> int:
        """The latest time of a page, of those that changed something."""
        return max([known.clock for known in self.known.values()] + [notice.at_ms])

    def judge(self, notice: Notice, offset: int) -> Verdict | None:
        own = self.known.get(notice.id)
        if own is not None and (self.is_live(own, notice, offset) or offset - own.offset <= LIMITS.uncommitted):
            if own.notice.origin == notice.origin:
                return own.verdict
            if own.notice.origin[0] == notice.origin[0] and own.notice.origin[1] > notice.origin[1]:
                return None
        if own is None or not self.is_live(own, notice, offset):
            return self.keep(notice, offset, *self.first(notice, offset))
        if notice.role == "read_also" or own.notice.content_hash == notice.content_hash:
            unchanged = replace(own.verdict, kind="unchanged", known=True)
            if self.clock(notice) - own.clock > DAY or offset - own.offset > LIMITS.window_offsets // 7:
                renewed = dataclasses.replace(own.notice, at_ms=max(notice.at_ms, own.notice.at_ms), origin=notice.origin)
                self.known[notice.id] = dataclasses.replace(
                    own, notice=renewed, clock=self.clock(notice), offset=offset, verdict=unchanged
                )
            return unchanged
        if notice.is_replayed and notice.at_ms < own.notice.at_ms:
            return replace(own.verdict, kind="unchanged", known=True)
        return self.keep(notice, offset, *self.changed(own, notice, offset))

    def keep(self, notice: Notice, offset: int, verdict: Verdict, current_kind: Kind, matched: bytes | None) -> Verdict:
        shares = verdict.jaccard is not None and 0.4 <= verdict.jaccard < 0.8
        is_partner = shares or current_kind not in ("copy", "abridged")
        self.known[notice.id] = Known(notice, self.clock(notice), offset, current_kind, verdict, matched, is_partner)
        return verdict

    def first(self, notice: Notice, offset: int) -> tuple[Verdict, Kind, bytes | None]:
        own = notice.id.hex()
        homes = [k for k in self.live(notice, offset) if k.current_kind == "home" and k.verdict.doc_id == own]
        homes = [k for k in homes if k.notice.id != notice.id]
        if notice.role == "read_also" and homes:
            home = min(homes, key=lambda k: k.offset).verdict
            said = replace(home, kind="unchanged", known=True, jaccard=None, containment=None, rule=None)
            return said, "new" if home.story_id == own else "fuller", None
        kind, match, alike = self.match(notice, offset)
        verdict = self.plain(notice, kind, match, alike)
        if match is None or alike is None or kind == "edition":
            return verdict, kind, None
        guest = match.notice
        claimed = any(
            k.current_kind == "home" and k.verdict.doc_id == guest.id.hex() and k.notice.id != notice.id
            for k in self.live(notice, offset)
        )
        enough = notice.word_count >= 0.8 * guest.word_count
        comes_home = notice.role == "main" and notice.has_url and guest.role == "read_also" and enough and not claimed
        is_outdated = notice.is_replayed and notice.at_ms < guest.at_ms
        is_newer = (
            alike.is_update
            and not is_outdated
            and notice.role == guest.role == "main"
            and match.current_kind not in ("copy", "abridged")
        )
        if comes_home or is_newer:
            home = replace(
                verdict,
                kind="home" if comes_home else "update",
                doc_id=match.verdict.doc_id,
                version=max(notice.at_ms, match.verdict.version + 1),
                month=match.verdict.month,
                first_seen=match.verdict.first_seen,
                known=True,
            )
            return home, "home", guest.id
        return verdict, kind, guest.id

    def changed(self, own: Known, notice: Notice, offset: int) -> tuple[Verdict, Kind, bytes | None]:
        sticky: dict[str, Any] = {"month": own.verdict.month, "first_seen": own.verdict.first_seen, "known": True}
        version = max(notice.at_ms, own.verdict.version + 1)
        if own.current_kind == "home":
            guest = self.known.get(bytes.fromhex(own.verdict.doc_id))
            if guest and self.is_live(guest, notice, offset):
                version = max(version, guest.verdict.version + 1)
        elif own.current_kind in ("copy", "abridged") or not self.has_members(notice, offset):
            kind, match, alike = self.match(notice, offset)
            verdict = self.plain(notice, kind, match, alike)
            said = kind if kind in ("copy", "abridged") else "update"
            matched = None if match is None or kind == "edition" else match.notice.id
            return replace(verdict, kind=said, version=version, **sticky), kind, matched
        return replace(own.verdict, kind="update", version=version, **sticky), own.current_kind, own.matched

    def has_members(self, notice: Notice, offset: int) -> bool:
        others = [k for k in self.live(notice, offset) if k.notice.id != notice.id]
        return any(notice.id.hex() == k.verdict.story_id or notice.id == k.matched for k in others)

    def plain(self, notice: Notice, kind: Kind, match: Known | None, alike: Likeness | None) -> Verdict:
        founds = match is None or kind == "edition"
        return Verdict(
            kind=kind,
            doc_id=notice.id.hex(),
            story_id=notice.id.hex() if founds or match is None else match.verdict.story_id,
            version=notice.at_ms,
            month=notice.month,
            first_seen=rfc3339_of_ms(notice.at_ms),
            edition_of=match.verdict.story_id if match is not None and kind == "edition" else None,
            jaccard=None if alike is None else round(alike.jaccard, 4),
            containment=None if alike is None else round(alike.containment, 4),
            rule=None if alike is None else alike.rule,
        )

    def match(self, notice: Notice, offset: int) -> tuple[Kind, Known | None, Likeness | None]:
        matchable = [k for k in self.live(notice, offset) if k.is_partner and k.notice.word_count]
        postings = Counter(anchor for k in matchable for anchor in anchors_of(k.notice.sketch))
        anchors = {anchor for anchor in anchors_of(notice.sketch) if postings[anchor] <= LIMITS.max_texts_per_anchor}
        found = []
        for k in matchable:
            if notice.id in (k.notice.id, bytes.fromhex(k.verdict.story_id)):
                continue
            shared = len(anchors & anchors_of(k.notice.sketch))
            same_address = k.notice.metadata.address == notice.metadata.address != 0
            if shared < 2 and k.notice.body_hash != notice.body_hash and not same_address:
                continue
            alike = likeness(as_text(notice), as_text(k.notice), notice.at_ms - k.notice.at_ms)
            if alike is not None:
                kind = self.kind(notice, k, alike)
                found.append(((["copy", "abridged", "fuller", "edition"].index(kind), -alike.jaccard, k.offset), kind, k, alike))
        return min(found, key=lambda f: f[0])[1:] if found else ("new", None, None)

    def kind(self, notice: Notice, match: Known, alike: Likeness) -> Kind:
        if alike.is_edition:
            return "edition"
        while match.current_kind in ("copy", "abridged") and match.matched is not None:
            before = self.known.get(match.matched)
            if before is None or not before.is_partner or before.offset >= match.offset:
                break
            match = before
        if notice.word_count >= 1.5 * match.notice.word_count:
            return "fuller"
        return "abridged" if match.notice.word_count >= 1.5 * notice.word_count else "copy"

    def live(self, notice: Notice, offset: int) -> Iterator[Known]:
        return (k for k in self.known.values() if self.is_live(k, notice, offset))

    def is_live(self, known: Known, notice: Notice, offset: int) -> bool:
        return self.clock(notice) - known.clock <= 7 * DAY and offset - known.offset <= LIMITS.window_offsets


@dataclasses.dataclass
class Judged:
    """A message of the log, what was said of it the first time, and the store right after."""

    notice: Notice
    offset: int
    verdict: Verdict | None
    wrote: bool
    store: dict[bytes, bytes]


class AnyOrder(RuleBasedStateMachine):
    """Inserts, updates, duplicates, expiry, sweeps, rebuilds and crashes; the two must never disagree.

    The model knows nothing of crashes: what it says is what a run that nothing disturbs says.
    """

    def __init__(self) -> None:
        super().__init__()
        self.patch = mock.patch.object(postings, "MAX_INLINE_SLOTS", MAX_INLINE_SLOTS)
        self.patch.start()
        self.store: dict[bytes, bytes] = {}
        self.register = Register(self.store, LIMITS)
        self.model = Model()
        self.messages: list[Notice] = []
        self.log: list[Judged] = []
        self.offset = 0
        self.now = 0
        self.newest = 0

    def teardown(self) -> None:
        self.patch.stop()

    @initialize(full=st.booleans())
    def begin(self, full: bool) -> None:
        if full:  # a table with some of everything
            for number, body in enumerate(BODIES):
                role: Role = "read_also" if number % 5 == 0 else "main"
                self.article(number, body, role, True, 0, number % 2, 0, False, METADATA[number % len(METADATA)], False)

    @rule(
        name=st.integers(0, 9),
        body=st.sampled_from(BODIES),
        role=st.sampled_from(["main", "main", "read_also"]),
        has_url=st.booleans(),
        title=st.integers(0, 1),
        partition=st.integers(0, 1),
        hours=st.sampled_from([0, 0, 0, 1, 1, 5, 30, 40, 90, 170, -2, -100]),
        again=st.booleans(),
        metadata=st.sampled_from(METADATA),
        is_replayed=st.booleans(),
    )
    def article(
        self,
        name: int,
        body: Sketch,
        role: Role,
        has_url: bool,
        title: int,
        partition: int,
        hours: int,
        again: bool,
        metadata: MetadataSketch,
        is_replayed: bool,
    ) -> None:
        self.now = max(0, self.now + hours * DAY // 24)
        notice = message(
            f"{role}{name}",
            body,
            at=self.now,
            role=role,
            has_url=has_url and role == "main",
            title=str(title),
            origin=(partition, len(self.messages)),
            metadata=metadata,
            is_replayed=is_replayed,
        )
        self.messages.append(notice)
        verdict = self.deliver(notice)
        if again and verdict is not None and verdict.kind != "unchanged":
            assert self.deliver(notice) == verdict

    @precondition(lambda self: self.messages)
    @rule(back=st.integers(0, 6))
    def redeliver(self, back: int) -> None:
        self.deliver(self.messages[-1 - back % len(self.messages)])

    @rule(offsets=st.sampled_from([1, 5, 20, 45]))
    def other_articles(self, offsets: int) -> None:
        self.offset += offsets

    @rule()
    def rebuild(self) -> None:
        self.store = dict(sorted(self.store.items(), key=lambda item: item[0][::-1]))
        self.register = Register(self.store, LIMITS)
        for _ in self.register.rebuild():
            pass

    @rule(entries=st.integers(1, 5))
    def sweep(self, entries: int) -> None:
        for id_ in self.register.expired(START + self.newest, self.offset, entries):
            del self.store[id_]

    @precondition(lambda self: self.log)
    @rule(uncommitted=st.integers(1, LIMITS.uncommitted), lost=st.integers(0, LIMITS.uncommitted))
    def crash(self, uncommitted: int, lost: int) -> None:
        """The last messages come again, to a register that may know all of them already, or has lost the last of them."""
        again = [judged for judged in self.log if judged.offset > self.offset - uncommitted]
        if not again:
            return
        kept = max(len(again) - 1 - lost, 0)
        undisturbed = dict(self.store)
        self.store = dict(self.store if lost == 0 else again[kept].store)
        self.register = Register(self.store, LIMITS)
        for _ in self.register.rebuild():
            pass
        for place, judged in enumerate(again):
            before = dict(self.store)

            verdict = self.register.judge(judged.notice, judged.offset)

            superseded = any(later.wrote and later.notice.id == judged.notice.id for later in again[place + 1 :])
            assert verdict == judged.verdict or (verdict is None and superseded)
            assert place > kept or self.store == before
        written = {judged.notice.id for judged in again if judged.wrote}
        assert {id_: self.store[id_] for id_ in written} == {id_: undisturbed[id_] for id_ in written}

    @invariant()
    def every_entry_is_derived_from(self) -> None:
        assert len(self.register) == len(self.store)

    def deliver(self, notice: Notice) -> Verdict | None:
        self.offset += 1
        self.newest = max(self.newest, notice.at_ms - START)
        expected = self.model.judge(notice, self.offset)
        before = dict(self.store)
        overwrites = self.register.overwrites(notice, self.offset)

        verdict = self.register.judge(notice, self.offset)

        assert verdict == expected
        changed = {id_ for id_ in self.store if self.store[id_] != before.get(id_)}
        assert changed <= {notice.id}
        assert overwrites == (bool(changed) and notice.id in before)
        self.log.append(Judged(notice, self.offset, verdict, bool(changed), dict(self.store)))
        self.log = self.log[-LIMITS.uncommitted :]
        return verdict


def test_the_register_judges_as_the_model_does_whatever_happens() -> None:
    run_state_machine_as_test(
        AnyOrder,
        settings=settings(max_examples=70, stateful_step_count=60, deadline=None, suppress_health_check=list(HealthCheck)),
    )
