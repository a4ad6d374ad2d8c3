"""Folding finds every spelling and moves no offset."""

from __future__ import annotations

from hypothesis import given

from streams.split.spelling import dense, dense_places, folded
from tests.strategies import texts


@given(texts)
def test_each_letter_is_found_where_it_stands(text: str) -> None:
    said, places = dense_places(text)

    assert said == dense(text)
    assert places == sorted(set(places))
    assert said == "".join(dense(text[place]) for place in places)


def test_spellings_of_a_letter_are_one_and_marks_are_none() -> None:
    assert folded("إقـرأ أيضًا") == folded("اقرا ايضا") == "اقرا ايضا"
    assert folded("کلمات دلالیة") == folded("كلمات دلالية")
