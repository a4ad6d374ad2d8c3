"""The commands that ask the index: what they print, and how they fail."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from rafid import cli
from streams.errors import RafidError
from streams.identity import digest
from tests.integration.indexing.newsroom import Newsroom, run


def test_the_command_speaks_json(newsroom: Newsroom) -> None:
    result = run(newsroom, "search", "--json", "--facets", "توسعة", "الميناء")

    answer = json.loads(result.output)
    assert result.exit_code == 0
    assert [hit["others"] for hit in answer["hits"] if hit["story_id"] == digest("harbour")] == [3]
    assert any("<em>" in text for text in answer["hits"][0]["highlights"])


def test_the_command_prints_plain_lines_into_a_pipe(newsroom: Newsroom) -> None:
    result = run(newsroom, "search", "توسعة الميناء")

    assert result.output.startswith("3 articles (")
    assert "+3 sources" in result.output
    assert not set(result.output) & set("\u2066\u2067\u2068\u2069\x1b")


OUT_OF_RANGE = (
    ("search", "x", "--since", "2026-02-31"),
    ("search", "x", "--since", "99999d"),
    ("search", "x", "--recency", "1e300"),
    ("trends", "--since", "99999d"),
)


@pytest.mark.parametrize(
    "arguments",
    [
        ("search",),
        ("search", "x", "--related", "y"),
        ("search", "x", "--since", "soon"),
        ("trends", "--since", "soon"),
        *OUT_OF_RANGE,
    ],
)
def test_wrong_usage_exits_with_2(newsroom: Newsroom, arguments: tuple[str, ...]) -> None:
    assert run(newsroom, *arguments).exit_code == 2


def test_a_run_that_cannot_be_written_is_wrong_usage(newsroom: Newsroom, tmp_path: Path) -> None:
    queries = tmp_path / "queries.jsonl"
    queries.write_text('{"id": "q1", "query": "غزة"}\n')

    assert run(newsroom, "search", "--queries", str(queries), "--run", str(tmp_path / "none" / "run.txt")).exit_code == 2


@pytest.mark.parametrize("command", [("search", "غزة"), ("trends",), ("reindex",)])
@pytest.mark.parametrize("namespace", ["a,b*", "bad ns", ""])
def test_a_namespace_that_is_none_never_reaches_the_server(command: tuple[str, ...], namespace: str) -> None:
    result = CliRunner().invoke(cli, [*command, "--namespace", namespace, "--elasticsearch", "http://127.0.0.1:1"])

    assert isinstance(result.exception, RafidError)
    assert "is no namespace" in str(result.exception)


@pytest.mark.parametrize("kind", ["search", "index-file"])
def test_a_server_that_is_down_is_one_line(tmp_path: Path, kind: str) -> None:
    queries, docs, ranking = tmp_path / "queries.jsonl", tmp_path / "docs.jsonl", tmp_path / "run.txt"
    queries.write_text('{"id": "q1", "query": "غزة"}\n')
    docs.write_text('{"id": "1", "text": "خبر"}\n')
    arguments = {
        "search": ("--queries", str(queries), "--run", str(ranking)),
        "index-file": (str(docs), "--index", "nowhere"),
    }

    result = CliRunner().invoke(cli, [kind, *arguments[kind], "--elasticsearch", "http://127.0.0.1:1"])

    assert isinstance(result.exception, RafidError)
    assert "out of reach" in str(result.exception)
