"""Rule files: what is true of one site only."""

from __future__ import annotations

import pytest

from streams.records import Page
from streams.split.markers import MalformedRules
from streams.split.rules import read_rules
from streams.split.splitter import split
from streams.split.stories import articles

RULES = """
[sources."sahel.example"]
ignore = ["مقالات مشابهة"]
lines = ["حمل تطبيق الساحل مجانا"]
markers = [{ opens = "list", form = "heading", words = ["على الرف"] }]
"""
PARAGRAPH = "وقال رئيس البلدية إن المكتبة تضم أكثر من ثلاثين ألف كتاب وقاعات مفتوحة طوال الأسبوع."
TITLE = "مزارعو الوادي يطالبون بخفض أسعار مياه الري"


def page(*lines: str) -> Page:
    return Page(id="0" * 32, source="sahel.example", text="\n".join(lines), fetched_at="2026-11-22T00:00:00Z")


def kinds(one: Page, *, ruled: bool) -> list[str]:
    return [segment.kind for segment in split(one, read_rules(RULES)["sahel.example"] if ruled else None).segments]


def test_a_sites_own_heading_opens_a_list_there() -> None:
    one = page(PARAGRAPH, "على الرف:", TITLE)

    assert kinds(one, ruled=False) == ["body"]
    assert kinds(one, ruled=True) == ["body", "similar_list"]


def test_the_titles_below_a_sites_own_heading_are_without_it() -> None:
    one, rules = page(PARAGRAPH, f"على الرف: {TITLE}"), read_rules(RULES)["sahel.example"]

    (main,) = articles(split(one, rules))

    assert main.related == ({"title": TITLE, "kind": "similar"},)


def test_a_sites_line_is_dropped_wherever_it_stands() -> None:
    one = page(PARAGRAPH, "حمّل تطبيق الساحل مجاناً", PARAGRAPH)

    assert kinds(one, ruled=True) == ["body", "other_boilerplate", "body"]


def test_a_general_marker_can_be_text_on_a_site() -> None:
    one = page(PARAGRAPH, "مقالات مشابهة", f"{TITLE}؟")  # a question is no title of a list that its shape alone tells

    assert kinds(one, ruled=False) == ["body", "similar_list"]
    assert kinds(one, ruled=True) == ["body"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sources = 1", r"a table \[sources\] was expected"),
        ("[source.a]", "not source"),
        ("sources", "not TOML"),
        ("[sources]\na = 1", "source a: a table was expected"),
        ("[sources.a]\nmarker = []", "source a: unknown field 'marker'"),
        ("[sources.a]\nlines = 1", "source a: lines must be a list"),
        ("[sources.a]\nignore = ['لا شيء']", "source a: ignore: not in the general table: لا شيء"),
        ("[sources.a]\nmarkers = [{ opens = 'x', form = 'line', words = ['كلمة'] }]", "source a: markers entry 1: opens"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(text: str, said: str) -> None:
    with pytest.raises(MalformedRules, match=said):
        read_rules(text)
