from __future__ import annotations

import pytest

from indexing.generations.names import generation_of, names, namespace_of


def test_the_names_of_the_default_namespace_are_the_documented_ones() -> None:
    called = names("news", 1)

    assert (called.everything, called.articles, called.sightings) == ("news", "articles", "sightings")
    assert called.index("2026-11") == "news-g1-2026.11"
    assert (called.template, called.pattern) == ("news-g1", "news-g1-*")


def test_another_namespace_shares_no_name_with_the_default_one() -> None:
    called, default = names("trial", 2), names("news", 2)

    mine = {called.everything, called.articles, called.sightings, called.building, called.retiring, called.template}
    theirs = {default.everything, default.articles, default.sightings, default.building, default.retiring, default.template}

    assert mine & theirs == set()
    assert (called.articles, called.sightings) == ("trial-articles", "trial-sightings")


def test_an_index_tells_its_month_and_its_generation() -> None:
    assert names("news", 12).period("news-g12-2026.11") == "2026-11"
    assert generation_of("news-g12-2026.11", "news") == 12
    assert generation_of("news-g12", "news") == 12


def test_months_before_the_first_that_has_an_index_share_that_of_their_year() -> None:
    called = names("news", 1, "2025-01")

    months = ["2013-01", "2013-12", "2024-12", "2025-01", "2026-11"]

    assert [called.index(month) for month in months] == [
        "news-g1-2013",
        "news-g1-2013",
        "news-g1-2024",
        "news-g1-2025.01",
        "news-g1-2026.11",
    ]


@pytest.mark.parametrize("index", ["news-g1-2013", "news-g1-2025", "news-g1-2025.06", "news-g1-2026.11"])
@pytest.mark.parametrize("monthly_from", ["0000-01", "2014-01", "2025-06"])
def test_what_an_index_tells_leads_back_to_it(index: str, monthly_from: str) -> None:
    called = names("news", 1, monthly_from)

    assert called.index(called.period(index) or "") == index


def test_an_index_tells_the_namespace_that_it_is_of() -> None:
    asked = ["news-g1-2013", "a-g1-b-g12-2026.11", "news-g1", "news-g0-2013", "news-g1-201"]

    assert [namespace_of(index) for index in asked] == ["news", "a-g1-b", None, None, None]


@pytest.mark.parametrize(
    "other", ["news-g1-2026.11.bak", "news2-g1-2026.11", "news-g0-2026.11", "old-news-g1-2026.11", "news-g-2026.11"]
)
def test_an_index_of_somebody_else_is_no_generation_of_ours(other: str) -> None:
    assert generation_of(other, "news") is None
    assert names("news", 1).period(other) is None


def test_generations_count_from_one() -> None:
    with pytest.raises(ValueError, match="from 1"):
        names("news", 0)
