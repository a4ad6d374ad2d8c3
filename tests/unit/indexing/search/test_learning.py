from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from indexing.search.learning import CANDIDATES, Sample, ascended, clauses, learn, read_answers, reciprocal_rank
from indexing.search.query_text import query_text
from indexing.search.weights import Weights, current_weights, read_weights, written
from streams.errors import RafidError

EVEN = Weights(
    bound=1, body_grams=1, body_words=1, body_tie=0.3, title_stems=1, title_words=1, title_tie=0.3, whole_title=1, near=1
)


def sample(questions: int = 40) -> Sample:
    """Questions of which the first candidate has the better title and the second, the answer, the better order."""
    there = np.zeros((questions, CANDIDATES), dtype=bool)
    there[:, :2] = True
    scores = {name: np.zeros((questions, CANDIDATES)) for name in clauses(query_text("ميناء الياسمين"))}
    scores["title_stems"][:, 0] = 3.0
    scores["near"][:, 1] = 2.0
    return Sample(scores, there, np.ones(questions, dtype=np.int64), np.arange(questions) % 2)


def test_what_ranks_an_answer_second_loses_weight_until_it_ranks_first() -> None:
    assert reciprocal_rank(sample(), EVEN) == 0.5

    learnt = ascended(sample(), EVEN)

    assert reciprocal_rank(sample(), learnt) == 1
    assert learnt.near * 2 > learnt.title_stems * 3


def test_what_is_learned_on_one_half_is_judged_on_the_other() -> None:
    assert learn(sample(), EVEN).left_out == ((0.5, 1.0), (0.5, 1.0))


def test_the_same_questions_give_the_same_weights() -> None:
    assert learn(sample(), EVEN) == learn(sample(), EVEN)


def test_weights_are_read_as_they_are_written() -> None:
    learnt = dataclasses.replace(current_weights(), near=0.125)

    assert read_weights(written(learnt)) == learnt


def test_a_file_without_a_weight_is_refused() -> None:
    with pytest.raises(TypeError):
        read_weights("bound = 1")


def test_a_line_that_is_no_answer_is_named(tmp_path: Path) -> None:
    file = tmp_path / "answers.tsv"
    file.write_text("q1 0 d1 1\nq2 d1\n")

    with pytest.raises(RafidError, match="2"):
        read_answers(file)
