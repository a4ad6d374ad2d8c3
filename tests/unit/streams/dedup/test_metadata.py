"""What is remembered beside a body: the number in an address, title words, and where they stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from streams.dedup.metadata import MetadataSketch, address_number, renamed, same_address, same_source, title_share
from streams.dedup.notice import notice
from streams.records import Article
from tests.support.strategies import articles

CABLE = (
    "بعث رئيس الاتحاد برقية تهنئة إلى رئيس جمهورية {name} بمناسبة {day}. وأعرب رئيس الاتحاد عن أصدق التهاني لحكومة وشعب جمهورية "
    "{name} الصديق اطراد التقدم والازدهار، وأشاد بالعلاقات المتميزة بين البلدين."
)


def cable(name: str, day: str, **fields: str) -> MetadataSketch:
    article = Article(
        id="0" * 32,
        page_id="0" * 32,
        role="main",
        title=f"رئيس الاتحاد يهنئ رئيس جمهورية {name} بمناسبة {day}",
        body=CABLE.format(name=name, day=day),
        source="agency.example",
        fetched_at="2026-11-22T18:25:43Z",
    )
    return notice(replace(article, **fields), 0, (0, 0)).metadata


def test_two_cables_differ_where_their_titles_do() -> None:
    one, other = cable("سارين", "ذكرى الاستقلال"), cable("فالدا", "العيد الوطني")

    assert renamed(one, other) >= 2
    assert title_share(one, other) >= 0.3


def test_the_same_cable_is_not_renamed() -> None:
    assert renamed(cable("سارين", "ذكرى الاستقلال"), cable("سارين", "ذكرى الاستقلال")) == 0


def test_spelling_of_a_title_changes_nothing() -> None:
    assert cable("سارين", "الذكرى الأولى") == cable("سارين", "الذكري الاولى")


def test_sources_are_compared_by_name() -> None:
    one, other = cable("سارين", "العيد"), cable("سارين", "العيد", source="other.example")

    assert same_source(one, one)
    assert not same_source(one, other)


def test_without_a_source_or_a_number_nothing_is_the_same() -> None:
    assert not same_source(MetadataSketch(), MetadataSketch())
    assert not same_address(MetadataSketch(), MetadataSketch())


def test_an_appended_story_has_no_address_of_its_own() -> None:
    url = "https://news.example/88123/headline"

    assert cable("سارين", "العيد", url=url).address != 0
    assert cable("سارين", "العيد", url=url, role="read_also").address == 0


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("https://madar.example/news/88123/old-headline", "https://madar.example/news/88123/new-headline", True),
        ("https://madar.example/news/88123/a", "https://m.madar.example/news/88123/b", True),
        ("https://madar.example/View.aspx?ArticleID=229757&CategoryID=6", "https://madar.example/v?ArticleID=229757", True),
        ("https://madar.example/2026/11/28/88123", "https://madar.example/2026/11/28/88124", False),
        ("https://madar.example/news/88123/a", "https://other.example/news/88123/a", False),
        ("https://madar.example/20261128/headline", "https://madar.example/20261128/another", False),
        ("https://madar.example/2026/headline", "https://madar.example/2026/another", False),
        ("https://madar.example/news/12", "https://madar.example/news/12?page=2", False),
        ("https://madar.example/%D8%A32026/one", "https://madar.example/%D8%A32026/two", False),
        ("https://madar.example/a#88123", "https://madar.example/b#88123", False),
    ],
)
def test_an_article_is_known_by_its_number(one: str, other: str, is_same: bool) -> None:
    found = address_number(one)

    assert (found != 0 and found == address_number(other)) is is_same


@given(articles)
def test_bytes_give_the_metadata_back(article: Article) -> None:
    found = notice(article, 0, (0, 0)).metadata

    assert MetadataSketch(found.data) == found


@given(st.binary(max_size=40))
def test_other_bytes_are_refused(data: bytes) -> None:
    whole = 10 + 2 * data[8] + 4 * data[9] if len(data) >= 10 else -1
    if len(data) != whole:
        with pytest.raises(ValueError, match="metadata"):
            MetadataSketch(data)
