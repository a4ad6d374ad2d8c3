"""The contract: what goes in comes out, what is unknown stays, what is malformed says which field and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.records import VERSION, Article, DeadLetter, MalformedRecord, Page, Record, Verdict, field_names
from tests.support import strategies

RECORDS = st.one_of(strategies.pages, strategies.articles, strategies.verdicts, strategies.dead_letters)
ID = "0123456789abcdef0123456789abcdef"
PAGE: dict[str, Any] = {"id": ID, "source": "elnahar.example", "text": "نص", "fetched_at": "2026-11-22T18:25:43Z"}
VERDICT: dict[str, Any] = {
    "kind": "new",
    "doc_id": ID,
    "story_id": ID,
    "version": 1,
    "month": "2026-11",
    "first_seen": "2026-11-22T18:25:43Z",
}
ARTICLE: dict[str, Any] = {
    "id": ID,
    "page_id": ID,
    "role": "main",
    "source": "elnahar.example",
    "fetched_at": "2026-11-22T18:25:43Z",
}
LETTER: dict[str, Any] = {"stage": "split", "reason": "x", "error": "y", "failed_at": "2026-11-22T18:25:43Z"}


@given(RECORDS)
def test_a_record_comes_back_from_its_own_bytes(record: Record) -> None:
    assert type(record).from_bytes(record.to_bytes()) == record


@given(RECORDS)
def test_bytes_are_one_line_and_the_same_every_time(record: Record) -> None:
    data = record.to_bytes()

    assert b"\n" not in data
    assert type(record).from_bytes(data).to_bytes() == data


@given(strategies.pages, strategies.json_values)
def test_a_field_of_a_newer_version_survives(page: Page, value: object) -> None:
    newer = page.to_dict() | {"v": VERSION + 1, "sentiment": value}

    assert orjson.loads(Page.from_dict(newer).to_bytes()) == orjson.loads(orjson.dumps(newer))


@given(st.one_of(st.binary(max_size=60), strategies.json_values.map(orjson.dumps)))
def test_any_bytes_are_a_record_or_a_malformed_one(data: bytes) -> None:
    for record in (Page, Article, Verdict, DeadLetter):
        with pytest.raises(MalformedRecord) as caught:
            record.from_bytes(data)
        assert caught.value.record == record.__name__
        assert caught.value.reason


@given(strategies.pages, st.data())
def test_one_wrong_field_is_named(page: Page, data: st.DataObject) -> None:
    fields = page.to_dict()
    field = data.draw(st.sampled_from(sorted(field_names(Page))))
    wrong = [True, 1.5, {"a": 1}, [7]] + ([] if field == "v" else [7])
    fields[field] = data.draw(st.sampled_from(wrong))

    with pytest.raises(MalformedRecord) as caught:
        Page.from_dict(fields)

    assert (caught.value.record, caught.value.field) == ("Page", field)


def test_decoding_leaves_the_given_fields_alone() -> None:
    fields = PAGE | {"v": 1, "links": [[0, 1, "https://a.example/"]]}
    before = orjson.dumps(fields)

    Page.from_dict(fields)

    assert orjson.dumps(fields) == before


def test_an_unknown_field_never_stands_in_for_a_known_one() -> None:
    page = Page(**PAGE, extra={"source": "other.example", "rank": 3})

    assert page.to_dict() == {"v": VERSION, **PAGE, "rank": 3}


def test_null_means_absent() -> None:
    page = Page.from_dict(PAGE | {"url": None, "tags": None, "v": None})

    assert page == Page.from_dict(PAGE)


def test_what_is_empty_is_not_written() -> None:
    assert Page.from_dict(PAGE).to_dict() == {"v": VERSION, **PAGE}


def test_every_missing_field_is_named() -> None:
    with pytest.raises(MalformedRecord) as caught:
        Page.from_dict({"id": ID})

    assert (caught.value.field, caught.value.reason) == ("fetched_at, source, text", "missing")


@pytest.mark.parametrize(
    ("record", "base", "field", "value"),
    [
        pytest.param(Page, PAGE, "id", ID.upper(), id="an id in capitals"),
        pytest.param(Page, PAGE, "id", ID[:-1], id="an id too short"),
        pytest.param(Page, PAGE, "id", ID + "\n", id="an id with a newline"),
        pytest.param(Page, PAGE, "fetched_at", "2026-11-22T18:25:43", id="a time without zone"),
        pytest.param(Page, PAGE, "fetched_at", "2026-11-22T18:25:43+02:00", id="a time not in UTC"),
        pytest.param(Page, PAGE, "fetched_at", "2026-02-30T18:25:43Z", id="a day that never was"),
        pytest.param(Page, PAGE, "fetched_at", "٢٠٢٦-11-22T18:25:43Z", id="a time in Arabic digits"),
        pytest.param(Page, PAGE, "text", ["a"], id="a text that is a list"),
        pytest.param(Page, PAGE, "tags", "a,b", id="tags that are one text"),
        pytest.param(Page, PAGE, "tags", ["a", 7], id="a tag that is a number"),
        pytest.param(Page, PAGE, "links", [[3, 1, "https://a.example/"]], id="a link that ends before it starts"),
        pytest.param(Page, PAGE, "links", [[-1, 1, "https://a.example/"]], id="a link before the text"),
        pytest.param(Page, PAGE, "links", [[0, True, "https://a.example/"]], id="a link to a truth value"),
        pytest.param(Page, PAGE, "links", [[0, 1]], id="a link without an address"),
        pytest.param(Page, PAGE, "links", [[0, 2**63, "https://a.example/"]], id="a link beyond any text"),
        pytest.param(Page, PAGE, "v", 0, id="a version before the first"),
        pytest.param(Page, PAGE, "v", "1", id="a version that is a text"),
        pytest.param(Page, PAGE, "v", 2**63, id="a version that nobody can write"),
        pytest.param(Article, ARTICLE, "role", "aside", id="an unknown role"),
        pytest.param(Article, ARTICLE, "teasers", [{"url": "https://a.example/"}], id="a teaser without a title"),
        pytest.param(Article, ARTICLE, "related", [{"title": 7}], id="a related title that is a number"),
        pytest.param(Article, ARTICLE, "segments", [{"start": 2, "end": 1, "kind": "body"}], id="a segment turned round"),
        pytest.param(Article, ARTICLE, "segments", [{"start": 0, "end": 1}], id="a segment of no kind"),
        pytest.param(Article, ARTICLE, "segments", [{"start": 0, "end": 2**63, "kind": "body"}], id="a segment beyond any text"),
        pytest.param(Verdict, VERDICT, "kind", "old", id="an unknown kind"),
        pytest.param(Verdict, VERDICT, "version", -1, id="a version below zero"),
        pytest.param(Verdict, VERDICT, "version", 2**63, id="a version that no index can hold"),
        pytest.param(Verdict, VERDICT, "version", True, id="a version that is a truth value"),
        pytest.param(Verdict, VERDICT, "month", "2026-13", id="a thirteenth month"),
        pytest.param(Verdict, VERDICT, "jaccard", 1.1, id="a share above one"),
        pytest.param(DeadLetter, LETTER, "stage", "search", id="an unknown stage"),
        pytest.param(DeadLetter, LETTER, "attempts", 1.5, id="attempts in halves"),
    ],
)
def test_a_malformed_field_is_refused_by_name(record: type[Record], base: dict[str, Any], field: str, value: object) -> None:
    record.from_dict(base)  # it is this field alone that is wrong

    with pytest.raises(MalformedRecord) as caught:
        record.from_dict(base | {field: value})
    with pytest.raises(MalformedRecord) as from_bytes:
        record.from_bytes(orjson.dumps(base | {field: value}))

    assert (caught.value.record, caught.value.field) == (record.__name__, field)
    assert str(caught.value).startswith(f"{record.__name__}.{field}: ")
    assert str(from_bytes.value) == str(caught.value)


@given(st.integers(0, 9999), st.one_of(st.just(2), st.integers(0, 13)), st.one_of(st.integers(28, 31), st.integers(0, 32)))
def test_a_time_is_on_a_day_of_the_calendar(year: int, month: int, day: int) -> None:
    time = f"{year:04}-{month:02}-{day:02}T00:00:00Z"
    try:
        datetime.fromisoformat(time)
    except ValueError:
        with pytest.raises(MalformedRecord, match="an RFC 3339 time in UTC was expected"):
            Page.from_dict(PAGE | {"fetched_at": time})
    else:
        assert Page.from_dict(PAGE | {"fetched_at": time}).fetched_at == time


def test_a_field_that_is_named_as_ours_for_unknown_ones_survives() -> None:
    newer = PAGE | {"v": VERSION + 1, "extra": {"mood": "calm"}}

    assert orjson.loads(Page.from_bytes(orjson.dumps(newer)).to_bytes()) == newer


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xff\xfe", id="no UTF-8"),
        pytest.param(b'{"id": "\\ud83d"}', id="half a surrogate pair"),
        pytest.param(b'{"id": "a\x00"}', id="a raw NUL"),
        pytest.param(b"[" * 100_000, id="nested without end"),
        pytest.param(b'{"id": NaN}', id="not a number"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"null", id="null"),
        pytest.param(b'"text"', id="a text"),
    ],
)
def test_what_is_no_object_in_json_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedRecord) as caught:
        Page.from_bytes(data)

    assert (caught.value.record, caught.value.field) == ("Page", "")


@pytest.mark.parametrize("field", ["segments", "sentiment"])
def test_a_field_nested_without_end_is_refused(field: str) -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    data = orjson.dumps(ARTICLE)[:-1] + b',"%b":[{"start":0,"end":1,"kind":"body","deep":%b}]}' % (field.encode(), deep)

    with pytest.raises(MalformedRecord, match="not JSON"):
        Article.from_bytes(data)


def test_what_cannot_be_written_as_json_is_refused() -> None:
    deep: list[Any] = []
    for _ in range(300):
        deep = [deep]

    with pytest.raises(MalformedRecord, match="cannot be JSON"):
        Page(**PAGE, extra={"deep": deep}).to_bytes()
    with pytest.raises(MalformedRecord, match="cannot be JSON"):
        Page(**PAGE | {"text": "\ud83d"}).to_bytes()
