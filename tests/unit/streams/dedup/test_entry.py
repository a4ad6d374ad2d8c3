from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.dedup.entry import Entry, MalformedEntry, rfc3339_of_ms
from streams.dedup.metadata import EMPTY
from streams.dedup.notice import LAST_MS
from streams.dedup.rule import RULES
from streams.records import KINDS, ROLES, Verdict
from tests.unit.streams.dedup.messages import beside

ids = st.binary(min_size=16, max_size=16)
times = st.integers(0, LAST_MS)
numbers = st.integers(0, 2**63 - 1)
entries = st.builds(
    Entry,
    id=ids,
    role=st.sampled_from(ROLES),
    current_kind=st.sampled_from(KINDS),
    last_verdict_kind=st.sampled_from(KINDS),
    page_time_ms=times,
    log_time_ms=times,
    offset=numbers,
    origin=st.tuples(st.integers(0, 2**31 - 1), numbers),
    doc_id=ids,
    story_id=ids,
    version=numbers,
    month=st.integers(12, 119_999),
    document_exists=st.booleans(),
    first_seen_ms=times,
    matched=st.none() | ids,
    edition_of=st.none() | ids,
    jaccard=st.integers(0, 10_000),
    containment=st.integers(0, 10_000),
    rule=st.none() | st.sampled_from(RULES),
    title_hash=st.binary(min_size=8, max_size=8),
    content_hash=ids,
    sketch=st.just(b"") | st.binary(max_size=40).map(lambda rest: b"\x01" + rest),
    metadata=st.sampled_from([EMPTY, beside(source=7, address=9, title=(1, 2), slots={3: 4}).data]),
)


@given(entries)
def test_bytes_give_the_entry_back(entry: Entry) -> None:
    assert Entry.from_bytes(entry.id, entry.to_bytes()) == entry


@given(entries)
def test_an_entry_that_compares_with_nothing_has_no_likeness(entry: Entry) -> None:
    bare = entry._replace(jaccard=None, containment=None)

    assert Entry.from_bytes(bare.id, bare.to_bytes()) == bare


@given(entries)
def test_the_verdict_is_a_verdict_of_the_contract(entry: Entry) -> None:
    verdict = entry.verdict()

    assert Verdict.from_bytes(verdict.to_bytes()) == verdict
    assert (verdict.kind, verdict.doc_id, verdict.story_id) == (entry.last_verdict_kind, entry.doc_id.hex(), entry.story_id.hex())


def test_an_article_of_its_own_takes_few_bytes_beside_its_sketch() -> None:
    own = bytes(16)
    entry = Entry(
        own,
        "main",
        "new",
        "new",
        1,
        1,
        1,
        (0, 1),
        own,
        own,
        1,
        24_322,
        False,
        1,
        None,
        None,
        None,
        None,
        None,
        bytes(8),
        own,
        b"sketch",
    )

    assert len(entry.to_bytes()) <= 132 + len(b"sketch")


@given(st.binary(max_size=90))
def test_other_bytes_are_refused_by_name(data: bytes) -> None:
    with pytest.raises(MalformedEntry):
        Entry.from_bytes(bytes(16), data)


def test_an_entry_of_another_version_is_refused() -> None:
    with pytest.raises(MalformedEntry, match="version 9"):
        Entry.from_bytes(bytes(16), b"\x09" + bytes(120))


@pytest.mark.parametrize(("ms", "text"), [(0, "1970-01-01T00:00:00.000Z"), (LAST_MS, "9999-12-31T23:59:59.999Z")])
def test_times_are_written_to_the_millisecond(ms: int, text: str) -> None:
    assert rfc3339_of_ms(ms) == text


@given(entries)
def test_an_entry_of_the_first_version_is_read_with_nothing_beside_the_body(entry: Entry) -> None:
    bare = entry._replace(metadata=EMPTY)
    whole = bare.to_bytes()
    length = len(whole) - len(bare.sketch) - len(EMPTY) - 2
    old = b"\x01" + whole[1:length] + bare.sketch

    assert Entry.from_bytes(entry.id, old) == bare
