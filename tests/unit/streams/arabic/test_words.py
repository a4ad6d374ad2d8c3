from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.arabic.folding import fold, units
from streams.arabic.words import Words, shingles, words
from tests.support.strategies import arabic


def of(text: str) -> Words:
    return words(units(text))


def test_the_numbers_of_a_text_are_the_same_on_every_machine() -> None:
    """They lie in registers and changelogs: another number for a word would lose every copy of the last week."""
    assert of("رافد 24").hashes.tolist() == [13290244209307383763, 9318042603164653826]
    assert shingles(of("واحد اثنان ثلاثة").hashes).tolist() == [17939149745953359796]


def slowly(word: str) -> int:
    """The same polynomial and the same mixing, one letter after the other."""
    number = sum((ord(letter) - 1) * 0x100000001B3**place for place, letter in enumerate(word)) % 2**64
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1)):
        number = (number ^ number >> shift) * factor % 2**64
    return int(number)


@given(arabic)
def test_a_word_is_a_polynomial_of_its_letters(text: str) -> None:
    alone = re.findall(r"[0-9]+|[^0-9 ]+", fold(text))

    assert of(text).hashes.tolist() == [slowly(word) for word in alone]


def test_places_and_lengths_are_those_of_the_units() -> None:
    found = of("  خبر 24، كوفيد19")

    assert found.starts.tolist() == [2, 6, 10, 15]
    assert found.lengths.tolist() == [3, 2, 5, 2]
    assert found.is_number.tolist() == [False, True, False, True]


@pytest.mark.parametrize("text", ["", " ", "…—!", "\u200f"])
def test_a_text_without_letters_has_no_words(text: str) -> None:
    assert all(len(column) == 0 for column in of(text))


@given(arabic)
def test_there_are_as_many_words_as_runs_of_letters_and_of_digits(text: str) -> None:
    runs = 0
    before = " "
    for char in fold(text):
        runs += char != " " and (before == " " or char.isdecimal() != before.isdecimal())
        before = char

    assert len(of(text).hashes) == runs


@given(arabic, arabic)
def test_a_word_has_one_number_wherever_it_stands(before: str, text: str) -> None:
    alone = of(text).hashes.tolist()

    assert of(f"{before} {text}").hashes.tolist()[len(of(before).hashes) :] == alone


@given(st.lists(st.text("ابتثجح123", min_size=1, max_size=4), max_size=40))
def test_different_words_have_different_numbers(some: list[str]) -> None:
    alone = [word for word in some if word.isdecimal() or not any(map(str.isdecimal, word))]

    assert len({of(word).hashes[0] for word in alone}) == len(set(alone))


@pytest.mark.parametrize(("count", "expected"), [(0, 0), (1, 1), (2, 2), (3, 1), (4, 2), (10, 8)])
def test_a_shingle_is_three_words_or_the_words_of_a_shorter_text(count: int, expected: int) -> None:
    hashes = of(" ".join(f"كلمة{'ا' * number}" for number in range(count))).hashes

    assert len(shingles(hashes)) == expected


def test_the_order_of_words_makes_another_shingle() -> None:
    assert shingles(of("واحد اثنان ثلاثة").hashes) != shingles(of("ثلاثة اثنان واحد").hashes)
