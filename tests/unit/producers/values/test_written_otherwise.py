"""Values that other programs write otherwise are read as they were meant, and the page says so."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from producers.page_fields import page_of_line
from producers.values.defaults import Defaults
from streams.records import MalformedRecord, Page

NOW = datetime(2026, 11, 22, 18, 25, tzinfo=UTC)
URL, TITLE = "https://k.example/1", "افتتاح جسر المشاة"
TEXT, MORE = "أعلنت بلدية العين الزرقاء افتتاح جسر المشاة الجديد.", "وقال رئيس البلدية إن العمل استمر سبعة أشهر."
HTML = (
    f'<!DOCTYPE html><html lang="ar"><head><title>{TITLE}</title></head><body><nav><a href="/">الرئيسية</a></nav>'
    f"<article><h1>{TITLE}</h1><p>{TEXT} {MORE} {TEXT} {MORE}</p><p>{MORE}</p></article></body></html>"
)


def page(**fields: Any) -> Page:
    return page_of_line(json.dumps({"url": URL, "title": TITLE, "text": TEXT} | fields).encode(), Defaults("file"), NOW)


def only(**fields: Any) -> Page:
    return page_of_line(json.dumps(fields).encode(), Defaults("file"), NOW)


def latin(text: str, times: int = 1) -> str:
    for _ in range(times):
        text = text.encode().decode("latin-1")
    return text


@pytest.mark.parametrize(
    ("fields", "field", "meant"),
    [
        ({"text": f"<![CDATA[{TEXT}]]>"}, "text", TEXT),
        ({"text": f"&lt;![CDATA[{TEXT}]]&gt;"}, "text", TEXT),
        ({"text": f"<![CDATA[<p>{TEXT}</p><p>{MORE}</p>]]>"}, "text", f"{TEXT}\n\n{MORE}"),
        ({"title": f"<![CDATA[ {TITLE} ]]>"}, "title", TITLE),
        ({"url": f"<![CDATA[{URL}]]>"}, "url", URL),
        ({"published_at": "<![CDATA[2026-08-16T06:00:00Z]]>"}, "published_at", "2026-08-16T06:00:00Z"),
        ({"tags": ["<![CDATA[جسور]]>"]}, "tags", ("جسور",)),
        ({"tags": "['جسور', 'بلدية']"}, "tags", ("جسور", "بلدية")),
        ({"tags": '["جسور", "بلدية"]'}, "tags", ("جسور", "بلدية")),
        ({"tags": "['جسور' 'بلدية']"}, "tags", ("جسور", "بلدية")),
        ({"tags": '{جسور,"بلدية"}'}, "tags", ("جسور", "بلدية")),
        ({"tags": ["null", "جسور", "None"]}, "tags", ("جسور",)),
        ({"authors": "['هند', 'سالم']"}, "author", "هند، سالم"),
        ({"author": "{'name': 'هند'}"}, "author", "هند"),
        ({"author": "[]"}, "author", None),
        ({"text": str([TEXT, MORE])}, "text", f"{TEXT}\n\n{MORE}"),
        ({"url": [URL, "https://k.example/2"]}, "url", URL),
        ({"published_at": "['2026-08-16T06:00:00Z']"}, "published_at", "2026-08-16T06:00:00Z"),
        ({"text": rf"{TEXT}\n\n{MORE}"}, "text", f"{TEXT}\n\n{MORE}"),
        ({"text": rf"{TEXT}\r\n{MORE}"}, "text", f"{TEXT}\n{MORE}"),
        ({"text": json.dumps(f'{TEXT}\n"{MORE}" \U0001f525')[1:-1]}, "text", f'{TEXT}\n"{MORE}" \U0001f525'),
        ({"title": json.dumps(TITLE)[1:-1]}, "title", TITLE),
        ({"text": "".join(f"%u{ord(char):04X}" for char in TEXT)}, "text", TEXT),
        ({"text": "".join(f"&#{ord(char)};" for char in TEXT)}, "text", TEXT),
        ({"text": f"{TEXT}\r\n{MORE}\r{MORE}"}, "text", f"{TEXT}\n{MORE}\n{MORE}"),
        ({"title": "افتتاح\nجسر  المشاة"}, "title", TITLE),
        ({"title": latin(TITLE, 2)}, "title", TITLE),
        ({"text": latin(TEXT, 3)}, "text", TEXT),
        ({"author": latin("هند العلي", 4)}, "author", "هند العلي"),
    ],
)
def test_a_value_is_read_as_it_was_meant(fields: dict[str, Any], field: str, meant: object) -> None:
    found = page(**fields)

    assert getattr(found, field) == meant
    if field not in ("published_at", "title") or "repairs" in found.extra:
        assert found.extra["repairs"][0].partition(":")[0] == field


@pytest.mark.parametrize(
    "nothing", ["null", "None", "NaN", "undefined", "NULL", "nan", "N/A", " null ", "<NA>", "[object Object]"]
)
def test_a_word_for_nothing_is_no_value(nothing: str) -> None:
    found = page(author=nothing, published_at=nothing, country=nothing, title=nothing, headline=TITLE)

    assert (found.author, found.published_at, found.published_raw, found.country, found.title) == (None, None, None, None, TITLE)
    assert f"author: {nothing.strip()} is no value" in found.extra["repairs"]


@pytest.mark.parametrize("title", ["[فيديو] افتتاح الجسر", "[صور]", "{١}", r"في C:\new\table", "سطر واحد\\nothing", "100% تمام"])
def test_a_title_that_is_right_stays(title: str) -> None:
    assert page(title=title).title == title


@pytest.mark.parametrize(
    "name",
    ["arabic", "ara", "ar-SA", "AR", "ar_EG", "العربية", "عربي", "Arabic (Egypt)", "ar-EG,ar;q=0.9", ["ar"], {"name": "Arabic"}],
)
def test_a_language_is_its_code(name: object) -> None:
    assert page(language=name).language == "ar"


def test_a_language_keeps_its_name_beside_its_code() -> None:
    found = page(language="en-US")

    assert (found.language, found.extra["language_raw"]) == ("en", "en-US")
    assert page(language="Klingon").language == "Klingon"


@pytest.mark.parametrize(
    ("links", "spans"),
    [
        ([[0, 5, URL]], ((0, 5, URL),)),
        ([["0", 5.0, URL]], ((0, 5, URL),)),
        ([{"start": 0, "end": 5, "href": URL}], ((0, 5, URL),)),
        ([[0, 5, URL], None, ["a"], [9, 2, URL], [0, 9999, URL], [-1, 5, URL], [0, 5]], ((0, 5, URL),)),
        ([URL], ()),
        ({"a": 1}, ()),
        (5, ()),
        ("[]", ()),
    ],
)
def test_links_that_are_spans_of_the_text_are_kept_and_the_rest_beside(links: object, spans: object) -> None:
    found = page(links=links)

    assert found.links == spans
    assert ("links_raw" in found.extra) == (links not in ([[0, 5, URL]], "[]"))


def test_links_move_with_the_ends_of_lines() -> None:
    at = len(TEXT) + 2

    found = page(text=f"{TEXT}\r\n{MORE}", links=[[0, 5, URL], [at, at + 4, URL]])

    assert [found.text[start:end] for start, end, _ in found.links] == [TEXT[:5], MORE[:4]]


@pytest.mark.parametrize("name", ["html", "raw_html", "text", "body", "content"])
def test_a_whole_page_of_html_is_read_by_the_extractor(name: str) -> None:
    found = only(url=URL, **{name: HTML})

    assert (found.title, found.language, found.text) == (TITLE, "ar", f"{TEXT} {MORE} {TEXT} {MORE}\n\n{MORE}")
    assert "text: the article in a page of HTML" in found.extra["repairs"]


def test_a_whole_page_that_is_no_article_is_refused_with_its_reason() -> None:
    with pytest.raises(MalformedRecord, match=r"Page\.text: a page of HTML that is no article \(empty"):
        only(url=URL, html="<html><body></body></html>")


@pytest.mark.parametrize("name", ["html", "body_html", "content:encoded", "contentEncoded", "content_html"])
def test_a_piece_of_html_is_a_text(name: str) -> None:
    assert only(url=URL, **{name: f"<p>{TEXT}</p>"}).text == TEXT


@pytest.mark.parametrize("name", ["description", "excerpt", "abstract", "meta_description", "og:description", "standfirst"])
def test_a_record_with_a_description_alone_is_a_page_that_says_so(name: str) -> None:
    found = only(url=URL, title=TITLE, **{name: TEXT})

    assert found.text == TEXT
    assert found.extra["repairs"] == [f"text: there is only a {name.removeprefix('og:')}"]


def test_the_output_of_fundus_is_read() -> None:
    sections = [{"headline": [], "paragraphs": [MORE]}, {"headline": ["عنوان"], "paragraphs": ["فقرة.", MORE]}]
    html = {"requested_url": URL, "responded_url": URL, "content": HTML, "crawl_date": "2026-08-17 00:00:00"}
    fields = {
        "title": TITLE,
        "authors": ["هند"],
        "publishing_date": "2026-08-16 06:00:00+00:00",
        "topics": ["جسور"],
        "html": html,
    }

    found = only(**fields, body={"summary": [TEXT], "sections": sections}, lang="ar")

    assert found.text == "\n\n".join([TEXT, MORE, "عنوان", "فقرة.", MORE])
    assert (found.url, found.author, found.tags, found.language) == (URL, "هند", ("جسور",), "ar")
    assert (found.published_at, found.fetched_at) == ("2026-08-16T06:00:00Z", "2026-08-17T00:00:00Z")
    assert only(**fields, plaintext=TEXT).text == TEXT
    assert only(**fields).text.startswith(TEXT)


def test_the_output_of_diffbot_is_read() -> None:
    found = only(objects=[{"type": "article", "title": TITLE, "text": TEXT, "pageUrl": URL, "humanLanguage": "ar"}])

    assert (found.title, found.text, found.url, found.language) == (TITLE, TEXT, URL, "ar")


def test_short_fields_are_read_in_the_set_that_the_text_shows() -> None:
    found = page(text=TEXT.encode("cp1256").decode("latin-1"), title="طقس".encode("cp1256").decode("latin-1"))

    assert (found.text, found.title) == (TEXT, "طقس")


@pytest.mark.parametrize("name", ["author", "tags", "text"])
def test_a_field_that_is_nested_deeply_is_refused(name: str) -> None:
    line = f'{{"url": "{URL}", "text": "{TEXT}", "{name}": {"[" * 400}1{"]" * 400}}}'

    with pytest.raises(MalformedRecord, match="nested too deeply"):
        page_of_line(line.encode(), Defaults(), NOW)
