"""Records as whole systems export them: what was meant by several fields, a tree or an envelope is in the page."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from producers.page_fields import page_of_line
from producers.values.defaults import Defaults
from streams.records import Page

NOW = datetime(2026, 11, 22, 18, 25, tzinfo=UTC)
FIRST = "أعلنت بلدية العين الزرقاء افتتاح جسر المشاة الجديد أمام المدرسة الثانوية صباح الأحد المقبل، بعد أعمال استمرت سبعة أشهر."
SECOND = "وقال رئيس البلدية سامر الحداد إن الجسر يخدم ألفي طالب كل يوم، وإن كلفته بلغت أربعمئة ألف دينار."
TEXT = f"{FIRST}\n\n{SECOND}"
MARKUP = f"<p>{FIRST}</p>\n<p>{SECOND}</p>"
TITLE = "افتتاح جسر المشاة"
URL = "https://k.example/bridge"
TIME = "2026-11-20T06:15:00Z"
SECONDS = int(datetime(2026, 11, 20, 6, 15, tzinfo=UTC).timestamp())
PLAIN: dict[str, Any] = {"url": URL, "title": TITLE, "text": TEXT}
AUTHOR = {"author": "هند العلي"}


def line(data: bytes | dict[str, Any]) -> Page:
    return page_of_line(data if isinstance(data, bytes) else orjson.dumps(data), Defaults(), NOW)


POST: dict[str, Any] = {
    "id": 77,
    "date": "2026-11-20T09:15:00",
    "date_gmt": "2026-11-20T06:15:00",
    "modified": "2026-11-20T10:00:00",
    "modified_gmt": "2026-11-20T07:00:00",
    "link": URL,
    "guid": {"rendered": "https://k.example/?p=77"},
    "title": {"rendered": "افتتاح &#8220;جسر المشاة&#8221;"},
    "content": {"rendered": MARKUP, "protected": False},
    "excerpt": {"rendered": f"<p>{FIRST[:50]} [&hellip;]</p>"},
    "author": 3,
    "tags": [12, 15],
}
EMBEDDED = {
    "author": [{"id": 3, "name": "هند العلي"}],
    "wp:term": [[{"name": "محليات", "taxonomy": "category"}], [{"name": "جسور", "taxonomy": "post_tag"}]],
}
TRUE_TIMES = {"published_at": TIME, "modified_at": "2026-11-20T07:00:00Z"}
SYSTEMS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "WordPress": (POST, TRUE_TIMES | {"title": "افتتاح “جسر المشاة”", "text": TEXT, "author": None, "tags": ()}),
    "WordPress with what it embeds": (
        POST | {"_embedded": EMBEDDED},
        TRUE_TIMES | AUTHOR | {"tags": ("جسور",), "section": "محليات"},
    ),
    "Event Registry": (
        {"uri": "8123", "lang": "ara", "date": "2026-11-20", "time": "06:20:00", "dateTime": "2026-11-20T06:20:00Z"}
        | {"dateTimePub": TIME, "url": URL, "title": TITLE, "body": TEXT, "source": {"uri": "k.example", "title": "المدار"}}
        | {"authors": [{"uri": "h@k.example", "name": "هند العلي", "type": "author"}]},
        AUTHOR | {"published_at": TIME, "language": "ar", "source": "المدار", "url": URL},
    ),
    "a day and its clock": (PLAIN | {"date": "20/11/2026", "time": "06:15"}, {"published_at": TIME}),
    "MongoDB's canonical times": (
        PLAIN | {"publishedAt": {"$date": {"$numberLong": str(SECONDS * 1000)}}},
        {"published_at": TIME},
    ),
    "microseconds since 1970": (PLAIN | {"published_at": SECONDS * 10**6}, {"published_at": TIME}),
    "CloudEvents": (
        {"specversion": "1.0", "type": "page", "source": "/crawler/7", "id": "A234", "data": PLAIN},
        {"text": TEXT, "source": "k.example", "source_id": None},
    ),
    "Debezium": (
        {"before": None, "after": PLAIN | {"published_at": SECONDS * 1000}, "op": "c"}
        | {"source": {"name": "dbserver1", "table": "posts"}},
        {"text": TEXT, "source": "k.example", "published_at": TIME},
    ),
    "Kafka Connect": ({"schema": {"type": "struct", "fields": [{"field": "url"}]}, "payload": PLAIN}, {"text": TEXT}),
    "Solr": (
        {"id": "77", "url": URL, "title_t": TITLE, "content_txt_ar": [TEXT], "published_dt": TIME, "author_s": "هند العلي"},
        AUTHOR | {"title": TITLE, "text": TEXT, "published_at": TIME},
    ),
    "names with their language": ({"url": URL, "title_ar": TITLE, "bodyAr": TEXT}, {"title": TITLE, "text": TEXT}),
    "texts by language": (
        {"url": URL, "title": {"en": "Bridge opens", "ar": TITLE}, "text": {"en": "A bridge.", "ar": TEXT}},
        {"title": TITLE, "text": TEXT},
    ),
    "XML as objects": (
        {"url": {"#text": URL}, "title": {"@lang": "ar", "#text": TITLE}, "text": {"$t": TEXT}},
        {"url": URL, "title": TITLE, "text": TEXT},
    ),
    "Scrapy": (
        {name: [value] for name, value in PLAIN.items()} | {"tags": [["جسور", "بلدية"]]},
        PLAIN | {"tags": ("جسور", "بلدية")},
    ),
    "hashtags": (PLAIN | {"tags": "#جسور #بلدية_العين"}, {"tags": ("جسور", "بلدية_العين")}),
    "tags with a hash each": (PLAIN | {"tags": ["#جسور", "بلدية"]}, {"tags": ("جسور", "بلدية")}),
    "the site's address as source": (PLAIN | {"source": "https://www.k.example/"}, {"source": "k.example"}),
    "Readability": (
        {"title": TITLE, "byline": "هند العلي", "lang": "ar", "content": f'<div id="readability-page-1">{MARKUP}</div>'}
        | {"textContent": f"\n{FIRST}{SECOND}", "siteName": "المدار", "publishedTime": TIME, "url": URL},
        AUTHOR | {"text": TEXT, "published_at": TIME, "source": "المدار"},
    ),
}


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_record_of_a_system_is_the_page_that_was_meant(system: str) -> None:
    fields, meant = SYSTEMS[system]

    found = line(fields)

    assert {name: getattr(found, name) for name in meant} == meant


def test_numbers_that_name_authors_and_tags_elsewhere_stay_beside_the_page() -> None:
    assert {"author_raw": 3, "tags_raw": [12, 15]}.items() <= line(POST).extra.items()


def test_what_an_envelope_says_of_itself_stays_beside_the_page() -> None:
    fields, _ = SYSTEMS["CloudEvents"]

    assert line(fields).extra["event"] == {"source": "/crawler/7", "id": "A234", "type": "page"}


BOLD = {"type": "text", "text": SECOND[:20], "marks": [{"type": "bold"}]}
TREES: dict[str, Any] = {
    "Editor.js": {
        "time": 1,
        "blocks": [
            {"type": "paragraph", "data": {"text": f"<b>{FIRST}</b>"}},
            {"type": "image", "data": {"file": {"url": "https://k.example/i.jpg"}, "caption": "صورة"}},
            {"type": "paragraph", "data": {"text": SECOND}},
        ],
    },
    "Draft.js": {"blocks": [{"text": FIRST, "type": "unstyled"}, {"text": SECOND, "type": "unstyled"}], "entityMap": {}},
    "ProseMirror": {
        "type": "doc",
        "content": [
            {"type": "paragraph", "content": [{"type": "text", "text": FIRST}]},
            {"type": "paragraph", "content": [BOLD, {"type": "text", "text": SECOND[20:]}]},
        ],
    },
    "Slate": [
        {"type": "paragraph", "children": [{"text": FIRST[:30]}, {"text": FIRST[30:], "bold": True}]},
        {
            "type": "paragraph",
            "children": [{"type": "link", "url": URL, "children": [{"text": SECOND[:9]}]}, {"text": SECOND[9:]}],
        },
    ],
    "Portable Text": [
        {"_type": "block", "children": [{"_type": "span", "text": FIRST}]},
        {"_type": "block", "children": [{"_type": "span", "text": SECOND}]},
    ],
    "Contentful": {
        "nodeType": "document",
        "content": [
            {"nodeType": "paragraph", "content": [{"nodeType": "text", "value": FIRST, "marks": [], "data": {}}]},
            {"nodeType": "paragraph", "content": [{"nodeType": "text", "value": SECOND, "marks": [], "data": {}}]},
        ],
    },
    "Lexical": {
        "root": {
            "children": [
                {"type": "paragraph", "children": [{"type": "text", "text": FIRST}]},
                {"type": "paragraph", "children": [{"type": "text", "text": SECOND}]},
            ]
        }
    },
    "Quill": {
        "ops": [{"insert": FIRST[:30]}, {"insert": FIRST[30:], "attributes": {"bold": True}}, {"insert": f"\n\n{SECOND}\n"}]
    },
    "Telegram": [{"type": "bold", "text": FIRST[:30]}, f"{FIRST[30:]}\n\n", {"type": "text_link", "text": SECOND, "href": URL}],
    "paragraphs as objects": [{"type": "paragraph", "text": FIRST}, {"type": "image", "src": "i.jpg"}, {"text": SECOND}],
}


@pytest.mark.parametrize("editor", TREES)
def test_the_tree_of_an_editor_is_its_paragraphs(editor: str) -> None:
    assert line({"url": URL, "text": TREES[editor]}).text == TEXT


def test_a_list_in_a_tree_is_a_block_for_each_item() -> None:
    items = [
        {"type": "listItem", "content": [{"type": "paragraph", "content": [{"type": "text", "text": t}]}]} for t in ("أ", "ب")
    ]

    assert line({"url": URL, "text": {"type": "doc", "content": [{"type": "bulletList", "content": items}]}}).text == "أ\n\nب"


MAIL = "=D8=A3=D8=B9=D9=84=D9=86=D8=AA =D8=A8=D9=84=D8=AF=D9=8A=D8=A9 =\n=D8=A7=D9=84=D8=B9=D9=8A=D9=86 =3D 1"


def test_quoted_printable_is_the_letters_that_were_meant() -> None:
    found = line({"url": URL, "text": MAIL})

    assert found.text == "أعلنت بلدية العين = 1"
    assert found.extra["repairs"] == ["text: letters that were escaped"]


@pytest.mark.parametrize("text", ["f(x)=D8 and y=D9", "https://k.example/?a=D8=A3", "a == b"])
def test_a_text_with_equal_signs_stays(text: str) -> None:
    assert line({"url": URL, "text": text}).text == text


def test_comments_in_an_object_are_no_part_of_it() -> None:
    found = line(f'{{"url": "{URL}", /* the page */ "text": "{FIRST} // {URL}",}}'.encode())

    assert (found.url, found.text) == (URL, f"{FIRST} // {URL}")
    assert found.extra["repairs"] == ["comments in it"]
