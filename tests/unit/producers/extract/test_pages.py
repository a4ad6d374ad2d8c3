"""Every layout of the invented pages gives its story, and every page that is none its reason."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from producers.extract.extract import extract
from producers.extract.results import Extracted, Refusal
from streams.records import Page
from streams.split.splitter import split
from streams.split.stories import articles
from tests.support.pages.rendering import ArticlePage, OtherPage, article_pages, other_pages

ARTICLES = list(article_pages())
_WORD = re.compile(r"\w+")


def extracted(page: ArticlePage) -> Extracted:
    found = extract(page.data, url=page.url)
    assert isinstance(found, Extracted), found
    return found


def body_f1(page: ArticlePage) -> float:
    """Harmonic mean of precision and recall of the main story's words, as the splitter leaves it."""
    found = extracted(page)
    as_page = Page(
        id="0" * 32,
        fetched_at="2026-11-28T00:00:00Z",
        source="page.example",
        title=found.title,
        text=found.text,
        links=found.links,
        url=found.url,
    )
    main = articles(split(as_page))[0]
    got, right = Counter(_WORD.findall(main.body)), Counter(_WORD.findall(" ".join(page.paragraphs)))
    return 2 * (got & right).total() / (got.total() + right.total())


@pytest.mark.parametrize("page", ARTICLES, ids=lambda page: page.name)
def test_the_body_is_the_story_and_no_more(page: ArticlePage) -> None:
    assert body_f1(page) >= 0.99


@pytest.mark.parametrize("page", ARTICLES, ids=lambda page: page.name)
def test_headline_time_and_address_are_right_and_the_headline_is_not_in_the_text(page: ArticlePage) -> None:
    found = extracted(page)

    assert (found.title, found.published_at, found.url, found.language) == (page.title, page.published_at, page.url, "ar")
    assert page.title not in found.text


@pytest.mark.parametrize("page", ARTICLES, ids=lambda page: page.name)
def test_links_are_spans_without_loose_spaces(page: ArticlePage) -> None:
    found = extracted(page)

    assert all(found.text[start:end].strip() == found.text[start:end] != "" for start, end, _ in found.links)


@pytest.mark.parametrize("page", list(other_pages()), ids=lambda page: page.name)
def test_a_page_that_is_no_article_is_refused_with_its_reason(page: OtherPage) -> None:
    found = extract(page.data)

    assert isinstance(found, Refusal)
    assert found.reason == page.reason
