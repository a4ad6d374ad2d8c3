"""A plain collection is loaded under the same analysis, and its queries are ranked."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from indexing.generations.names import names
from indexing.search.collection import index_file
from indexing.search.trec import Query, run_lines
from streams.errors import RafidError
from tests.integration.indexing.newsroom import Newsroom, run


def test_a_plain_collection_is_loaded_and_ranked(own_newsroom: Newsroom, tmp_path: Path) -> None:
    collection, queries, ranking = tmp_path / "docs.jsonl", tmp_path / "queries.jsonl", tmp_path / "run.txt"
    texts = {"d1": "أعلن وزير الطاقة خطة جديدة", "d2": "فاز الفريق بالمباراة", "d3": "خطة الطاقة الشمسية"}
    collection.write_text("".join(json.dumps({"id": key, "title": "", "text": text}) + "\n" for key, text in texts.items()))
    queries.write_text('{"id": "q1", "query": "خطط الطاقة"}\n\n{"id": "q2", "query": "***"}\n{"id": "q3", "query": "الفريق"}\n')
    index = names(own_newsroom.namespace).index("2020-01")

    loaded = run(own_newsroom, "index-file", str(collection), "--index", index)
    ranked = run(own_newsroom, "search", "--queries", str(queries), "--index", index, "--run", str(ranking))

    assert (loaded.exit_code, ranked.exit_code) == (0, 0)
    rows = [line.split(" ") for line in ranking.read_text().splitlines()]
    assert {(row[0], row[2]) for row in rows} == {("q1", "d1"), ("q1", "d3"), ("q3", "d2")}
    assert [row[3] for row in rows if row[0] == "q1"] == ["1", "2"]
    assert all(row[1] == "Q0" and row[5] == "rafid" and float(row[4]) > 0 for row in rows)


def test_an_index_is_not_loaded_twice(own_newsroom: Newsroom, tmp_path: Path) -> None:
    path = tmp_path / "docs.jsonl"
    path.write_text('{"id": "1", "text": "خبر"}\n')
    index = names(own_newsroom.namespace).index("2020-01")
    index_file(own_newsroom.client, path, index)

    with pytest.raises(RafidError, match="exists: give another --index"):
        index_file(own_newsroom.client, path, index)


def test_a_broken_line_of_a_collection_is_named(own_newsroom: Newsroom, tmp_path: Path) -> None:
    path = tmp_path / "docs.jsonl"
    path.write_text('{"id": "1", "text": "خبر"}\n{"id": "2", "text": 5}\n')

    with pytest.raises(RafidError, match=r"docs\.jsonl:2: `text`"):
        index_file(own_newsroom.client, path, names(own_newsroom.namespace).index("2020-01"))


@pytest.mark.parametrize("wrong", ['{"id": "2", "text": 5}', '{"id": "2", "text": "خبر", "published_at": "soon"}'])
def test_a_collection_that_fails_leaves_no_index_behind(own_newsroom: Newsroom, tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "docs.jsonl"
    index = names(own_newsroom.namespace).index("2020-01")
    path.write_text('{"id": "1", "text": "خبر"}\n' + wrong)
    with pytest.raises(RafidError):
        index_file(own_newsroom.client, path, index)

    path.write_text('{"id": "1", "text": "خبر"}\n')

    assert index_file(own_newsroom.client, path, index) == 1


def test_a_gzipped_collection_is_unpacked_and_a_torn_one_told(own_newsroom: Newsroom, tmp_path: Path) -> None:
    path = tmp_path / "docs.jsonl.gz"
    packed = gzip.compress('{"id": "1", "text": "خبر"}\n'.encode())
    index = names(own_newsroom.namespace).index("2020-01")
    path.write_bytes(packed[:-4])
    with pytest.raises(RafidError, match="no whole gzip"):
        index_file(own_newsroom.client, path, index)
    path.write_bytes(packed)

    assert index_file(own_newsroom.client, path, index) == 1


def test_a_run_names_the_query_that_failed(own_newsroom: Newsroom) -> None:
    with pytest.raises(RafidError, match="query q1 failed"):
        list(run_lines(own_newsroom.client, "nowhere", [Query("q1", "غزة")]))
