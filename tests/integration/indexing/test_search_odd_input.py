"""Hostile questions get an answer; a question that cannot be answered gets one line that says why."""

from __future__ import annotations

import pytest

from indexing.elastic.settings import ElasticSettings
from indexing.generations.names import names
from indexing.generations.provision import provision
from indexing.search.query import SearchRequest
from indexing.search.search import after_page, find_related, search
from streams.errors import RafidError
from tests.integration.indexing.newsroom import Newsroom


@pytest.mark.parametrize(
    "hostile",
    [
        "سلام " * 2_000,
        "س" * 10_000,
        "a,b;" * 2_500,
        '"' * 99 + "غزة",
        "الميناء AND (توسعة OR",
        "توسع* ميناء? ~2 ^9",
        "\u202e\u2066الميناء\u0007\x00",
        "😀 الميناء 🇱🇧",
        "field:value _id:*",
        "{}[]/\\<script>",
        "\ud800الميناء",
    ],
)
def test_hostile_questions_get_an_answer(newsroom: Newsroom, hostile: str) -> None:
    assert newsroom.ask(hostile).took_ms >= 0


@pytest.mark.parametrize("empty", ["", "  ", "***", '""', "\u200f"])
def test_a_question_without_words_gets_one_line(newsroom: Newsroom, empty: str) -> None:
    with pytest.raises(RafidError, match="there is no word to search for"):
        newsroom.ask(empty)


def test_a_missing_index_is_one_line(newsroom: Newsroom) -> None:
    with pytest.raises(RafidError, match="there is no index nowhere"):
        search(newsroom.client, "nowhere", "nowhere", SearchRequest(text="غزة"))


@pytest.mark.parametrize("page", ["x", "e30=", "W10=", "\u202e"])
def test_a_made_up_page_is_one_line(page: str) -> None:
    with pytest.raises(RafidError, match="this is not the end of a page"):
        after_page(SearchRequest(text="غزة"), page)


def test_related_to_nothing_is_one_line(newsroom: Newsroom) -> None:
    called = names(newsroom.namespace)

    with pytest.raises(RafidError, match="no article has the id 'nowhere'"):
        find_related(newsroom.client, called.articles, called.everything, "nowhere")


def test_before_the_first_document_search_says_that_nothing_is_indexed(elastic: ElasticSettings, namespace: str) -> None:
    with elastic.client() as client:
        provision(client, namespace)
        called = names(namespace)
        with pytest.raises(RafidError, match="nothing is indexed yet"):
            search(client, called.articles, called.everything, SearchRequest(text="غزة"))
