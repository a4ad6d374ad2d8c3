"""What narrows, orders, counts and pages the stories that answer."""

from __future__ import annotations

from typing import Any

import pytest

from indexing.generations.names import names
from indexing.search.query import SearchRequest
from indexing.search.search import after_page, search
from streams.identity import digest
from tests.integration.indexing.newsroom import Newsroom, ids


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"sources": ("strike.example",)}, {"strike"}),
        ({"countries": ("لبنان",)}, {"harbour"}),
        ({"sections": ("الأقتصاد", "إقتصاد")}, {"harbour"}),
        ({"languages": ("en",)}, set[str]()),
        ({"until": "now-24h"}, {"strike"}),
        ({"since": "now-90m"}, {"harbour-fuller"}),
    ],
)
def test_filters_narrow_what_is_found(newsroom: Newsroom, filters: dict[str, Any], expected: set[str]) -> None:
    assert set(ids(newsroom.ask("توسعة الميناء", **filters))) == {digest(name) for name in expected}


def test_the_newest_come_first_when_asked_to(newsroom: Newsroom) -> None:
    times = [hit.fields["@timestamp"] for hit in newsroom.ask("الميناء توسعة", order="newest").hits]

    assert len(times) == 2
    assert times == sorted(times, reverse=True)


def test_recency_lifts_what_is_new(newsroom: Newsroom) -> None:
    def score(hit_id: str, recency: float | None) -> float:
        return next(hit.score or 0 for hit in newsroom.ask("إضراب الميناء", recency=recency).hits if hit.id == hit_id)

    old = digest("strike")
    new = next(hit.id for hit in newsroom.ask("إضراب الميناء").hits if hit.id != old)

    assert score(new, 1) - score(new, None) > score(old, 1) - score(old, None) > 0


def test_facets_count_what_was_found(newsroom: Newsroom) -> None:
    facets = newsroom.ask("توسعة الميناء", facets=True).facets

    assert dict(facets["country"]) == {"لبنان": 1}
    assert dict(facets["language"]) == {"ar": 3}
    assert sum(count for _, count in facets["day"]) == 3


def test_pages_follow_one_another_without_repeating_a_story(newsroom: Newsroom) -> None:
    whole = newsroom.ask("توسعة ميناء وزير عمال المنتخب", size=10)
    question = SearchRequest(text="توسعة ميناء وزير عمال المنتخب", size=1)
    called = names(newsroom.namespace)

    paged, after = [], None
    for _ in range(20):
        page = search(newsroom.client, called.articles, called.everything, after_page(question, after) if after else question)
        paged += [hit.fields["story_id"] for hit in page.hits]
        after = page.next_page
        if after is None:
            break

    assert len(whole.hits) > 2
    assert paged == [hit.fields["story_id"] for hit in whole.hits]
