from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexing.search.highlights import CLOSE, OPEN, highlight, marked_as_words
from indexing.search.query_text import query_text


def marked(text: str) -> str:
    """The text with [brackets] for the marks that come and go."""
    marks = str.maketrans({"[": OPEN, "]": CLOSE})
    return marked_as_words(text.translate(marks)).replace(OPEN, "[").replace(CLOSE, "]")


@pytest.mark.parametrize(
    ("highlighted", "expected"),
    [
        ("نبات [وثمار] الوادي", "نبات و[ثمار] الوادي"),
        ("[وَثِمار]ٌ", "وَ[ثِمارٌ]"),
        ("[فالحكومة] قالت", "ف[الحكومة] قالت"),
        ("[ووزير]", "و[وزير]"),
        ("[وواشنطن]", "و[واشنطن]"),
    ],
)
def test_a_conjunction_before_the_word_stays_out_of_the_mark(highlighted: str, expected: str) -> None:
    assert marked(highlighted) == expected


@pytest.mark.parametrize("word", ["وزير", "وكالة", "وفد", "وضع", "فريق", "فلسطين", "واشنطن", "بغزة", "و", "وف", ""])
def test_a_word_that_begins_with_the_letter_of_a_conjunction_is_marked_whole(word: str) -> None:
    assert marked(f"قال [{word}] اليوم") == f"قال [{word}] اليوم"


def test_diacritics_and_tatweels_behind_a_mark_belong_to_the_word() -> None:
    assert marked("[نبات]ٌ و[كتاب]ــ آخر") == "[نباتٌ] و[كتابــ] آخر"


words = st.text(st.sampled_from("وفبلالزيرثمة \u064b\u0640"), max_size=8)


@given(st.lists(st.tuples(words, words), max_size=4))
def test_marks_move_and_the_text_stays(pieces: list[tuple[str, str]]) -> None:
    highlighted = "".join(f"{text}{OPEN}{word}{CLOSE}" for text, word in pieces)

    moved = marked_as_words(highlighted)

    assert moved.replace(OPEN, "").replace(CLOSE, "") == highlighted.replace(OPEN, "").replace(CLOSE, "")
    assert moved.count(OPEN) == moved.count(CLOSE) == len(pieces)


def test_words_are_highlighted_by_stem_alone() -> None:
    asked = highlight(query_text('الوزير "وقف النار" -غزة'))

    (clause,) = asked["highlight_query"]["bool"]["should"]
    assert clause["multi_match"] == {"query": 'الوزير "وقف النار"', "fields": ["title", "body"]}
    assert not any("matched_fields" in field for field in asked["fields"].values())


@pytest.mark.parametrize("text", ["من إلى", "فلسطين*", "غزة فلسطين*"])
def test_stop_words_and_prefixes_are_highlighted_as_they_stand(text: str) -> None:
    fields = highlight(query_text(text))["fields"]

    assert {name for field in fields.values() for name in field["matched_fields"]} == {"title", "title.norm", "body", "body.norm"}
