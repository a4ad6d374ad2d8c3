"""`rafid try dedup` on files of a few lines."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from click.testing import CliRunner
from rich.console import Console

from streams.commands import try_dedup
from streams.errors import RafidError
from streams.trials import try_dedup as dedup_trial

STORY = (
    "اندلع حريق كبير في سوق المدينة القديمة مساء الأحد وأتى على عشرين متجرا قبل أن تتمكن فرق الإطفاء من السيطرة عليه بعد ساعات "
    "من العمل المتواصل وسط رياح قوية، ولم تقع إصابات بين الأهالي."
)
OTHER = (
    "افتتح وزير الثقافة المعرض الدولي للكتاب في دورته الثلاثين بمشاركة مئات دور النشر من عشرين دولة وسط حضور كبير من القراء "
    "والكتاب والناشرين الذين توافدوا منذ ساعات الصباح إلى أرض المعارض."
)


def lines(*records: dict[str, Any]) -> bytes:
    return "".join(json.dumps({"fetched_at": "2026-11-22T10:00:00Z", **record}) + "\n" for record in records).encode()


def told(data: bytes) -> list[dict[str, Any]]:
    result = CliRunner().invoke(try_dedup, ["-"], input=data, catch_exceptions=False)
    assert result.exit_code == 0
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_copy_names_the_founder_of_its_story_as_the_file_spells_it() -> None:
    found = told(lines({"url": "https://a.example/أخبار/1", "content": STORY}, {"url": "https://b.example/2", "body": STORY}))

    assert found == [
        {"id": "https://a.example/أخبار/1", "canonical": "https://a.example/أخبار/1", "kind": "new"},
        {
            "id": "https://b.example/2",
            "canonical": "https://a.example/أخبار/1",
            "kind": "copy",
            "jaccard": 1.0,
            "containment": 1.0,
            "rule": "exact",
        },
    ]


def test_an_id_goes_before_the_url_and_comes_out_as_it_was_given() -> None:
    found = told(lines({"id": 7, "url": "https://a.example/1", "body": STORY}, {"id": "x", "body": STORY}))

    assert [(one["id"], one["canonical"]) for one in found] == [(7, 7), ("x", 7)]


def test_two_spellings_of_a_url_are_one_article() -> None:
    found = told(lines({"url": "https://a.example/1#top", "body": STORY}, {"url": "https://A.example/1", "body": STORY}))

    assert [(one["canonical"], one["kind"]) for one in found] == [
        ("https://a.example/1#top", "new"),
        ("https://a.example/1#top", "unchanged"),
    ]


def test_a_page_is_split_before_it_is_compared() -> None:
    page = f"{STORY}\n\nالمصدر: وكالات\n\nإقرأ أيضاً:\n\nافتتاح المعرض الدولي للكتاب\n\n{OTHER}"

    found = told(
        lines({"id": "page", "text": page}, {"id": "copy", "body": STORY}, {"url": "https://b.example/2", "body": OTHER})
    )

    assert [(one["id"], one["canonical"], one["kind"]) for one in found] == [
        ("page", "page", "new"),
        ("page#2", "page#2", "new"),
        ("copy", "page", "copy"),
        ("https://b.example/2", "page#2", "home"),
    ]


def test_an_arrival_time_may_be_that_of_a_crawl() -> None:
    data = json.dumps({"id": 1, "body": STORY, "date_extracted": "2015-07-21 02:16:13"}).encode()

    assert told(data + b"\n\n") == [{"id": 1, "canonical": 1, "kind": "new"}]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"{", "line 1 is not JSON"),
        (b"[]", "line 1 is not a JSON object"),
        (b'{"body": "a"}', "neither `id` nor `url`"),
        (b'{"id": 1, "body": "a"}', "line 1 has no arrival time"),
        (b'{"id": 1, "body": "a", "fetched_at": "yesterday"}', "'yesterday' is no time"),
        (b'{"id": 1, "body": "a", "fetched_at": "9999-12-31T23:59:59-05:00"}', "is no time"),
        (b'{"id": 1, "body": 5, "fetched_at": "2026-11-22"}', "`body` is not a text"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(line: bytes, why: str) -> None:
    with pytest.raises(RafidError, match=why):
        list(dedup_trial.judged([line]))


def test_the_table_shows_the_largest_story_first_and_why() -> None:
    data = lines(
        *({"id": f"fire{number}", "title": "حريق", "body": STORY} for number in range(2)),
        *({"id": f"fair{number}", "title": "معرض", "body": OTHER} for number in range(3)),
        {"id": "alone", "body": STORY[:60]},
    )
    out = io.StringIO()
    console = Console(width=160, file=out)

    console.print(dedup_trial.table(dedup_trial.clusters(dedup_trial.judged(data.splitlines()))))

    shown = [line.split() for line in out.getvalue().splitlines()[2:] if line.strip()]
    assert shown[0][:2] == ["3", "new"]
    assert [next(word for word in line if word.startswith(("fire", "fair"))) for line in shown] == [
        "fair0",
        "fair1",
        "fair2",
        "fire0",
        "fire1",
    ]


def test_a_headline_a_slug_and_a_toll_that_change_are_one_article() -> None:
    fire = (
        "اندلع حريق كبير فجر اليوم في سوق الخشب بمدينة تل الريحان، وأسفر عن مقتل {} أشخاص وإصابة {} آخرين. وأغلقت الشرطة الطرق."
    )
    site = {"source": "madar.example"}
    old = site | {"url": "https://madar.example/news/88123/old", "title": "حريق كبير في سوق الخشب", "body": fire.format(3, 11)}
    new = site | {"url": "https://madar.example/news/88123/new", "title": "حصيلة حريق سوق الخشب", "body": fire.format(9, 24)}

    lines = [old | {"fetched_at": "2026-08-16T04:10:00Z"}, new | {"fetched_at": "2026-08-16T07:40:00Z"}]
    first, second = dedup_trial.judged(json.dumps(line).encode() for line in lines)

    assert (first.verdict.kind, second.verdict.kind) == ("new", "update")
    assert second.verdict.doc_id == first.verdict.doc_id
