from __future__ import annotations

from typing import Any

import pytest

from indexing.search.highlights import CLOSE, OPEN
from indexing.search.suggestions import (
    Replacement,
    counts_request,
    is_any_rare,
    is_hardly_shown,
    near_words_request,
    replaced,
    replacements,
)


def response(text: str, **words: list[tuple[str, float, int]]) -> dict[str, Any]:
    """What the server says of the near words of the text's words, in bodies only."""
    entries = []
    for word, options in words.items():
        offset = len(text[: text.index(word)].encode("utf-16-le")) // 2
        near = [{"text": near, "score": score, "freq": freq} for near, score, freq in options]
        entries.append({"text": word, "offset": offset, "length": len(word), "options": near})
    return {"suggest": {"title.norm": [], "body.norm": entries}}


def corrected(text: str, counts: dict[str, int], **words: list[tuple[str, float, int]]) -> str:
    return replaced(text, replacements(text, counts, response(text, **words)))


def test_a_word_that_the_index_does_not_know_is_replaced_where_it_stands() -> None:
    assert corrected("قرب المينار -غزة", {}, المينار=[("الميناء", 0.86, 3)]) == "قرب الميناء -غزة"


def test_characters_of_two_utf_16_units_move_nothing() -> None:
    assert corrected("😀 المينار 🇱🇧", {}, المينار=[("الميناء", 0.86, 3)]) == "😀 الميناء 🇱🇧"


def test_a_nearer_word_wins_over_a_more_frequent_one() -> None:
    assert corrected("المينار", {}, المينار=[("الدينار", 0.7, 900), ("الميناء", 0.86, 90)]) == "الميناء"


@pytest.mark.parametrize(
    ("count", "frequency", "expected"),
    [
        (0, 1, "ميناء"),
        (3, 14, "مينار"),
        (3, 15, "ميناء"),
        (4, 999, "مينار"),
    ],
)
def test_a_word_that_the_index_knows_gives_way_to_a_much_more_frequent_one(count: int, frequency: int, expected: str) -> None:
    assert corrected("مينار", {"مينار": count}, مينار=[("ميناء", 0.8, frequency)]) == expected


def test_a_prefix_is_left_alone() -> None:
    assert corrected("مينار*", {}, مينار=[("ميناء", 0.8, 9)]) == "مينار*"


def test_words_are_counted_as_the_index_spells_them() -> None:
    words = counts_request("أسعار القمحِ أسعار")["aggs"]["word"]["filters"]["filters"]

    assert list(words) == ["اسعار", "القمح"]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"اسعار": 900, "القمخ": 3}, True),
        ({"اسعار": 900, "القمح": 4}, False),
        ({"اسعار": 900, "قمخ": 0}, False),  # of three letters, one more or less is another word
        ({"اسعار": 900, "الذي": 0}, False),  # bodies are searched without their stop words
    ],
)
def test_near_words_are_asked_for_where_a_word_is_rare(counts: dict[str, int], expected: bool) -> None:
    assert is_any_rare(counts) is expected


@pytest.mark.parametrize(
    ("text", "counts", "left"),
    [
        ("أسعار القمخ اليوم", {"اسعار": 900, "القمخ": 3, "اليوم": 900}, "      القمخ      "),
        ("أَسْعار القمخ", {"اسعار": 900, "القمخ": 0}, "        القمخ"),  # its marks are part of a word
        ("😀 أسعار القمخ", {"اسعار": 900, "القمخ": 0}, "😀       القمخ"),
    ],
)
def test_only_rare_words_are_compared_and_each_stands_where_it_stood(text: str, counts: dict[str, int], left: str) -> None:
    assert near_words_request(text, counts)["suggest"]["text"] == left


def test_replacements_keep_what_stands_between_them() -> None:
    assert replaced("ab cd ef", [Replacement(0, 2, "xyz"), Replacement(6, 8, "")]) == "xyz cd "


def marked(*words: str) -> str:
    return " ".join(OPEN + word + CLOSE for word in words)


def test_a_word_that_few_of_the_hits_show_is_asked_about() -> None:
    hits = [marked("رونالدو")] * 4

    assert is_hardly_shown("كريستانو رونالدو", hits)


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        ("أسعار القمح", [marked("الأسعار", "قمح")] * 4),  # each shows both, in other forms
        ("أسعار القمح", [marked("الأسعار")] * 3),  # too few hits to tell: the search found little
        ("أسعار القمح في سوق المدينة اليوم", [marked("الأسعار")] * 4),  # no hit has all words of a long text
        ("google أسعار", [marked("الأسعار", "غوغل")] * 4),  # found by another spelling of the same name
    ],
)
def test_a_word_that_the_hits_show_or_need_not_show_is_not_asked_about(text: str, hits: list[str]) -> None:
    assert not is_hardly_shown(text, hits)
