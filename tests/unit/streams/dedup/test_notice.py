from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from streams.dedup.metadata import NO_METADATA
from streams.dedup.notice import HEADER, LAST_MS, MalformedNotice, Notice, month_name, month_number, notice
from streams.dedup.sketch import sketch
from streams.identity import content_hash
from streams.records import ROLES, Article
from tests.support.strategies import arabic

ARTICLE = Article(
    id="0123456789abcdef0123456789abcdef",
    page_id="fedcba9876543210fedcba9876543210",
    role="main",
    title="إفتتاح المعرض",
    body="افتتح الوزير المعرض اليوم 25 مارس",
    source="site",
    url="https://site.example/1",
    fetched_at="2026-11-22T18:25:43Z",
    published_at="2026-10-31T23:00:00Z",
)

notices = st.builds(
    Notice,
    id=st.binary(min_size=16, max_size=16),
    page_id=st.binary(min_size=16, max_size=16),
    role=st.sampled_from(ROLES),
    has_url=st.booleans(),
    at_ms=st.integers(0, LAST_MS),
    origin=st.tuples(st.integers(0, 2**31 - 1), st.integers(0, 2**63 - 1)),
    month=st.dates().map(lambda day: day.isoformat()[:7]),
    title_hash=st.binary(min_size=8, max_size=8),
    content_hash=st.binary(min_size=16, max_size=16),
    sketch=arabic.map(sketch),
)


def test_a_notice_says_what_dedup_must_know_of_an_article() -> None:
    found = notice(ARTICLE, 1_795_372_000_000, (3, 77))

    assert found.id == bytes.fromhex(ARTICLE.id)
    assert found.page_id == bytes.fromhex(ARTICLE.page_id)
    assert (found.role, found.has_url, found.at_ms, found.origin) == ("main", True, 1_795_372_000_000, (3, 77))
    assert found.month == "2026-10"
    assert found.content_hash == bytes.fromhex(content_hash(ARTICLE))
    assert found.sketch == sketch(ARTICLE.body)
    assert (found.body_hash, found.word_count) == (found.sketch.body_hash, 6)


def test_two_spellings_of_a_title_have_one_hash_and_two_contents() -> None:
    other = replace(ARTICLE, title="افتتاح المعرض!")

    first, second = notice(ARTICLE, 0, (0, 0)), notice(other, 0, (0, 0))

    assert first.title_hash == second.title_hash
    assert first.content_hash != second.content_hash


def test_an_article_without_title_url_and_body_has_a_notice() -> None:
    bare = replace(ARTICLE, title=None, url=None, body="", published_at=None)

    found = notice(bare, 0, (0, 0))

    assert (found.has_url, found.word_count, found.month) == (False, 0, "2026-11")


@given(notices)
def test_bytes_give_the_notice_back(before: Notice) -> None:
    assert Notice.from_bytes(before.to_bytes()) == before


@given(st.binary(max_size=200))
def test_other_bytes_are_refused_by_name(data: bytes) -> None:
    with pytest.raises(MalformedNotice):
        Notice.from_bytes(data)


GOOD = notice(ARTICLE, 5, (3, 77)).to_bytes()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "too few"),
        (GOOD[:-1], "length"),
        (b"\x03" + GOOD[1:], "version 3"),
        (GOOD[:1] + b"\x09" + GOOD[2:], "cannot be"),
        (GOOD[:2] + b"\x09" + GOOD[3:], "cannot be"),
        (GOOD[:35] + b"\xff" * 8 + GOOD[43:], "cannot be"),
    ],
    ids=["empty", "cut off", "version", "role", "flags", "time"],
)
def test_a_broken_notice_says_what_is_wrong(data: bytes, why: str) -> None:
    with pytest.raises(MalformedNotice, match=why):
        Notice.from_bytes(data)


@pytest.mark.parametrize("month", ["0001-01", "2026-11", "2026-12", "9999-12"])
def test_months_are_numbers_and_names(month: str) -> None:
    assert month_name(month_number(month)) == month


def test_what_is_no_month_is_refused() -> None:
    with pytest.raises(ValueError, match="not a month"):
        month_number("2026-13")


def test_a_notice_of_the_first_version_is_read_with_nothing_beside_the_body() -> None:
    new = notice(ARTICLE, 5, (3, 77))
    old = b"\x01" + HEADER.pack(2, *HEADER.unpack_from(GOOD)[1:])[1:] + new.sketch.data

    assert Notice.from_bytes(old) == dataclasses.replace(new, metadata=NO_METADATA)
