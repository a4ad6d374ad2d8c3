from __future__ import annotations

import pytest

from indexing.schema.bare_words import BareWords, corrected, grouped
from indexing.schema.first_letters import Signs
from indexing.schema.stemming import current_lexicon, stem


@pytest.mark.parametrize(
    "forms",
    [
        "غزة بغزة وبغزة",
        "دعم لدعم",
        "لجنة اللجنة للجنة",
        "لبنان للبنان",
        "والد الوالد",
        "بالغ البالغين البالغون",
        "وكالة وكالات",
        "أعضاء أعضائه أعضاؤها",
        "مستشفى مستشفاه",
        "لاعب لاعبوه",
        "بلدان بلدانهم",
        "نظراء نظرائه",
        "كهرباء كهربائي كهربائية كهربائيين",
        "قضاء القضائية بالقضائي",
        "فريق لفريقنا",
        "وزارة لوزارته",
    ],
)
def test_forms_with_clitics_and_radical_letters_meet_their_word(forms: str) -> None:
    assert len({stem(form) for form in forms.split()}) == 1


@pytest.mark.parametrize("pair", ["الوالدين الدين", "للجنة الجنة", "بلدية لدية", "لجنة جنة", "توجيه توج"])
def test_a_radical_letter_keeps_words_apart(pair: str) -> None:
    one, other = pair.split()

    assert stem(one) != stem(other)


def without(counts: dict[str, int], word: str) -> str:
    return Signs(BareWords(counts).signs()).without_clitics(word)


def test_a_preposition_comes_off_where_the_rest_is_attested() -> None:
    assert without({"زعفرانة": 100, "بزعفرانة": 5}, "بزعفرانه") == "زعفرانه"


def test_a_frequent_word_loses_prepositions_that_no_corpus_shows_before_it() -> None:
    assert without({"زعفرانة": 100, "كزبرة": 9, "الكزبرة": 9}, "وكزعفرانه") == "زعفرانه"


def test_a_first_letter_behind_the_article_stays() -> None:
    assert without({"زعفرانة": 100, "بزعفرانة": 5, "البزعفرانة": 5}, "بزعفرانه") == "بزعفرانه"


def test_a_final_nun_is_radical_when_the_adjective_occurs() -> None:
    counts = {"زعفران": 9, "زعفراني": 5, "زعفرانية": 5}

    assert BareWords(counts).rules(Signs({}))["زعفران"] == "زعفران"


def test_a_person_adds_and_forbids() -> None:
    rules = corrected({"بزعفران": "زعفران"}, ["بزعفران =>", "قرءان => القرآن"], Signs({}))

    assert "بزعفران" not in rules
    assert rules.keys() == {"قرءان"}


def test_the_rules_of_a_key_are_one_line() -> None:
    assert grouped({"لغزه": "غز", "بغزه": "غز"}) == ["بغزه, لغزه => غز"]


def test_the_rules_that_ship_are_many() -> None:
    assert len(current_lexicon()) > 10_000
