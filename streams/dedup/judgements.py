"""The entry that each judgement writes. Pure."""

from __future__ import annotations

from typing import NamedTuple

from streams.dedup.entry import SHARE_SCALE, STORY_KINDS, Entry
from streams.dedup.live import LogPosition
from streams.dedup.metadata import EMPTY
from streams.dedup.notice import Notice, month_number
from streams.dedup.rule import Likeness
from streams.records import Kind

# A copy that shares this much is compared with later articles too, beside its story's founder: an edit of an edit is found by
# the text between (+.03 of recall on judged pairs). Below, stories that share a paragraph would grow together; above, the
# founder finds whatever the copy would.
PARTNER_JACCARD, SAME_JACCARD = 0.40, 0.80


class Match(NamedTuple):
    """The text that a message is like, and what the message is to that text."""

    kind: Kind
    entry: Entry
    likeness: Likeness


def taking_over(entry: Entry, before: Entry, notice: Notice, verdict_kind: Kind) -> Entry:
    """Returns the entry of an article whose text takes the place of another's in the index."""
    return entry._replace(
        current_kind="home",
        last_verdict_kind=verdict_kind,
        doc_id=before.doc_id,
        version=max(notice.at_ms, before.version + 1),
        month=before.month,
        first_seen_ms=before.first_seen_ms,
        document_exists=True,
        sketch=notice.sketch.data,
        metadata=notice.metadata.data,
    )


def returning_guest(notice: Notice, now: LogPosition, home: Entry) -> Entry:
    """Returns the entry of an appended story whose own has expired after its page came home: the document is the page's."""
    return first_entry(notice, now, None)._replace(
        current_kind="new" if home.story_id == notice.id else "fuller",
        last_verdict_kind="unchanged",
        story_id=home.story_id,
        version=home.version,
        month=home.month,
        first_seen_ms=home.first_seen_ms,
        document_exists=True,
    )


def with_new_text(own: Entry, notice: Notice, now: LogPosition) -> Entry:
    """Returns the entry of an article that stays what it is, with the message's text."""
    return own._replace(
        page_time_ms=notice.at_ms,
        log_time_ms=now.time_ms,
        offset=now.offset,
        origin=notice.origin,
        title_hash=notice.title_hash,
        content_hash=notice.content_hash,
        sketch=notice.sketch.data,
        metadata=notice.metadata.data,
    )


def first_entry(notice: Notice, now: LogPosition, match: Match | None) -> Entry:
    """Returns the entry of an article as a first verdict has it."""
    kind = "new" if match is None else match.kind
    story, alike = (None, None) if match is None else (match.entry, match.likeness)
    founds = story is None or kind == "edition"
    is_partner = kind in STORY_KINDS or (alike is not None and PARTNER_JACCARD <= alike.jaccard < SAME_JACCARD)
    return Entry(
        id=notice.id,
        role=notice.role,
        current_kind=kind,
        last_verdict_kind=kind,
        page_time_ms=notice.at_ms,
        log_time_ms=now.time_ms,
        offset=now.offset,
        origin=notice.origin,
        doc_id=notice.id,
        story_id=notice.id if story is None or founds else story.story_id,
        version=notice.at_ms,
        month=month_number(notice.month),
        document_exists=False,
        first_seen_ms=notice.at_ms,
        matched=None if story is None or founds else story.id,
        edition_of=story.story_id if story is not None and kind == "edition" else None,
        jaccard=None if alike is None else round(alike.jaccard * SHARE_SCALE),
        containment=None if alike is None else round(alike.containment * SHARE_SCALE),
        rule=None if alike is None else alike.rule,
        title_hash=notice.title_hash,
        content_hash=notice.content_hash,
        sketch=notice.sketch.data if is_partner else b"",
        metadata=notice.metadata.data if is_partner else EMPTY,
    )
