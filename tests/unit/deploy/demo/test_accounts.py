"""Accounts are over distinct (article id, origin): what is sent again after a crash counts once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.demo.accounts import Accounts, without_repeats
from streams.dead_letters.envelope import Reason, dead_letter
from streams.dedup.notice import notice
from streams.records import Article, Kind, Role, Stage, Verdict

MAIN, OTHER, BLOCK = "a" * 32, "b" * 32, "c" * 32


def told(article_id: str, origin: tuple[int, int], role: Role = "main") -> bytes:
    article = Article(
        id=article_id, page_id=MAIN, role=role, source="example", title="عنوان", body="متن", fetched_at="2026-11-22T10:00:00Z"
    )
    return notice(article, 0, origin).to_bytes()


def verdict(kind: Kind, version: int = 1) -> bytes:
    first_seen = "2026-11-22T10:00:00Z"
    return Verdict(kind=kind, doc_id=MAIN, story_id=MAIN, version=version, month="2026-11", first_seen=first_seen).to_bytes()


def letter(stage: Stage, place: tuple[int, int] | None) -> tuple[tuple[str, bytes], ...]:
    partition, offset = place or (None, None)
    return dead_letter(
        stage=stage,
        reason=Reason.MALFORMED_PAGE,
        error="no",
        failed_at="2026-11-22T10:00:00Z",
        key=None,
        value=b"{",
        topic="news.pages" if place else None,
        partition=partition,
        offset=offset,
    ).headers


@pytest.fixture
def accounts() -> Accounts:
    """Two pages: one gave an article and a block, the other a dead letter."""
    found = Accounts()
    for origin in ((0, 0), (1, 0)):
        found.page(origin)
    found.article(told(MAIN, (0, 0)))
    found.article(told(BLOCK, (0, 0), "read_also"))
    found.letter(letter("split", (1, 0)), (0, 0))
    return found


def test_a_page_ends_as_articles_or_as_a_dead_letter(accounts: Accounts) -> None:
    assert accounts.ended() == 2


def test_a_block_alone_does_not_end_its_page(accounts: Accounts) -> None:
    accounts.page((2, 0))
    accounts.article(told(BLOCK, (2, 0), "read_also"))
    assert accounts.ended() == 2


def test_an_article_sent_again_counts_once(accounts: Accounts) -> None:
    accounts.article(told(MAIN, (0, 0)))
    assert {role: len(found) for role, found in accounts.articles.items()} == {"main": 1, "read_also": 1}


def test_a_dead_letter_written_twice_counts_once(accounts: Accounts) -> None:
    accounts.letter(letter("split", (1, 0)), (0, 1))
    assert len(accounts.letters["split"]) == 1


def test_bad_lines_of_a_file_are_told_apart_by_where_their_letters_lie(accounts: Accounts) -> None:
    accounts.letter(letter("produce", None), (0, 7))
    accounts.letter(letter("produce", None), (0, 8))
    assert len(accounts.letters["produce"]) == 2
    assert accounts.ended() == 2


def test_each_article_waits_for_a_verdict(accounts: Accounts) -> None:
    assert accounts.unjudged() == 2
    accounts.verdict(bytes.fromhex(MAIN), verdict("new"))
    assert accounts.unjudged() == 1
    accounts.verdict(bytes.fromhex(BLOCK), verdict("new"))
    assert accounts.unjudged() == 0


def test_a_verdict_sent_again_ends_no_other_article_and_counts_once(accounts: Accounts) -> None:
    for _ in range(3):
        accounts.verdict(bytes.fromhex(MAIN), verdict("new"))
    assert accounts.unjudged() == 1
    assert accounts.judged() == {"new": 1}


def test_equal_verdicts_on_two_pages_with_one_block_are_two(accounts: Accounts) -> None:
    accounts.page((2, 0))
    accounts.article(told(BLOCK, (2, 0), "read_also"))
    accounts.verdict(bytes.fromhex(BLOCK), verdict("new"))
    accounts.verdict(bytes.fromhex(BLOCK), verdict("unchanged"))
    accounts.verdict(bytes.fromhex(BLOCK), verdict("unchanged"))
    assert accounts.judged() == {"new": 1, "unchanged": 1}


@given(st.lists(st.sampled_from([b"a", b"b", b"c"]), min_size=1, max_size=8), st.integers(0, 5))
def test_repeats_are_dropped_and_nothing_else(messages: list[bytes], repeats: int) -> None:
    again = messages + messages[:repeats]
    kept = without_repeats(again, len(messages))
    assert sorted(set(kept)) == sorted(set(messages))
    assert len(kept) == max(len(messages), len(set(again)))
