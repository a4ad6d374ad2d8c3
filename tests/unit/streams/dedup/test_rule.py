"""The rule on invented texts: what it joins, what it keeps apart, and that it has no direction."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.dedup.metadata import MetadataSketch
from streams.dedup.rule import NEWS_MS, Likeness, Text, likeness
from streams.dedup.sketch import sketch
from tests.unit.streams.dedup.messages import DAY, beside, text


def alike(one: str, other: str, *, same_title: bool = False, apart_ms: int = 0) -> Likeness | None:
    first, second = Text(sketch(one), title_hash=b"a"), Text(sketch(other), title_hash=b"a" if same_title else b"b")
    return likeness(first, second, apart_ms)


def rule_of(one: str, other: str, apart_ms: int = 0) -> str | None:
    found = alike(one, other, apart_ms=apart_ms)
    return found.rule if found else None


def test_equal_bodies_are_exact_in_any_spelling() -> None:
    assert alike("إلى المدرسة", "الى المدرسه", same_title=True) == Likeness("exact", False, 1.0, 1.0)


def test_a_jaccard_of_seven_tenths_is_enough_at_any_age() -> None:
    assert rule_of(text(1, 100), text(1, 74), apart_ms=6 * DAY) == "similar"
    assert rule_of(text(1, 50), text(1, 37), apart_ms=6 * DAY) == "similar"


def test_four_tenths_are_enough_with_the_head() -> None:
    whole = text(1, 100)

    assert rule_of(whole, f"{text(1, 65)} {text(2, 35)}", apart_ms=6 * DAY) == "head"


def test_a_shared_background_is_no_shared_head() -> None:
    background = text(9, 200)

    assert rule_of(f"{text(1, 100)} {background}", f"{text(2, 100)} {background}") is None


def test_a_round_up_does_not_lead_with_the_story_that_it_contains() -> None:
    assert rule_of(text(1, 100), f"{text(2, 150)} {text(1, 100)}") is None


def test_the_opening_of_a_long_report_is_its_abridged_copy_while_it_is_news() -> None:
    flash, report = text(1, 80), text(1, 390)

    assert rule_of(flash, report, apart_ms=NEWS_MS) == "lead"
    assert rule_of(flash, report, apart_ms=NEWS_MS + 1) is None


def test_a_tenth_of_a_long_text_is_contained_while_it_is_news() -> None:
    flash, report = text(1, 60), f"{text(1, 400)} {text(3, 50)}"

    assert rule_of(flash, report, apart_ms=NEWS_MS) == "contained"
    assert rule_of(flash, report, apart_ms=NEWS_MS + 1) is None


def test_a_short_text_needs_more_evidence() -> None:
    whole = text(1, 58)

    assert rule_of(whole, f"{text(1, 44)} {text(2, 14)}", apart_ms=NEWS_MS) == "flash"
    assert rule_of(whole, f"{text(1, 44)} {text(2, 14)}", apart_ms=NEWS_MS + 1) is None
    assert rule_of(whole, f"{text(1, 28)} {text(2, 30)}") is None


def test_a_formula_of_half_a_cable_does_not_make_two_cables_one() -> None:
    formula = text(5, 25)

    assert rule_of(f"{text(1, 22)} {formula}", f"{text(2, 22)} {formula}") is None


@pytest.mark.parametrize(("same_title", "found"), [(True, True), (False, False)])
def test_fewer_than_twenty_words_need_the_same_title(same_title: bool, found: bool) -> None:
    assert (alike(text(1, 19), text(1, 18), same_title=same_title) is not None) is found


def test_a_very_short_text_is_never_a_part_of_a_longer_one() -> None:
    assert alike(text(1, 19), text(1, 80), same_title=True) is None


@pytest.mark.parametrize(("one", "other"), [("", ""), ("", "خبر"), ("…", "!")])
def test_what_has_no_words_is_like_nothing(one: str, other: str) -> None:
    assert alike(one, other, same_title=True) is None


def priced(*prices: int) -> str:
    parts = [
        f"{text(7, 20, first=20 * place)} سعر الصنف {name} {price} جنيها"
        for place, (name, price) in enumerate(zip("بتثج", prices, strict=True))
    ]
    return " ".join(parts)


@pytest.mark.parametrize(
    ("prices", "is_edition"),
    [((10, 20, 30, 40), False), ((10, 20, 30, 41), False), ((10, 20, 31, 41), True), ((11, 21, 31, 41), True)],
    ids=["the same", "one other", "two others", "all others"],
)
def test_two_other_numbers_in_the_same_places_make_an_edition(prices: tuple[int, ...], is_edition: bool) -> None:
    found = alike(priced(10, 20, 30, 40), priced(*prices) + " " + text(8, 3))

    assert found is not None
    assert found.is_edition is is_edition


def test_another_spelling_of_the_numbers_is_no_edition() -> None:
    arabic_indic = priced(10, 20, 30, 40).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))

    found = alike(priced(10, 20, 30, 40), arabic_indic + " " + text(8, 3))

    assert found is not None
    assert not found.is_edition


@given(
    st.integers(0, 2), st.integers(0, 2), st.integers(15, 120), st.integers(15, 120), st.integers(0, 60), st.integers(0, 3 * DAY)
)
def test_likeness_has_no_direction(one: int, other: int, first: int, second: int, skip: int, apart: int) -> None:
    a = f"{text(one, first)} سعر 5 {text(3, 20)}"
    b = f"{text(other, second, first=skip)} سعر 6 {text(3, 20)}"

    assert alike(a, b, apart_ms=apart) == alike(b, a, apart_ms=-apart)


def beside_alike(one: str, first: MetadataSketch, other: str, second: MetadataSketch, apart_ms: int = 0) -> Likeness | None:
    a, b = Text(sketch(one), first, b"a"), Text(sketch(other), second, b"b")
    return likeness(a, b, apart_ms)


@pytest.mark.parametrize(
    ("first", "second", "is_found"),
    [
        (beside(source=1, title=(1, 2)), beside(source=2, title=(3, 4)), True),
        (beside(source=1, title=(1, 2)), beside(source=1, title=(3, 4)), False),
        (beside(source=1, title=(1, 2)), beside(source=1, title=(1, 2, 3)), True),
        (beside(), beside(), True),
    ],
    ids=["another site", "the same site", "the same site and title", "an older notice"],
)
def test_a_site_repeats_its_earlier_report_in_its_next_one(first: MetadataSketch, second: MetadataSketch, is_found: bool) -> None:
    whole, cut = text(1, 200), f"{text(1, 110)} {text(2, 90)}"

    assert (beside_alike(whole, first, cut, second) is not None) is is_found


@pytest.mark.parametrize(
    ("second", "rule"),
    [
        (beside(source=2, title=(1, 2, 4)), "title"),
        (beside(source=2, title=(7, 8, 9)), None),
        (beside(source=1, title=(1, 2, 4)), None),
    ],
    ids=["titles alike", "other titles", "the same site"],
)
def test_a_reworded_lead_is_known_by_the_title_on_another_site(second: MetadataSketch, rule: str | None) -> None:
    first = beside(source=1, title=(1, 2, 3))
    one, other = text(1, 150), f"{text(1, 12)} {text(2, 50)} {text(1, 100, first=50)}"

    found = beside_alike(one, first, other, second)

    assert (found.rule if found else None) == rule
    assert beside_alike(one, first, other, second, apart_ms=NEWS_MS + 1) is None


def test_cables_of_one_template_to_other_names_are_editions() -> None:
    first = beside(source=1, title=(1, 2, 3, 10), slots={50: 10, 51: 10, 52: 3})
    second = beside(source=2, title=(1, 2, 3, 11), slots={50: 11, 51: 11, 52: 3})

    found = beside_alike(text(1, 100), first, text(1, 90), second)

    assert found is not None
    assert found.is_edition


def test_a_new_headline_over_the_same_names_is_no_edition() -> None:
    first = beside(source=1, title=(1, 2, 3, 10), slots={50: 10, 51: 10})
    second = beside(source=2, title=(1, 2, 3, 11), slots={52: 11, 53: 11})

    found = beside_alike(text(1, 100), first, text(1, 90), second)

    assert found is not None
    assert not found.is_edition
