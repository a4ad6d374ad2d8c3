from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from streams.dead_letters.envelope import letter_of
from streams.dedup.notice import Notice
from streams.records import Article, Page
from streams.split.rules import read_rules
from streams.topics import MAX_PAGE_BYTES, MAX_TEXT_BYTES, topics
from streams.workers import rejections as refusals
from streams.workers import splitter
from streams.workers.splitter import records_for_pages

NAMES = topics("news")
PAGE = Page(
    id="0f" * 16,
    source="site",
    title="افتتاح حديقة جديدة في وسط المدينة",
    text="افتتحت البلدية صباح اليوم حديقة عامة في وسط المدينة. وقال رئيسها إن العمل فيها استمر عامين كاملين.",
    fetched_at="2026-11-22T18:25:43Z",
)
READ_ALSO = replace(PAGE, text=f"{PAGE.text}\nإقرأ أيضاً\nالسباحون يفوزون بكأس المدينة\nفاز فريق السباحة بكأس المدينة أمس الجمعة.")
NOW = "2026-11-22T18:25:43.000Z"


def message(value: bytes | None, *, key: bytes | None = b"k", timestamp: float = 1_795_372_123.045) -> Any:
    return SimpleNamespace(
        topic="news.pages", partition=7, offset=123, timestamp=timestamp, headers=(("trace", b"t"),), key=key, value=value
    )


def reason(value: bytes | None, **settings: Any) -> str:
    ((sent,),) = records_for_pages([message(value, **settings)], NAMES, lambda: NOW)
    assert sent.topic == "news.dead-letters"
    return letter_of(sent.headers).reason


def test_a_page_becomes_its_articles_with_their_notices() -> None:
    ((sent,),) = records_for_pages([message(PAGE.to_bytes())], NAMES, lambda: NOW)

    article = Article.from_bytes(sent.value or b"")
    told = Notice.from_bytes(dict(sent.headers)["notice"])
    assert (sent.topic, sent.key) == ("news.articles", bytes.fromhex(PAGE.id))
    assert (article.id, article.role, article.body) == (PAGE.id, "main", PAGE.text)
    assert dict(sent.headers)["articles"] == b"1"
    assert (told.id, told.origin, told.at_ms) == (sent.key, (7, 123), 1_795_372_123_045)


@given(st.integers(0, 4_102_444_800_000))
def test_the_time_of_a_notice_is_the_append_time_to_the_millisecond(at: int) -> None:
    ((sent,),) = records_for_pages([message(PAGE.to_bytes(), timestamp=at / 1000)], NAMES, lambda: NOW)

    assert Notice.from_bytes(dict(sent.headers)["notice"]).at_ms == at


@pytest.mark.parametrize(
    ("first", "at_ms", "is_replayed"), [(b"1000", 1_000, True), (b"5000", 2_000, False), (b"x", 2_000, False)]
)
def test_a_page_that_failed_and_is_sent_again_is_as_old_as_it_was(first: bytes, at_ms: int, is_replayed: bool) -> None:
    again = message(PAGE.to_bytes(), timestamp=2.0)
    again.headers = (("attempts", b"1"), ("appended-ms", first))

    ((sent,),) = records_for_pages([again], NAMES, lambda: NOW)

    told = Notice.from_bytes(dict(sent.headers)["notice"])
    assert (told.at_ms, told.is_replayed) == (at_ms, is_replayed)


def dates(**fields: Any) -> tuple[str | None, str | None, str]:
    """published_at, published_raw and fetched_at of the article of a page with these fields, put on the topic on PAGE's day."""
    ((sent,),) = records_for_pages([message(replace(PAGE, **fields).to_bytes())], NAMES, lambda: NOW)
    assert sent.topic == "news.articles"
    article = Article.from_bytes(sent.value or b"")
    return article.published_at, article.published_raw, article.fetched_at


@pytest.mark.parametrize("when", ["0001-01-01T00:00:00Z", "1999-12-31T23:59:59Z", "2026-11-23T18:25:44Z", "9998-07-01T00:00:00Z"])
def test_a_date_that_cannot_be_is_kept_and_makes_no_month(when: str) -> None:
    assert dates(published_at=when) == (None, when, PAGE.fetched_at)


@pytest.mark.parametrize("when", ["2000-01-01T00:00:00Z", "2026-11-23T18:25:43Z"])
def test_a_date_that_can_be_is_used(when: str) -> None:
    assert dates(published_at=when) == (when, None, PAGE.fetched_at)


@pytest.mark.parametrize("when", ["0001-01-01T00:00:00Z", "1999-12-31T23:59:59Z", "2026-11-23T18:28:44Z", "9998-07-01T00:00:00Z"])
def test_a_page_fetched_when_it_cannot_have_been_takes_the_time_it_was_put_on_the_topic(when: str) -> None:
    assert dates(fetched_at=when, published_at="2026-11-01T00:00:00Z") == (
        "2026-11-01T00:00:00Z",
        None,
        "2026-11-22T18:28:43.045Z",
    )


def test_a_dead_letter_of_a_page_is_the_message_and_where_it_lay() -> None:
    ((sent,),) = records_for_pages([message(b"{", key=None)], NAMES, lambda: NOW)

    letter = letter_of(sent.headers)
    assert (sent.key, sent.value, dict(sent.headers)["trace"]) == (None, b"{", b"t")
    assert (letter.stage, letter.topic, letter.partition, letter.offset) == ("split", "news.pages", 7, 123)
    assert letter.failed_at == NOW
    assert letter.appended_ms == 1_795_372_123_045
    assert letter.error.startswith("Page: not JSON")


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"\xff\xfe",
        b"null",
        b"[]",
        b"{}",
        b'"\\ud800"',
        b"[" * 100_000,
        orjson.dumps(PAGE.to_dict() | {"text": 7}),
        orjson.dumps(PAGE.to_dict() | {"id": "x"}),
        orjson.dumps(PAGE.to_dict() | {"fetched_at": "yesterday"}),
    ],
)
def test_what_is_no_page_is_malformed(value: bytes | None) -> None:
    assert reason(value) == "malformed_page"


@given(st.binary(max_size=200))
def test_no_bytes_make_the_worker_stop(value: bytes) -> None:
    assert reason(value) == "malformed_page"


def test_a_page_of_too_many_bytes_is_too_large() -> None:
    assert reason(orjson.dumps(PAGE.to_dict() | {"filling": "x" * MAX_PAGE_BYTES})) == "page_too_large"


@pytest.mark.parametrize("letter", ["a", "ب"])
def test_a_page_of_too_much_text_is_too_large(letter: str) -> None:
    fits = letter * (MAX_TEXT_BYTES // len(letter.encode()))

    assert reason(orjson.dumps(PAGE.to_dict() | {"text": fits + letter})) == "page_too_large"


def test_a_failure_of_the_splitter_is_the_pages_dead_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise IndexError("out of range")

    monkeypatch.setattr(splitter, "split", fails)
    ((sent,),) = records_for_pages([message(PAGE.to_bytes())], NAMES, lambda: NOW)

    letter = letter_of(sent.headers)
    assert (letter.reason, letter.error) == ("splitter_failure", "IndexError: out of range")


def test_running_out_of_memory_is_no_fault_of_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(splitter, "split", fails)

    with pytest.raises(MemoryError):
        records_for_pages([message(PAGE.to_bytes())], NAMES, lambda: NOW)


def test_an_article_that_fits_no_message_makes_its_page_a_dead_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splitter, "ARTICLE_BYTES", 100)

    assert reason(PAGE.to_bytes()) == "article_too_large"


def test_the_largest_article_leaves_room_for_what_travels_with_it() -> None:
    """The largest notice there can be, of 20,000 words, and a verdict must fit beside it."""
    assert refusals.ARTICLE_BYTES + 2 * 20_000 + 64 * 1024 < 4 * 1024 * 1024


def test_the_rules_of_a_source_hold_on_its_own_pages_only() -> None:
    rules = read_rules('[sources."a.example"]\nlines = ["زاوية القراء الكرام"]')
    text = "أعلنت الوزارة موعد الافتتاح.\nزاوية القراء الكرام"
    bodies = {}
    for name in ("a.example", "b.example"):
        page = replace(PAGE, source=name, text=text)
        ((sent,),) = records_for_pages([message(page.to_bytes())], NAMES, lambda: NOW, rules)
        bodies[name] = Article.from_bytes(sent.value or b"").body

    assert bodies == {"a.example": "أعلنت الوزارة موعد الافتتاح.", "b.example": text}


def test_the_page_of_a_producer_with_other_habits_is_split() -> None:
    fields = {"url": "https://k.example/1", "source": "k.example", "text": "افتتاح الجسر", "fetched_at": "2026-08-16T06:00:00Z"}
    plain = orjson.dumps(fields)

    for value in (plain, b"\0\0\0\0\1" + plain, b"\xef\xbb\xbf" + plain, orjson.dumps(plain.decode())):
        (sendings,) = records_for_pages([message(value)], topics(), lambda: "2026-08-16T06:00:00Z", {})

        assert [sending.topic for sending in sendings] == ["news.articles"]


@given(st.lists(st.sampled_from([PAGE.to_bytes(), b"{", None, READ_ALSO.to_bytes(), b"x" * (MAX_PAGE_BYTES + 1)]), max_size=6))
def test_pages_that_are_split_together_become_what_each_becomes_alone(values: list[bytes | None]) -> None:
    messages, causes = list(map(message, values)), list[tuple[Any, str]]()
    together = records_for_pages(messages, NAMES, lambda: NOW, rejected=lambda *why: causes.append((why[0], why[1].reason)))

    assert together == [records_for_pages([each], NAMES, lambda: NOW)[0] for each in messages]
    rejected = [(each, of_it[0]) for each, of_it in zip(messages, together, strict=True) if of_it[0].topic != NAMES.articles.name]
    assert causes == [(each, letter_of(record.headers).reason) for each, record in rejected]


@pytest.mark.parametrize(
    ("value", "error"), [(b"", "empty"), (None, "no value"), (b"\x1f\x8b\x08", "gzip"), (b"\0\0\0\0\1\2avro", "schema registry")]
)
def test_what_is_no_page_is_a_dead_letter_that_names_it(value: bytes | None, error: str) -> None:
    ((letter,),) = records_for_pages([message(value)], topics(), lambda: "2026-08-16T06:00:00Z", {})

    assert error in letter_of(letter.headers).error
