"""Folding finds every spelling and moves no offset."""

from __future__ import annotations

from hypothesis import given

from streams.split.spelling import dense, dense_letters, one_spelling
from tests.support.strategies import texts


@given(texts)
def test_each_letter_is_found_where_it_stands(text: str) -> None:
    found = list(dense_letters(text))
    places = [place for place, _ in found]

    assert "".join(letter for _, letter in found) == dense(text)
    assert places == sorted(set(places))
    assert all(dense(text[place]) == letter for place, letter in found)


def test_spellings_of_a_letter_are_one_and_marks_are_none() -> None:
    assert one_spelling("إقـرأ أيضًا") == one_spelling("اقرا ايضا") == "اقرا ايضا"
    assert one_spelling("کلمات دلالیة") == one_spelling("كلمات دلالية")
