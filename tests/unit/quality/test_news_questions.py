"""The measures of the news questions, on rankings small enough to reckon by hand."""

from __future__ import annotations

import pytest

from tests.quality.news_questions import Question, ndcg, quality, read_grades, read_questions, reciprocal_rank

GRADES = {"a": 3, "b": 2, "c": 1, "d": 0}


def test_the_best_order_has_the_whole_gain() -> None:
    assert ndcg(["a", "b", "c", "d"], GRADES) == 1


def test_an_answer_at_the_second_place_gains_less() -> None:
    assert ndcg(["d", "a"], {"a": 3, "d": 0}) == pytest.approx(0.6309, abs=1e-4)  # 1 / log2(3)


def test_a_mention_is_no_answer() -> None:
    assert reciprocal_rank(["c", "b"], GRADES) == 1 / 2


def test_an_article_without_a_grade_gains_nothing_and_is_counted() -> None:
    question = Question("q", "kept", "topic", "سد", "")

    assert quality([question], {"q": ["x", "a"]}, {"q": {"a": 3}}) == pytest.approx((0.6309, 0.5, 0.5), abs=1e-4)


def test_grades_are_of_questions_that_are_there() -> None:
    assert read_grades().keys() <= {question.id for question in read_questions()}
