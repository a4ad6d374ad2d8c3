"""The signs of first letters decide as they were learnt, and their regular expression decides as they do."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from indexing.schema.first_letters import Signs, learnt, pattern, read_signs, tree_of, written
from indexing.schema.stemming import current_signs

LETTERS = st.text(alphabet="بتلاكوف", min_size=1, max_size=6)
WORDS = st.builds("".join, st.tuples(st.sampled_from(("ب", "و", "لل", "ال", "ل")), LETTERS))


@given(labels=st.dictionaries(WORDS.filter(lambda word: tree_of(word) == "ب"), st.booleans()))
def test_signs_decide_labelled_words_as_they_are_labelled(labels: dict[str, bool]) -> None:
    signs = Signs(dict(learnt(labels, "ب")))

    assert {word: signs.belongs("ب", word) for word in labels} == labels


@given(signs=st.dictionaries(WORDS | WORDS.map(lambda word: word + "."), st.sampled_from("+-")), word=LETTERS)
def test_the_regular_expression_takes_off_what_the_signs_say(signs: dict[str, str], word: str) -> None:
    expression = re.compile(pattern(signs).replace(r"\z", r"\Z"))

    assert expression.sub("", word, count=1) == Signs(signs).without_preposition(word)


def test_an_unknown_word_goes_with_those_that_begin_like_it() -> None:
    signs = Signs(dict(learnt({"بنك": True, "بنوك": True, "بغزه": False, "بغداد": True}, "ب")))

    assert signs.without_clitics("بنكها") == "بنكها"
    assert signs.without_clitics("بغزل") == "غزل"


def test_signs_are_written_as_they_are_read() -> None:
    signs = {"بنك": "+", "بنكه.": "-", "وز": "+"}

    assert dict(read_signs(written(signs))) == signs


def test_the_signs_that_ship_keep_a_bank_and_free_a_town() -> None:
    assert [current_signs().without_preposition(word) for word in ("بنكهم", "بكييف", "الكتاب")] == ["بنكهم", "كييف", "كتاب"]
