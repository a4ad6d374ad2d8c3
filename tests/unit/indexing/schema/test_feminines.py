"""Words in ة that are nouns of their own, told from feminines by what a corpus shows; texts invented."""

from __future__ import annotations

import pytest

from indexing.schema import lexicon
from indexing.schema.bare_words import BareWords
from indexing.schema.stemming import stem

NOUN = "في الزعفرة من الزعفرة عن زعفرة " * 9 + "زعفر " * 9
ADJECTIVE = "الأرض الزعفرة والأرض الزعفرة بالأرض الزعفرة زعفرة " * 9 + "زعفر " * 9
PLURAL = NOUN + "الزعفر الجديدة من " * 9
PERSON = NOUN + "زعفر زعفرون " * 30
HIS = NOUN.replace("عن زعفرة", "عن زعفره في زعفره في زعفره")


def keys(text: str, *words: str) -> list[str]:
    bare = BareWords(*lexicon.counted([text]))
    return [bare.key(word) for word in words]


def test_a_noun_in_ta_marbuta_is_another_word_than_that_without_it() -> None:
    assert keys(NOUN, "زعفره", "زعفرات", "زعفرتها", "زعفر") == ["زعفره", "زعفره", "زعفره", "زعفر"]


@pytest.mark.parametrize("text", [ADJECTIVE, PLURAL, PERSON, HIS])
def test_feminines_of_adjectives_and_persons_and_singulars_of_plurals_meet_the_word_without_it(text: str) -> None:
    assert keys(text, "زعفره") == keys(text, "زعفر")


def test_an_adjective_is_of_the_noun_that_is_more_frequent() -> None:
    assert keys(NOUN, "زعفري") == ["زعفره"]
    assert keys(NOUN + "زعفر " * 30, "زعفري") == ["زعفر"]


@pytest.mark.parametrize("pair", ["شركة شرك", "الشركة الشرك", "جامعة جامع", "محافظة محافظ"])
def test_two_nouns_stay_apart(pair: str) -> None:
    one, other = pair.split()

    assert stem(one) != stem(other)


@pytest.mark.parametrize(
    "forms",
    ["شركة الشركات بالشركة شركتها وشركتين", "الدول دولة", "كبيرة كبير", "وزيرة وزير", "جامعي جامعات", "نهائية نهائي نهاية"],
)
def test_forms_of_a_noun_meet(forms: str) -> None:
    assert len({stem(form) for form in forms.split()}) == 1
