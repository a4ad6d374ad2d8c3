from __future__ import annotations

import pytest

from indexing.generations.names import generation_of, names


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
    assert names("news", 12).month("news-g12-2026.11") == "2026-11"
    assert generation_of("news-g12-2026.11", "news") == 12
    assert generation_of("news-g12", "news") == 12


@pytest.mark.parametrize(
    "other", ["news-g1-2026.11.bak", "news2-g1-2026.11", "news-g0-2026.11", "old-news-g1-2026.11", "news-g-2026.11"]
)
def test_an_index_of_somebody_else_is_no_generation_of_ours(other: str) -> None:
    assert generation_of(other, "news") is None
    assert names("news", 1).month(other) is None


def test_generations_count_from_one() -> None:
    with pytest.raises(ValueError, match="from 1"):
        names("news", 0)
