"""The demonstration, from an empty stack to stories found, as a user runs it."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from deploy.console.reads.index import Index
from deploy.console.reads.page_log import PageLog
from deploy.console.reads.story import comparison, telling
from deploy.demo.following import AT_FIRST, WATCHED
from deploy.demo.run import PAGES
from deploy.demo.show import QUESTIONS, changed_page
from deploy.local import stack as stacks
from indexing.elastic.settings import ElasticSettings
from indexing.generations.names import names
from indexing.search.query import SearchRequest
from indexing.search.search import search
from streams.connect.kafka import KafkaSettings
from streams.connect.local_stack import local_addresses
from tests.support.demo import NAME


def test_every_line_is_accounted_for(shown: dict[str, Any]) -> None:
    lines = len(PAGES.read_bytes().splitlines())
    assert lines >= 60
    assert shown["pages"] == lines + AT_FIRST + WATCHED == shown["articles"]["main"] + shown["dead_letters"]
    assert shown["dead_letters"] == 1
    assert sum(shown["verdicts"].values()) == sum(shown["articles"].values())


def test_the_audit_at_its_end_is_clean(shown: dict[str, Any]) -> None:
    assert shown["faults"] == {}


def test_the_pages_show_what_pages_do(shown: dict[str, Any]) -> None:
    assert shown["articles"]["read_also"] >= 5
    assert {"new", "copy", "update", "unchanged", "home"} <= set(shown["verdicts"])
    assert shown["sightings"] > 20
    assert 20 < shown["documents"] < shown["articles"]["main"]


@pytest.mark.usefixtures("shown")
@pytest.mark.parametrize("question", QUESTIONS)
def test_the_questions_find_a_story_that_several_sources_carried(question: str) -> None:
    called = names()
    with ElasticSettings(local_addresses(NAME)["elasticsearch"]).client() as client:
        answer = search(client, called.articles, called.everything, SearchRequest(text=question, size=1))
    assert answer.hits[0].others >= 1
    assert "<em>" in answer.hits[0].as_json()["highlights"][0]


@pytest.mark.usefixtures("shown")
def test_a_story_that_came_out_while_one_watched_is_found_with_its_copy_as_a_sighting() -> None:
    called = names()
    with ElasticSettings(local_addresses(NAME)["elasticsearch"]).client() as client:
        answer = search(client, called.articles, called.everything, SearchRequest(text="أصوات الدلافين في الخليج", size=1))
    (hit,) = answer.hits
    assert (hit.fields["source"], hit.others) == ("sahel", 1)


@pytest.mark.usefixtures("shown")
def test_a_page_that_changed_is_shown_word_by_word_with_the_times_of_its_versions() -> None:
    addresses = local_addresses(NAME)
    with (
        ElasticSettings(addresses["elasticsearch"]).client() as client,
        contextlib.closing(PageLog(KafkaSettings(addresses["kafka"]))) as pages,
    ):
        index, changed = Index(client, names()), changed_page(client, names().articles)
        assert changed
        first, second = telling(index, pages, {}, changed).versions
        found = comparison(index, pages, {}, first.id, second.id)

    assert {word.text.strip() for word in found.title if word.change == "removed"} >= {"تحذر من"}
    assert found.added_words > 10
    assert (found.first.first_seen, found.second.first_seen) == (first.at, second.at)


@pytest.mark.usefixtures("shown")
def test_it_stays_up_with_its_workers() -> None:
    assert {server.state for server in stacks.status(NAME)} == {"up"}
    assert {what: len(pids) for what, pids in stacks.companions(NAME).items()} == {
        "console": 1,
        "web": 1,
        "feeds": 1,
        "worker-split": 1,
        "worker-dedup": 1,
        "worker-index": 1,
    }
