"""Newsrooms and systems whose pages the rules were not made for: each layout gives its story, and what is none is refused."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from producers.extract.extract import extract
from producers.extract.results import Extracted, Refusal
from streams.records import Page
from streams.split.splitter import split
from streams.split.stories import articles
from tests.support.newsrooms.filling import Answer, NewsroomPage, newsroom_pages, other_pages

_WORD = re.compile(r"\w+")
_PAGES = [(page, page.right) for page in newsroom_pages() if page.right]


def by_name(value: object) -> str:
    return value.name if isinstance(value, NewsroomPage) else ""


def body_f1(page: NewsroomPage, right: Answer, found: Extracted) -> float:
    """Harmonic mean of precision and recall of the story's words after splitting; what may be there counts for neither."""
    as_page = Page(
        id="0" * 32, fetched_at="2026-11-28T00:00:00Z", source=page.layout, title=found.title, text=found.text, links=found.links
    )
    got = Counter(_WORD.findall(articles(split(as_page))[0].body))
    due, may = (Counter(_WORD.findall(" ".join(lines))) for lines in (right.paragraphs, right.may))
    surplus = (got - due) - may
    hit = (got & due).total()
    return 2 * hit / (hit + surplus.total() + due.total())


@pytest.mark.parametrize(("page", "right"), _PAGES, ids=by_name)
def test_a_layout_gives_its_story_with_headline_and_times(page: NewsroomPage, right: Answer) -> None:
    found = extract(page.data, url=page.url)

    assert isinstance(found, Extracted), found
    assert found.title == right.title
    assert (found.published_at or "").startswith(right.published_at or "")
    assert right.modified_at in (None, found.modified_at)
    assert body_f1(page, right, found) >= 0.91


@pytest.mark.parametrize("page", other_pages(), ids=by_name)
def test_what_is_no_article_is_refused(page: NewsroomPage) -> None:
    assert isinstance(extract(page.data, url=page.url), Refusal)
