"""What holds for any text, and what links and page titles tell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.records import Page
from streams.split.segments import KINDS, RULES, Cut, Segment
from streams.split.splitter import split
from streams.split.stories import articles
from tests.support.strategies import arabic, sentences, texts

FETCHED = "2026-11-22T00:00:00Z"
MARKERS = st.sampled_from(
    [
        "إقرأ أيضاً:",
        "اقرأ أيضا",
        "مقالات مشابهة",
        "المصدر: الساحل",
        "كلمات دلالية: بحر",
        "سمات",
        "شاهد أيضاً |",
        "• ",
        "تابعونا على",
        "http://a.example/1",
    ]
)
BREAKS = st.sampled_from(["\n", "\n\n", " ", "  ", ". ", "", "\r\n", "\u2028", "    "])
# Pages of every layout: markers, sentences and noise, with and without line breaks.
layouts = st.lists(st.one_of(MARKERS, BREAKS, sentences, arabic), max_size=30).map("".join)
PARAGRAPH = "وقال رئيس البلدية إن المكتبة تضم أكثر من ثلاثين ألف كتاب وقاعات مفتوحة طوال الأسبوع."
TITLE = "مزارعو الوادي يطالبون بخفض أسعار مياه الري"
LARGE = 900_000


def page(text: str, links: tuple[tuple[int, int, str], ...] = (), title: str | None = None) -> Page:
    return Page(id="0" * 32, source="sahel.example", text=text, links=links, title=title, fetched_at=FETCHED)


def kinds(cut: Cut) -> list[str]:
    return [segment.kind for segment in cut.segments]


def assert_covers(text: str, segments: tuple[Segment, ...]) -> None:
    end = 0
    for segment in segments:
        assert end <= segment.start < segment.end <= len(text)
        assert not text[end : segment.start].strip()
        assert not text[segment.start].isspace()
        assert not text[segment.end - 1].isspace()
        assert segment.kind in KINDS
        assert segment.rule in RULES
        end = segment.end
    assert not text[end:].strip()


@given(st.one_of(texts, layouts))
def test_segments_cover_every_character_in_order_without_overlap(text: str) -> None:
    assert_covers(text, split(page(text)).segments)


@given(layouts, st.lists(st.tuples(st.integers(0, 200), st.integers(0, 60)), max_size=8))
def test_links_of_any_kind_change_nothing_of_that(text: str, spans: list[tuple[int, int]]) -> None:
    links = tuple((start, start + length, "https://other.example/") for start, length in spans)

    assert_covers(text, split(page(text, links)).segments)


@given(layouts)
def test_any_page_becomes_one_main_article_and_others_with_ids_of_their_own(text: str) -> None:
    found = articles(split(page(text)))

    assert [article.role for article in found] == ["main"] + ["read_also"] * (len(found) - 1)
    assert len({article.id for article in found}) == len(found)
    assert all(article.body.strip() for article in found[1:])


@given(layouts)
def test_the_same_page_is_cut_the_same_way_again(text: str) -> None:
    assert split(page(text)) == split(page(text))


@pytest.mark.timeout(60)  # each takes less than a second; a rule that were quadratic would take hours
@pytest.mark.parametrize(
    "piece",
    [
        "إقرأ أيضاً:\n",
        "اقرأ أيضا. ",
        "سمات ",
        "المصدر: الساحل\n",
        "\n",
        " ",
        "1",
        "ك",
        "ـ",
        ".",
        "• ",
        "كلمة ",
        "اقرأ أيضا كلمة كلمة ",
        "تابع ",
        "المصدر ",
        "سمات: ا، ب\n",
        "• ا\n",
        "ا:\n",
        "    كلمة",
        f"{TITLE}\n",
        "http://a.example/1\n",
    ],
)
def test_a_page_of_the_greatest_size_is_cut_whatever_it_is_made_of(piece: str) -> None:
    text = "ا" + piece * (LARGE // len(piece.encode())) + "ب"

    cut = split(page(text))

    assert_covers(text, cut.segments)
    assert len(articles(cut)) == 1


@pytest.mark.timeout(60)
def test_links_all_over_a_page_of_the_greatest_size_are_looked_at_once() -> None:
    text = f"{PARAGRAPH}\n" * (LARGE // len(PARAGRAPH.encode()))
    links = tuple((0, len(text), "https://other.example/") for _ in range(2_000))

    assert_covers(text, split(page(text, links)).segments)


def test_a_line_that_is_a_link_is_another_story() -> None:
    text = "\n".join([PARAGRAPH, TITLE, PARAGRAPH, PARAGRAPH])
    start = len(PARAGRAPH) + 1

    segments = split(page(text, ((start, start + len(TITLE), "https://sahel.example/2"),))).segments

    assert [segment.kind for segment in segments] == ["body", "inline_teaser", "body"]
    assert text[segments[1].start : segments[1].end] == TITLE


def test_a_subhead_that_is_no_link_stays_body() -> None:
    subhead = "مكتبة مفتوحة طوال الأسبوع وقاعات تنتظر القراء"

    assert kinds(split(page("\n".join([PARAGRAPH, subhead, PARAGRAPH, PARAGRAPH])))) == ["body"]


def test_a_page_of_links_is_an_index_and_stays_body() -> None:
    text = "\n".join([TITLE] * 5)
    links = tuple((k * (len(TITLE) + 1), k * (len(TITLE) + 1) + len(TITLE), f"https://sahel.example/{k}") for k in range(5))

    assert kinds(split(page(text, links))) == ["body"]


def test_a_line_of_the_text_with_a_link_in_it_stays_body() -> None:
    text = "\n".join([PARAGRAPH, PARAGRAPH, PARAGRAPH])

    assert kinds(split(page(text, ((5, 17, "https://sahel.example/mayor"),)))) == ["body"]


def test_the_pages_own_title_below_a_heading_is_no_other_story() -> None:
    text = f"{PARAGRAPH}\nاقرأ المزيد: {TITLE}"

    assert kinds(split(page(text, title=TITLE))) == ["body", "other_boilerplate"]


def test_an_empty_page_has_no_segments_and_one_article_without_a_body() -> None:
    cut = split(page(" \n\t "))
    (main,) = articles(cut)

    assert cut.segments == ()
    assert (main.role, main.body, main.segments) == ("main", "", ())
