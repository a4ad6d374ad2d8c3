"""`python -m tests.quality.news_questions`: how questions as readers of news type them are ranked, beside two plain rankings.

Documents are those of the corpus beside the checkout; questions and grades are in `news/`, with a README.
"""

from __future__ import annotations

import csv
import gzip
import math
import os
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import click
import orjson
from elasticsearch import Elasticsearch
from elasticsearch.helpers import bulk
from rich.console import Console
from rich.table import Table

from deploy.local import stack
from indexing.elastic.settings import ElasticSettings
from indexing.generations.template import plain_index
from indexing.search.query import SearchRequest, query
from tests.bench.analysis import stock
from tests.conftest import SHARED

NEWS: Final = Path(__file__).with_name("news")
RANKS: Final = 10
RELEVANT: Final = 2  # the least grade of an answer
BATCH: Final = 50  # questions a request

Grades = Mapping[str, Mapping[str, int]]


class Question(NamedTuple):
    """A question; `half` is `tuning` or `kept`, `meant` the right spelling of a misspelt one, else empty."""

    id: str
    half: str
    kind: str
    text: str
    meant: str


class Quality(NamedTuple):
    """Means over questions, among the first ten, and the share of what was ranked there that has no grade."""

    ndcg: float
    mrr: float
    ungraded: float


def read_questions() -> list[Question]:
    """Return the questions of `news/questions.tsv`."""
    with (NEWS / "questions.tsv").open(encoding="utf-8", newline="") as rows:
        next(rows)
        return [Question(*row) for row in csv.reader(rows, delimiter="\t", quoting=csv.QUOTE_NONE)]


def read_grades() -> dict[str, dict[str, int]]:
    """Return the grades of documents by question, of `news/grades.tsv`."""
    grades: dict[str, dict[str, int]] = defaultdict(dict)
    for line in (NEWS / "grades.tsv").read_text(encoding="utf-8").splitlines():
        question, _, document, grade = line.split("\t")
        grades[question][document] = int(grade)
    return dict(grades)


def ndcg(ranked: Sequence[str], grades: Mapping[str, int]) -> float:
    """Return the discounted gain of the first ten over that of the best order of all graded documents; 0 where none is good."""
    best = _gain(sorted(grades.values(), reverse=True))
    return _gain([grades.get(document, 0) for document in ranked]) / best if best else 0.0


def _gain(grades: Sequence[int]) -> float:
    return sum((2.0**grade - 1) / math.log2(rank + 1) for rank, grade in enumerate(grades[:RANKS], 1))


def reciprocal_rank(ranked: Sequence[str], grades: Mapping[str, int]) -> float:
    """Return one over the rank of the first answer among the first ten, or 0."""
    return next((1 / rank for rank, document in enumerate(ranked[:RANKS], 1) if grades.get(document, 0) >= RELEVANT), 0.0)


def quality(questions: Sequence[Question], run: Mapping[str, Sequence[str]], grades: Grades) -> Quality:
    """Return the means of a run over these questions."""
    shown = [(question.id, document) for question in questions for document in run[question.id][:RANKS]]
    ungraded = sum(document not in grades.get(question, {}) for question, document in shown)
    count = len(questions)
    return Quality(
        sum(ndcg(run[question.id], grades.get(question.id, {})) for question in questions) / count,
        sum(reciprocal_rank(run[question.id], grades.get(question.id, {})) for question in questions) / count,
        ungraded / max(1, len(shown)),
    )


def ours(text: str) -> dict[str, Any]:
    """Return the query of `rafid search`."""
    return query(SearchRequest(text=text))


def plain(text: str) -> dict[str, Any]:
    """Return a match of title or body, the better of both."""
    return {"multi_match": {"query": text, "type": "best_fields", "tie_breaker": 0.3, "fields": ["title", "body"]}}


def ranked(
    client: Elasticsearch, index: str, questions: Sequence[Question], asked: Callable[[str], dict[str, Any]]
) -> dict[str, list[str]]:
    """Return the first ten documents of each question."""
    run: dict[str, list[str]] = {}
    for start in range(0, len(questions), BATCH):
        batch = questions[start : start + BATCH]
        searches: list[dict[str, Any]] = []
        for question in batch:
            searches += [{}, {"query": asked(question.text), "size": RANKS, "_source": False}]
        answers = client.msearch(index=index, searches=searches)["responses"]
        for question, answer in zip(batch, answers, strict=True):
            run[question.id] = [hit["_id"] for hit in answer["hits"]["hits"]]
    return run


def documents(index: str) -> Iterator[dict[str, Any]]:
    """Yield what puts each article of the corpus into the index."""
    for file in sorted((SHARED / "corpus").glob("*.jsonl.gz")):
        with gzip.open(file) as lines:
            for line in lines:
                fields = orjson.loads(line)
                source = {"title": fields["title"], "body": fields["text"], "story_id": fields["id"]}
                yield {"_index": index, "_id": fields["id"], "_source": source}


def measured(client: Elasticsearch, questions: Sequence[Question]) -> dict[str, dict[str, list[str]]]:
    """Return the run of each ranking; the indices are made and deleted."""
    runs: dict[str, dict[str, list[str]]] = {}
    for body, rankings in ((plain_index(), {"rafid": ours, "stems alone": plain}), (stock(), {"stock `arabic`": plain})):
        index = f"news-questions-{uuid.uuid4().hex[:8]}"
        client.indices.create(index=index, **body)
        try:
            bulk(client, documents(index))
            client.indices.refresh(index=index)
            runs |= {name: ranked(client, index, questions, asked) for name, asked in rankings.items()}
        finally:
            client.indices.delete(index=index)
    return runs


@click.command()
def main() -> None:
    """Print the quality of three rankings on both halves of the questions, and by their kinds."""
    if not (SHARED / "corpus").is_dir():
        raise click.ClickException(f"there is no corpus in {SHARED / 'corpus'}")
    questions, grades = read_questions(), read_grades()
    address = stack.up(os.environ.get("RAFID_TEST_STACK", "test")).elasticsearch
    with ElasticSettings(address).client() as client:
        runs = measured(client, questions)
    groups = {half: [one for one in questions if one.half == half] for half in ("tuning", "kept")}
    groups |= {kind: [one for one in questions if one.kind == kind] for kind in sorted({one.kind for one in questions})}
    table = Table("questions", "", "ranking", "nDCG@10", "MRR@10", "without a grade")
    for name, group in groups.items():
        for ranking, run in runs.items():
            reached = quality(group, run, grades)
            figures = f"{reached.ndcg:.3f}", f"{reached.mrr:.3f}", f"{reached.ungraded:.3f}"
            table.add_row(name, str(len(group)), ranking, *figures)
    Console().print(table)


if __name__ == "__main__":
    main()
