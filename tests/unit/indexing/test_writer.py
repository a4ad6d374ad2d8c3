from __future__ import annotations

import pytest
from hypothesis import given

from indexing.documents import Content, content
from indexing.writer import content_of
from streams.dedup.notice import notice
from streams.records import MalformedRecord
from streams.workers.deduplicator import headers
from tests.strategies import arabic
from tests.unit.indexing.stories import article, verdict


@given(arabic, arabic)
def test_what_the_headers_tell_of_an_article_is_what_it_says_itself(title: str, body: str) -> None:
    of = article(title=title, body=body)

    told = dict(headers(notice(of, 1_000, (0, 7)), verdict(of)))

    assert content_of(told, of) == content(of)


def test_headers_are_believed_without_looking_at_the_article() -> None:
    told = {"content_hash": b"0123456789abcdef" * 2, "word_count": b"7"}

    assert content_of(told, article()) == Content("0123456789abcdef" * 2, 7)


def test_without_headers_the_article_is_looked_at() -> None:
    of = article()

    assert content_of({"verdict": b"{}"}, of) == content(of)
    assert content_of({"word_count": b"7"}, of) == content(of)


@pytest.mark.parametrize(("name", "wrong"), [("content_hash", b"ABC"), ("word_count", b"-1"), ("word_count", b"many")])
def test_headers_that_say_no_content_are_refused(name: str, wrong: bytes) -> None:
    told = {"content_hash": b"0123456789abcdef" * 2, "word_count": b"7"} | {name: wrong}

    with pytest.raises(MalformedRecord, match="content_hash"):
        content_of(told, article())
