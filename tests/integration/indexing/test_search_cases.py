"""What goes wrong in public reports about Arabic search goes right here: each case's stories are asked for by its queries."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from deploy.local import stack as stacks
from indexing.elastic.settings import ElasticSettings
from indexing.generations.template import plain_index
from indexing.search.highlights import CLOSE, OPEN
from indexing.search.learning import combined, sampled
from indexing.search.query import SearchRequest, query
from indexing.search.search import SearchPage, search
from indexing.search.trec import Query
from indexing.search.weights import current_weights

CASES = [json.loads(line) for line in Path(__file__).with_name("search_cases.jsonl").read_text(encoding="utf-8").splitlines()]
QUESTION = Query("q1", "متى تبدأ حملة لقاح الإنفلونزا الوطنية؟")
ASKED = [(case["case"], query) for case in CASES for query in case["queries"]]


@pytest.fixture(scope="module")
def cases(stack: stacks.Addresses) -> Iterator[tuple[Elasticsearch, str]]:
    """The stories of all cases in one index, each case a source of its own."""
    index = f"cases-{uuid.uuid4().hex[:8]}"
    operations: list[dict[str, Any]] = []
    for case in CASES:
        for story in case["documents"]:
            fields = {"title": story["title"], "body": story["text"], "source": case["case"]}
            operations += [{"index": {"_id": f"{case['case']}/{story['id']}"}}, fields]
    with ElasticSettings(stack.elasticsearch).client() as client:
        client.indices.create(index=index, **plain_index())
        assert not client.bulk(index=index, operations=operations, refresh=True)["errors"]
        yield client, index
        client.indices.delete(index=index)


def marked(answer: SearchPage, story: str) -> set[str]:
    """The words that are marked in the body of a story, or in its title where the body has none."""
    (hit,) = (hit for hit in answer.hits if hit.id.endswith(f"/{story}"))
    return {word for snippet in hit.snippets or (hit.title,) for word in re.findall(f"{OPEN}(.*?){CLOSE}", snippet)}


@pytest.mark.parametrize(("case", "asked"), ASKED, ids=[f"{case}: {asked['query']}" for case, asked in ASKED])
def test_a_query_finds_what_a_reader_means_and_marks_it(
    cases: tuple[Elasticsearch, str], case: str, asked: dict[str, Any]
) -> None:
    client, index = cases

    answer = search(client, index, index, SearchRequest(text=asked["query"], sources=(case,)))

    found = {hit.id.rpartition("/")[2] for hit in answer.hits}
    assert found >= set(asked["must_find"])
    assert not found & set(asked["must_not_find"])
    for story, words in asked.get("highlight", {}).items():
        assert marked(answer, story) == set(words)


def test_weights_are_learned_from_the_scores_that_the_server_adds_up(cases: tuple[Elasticsearch, str]) -> None:
    client, index = cases
    hits = client.search(index=index, query=query(SearchRequest(text=QUESTION.text)), size=50)["hits"]["hits"]

    sample = sampled(client, index, [QUESTION], {QUESTION.id: hits[0]["_id"]})

    added_up = combined(sample.scores, current_weights())[0, : len(hits)]
    assert sample.answer.tolist() == [0]
    assert added_up.tolist() == pytest.approx([hit["_score"] for hit in hits], rel=1e-5)
