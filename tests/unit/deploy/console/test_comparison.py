"""What changed between two tellings, and the numbers of a template."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from deploy.console.reads.comparison import changing_numbers, count_words, differences

TEXTS = st.lists(st.sampled_from(["قال", "الوزير", "اليوم", "142", "ألف\n\n", "محطة,"]), max_size=12).map(" ".join)


@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_from_their_differences(first: str, second: str) -> None:
    words = differences("افتتاح محطه تحليه المياه، فى ميناء بطاقه ١٤٢ الف", "افتتاح محطة تحلية المياه في ميناء بطاقة 142 ألف")

    assert count_words(words, "removed") == count_words(words, "added") == 0


def test_a_word_that_changed_stands_beside_what_it_was() -> None:
    words = differences("قتل سبعة في الحريق", "قتل تسعة في الحريق")

    assert [(word.text.strip(), word.change) for word in words] == [
        ("قتل", "same"),
        ("سبعة", "removed"),
        ("تسعة", "added"),
        ("في الحريق", "same"),
    ]


def test_the_numbers_that_change_are_known_by_the_words_before_them() -> None:
    (gold,) = changing_numbers(
        ["سجل عيار 21 سعر الغرام 3,450 ليرة والوزن 10 غرامات", "سجل عيار 21 سعر الغرام ٣٬٥١٠٫٥ ليرة والوزن 10 غرامات"]
    )

    assert (gold.label, gold.values) == ("عيار 21 سعر الغرام", (3450.0, 3510.5))


def test_a_number_between_the_words_tells_two_prices_apart() -> None:
    texts = [
        f"وبلغ غرام عيار 24 نحو {first} جنيهاً، وعيار 18 نحو {second} جنيهاً" for first, second in ((6412, 4809), (6377, 4783))
    ]

    found = {one.label: one.values for one in changing_numbers(texts)}

    assert found == {"غرام عيار 24 نحو": (6412.0, 6377.0), "جنيهاً وعيار 18 نحو": (4809.0, 4783.0)}


def test_an_edition_that_does_not_say_a_number_leaves_a_gap() -> None:
    (gold,) = changing_numbers(["بلغ سعر الغرام 10", "لا تداول", "بلغ سعر الغرام 12"])

    assert gold.values == (10.0, None, 12.0)
