from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexing.search.query_text import MAX_LETTERS, MAX_TERMS, MAX_WORDS, Term, query_text


@pytest.mark.parametrize(
    "quoted",
    [
        '"وقف إطلاق النار"',
        "«وقف إطلاق النار»",
        "“وقف إطلاق النار”",
        "”وقف إطلاق النار“",
        "„وقف إطلاق النار“",
        '“وقف إطلاق النار"',
        "'وقف إطلاق النار'",
        "\u2018وقف إطلاق النار\u2019",
        "\u2039وقف إطلاق النار\u203a",
    ],
)
def test_quotes_of_every_kind_hold_a_phrase_whose_words_also_rank(quoted: str) -> None:
    text = query_text(f"غزة {quoted}")

    assert text.required == (Term("وقف إطلاق النار", "phrase"),)
    assert text.loose == f"غزة {quoted}"


@pytest.mark.parametrize(
    "text",
    [
        'غزة "هدنة',
        "غزة «هدنة",
        'غزة"',
        '"" غزة',
        "» غزة «",
        "غزة -",
        "- غزة",
        "غزة - هدنة",
        "O'Neil d'or",
        '-"غزة',
        "غ*",
        "غزة بدون",
    ],
)
def test_quotes_and_operators_without_a_partner_are_text(text: str) -> None:
    taken = query_text(text)

    assert (taken.loose, taken.required, taken.excluded) == (text, (), ())


@pytest.mark.parametrize(
    ("text", "excluded"),
    [
        ("غزة -هدنة", Term("هدنة", "word")),
        ("-هدنة غزة", Term("هدنة", "word")),
        ("غزة \u2212هدنة", Term("هدنة", "word")),
        ("غزة \u2013هدنة", Term("هدنة", "word")),
        ('غزة \u2014"وقف النار"', Term("وقف النار", "phrase")),
        ("غزة بدون هدنة", Term("هدنة", "word")),
        ('غزة -"وقف النار"', Term("وقف النار", "phrase")),
        ("غزة -«وقف النار»", Term("وقف النار", "phrase")),
        ("غزة بدون «وقف النار»", Term("وقف النار", "phrase")),
        ("غزة -هدن*", Term("هدن", "prefix")),
    ],
)
def test_a_minus_and_the_word_without_exclude_what_follows(text: str, excluded: Term) -> None:
    taken = query_text(text)

    assert (taken.loose, taken.required, taken.excluded) == ("غزة", (), (excluded,))


@pytest.mark.parametrize(
    "text",
    [
        "كوفيد-19",
        "كوفيد -19",
        "قال-غزة",
        "--غزة",
        "بدون تعليق",
        "اتفاق بدون شروط بين البلدين",
        "هل من هدنة بدون غزة؟",
        '"غزة -هدنة"',
        '"قهوة بدون سكر"',
    ],
)
def test_hyphens_numbers_headlines_questions_and_quotes_exclude_nothing(text: str) -> None:
    assert query_text(text).excluded == ()


def test_exclusions_follow_one_another() -> None:
    assert [term.text for term in query_text('غزة بدون هدنة بدون "وقف النار" -مصر').excluded] == ["هدنة", "وقف النار", "مصر"]


@pytest.mark.parametrize(("text", "letters"), [("فلسطين* اليوم", "فلسطين"), ("مَرَّ* اليوم", "مَرَّ"), ("BBC** اليوم", "BBC")])
def test_a_word_before_a_star_is_a_prefix(text: str, letters: str) -> None:
    taken = query_text(text)

    assert (taken.loose, taken.required) == ("اليوم", (Term(letters, "prefix"),))


@pytest.mark.parametrize("text", ["", "   ", "*", "?*؟", '""', "\u200f\u202e", "\x00\x07", "ـــ", "...", "-", '-""'])
def test_a_text_without_a_letter_or_digit_is_empty(text: str) -> None:
    assert query_text(text).empty


def test_words_letters_and_terms_beyond_the_limits_are_cut_and_counted_as_cut() -> None:
    many, long, terms = query_text("سلام " * 2_000), query_text("س" * 10_000), query_text('"س" ' * 11)

    assert (len(many.loose.split()), many.cut) == (MAX_WORDS, True)
    assert (len(long.loose), long.cut) == (MAX_LETTERS, True)
    assert (len(terms.required), terms.cut) == (MAX_TERMS, True)


def test_words_within_the_limits_reach_the_server_as_they_were_typed() -> None:
    text = query_text("  أسعار النفط 4،2٪ (برنت)  ")

    assert text.loose == "أسعار النفط 4،2٪ (برنت)"
    assert not text.cut


@pytest.mark.parametrize(
    ("text", "loose"),
    [("متى تبدأ الانتخابات؟", "تبدأ الانتخابات؟"), ("وكم عدد السكان", "عدد السكان"), ("كم", "كم"), ("متى من كيف", "متى من كيف")],
)
def test_words_that_only_ask_rank_nothing_but_titles_unless_they_are_all(text: str, loose: str) -> None:
    taken = query_text(text)

    assert (taken.loose, taken.asked) == (loose, text)


def test_control_characters_separate_words() -> None:
    assert query_text("غزة\x00هدنة\nاليوم").loose == "غزة هدنة اليوم"


def test_a_stop_word_among_others_changes_nothing() -> None:
    assert not query_text("من غزة").only_stop_words


@given(st.text(st.sampled_from("غزة -\"«»*\u2212' بدون 19\u064b"), max_size=60) | st.text(max_size=300))
@example('"' * 50)
@example("«" * 20 + "غزة" + "»" * 20)
@example("\u202e\ud800")
def test_any_text_is_taken_apart_within_the_limits(text: str) -> None:
    taken = query_text(text)

    assert len(taken.loose) <= max(len(text), MAX_WORDS * (MAX_LETTERS + 1))
    assert max(len(taken.required), len(taken.excluded)) <= MAX_TERMS
    assert all(any(map(str.isalnum, term.text)) for term in taken.required + taken.excluded)


@pytest.mark.parametrize(
    ("typed", "searched"),
    [
        ("متى المسكين", "متى المسكين"),
        ("سباق 10 كم في القاهرة", "سباق 10 كم في القاهرة"),
        ("كم عدد سكان القاهرة", "عدد سكان القاهرة"),
        ("متى الافتتاح؟", "الافتتاح؟"),
        ("قصة إنجيل متى", "قصة إنجيل متى"),
    ],
)
def test_words_that_ask_and_name_something_too_only_ask_where_a_question_begins(typed: str, searched: str) -> None:
    assert query_text(typed).loose == searched
