"""A line or a text file is a page, or is refused with the field and the reason."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.page_fields import PageTooLarge, encode, page_of_line, page_of_text
from producers.values.defaults import Defaults
from streams.identity import page_id
from streams.records import MalformedRecord, Page
from tests.support import strategies

NOW = datetime(2026, 11, 22, 18, 25, 43, tzinfo=UTC)
DEFAULTS = Defaults("archive")
STORY = "أعلنت الوزارة اليوم خطة جديدة للمياه."


def page(defaults: Defaults = DEFAULTS, **fields: Any) -> Page:
    return page_of_line(orjson.dumps({"text": STORY, "source": "elnahar.example"} | fields), defaults, NOW)


def refused(**fields: Any) -> MalformedRecord:
    with pytest.raises(MalformedRecord) as caught:
        page(**fields)
    return caught.value


@given(strategies.pages.filter(lambda page: page.text.strip() and "\0" not in page.text))
def test_any_line_is_a_page_that_its_own_bytes_give_back_or_is_refused(given_page: Page) -> None:
    fields = given_page.to_dict()
    del fields["id"]
    try:
        first = page_of_line(orjson.dumps(fields), DEFAULTS, NOW)
        data = encode(first)
    except (MalformedRecord, PageTooLarge):
        return

    assert Page.from_bytes(data) == first
    assert page_of_line(data, DEFAULTS, NOW) == first


@given(st.one_of(st.binary(max_size=80), strategies.json_values.map(orjson.dumps)))
def test_no_bytes_make_it_fail_otherwise(data: bytes) -> None:
    with pytest.raises(MalformedRecord):
        page_of_line(data, DEFAULTS, NOW)


@pytest.mark.parametrize(
    ("field", "alias", "value"),
    [
        ("text", "content", STORY),
        ("text", "body", STORY),
        ("text", "articleBody", STORY),
        ("title", "headline", "خطة المياه"),
        ("url", "link", "https://elnahar.example/1"),
        ("published_at", "date", "2026-11-21T10:00:00Z"),
        ("published_at", "pubDate", "2026-11-21T10:00:00Z"),
        ("modified_at", "dateModified", "2026-11-21T10:00:00Z"),
        ("section", "category", "اقتصاد"),
        ("author", "byline", "سلمى"),
        ("language", "lang", "ar"),
    ],
)
def test_a_field_is_known_by_its_usual_names(field: str, alias: str, value: str) -> None:
    line = orjson.dumps({"source": "elnahar.example", "text": STORY} | {field: None} | {alias: value})

    assert getattr(page_of_line(line, DEFAULTS, NOW), field) == value


def test_our_own_name_goes_before_an_alias_which_then_stays_beside_it() -> None:
    found = page(content="متن آخر")

    assert (found.text, dict(found.extra)) == (STORY, {"content": "متن آخر"})


def test_an_earlier_alias_goes_before_a_later_one() -> None:
    found = page_of_line(orjson.dumps({"body": "ب", "content": "أ", "source": "a"}), DEFAULTS, NOW)

    assert (found.text, dict(found.extra)) == ("أ", {"body": "ب"})


def test_an_id_of_the_input_is_kept_and_never_is_the_pages_identity() -> None:
    found = page(id=92, url="https://elnahar.example/1")

    assert (found.source_id, found.id) == ("92", page_id("https://elnahar.example/1", "", None, ""))


def test_a_page_that_was_written_to_a_file_comes_back_as_it_was() -> None:
    first = page(
        url="https://elnahar.example/1", title="خطة", tags=["مياه"], date="أمس", links=[[0, 5, "https://elnahar.example/2"]]
    )

    assert page_of_line(encode(first), Defaults("other"), datetime(2027, 1, 1, tzinfo=UTC)) == first


def test_what_nobody_knows_stays_beside_the_page() -> None:
    assert dict(page(likes=12, image={"src": "a.png"}).extra) == {"likes": 12, "image": {"src": "a.png"}}


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ("مياه,ري, مياه ,", ("مياه", "ري")),
        ("مياه، ري؛ زراعة", ("مياه", "ري", "زراعة")),
        (["مياه", " ري ", "", "مياه"], ("مياه", "ري")),
        ("", ()),
    ],
)
def test_tags_are_a_list_without_repeats(tags: object, found: tuple[str, ...]) -> None:
    assert page(keywords=tags).tags == found


@pytest.mark.parametrize(
    ("fields", "defaults", "source"),
    [
        ({"source": "elnahar.example", "url": "https://www.b.example/1"}, Defaults("f", "option"), "elnahar.example"),
        ({"url": "https://www.b.example/1"}, Defaults("f", "option"), "option"),
        ({"url": "https://www.b.example/1"}, Defaults("f"), "b.example"),
        ({"source": " "}, Defaults("f"), "f"),
    ],
)
def test_the_source_is_the_records_then_the_options_then_the_hosts_then_the_files(
    fields: dict[str, str], defaults: Defaults, source: str
) -> None:
    assert page_of_line(orjson.dumps({"text": STORY} | fields), defaults, NOW).source == source


def test_a_page_from_nowhere_is_refused() -> None:
    with pytest.raises(MalformedRecord, match="--source") as caught:
        page_of_line(orjson.dumps({"text": STORY}), Defaults(), NOW)

    assert caught.value.field == "source"


def test_a_naive_time_is_in_the_sources_zone() -> None:
    found = page(Defaults("f", None, ZoneInfo("Asia/Riyadh")), date="الأحد ٢٢ تشرين الثاني/ نوفمبر ٢٠٢٦ - ٠٦:٢٥ م")

    assert (found.published_at, found.published_raw) == ("2026-11-22T15:25:00Z", None)


@pytest.mark.parametrize(
    "date",
    ["منذ شهرين", "منذ ساعتين", "1999-12-31", "2026-11-24", "2062-11-22", "12 رجب 1448 هـ", "1448-07-12", 0, 1.5, -7, 10**18],
)
def test_a_date_that_cannot_be_read_or_cannot_be_is_kept_and_not_used(date: object) -> None:
    found = page(date=date)

    assert (found.published_at, found.published_raw) == (
        None,
        date if isinstance(date, str) else str(int(str(date).split(".")[0])),
    )


def test_words_that_count_back_count_from_the_records_own_fetch() -> None:
    found = page(fetched_at="2026-11-20T12:00:00Z", date="منذ ساعتين")

    assert (found.published_at, found.published_raw) == ("2026-11-20T10:00:00Z", None)


def test_a_date_is_judged_by_when_the_page_was_fetched() -> None:
    found = page(fetched_at="2020-01-01T00:00:00Z", date="2020-01-03", modified="2020-01-01")

    assert (found.fetched_at, found.published_raw, found.modified_at) == (
        "2020-01-01T00:00:00Z",
        "2020-01-03",
        "2020-01-01T00:00:00Z",
    )


def test_a_time_of_fetching_that_cannot_be_is_now_and_kept_beside() -> None:
    found = page(fetched_at="2099-01-01T00:00:00Z")

    assert (found.fetched_at, found.extra["fetched_raw"]) == ("2026-11-22T18:25:43Z", "2099-01-01T00:00:00Z")


def test_seconds_and_milliseconds_since_1970_are_dates() -> None:
    assert page(date=1795371900).published_at == page(date=1795371900000).published_at == "2026-11-22T18:25:00Z"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": " \n\t\u00a0"}, "text"),
        ({"text": None}, "text"),
        ({"text": {"a": 1}}, "text"),
        ({"text": True}, "text"),
        ({"text": "<p><img src='a.jpg'></p>"}, "text"),
        ({"url": "javascript:void(0)"}, "url"),
        ({"v": "new"}, "v"),
    ],
)
def test_a_field_that_cannot_be_is_refused_by_name(fields: dict[str, Any], field: str) -> None:
    assert refused(**fields).field == field


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "not JSON"),
        (b'{"text": "\xff"}', "not JSON"),
        (b"[" * 5000, "not JSON"),
        (b'[{"text": "a"}, {"text": "b"}]', "a list of 2: each record must be one object"),
        (b'"text"', "an object was expected"),
        (b"null", "an object was expected"),
    ],
)
def test_a_line_that_is_no_object_is_refused(line: bytes, reason: str) -> None:
    with pytest.raises(MalformedRecord, match=reason):
        page_of_line(line, DEFAULTS, NOW)


def test_fields_nested_deeper_than_json_is_written_are_refused() -> None:
    line = b'{"source": "a", "text": "b", "deep": ' + b"[" * 400 + b"]" * 400 + b"}"

    with pytest.raises(MalformedRecord, match="cannot be JSON"):
        encode(page_of_line(line, DEFAULTS, NOW))


def test_a_text_above_its_limit_is_refused_and_one_at_it_is_not() -> None:
    assert len(encode(page(text="ن" * 450_000))) > 900_000
    with pytest.raises(PageTooLarge, match="900,002 bytes"):
        page(text="ن" * 450_001)


def test_a_page_above_its_limit_is_refused() -> None:
    with pytest.raises(PageTooLarge, match="it may have 2,097,152"):
        encode(page(comments="x" * 2_100_000))


@pytest.mark.parametrize(
    "data",
    [
        STORY.encode(),
        b"\xef\xbb\xbf" + STORY.encode(),
        STORY.encode("utf-16"),
        STORY.encode("windows-1256"),
    ],
    ids=["UTF-8", "UTF-8 with a mark", "UTF-16", "windows-1256"],
)
def test_the_encoding_of_a_text_file_is_recognised(data: bytes) -> None:
    assert page_of_text(data, "a.txt", DEFAULTS, NOW).text == STORY


def test_a_named_encoding_is_believed() -> None:
    assert page_of_text(STORY.encode("iso-8859-6"), "a.txt", DEFAULTS, NOW, "iso-8859-6").text == STORY
    with pytest.raises(MalformedRecord, match="text: not utf-8"):
        page_of_text(STORY.encode("windows-1256"), "a.txt", DEFAULTS, NOW, "utf-8")


def test_a_text_file_with_a_damaged_letter_is_a_page_that_says_so() -> None:
    page = page_of_text(STORY.encode() + b"\xd8", "a.txt", DEFAULTS, NOW)

    assert page.text == STORY + "\ufffd"
    assert page.extra["repairs"] == ["text: 1 damaged bytes of UTF-8"]


def test_a_text_file_keeps_its_lines_and_its_name() -> None:
    found = page_of_text("سطر\r\nسطر آخر\rثالث\n".encode(), "2026/a.txt", DEFAULTS, NOW)

    assert (found.text, found.source_id, found.source, found.url) == ("سطر\nسطر آخر\nثالث\n", "2026/a.txt", "archive", None)
