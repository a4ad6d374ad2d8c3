"""Learn the weights of the ranking from questions with known answers: coordinate ascent over the scores of each clause.

The server scores every clause alone for the first candidates of each question; how they add up is computed here, so that a set of
weights is tried in milliseconds. Nothing is drawn by lot: the same questions and index give the same weights.
"""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from elasticsearch import Elasticsearch
from numpy.typing import NDArray

from indexing.search.query import SearchRequest, bound, near, query, whole_in_title
from indexing.search.query_text import QueryText, query_text
from indexing.search.trec import Query, responses
from indexing.search.variants import without_variants
from indexing.search.weights import Weights
from streams.errors import RafidError

CANDIDATES: Final = 50
BATCH: Final = 100  # questions a request
RANKS: Final = 10
TREC_COLUMNS: Final = 4
FACTORS: Final = (0.0, 0.5, 0.7, 0.85, 1.2, 1.5, 2.0)
LEAST_GAIN: Final = 5e-4  # of the mean reciprocal rank: one question in a thousand answered second instead of first
ROUNDS: Final = 10
FIXED: Final = ("body_grams",)  # the unit of the others
TIES: Final = ("body_tie", "title_tie")

Scores = NDArray[np.float64]


@dataclasses.dataclass(frozen=True, slots=True)
class Sample:
    """Scores by clause, question and candidate; which candidates there are; the place of the answer or -1; the half of each."""

    scores: Mapping[str, Scores]
    there: NDArray[np.bool_]
    answer: NDArray[np.int64]
    half: NDArray[np.int64]

    def of(self, half: int) -> Sample:
        """Returns the questions of one half."""
        chosen = self.half == half
        scores = {name: values[chosen] for name, values in self.scores.items()}
        return Sample(scores, self.there[chosen], self.answer[chosen], self.half[chosen])


@dataclasses.dataclass(frozen=True, slots=True)
class Learnt:
    """Weights and mean reciprocal ranks: on all questions, and on each half left out for the present ones and those learned."""

    weights: Weights
    present: float
    all_questions: float
    left_out: tuple[tuple[float, float], ...]


def clauses(text: QueryText) -> dict[str, dict[str, Any] | None]:
    """Returns each clause of the ranking alone, by the name of its weight; `variants` go by the weights of grams and stems."""

    def match(field: str, words: str) -> dict[str, Any] | None:
        return {"match": {field: words}} if words else None

    (in_body, varied_in_body), (in_title, varied_in_title) = map(without_variants, (text.loose, text.asked))
    return {
        "bound": bound(text.loose, 1),
        "body_grams": match("body.ng", in_body),
        "body_words": match("body.norm", in_body),
        "body_variants": match("body", varied_in_body),
        "title_stems": match("title", in_title),
        "title_words": match("title.norm", in_title),
        "title_variants": match("title", varied_in_title),
        "whole_title": whole_in_title(text.loose, 1),
        "near": near(text.loose, 1),
    }


def combined(scores: Mapping[str, Scores], weights: Weights) -> Scores:
    """Returns what the server's query makes of the scores of its clauses."""

    def best(one: str, other: str, tie: float) -> Scores:
        a, b = getattr(weights, one) * scores[one], getattr(weights, other) * scores[other]
        result: Scores = np.maximum(a, b) + tie * np.minimum(a, b)
        return result

    body = best("body_grams", "body_words", weights.body_tie)
    title = best("title_stems", "title_words", weights.title_tie)
    body += weights.body_grams * scores["body_variants"]
    title += weights.title_stems * scores["title_variants"] + weights.whole_title * scores["whole_title"]
    return weights.bound * scores["bound"] + weights.near * scores["near"] + body + title


def reciprocal_rank(sample: Sample, weights: Weights) -> float:
    """Returns the mean reciprocal rank of the answers among the first ten."""
    total = np.where(sample.there, combined(sample.scores, weights), -1.0)
    own = np.take_along_axis(total, np.maximum(sample.answer, 0)[:, None], axis=1)
    rank = 1 + (total > own + 1e-6).sum(axis=1)
    return float(np.where((sample.answer >= 0) & (rank <= RANKS), 1 / rank, 0.0).mean())


def ascended(sample: Sample, start: Weights) -> Weights:
    """Returns the weights of which no single one can be changed for a gain worth the name, begun at these."""
    best, reached = start, reciprocal_rank(sample, start)
    for _ in range(ROUNDS):
        before = reached
        for name in (field.name for field in dataclasses.fields(Weights) if field.name not in FIXED):
            others = [dataclasses.replace(best, **{name: value}) for value in _tried(name, getattr(best, name))]
            gained, other = max(((reciprocal_rank(sample, other), other) for other in others), key=lambda tried: tried[0])
            if gained > reached + LEAST_GAIN:
                best, reached = other, gained
        if reached == before:
            break
    return best


def _tried(name: str, present: float) -> list[float]:
    values = sorted({round(factor * (present or 0.1), 3) for factor in FACTORS})
    return [value for value in values if value <= 1 or name not in TIES]


def learn(sample: Sample, start: Weights) -> Learnt:
    """Returns weights learned on all questions, and what those of each half reach on the other half beside the present ones.

    Raises RafidError when there are too few questions for two halves.
    """
    if len(np.unique(sample.half)) < 2:
        raise RafidError(f"{len(sample.half)} questions with answers are too few to leave a half of them out")
    left_out = []
    for half in (0, 1):
        weights, other = ascended(sample.of(half), start), sample.of(1 - half)
        left_out.append((reciprocal_rank(other, start), reciprocal_rank(other, weights)))
    weights = ascended(sample, start)
    return Learnt(weights, reciprocal_rank(sample, start), reciprocal_rank(sample, weights), tuple(left_out))


def read_answers(path: Path) -> dict[str, str]:
    """Returns the first relevant document of each question in a TREC file `question 0 document grade`.

    A grade above 0 is relevant. Raises RafidError with the line.
    """
    answers: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        fields = line.split()
        if len(fields) != TREC_COLUMNS:
            raise RafidError(f"{path}:{number}: `question 0 document grade` was expected")
        if not fields[3].lstrip("-").isdecimal():
            raise RafidError(f"{path}:{number}: a grade is a whole number, not {fields[3]!r}")
        if int(fields[3]) > 0:
            answers.setdefault(fields[0], fields[2])
    return answers


def sampled(client: Elasticsearch, index: str, queries: Sequence[Query], answers: Mapping[str, str]) -> Sample:
    """Returns the scores of the first candidates of each question that has an answer and a word; halves by answer."""
    asked = [query for query in queries if query.id in answers and query_text(query.text).loose]
    if not asked:
        raise RafidError("no question has an answer: ids of the two files do not meet")
    found = _candidates(client, index, asked)
    by_clause = [clauses(query_text(one.text)) for one in asked]
    scores = {name: _scores(client, index, [of[name] for of in by_clause], found) for name in by_clause[0]}
    answer = [ids.index(answers[query.id]) if answers[query.id] in ids else -1 for query, ids in zip(asked, found, strict=True)]
    half = [zlib.crc32(answers[query.id].encode()) % 2 for query in asked]  # questions of one answer stay together
    there = np.array([[at < len(ids) for at in range(CANDIDATES)] for ids in found])
    return Sample(scores, there, np.array(answer), np.array(half))


def _candidates(client: Elasticsearch, index: str, asked: Sequence[Query]) -> list[list[str]]:
    found: list[list[str]] = []
    for start in range(0, len(asked), BATCH):
        searches: list[dict[str, Any]] = []
        for one in asked[start : start + BATCH]:
            searches += [{}, {"query": query(SearchRequest(text=one.text)), "size": CANDIDATES, "_source": False}]
        answers = responses(client, index, searches, [one.id for one in asked[start : start + BATCH]])
        found += [[hit["_id"] for hit in answer["hits"]["hits"]] for answer in answers]
    return found


def _scores(client: Elasticsearch, index: str, asked: Sequence[dict[str, Any] | None], found: Sequence[list[str]]) -> Scores:
    """Returns a row for each question with the clause's scores of its candidates."""
    table = np.zeros((len(asked), CANDIDATES))
    rows = [row for row, clause in enumerate(asked) if clause is not None and found[row]]
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        searches: list[dict[str, Any]] = []
        for row in batch:
            only = {"bool": {"must": asked[row], "filter": {"ids": {"values": found[row]}}}}
            searches += [{}, {"query": only, "size": CANDIDATES, "_source": False}]
        for row, answer in zip(batch, responses(client, index, searches, [str(row) for row in batch]), strict=True):
            for hit in answer["hits"]["hits"]:
                table[row, found[row].index(hit["_id"])] = hit["_score"]
    return table
