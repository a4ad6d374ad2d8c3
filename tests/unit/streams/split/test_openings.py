"""One look at a page: what it passes over holds no marker."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streams.split.layout import PageLine, lines
from streams.split.markers import general, general_table
from streams.split.spelling import one_spelling, placed
from tests.support.strategies import texts

WORDS = st.sampled_from([marker.words for marker in general_table()])
RESPELLED = str.maketrans({"أ": "إ", "ا": "أ", "ي": "ی", "ك": "ک", "ة": "ه", "ض": "ضـ", "ر": "رَ", " ": "\u00a0 "})
BETWEEN = st.text("ابت .؟!»”\"'…)•*-\u00a0\t\u2009\u200f\u0640\u064b\0Ⓐ²7\n\r", max_size=6)
SPELT = st.builds(lambda words, again: words.translate(RESPELLED) if again else words, WORDS, st.booleans())
PAGES = st.lists(st.one_of(BETWEEN, SPELT), max_size=7).map("".join)


@given(PAGES)
def test_no_line_that_is_passed_over_begins_with_a_marker(text: str) -> None:
    table, plain = general(), placed(text)

    begin = [line for line in lines(text) if table.heading(text, line.start, line.end) is not None]

    assert [line for line in begin if text[line.start].isalnum() and not table.openings.may_hold_marker(plain, line.start)] == []


@given(PAGES)
def test_no_marker_within_a_line_is_passed_over(text: str) -> None:
    table = general()
    near = table.openings.within(placed(text))

    for start, end, *_ in lines(text):
        for found in table.inside(text, start, end, flat=False):
            assert any(found.start <= place < end for place in near), text[found.start : end]


@given(texts)
def test_plain_spelling_moves_no_letter(text: str) -> None:
    assert len(placed(text)) == len(text)
    assert placed(text).replace("\0", "") == one_spelling(text).replace("\0", "")


@given(texts.map(lambda text: text * 40))
def test_a_long_text_is_folded_as_a_short_one(text: str) -> None:
    assert one_spelling(text) == "".join(map(one_spelling, text))


@given(st.text("ab \n\r\t\v\f\x1c\x1f\x85\u2028\u00a0\u200b", max_size=20))
def test_lines_are_what_stands_between_breaks_and_blanks_are_counted(text: str) -> None:
    found = lines(text)

    pieces = [piece.strip() for piece in text.splitlines()]
    assert [text[line.start : line.end] for line in found] == [piece for piece in pieces if piece]
    after = [0, *(line.end for line in found)]
    assert [line.blank for line in found] == [
        max(0, text.count("\n", end, line.start) - 1) for end, line in zip(after, found, strict=False)
    ]
    assert all(isinstance(line, PageLine) for line in found)
