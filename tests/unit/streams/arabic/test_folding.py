from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.arabic.folding import DELETE, SEPARATE, aligned, fold, table, units
from tests.support.strategies import arabic


@pytest.mark.parametrize(
    ("spellings", "folded"),
    [
        (("أخبار", "إخبار", "آخبار", "ٱخبار", "اخبار"), "اخبار"),
        (("مدرسة", "مدرسه", "مدرسۃ", "مدرسہ"), "مدرسه"),
        (("على", "علي", "علی"), "علي"),
        (("مسؤول", "مسوول"), "مسوول"),
        (("شاطئ", "شاطي"), "شاطي"),
        (("کتاب", "كتاب", "ڪتاب"), "كتاب"),
        (("١٢٣", "۱۲۳", "123", "１２３"), "123"),
        (("خـــبر", "خَبَرٌ", "خ\u200fبر", "خبر"), "خبر"),
        (("ﻻ", "لا", "ﻵ"), "لا"),
        (("ﺧﺒﺮ", "خبر"), "خبر"),
        (("BBC", "bbc", "ＢＢＣ"), "bbc"),
    ],
)
def test_one_word_has_one_spelling(spellings: tuple[str, ...], folded: str) -> None:
    assert {fold(spelling) for spelling in spellings} == {folded}


@pytest.mark.parametrize("sign", [" ", "\n", "\u00a0", "،", "؛", "؟", "-", "ـ ", "«", "٪", "😀"])
def test_what_is_no_letter_or_digit_parts_words(sign: str) -> None:
    assert fold(f"خبر{sign}عاجل") == "خبر عاجل"


def test_marks_do_not_part_words() -> None:
    assert fold("يُحرَمون") == "يحرمون"


def test_a_zero_width_non_joiner_does_not_part_words() -> None:
    assert fold("می\u200cخواهم") == "ميخواهم"


def test_letters_that_mean_something_stay() -> None:
    assert fold("سشصضطظعغ حجخ بتث") == "سشصضطظعغ حجخ بتث"


@given(arabic)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_any_text_folds_to_single_spaced_words(text: str) -> None:
    folded = fold(text)

    assert folded == " ".join(folded.split())


@given(st.one_of(arabic, st.text(st.characters(codec=None))))
def test_a_short_text_folds_as_it_does_in_a_long_one(text: str) -> None:
    assert fold(text) == fold(text + " " * 1000)


@given(st.text(st.characters()))
def test_aligned_units_are_the_units_and_where_they_came_from(text: str) -> None:
    raw, folded = aligned(text)

    assert folded.tolist() == units(text).tolist()
    assert table()[raw].tolist() == folded.tolist()


def test_the_table_maps_every_letter_to_one_that_stays() -> None:
    folded = table()
    letters = folded[(folded != DELETE) & (folded != SEPARATE)]

    assert np.array_equal(folded[letters], letters)
