from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given

from indexing.worker.batches import Message
from indexing.worker.documents import ArticleWithRawBody, Content, document, measure_article
from indexing.worker.writer import article_of, content_of, verdict_of
from streams.dead_letters.envelope import Headers
from streams.dedup.notice import notice
from streams.records import MalformedRecord
from streams.workers.deduplicator import headers
from tests.support.strategies import arabic
from tests.unit.indexing.stories import article, verdict

HASH = "0123456789abcdef" * 2


def message(value: bytes, key: bytes | None = None, headers: Headers = ()) -> Message:
    return Message("news.deduplicated", 0, 7, key or bytes.fromhex(article().id), value, headers)


def with_body(json: bytes) -> bytes:
    return article(body="").to_bytes().replace(b'"body":""', b'"body":' + json)


@given(arabic, arabic)
def test_what_the_verdict_tells_of_an_article_is_what_it_says_itself(title: str, body: str) -> None:
    of = article(title=title, body=body)

    told = message(of.to_bytes(), headers=headers(notice(of, 1_000, (0, 7)), verdict(of)))

    assert content_of(told, verdict_of(told)) == measure_article(of)


def test_a_verdict_is_believed_without_looking_at_the_article() -> None:
    told = verdict(article(), content_hash=HASH, word_count=7)

    assert content_of(message(b""), told) == Content(HASH, 7)


@pytest.mark.parametrize("fields", [{}, {"word_count": 7}, {"content_hash": HASH}])
def test_where_the_verdict_does_not_tell_the_article_is_looked_at(fields: dict[str, Any]) -> None:
    of = article()

    assert content_of(message(of.to_bytes()), verdict(of, **fields)) == measure_article(of)


@pytest.mark.parametrize(("field", "wrong"), [("content_hash", "ABC"), ("word_count", -1), ("word_count", "many")])
def test_a_verdict_that_says_no_content_is_refused(field: str, wrong: object) -> None:
    told = orjson.dumps(verdict(article()).to_dict() | {field: wrong})

    with pytest.raises(MalformedRecord, match=field):
        verdict_of(message(b"", headers=(("verdict", told),)))


@pytest.mark.parametrize("headers", [(), (("origin", b"0:7"),), (("verdict", None),)])
def test_a_message_without_a_verdict_is_refused(headers: Any) -> None:
    with pytest.raises(MalformedRecord, match="no `verdict` header"):
        verdict_of(message(article().to_bytes(), headers=headers))


@given(arabic, arabic)
def test_a_document_is_the_same_whether_the_body_was_decoded_or_not(title: str, text: str) -> None:
    of = article(title=title, body=text)
    by, at = verdict(of), "2026-11-22T12:00:00Z"

    unread = article_of(message(of.to_bytes(), bytes.fromhex(of.id)))

    assert isinstance(unread, ArticleWithRawBody)
    assert orjson.loads(document(unread, by, at, measure_article(of))) == orjson.loads(document(of, by, at, measure_article(of)))


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(article().to_bytes()[:-1] + b',"sentiment":{"body":[1]}}', id="with a field of a newer version"),
        pytest.param(article().to_bytes()[:-1] + b',"author":null}', id="with a null"),
        pytest.param(article().to_bytes()[:-1] + b',"extra":{"a":1}}', id="with a field that is named as ours for unknown ones"),
    ],
)
def test_an_article_that_is_written_otherwise_makes_the_same_document(value: bytes) -> None:
    of, at = article(), "2026-11-22T12:00:00Z"

    assert document(article_of(message(value)), verdict(of), at, measure_article(of)) == document(
        of, verdict(of), at, measure_article(of)
    )


@pytest.mark.parametrize("value", [with_body(b"null"), with_body(b'""'), with_body(b"").replace(b',"body":', b"")])
def test_an_article_may_have_no_body(value: bytes) -> None:
    of = article(body="")

    made = document(article_of(message(value)), verdict(of), "2026-11-22T12:00:00Z", measure_article(of))

    assert {"title", "body"} & orjson.loads(made).keys() == {"title"}


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (b"", "not JSON"),
        (b"[]", "an object was expected"),
        (b"{}", "missing"),
        (with_body(b"5"), "body: Expected `str`, got `int`"),
        (with_body(b'"a\nb"'), "not JSON"),
        (with_body(b"[" * 100_000 + b"]" * 100_000), "not JSON"),
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
