"""The table of markers: every entry is found in every spelling, and a wrong entry is named."""

from __future__ import annotations

from typing import Any

import pytest

from streams.split.markers import MalformedRules, Marker, Markers, general, general_table, read_markers
from streams.split.spelling import dense

RESPELLED = str.maketrans({"أ": "إ", "ا": "أ", "ي": "ی", "ك": "ک", "ة": "ه", "ض": "ضـ", "ر": "رَ", " ": "\u00a0 "})


@pytest.mark.parametrize("marker", general_table(), ids=lambda marker: marker.words)
def test_every_marker_is_found_as_newsrooms_spell_it(marker: Marker) -> None:
    for words in (marker.words, marker.words.translate(RESPELLED)):
        text = f"{words}: x"

        found = general().heading(text, 0, len(text))

        assert found is not None
        assert dense(found.marker.words) == dense(marker.words)
        assert dense(text[found.start : found.end]) == dense(marker.words)
        assert text[found.content_start :] == "x"


def test_no_marker_of_the_table_is_another_one() -> None:
    found = [general().heading(marker.words, 0, len(marker.words)) for marker in general_table()]

    assert [one and one.marker for one in found] == list(general_table())


def test_a_word_with_two_meanings_is_refused_with_both_entries() -> None:
    other = GOOD | {"opens": "story", "words": ["من الخزانة", "علی الرّف"]}  # the same word in another spelling

    with pytest.raises(MalformedRules, match=r"entry 3.*markers entry 1 too"):
        read_markers({"markers": [GOOD, GOOD | {"words": ["على الطاولة"]}, other]})


def test_the_longer_marker_wins() -> None:
    text = "قد يهمك أيضاً: عنوان"

    found = general().heading(text, 0, len(text))

    assert found is not None
    assert found.marker.words == "قد يهمك أيضا"


@pytest.mark.parametrize("text", ["وتقرأ أيضا", "المشاهد أيضاً", "يتابع أيضا", "منتقديهم", "قرار أيضا", "بالمشاهدة", "شاهدا أيضا"])
def test_what_only_contains_a_marker_is_none(text: str) -> None:
    assert general().heading(text, 0, len(text)) is None


def test_a_marker_longer_than_any_of_ours_is_found() -> None:
    words = "حملوا تطبيق راديو الساحل على هواتفكم لتصلكم الأخبار العاجلة لحظة بلحظة أينما كنتم في العالم كله"
    table = Markers([Marker("social", "alone", words)])

    assert table.heading(words, 0, len(words)) is not None


GOOD: dict[str, Any] = {"opens": "list", "form": "heading", "words": ["على الرف"]}


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (GOOD | {"opens": "lst"}, "opens must be one of"),
        (GOOD | {"form": "title"}, "form must be one of"),
        (GOOD | {"place": "top"}, "place must be one of"),
        (GOOD | {"place": "edge"}, "counts anywhere"),
        (GOOD | {"words": []}, "words must be"),
        (GOOD | {"words": ["x"]}, "words must be"),
        (GOOD | {"words": "على الرف"}, "words must be"),
        (GOOD | {"limit": True}, "limit must be"),
        (GOOD | {"colour": "red"}, "unknown field 'colour'"),
        ({"opens": "list", "words": ["على الرف"]}, "form must be one of"),
        ("على الرف", "a table was expected"),
    ],
)
def test_a_wrong_entry_is_named(entry: object, said: str) -> None:
    with pytest.raises(MalformedRules, match=said) as raised:
        read_markers({"markers": [GOOD, entry]})

    assert "entry 2" in str(raised.value)
