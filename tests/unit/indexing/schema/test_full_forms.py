from __future__ import annotations

import pytest

from indexing.schema.full_forms import FullForms, corrected, grouped
from indexing.schema.stemming import current_forms, stem


@pytest.mark.parametrize(
    "forms",
    ["غزة بغزة", "دعم لدعم", "لجنة اللجنة للجنة", "لبنان للبنان", "والد الوالد", "بالغ البالغين البالغون", "وكالة وكالات"],
)
def test_forms_with_clitics_and_radical_letters_meet_their_word(forms: str) -> None:
    assert len({stem(form) for form in forms.split()}) == 1


@pytest.mark.parametrize("pair", ["الوالدين الدين", "للجنة الجنة", "بلدية لدية", "لجنة جنة"])
def test_a_radical_letter_keeps_words_apart(pair: str) -> None:
    one, other = pair.split()

    assert stem(one) != stem(other)


def test_a_preposition_comes_off_where_the_rest_is_attested() -> None:
    assert FullForms({"زعفرانة": 100, "بزعفرانة": 5}).rules() == dict.fromkeys(("بزعفرانه", "فبزعفرانه", "وبزعفرانه"), "زعفران")


def test_a_first_letter_behind_the_article_stays() -> None:
    assert "بزعفرانه" not in FullForms({"زعفرانة": 100, "بزعفرانة": 5, "البزعفرانة": 5}).rules()


def test_a_form_seen_too_rarely_gets_no_rule() -> None:
    assert FullForms({"زعفرانة": 100, "بزعفرانة": 2}).rules() == {}


def test_a_person_adds_and_forbids() -> None:
    rules = corrected({"بزعفران": "زعفران"}, ["بزعفران =>", "قرءان => القرآن"])

    assert "بزعفران" not in rules
    assert rules.keys() == {"قرءان"}


def test_the_rules_of_a_key_are_one_line() -> None:
    assert grouped({"لغزه": "غز", "بغزه": "غز"}) == ["بغزه, لغزه => غز"]


def test_the_rules_that_ship_name_each_form_once() -> None:
    assert len(current_forms()) > 10_000
