"""The demonstration, from an empty stack to stories found, as a user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from deploy.demo.run import PAGES
from deploy.demo.show import QUESTIONS
from deploy.local import stack as stacks
from indexing.elastic.settings import ElasticSettings
from indexing.generations.names import names
from indexing.search.query import Question
from indexing.search.search import search
from streams.connect.local_stack import local_addresses, stack_directory

NAME = f"demo-{os.getpid()}"


def rafid(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rafid", "demo", "--stack", NAME, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=280)


@pytest.fixture(scope="module")
def shown() -> Iterator[dict[str, Any]]:
    """What the demonstration counted; it is up until the tests of this module have looked at it."""
    try:
        ended = rafid("--json")
        assert ended.returncode == 0, ended.stderr
        yield json.loads(ended.stdout)
    finally:
        down = rafid("--down")
    assert down.returncode == 0, down.stderr
    assert {server.state for server in stacks.status(NAME)} <= {"down"}
    (stack_directory(NAME) / "lock").unlink()
    stack_directory(NAME).rmdir()


def test_every_line_is_accounted_for(shown: dict[str, Any]) -> None:
    lines = len(PAGES.read_bytes().splitlines())
    assert lines >= 60
    assert shown["pages"] == lines == shown["articles"]["main"] + shown["dead_letters"]
    assert shown["dead_letters"] == 1
    assert sum(shown["verdicts"].values()) == sum(shown["articles"].values())


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
        answer = search(client, called.articles, called.everything, Question(text=question, size=1))
    assert answer.hits[0].others >= 1
    assert "<em>" in answer.hits[0].as_json()["highlights"][0]


@pytest.mark.usefixtures("shown")
def test_it_stays_up_with_its_workers() -> None:
    assert {server.state for server in stacks.status(NAME)} == {"up"}
    assert {what: len(pids) for what, pids in stacks.beside(NAME).items()} == {
        "console": 1,
        "worker-split": 1,
        "worker-dedup": 1,
        "worker-index": 1,
    }
