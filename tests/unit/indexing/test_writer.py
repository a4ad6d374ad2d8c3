from __future__ import annotations

import orjson
import pytest
from hypothesis import given

from indexing.batches import Message
from indexing.documents import Content, content, document
from indexing.writer import article_of, content_of
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


def message(value: bytes, key: bytes | None = None) -> Message:
    return Message("news.deduplicated", 0, 7, key or bytes.fromhex(article().id), value, ())


def with_body(json: bytes) -> bytes:
    return article(body="").to_bytes().replace(b'"body":""', b'"body":' + json)


@given(arabic, arabic)
def test_a_document_is_the_same_whether_the_body_was_decoded_or_not(title: str, text: str) -> None:
    of = article(title=title, body=text)
    by, at = verdict(of), "2026-11-22T12:00:00Z"

    taken_apart, body = article_of(message(of.to_bytes(), bytes.fromhex(of.id)))

    assert orjson.loads(document(taken_apart, by, at, content(of), body)) == orjson.loads(document(of, by, at, content(of)))


def test_without_headers_a_body_left_undecoded_is_looked_at() -> None:
    of = article()

    taken_apart, body = article_of(message(of.to_bytes()))

    assert taken_apart.body == ""
    assert content_of({}, taken_apart, body) == content(of)


@pytest.mark.parametrize("json", [b"null", b'""'])
def test_an_article_may_have_no_body(json: bytes) -> None:
    taken_apart, body = article_of(message(with_body(json)))

    assert (taken_apart.body, body) == ("", None)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (b"", "not JSON"),
        (b"[]", "not JSON"),
        (b"{}", "missing"),
        (with_body(b"5"), "body: a text was expected, not a number"),
        (with_body(b'"a\nb"'), "not JSON"),
        (with_body(b'"a"}{"'), "not JSON"),
        (article().to_bytes().replace(b'"role":"main"', b'"role":"\xff"'), "not JSON"),
        (article().to_bytes().replace(b'"role":"main"', b'"role":"teaser"'), "role"),
    ],
)
def test_a_message_that_is_no_article_says_why(value: bytes, problem: str) -> None:
    with pytest.raises(MalformedRecord, match=problem):
        article_of(message(value))


def test_an_article_under_another_key_is_refused() -> None:
    with pytest.raises(MalformedRecord, match="key"):
        article_of(message(article().to_bytes(), b"0123456789abcdef"))
