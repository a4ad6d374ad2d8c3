from __future__ import annotations

import pytest
from hypothesis import given

from streams.arabic.folding import aligned
from streams.arabic.numbers import canonical, slots
from streams.arabic.words import words
from tests.support.strategies import arabic


def of(text: str) -> dict[int, int]:
    raw, folded = aligned(text)
    return {slot >> 16: slot & 0xFFFF for slot in slots(raw, folded, words(folded)).tolist()}


@pytest.mark.parametrize(
    "spelling",
    ["سجل سعر الذهب 4120 جنيها", "سجل سعر الذهب 4,120 جنيها", "سجّل سعر الذّهب ٤١٢٠ جنيها", "سجل سعر الذهب ۴٬۱۲۰ جنيها"],
)
def test_one_number_has_one_value_however_it_is_written(spelling: str) -> None:
    assert of(spelling) == of("سجل سعر الذهب 4120 جنيها")


def test_agencies_write_a_decimal_the_other_way_round() -> None:
    assert of("بلغ النمو 8ر2 في المئة خلال عام 2024 كله") == of("بلغ النمو 2.8 في المئة خلال عام 2024 كله")


def test_another_number_in_the_same_place_is_another_value() -> None:
    one, other = of("سعر الذهب 4120 جنيها"), of("سعر الذهب 4125 جنيها")

    assert one.keys() == other.keys()
    assert one != other


def test_a_date_is_one_value() -> None:
    assert len(of("صدر القرار بتاريخ 25/10/2015 في الرياض")) == 1


def test_a_full_stop_between_two_sentences_joins_nothing() -> None:
    assert len(of("وصل العدد إلى 15. وقتل 20 آخرون")) == 2


def test_a_place_with_two_different_numbers_tells_nothing() -> None:
    assert of("سعر البيع 10 ثم سعر البيع 20") == {}


def test_a_place_that_repeats_its_number_keeps_it() -> None:
    assert len(of("سعر البيع 10 ثم سعر البيع 10")) == 1


@pytest.mark.parametrize("text", ["", "لا أرقام هنا", "ر ر ر", "...", "٫"])
def test_a_text_without_numbers_has_no_slots(text: str) -> None:
    assert of(text) == {}


@pytest.mark.parametrize("text", ["5", "5 10", "٣ أشخاص", "8ر", "ر2", "1ر2ر3", "9" * 5000])
def test_numbers_at_the_edges_are_numbers(text: str) -> None:
    assert len(of(text)) == 1


@given(arabic)
def test_slots_are_sorted_and_of_different_places(text: str) -> None:
    raw, folded = aligned(text)
    found = slots(raw, folded, words(folded)).tolist()

    assert found == sorted(found)
    assert len({slot >> 16 for slot in found}) == len(found)


@pytest.mark.parametrize(
    ("parts", "number"),
    [
        (["0"], "0"),
        (["007"], "7"),
        (["4", "120"], "4120"),
        (["1", "000", "000"], "1000000"),
        (["7", "0"], "7"),
        (["2", "85"], "2|85"),
        (["85", "2"], "2|85"),
        (["1", "2", "3"], "1|2|3"),
    ],
)
def test_parts_of_a_number_have_one_spelling(parts: list[str], number: str) -> None:
    assert canonical(parts) == number
