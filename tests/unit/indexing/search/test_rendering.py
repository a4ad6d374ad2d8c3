from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from indexing.search.highlights import CLOSE, OPEN
from indexing.search.rendering import END, RIGHT_TO_LEFT, isolated, show_page, show_trends, sparkline
from indexing.search.search import Hit, SearchPage
from indexing.search.trends import Trend


def hit(**fields: Any) -> Hit:
    known: dict[str, Any] = {
        "id": "1",
        "index": "i",
        "score": 1.0,
        "fields": {"source": "a.example", "published_at": "2026-11-22T09:30:00Z", "url": "https://a.example/1"},
        "title": f"{OPEN}توسعة{CLOSE} الرصيف",
        "snippets": (f"أعمال {OPEN}توسعة{CLOSE} الرصيف الشرقي",),
        "others": 2,
        "other_sources": ("b.example", "c.example"),
    }
    return Hit(**(known | fields))


def answer(*hits: Hit, **fields: Any) -> SearchPage:
    counts = {"documents": 3, "documents_exact": True, "stories": 1, "took_ms": 4}
    known: dict[str, Any] = {"hits": hits, "facets": {}, "next_page": None, **counts}
    return SearchPage(**(known | fields))


def shown(shown_answer: SearchPage, *, terminal: bool) -> str:
    out = io.StringIO()
    show_page(Console(file=out, force_terminal=terminal, width=60, color_system=None, highlight=False), shown_answer)
    return out.getvalue()


def test_without_a_terminal_there_are_plain_lines() -> None:
    lines = shown(answer(hit()), terminal=False).splitlines()

    assert lines[:4] == [
        "1 stories in 3 articles (4 ms)",
        "توسعة الرصيف",
        "a.example · 2026-11-22 09:30 · +2 sources",
        "أعمال توسعة الرصيف الشرقي",
    ]


@pytest.mark.parametrize(
    ("counts", "line"),
    [
        ({"stories": None}, "3 articles (4 ms)"),
        ({"stories": None, "documents": 1_000, "documents_exact": False}, "over 1,000 articles (4 ms)"),
    ],
)
def test_counts_are_as_exact_as_they_are(counts: dict[str, Any], line: str) -> None:
    assert shown(answer(hit(), **counts), terminal=False).splitlines()[0] == line


def test_on_a_terminal_every_line_of_text_is_an_isolate_from_the_right() -> None:
    long = " ".join(["الرصيف"] * 30)

    lines = [line for line in shown(answer(hit(title=long)), terminal=True).splitlines() if "الرصيف" in line]

    assert len(lines) > 3
    assert all(line.lstrip().startswith(RIGHT_TO_LEFT) and line.rstrip().endswith(END) for line in lines)


@pytest.mark.parametrize("hostile", ["\u202eabc", "a\u2069b", "a\x1b[2Jb", "\x07", "a\rb"])
def test_no_character_of_a_page_controls_the_terminal(hostile: str) -> None:
    text = shown(answer(hit(title=hostile, snippets=(), fields={"source": hostile, "url": hostile})), terminal=False)

    assert not set(text) & set("\u202e\u2069\x1b\x07\r")
    assert isolated(hostile)[1:-1].isprintable()


def test_nothing_found_is_said() -> None:
    assert shown(answer(), terminal=False) == "no story found\n"


def test_highlights_are_safe_in_html() -> None:
    found = hit(title=f"<script> {OPEN}غزة{CLOSE} & more", snippets=()).as_json()

    assert found["highlights"] == ["&lt;script&gt; <em>غزة</em> &amp; more"]


def test_a_sparkline_has_a_bar_a_count() -> None:
    assert sparkline((0, 1, 4, 8)) == " ▁▄█"
    assert sparkline((0, 0)) == "  "
    assert sparkline((1, 1)) == "██"


def test_trends_are_plain_lines_without_a_terminal() -> None:
    out = io.StringIO()
    trend = Trend(word="زلزال", articles=9, sources=4, score=1.5, history=(0, 9), headline="زلزال في البحر", id="1")

    show_trends(Console(file=out, force_terminal=False), [trend])

    assert out.getvalue() == "زلزال · 9 · 4 · █ · زلزال في البحر\n"


def test_words_of_the_same_articles_stand_in_one_line() -> None:
    out = io.StringIO()
    trend = Trend(
        word="زلزال", articles=9, sources=4, score=1.5, history=(0, 9), headline="زلزال", id="1", together=("هزة", "ريختر")
    )

    show_trends(Console(file=out, force_terminal=False), [trend])

    assert out.getvalue() == "زلزال، هزة، ريختر · 9 · 4 · █ · زلزال\n"
