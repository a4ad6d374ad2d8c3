from __future__ import annotations

import pytest

from indexing.schema.stemming import light_stem, stem


@pytest.mark.parametrize(
    "forms",
    [
        "وزير الوزير والوزير بالوزير",
        "كتاب الكتاب والكتاب بالكتاب وبالكتاب وللكتاب فالكتاب",
        "حكومة الحكومة حكومته حكومتها حكومتهم",
        "دولة دولتين الدولة",
        "فلسطين فلسطيني الفلسطينيين",
        "لبنان لبناني بلبنان",
        "ألمانيا ألماني الألمانية",
        "كبير كبيرا كبيراً",
        "واشنطن وواشنطن",
    ],
)
def test_forms_of_one_word_share_a_stem(forms: str) -> None:
    assert len({stem(form) for form in forms.split()}) == 1


@pytest.mark.parametrize("pair", ["لبن لبنان", "البحر البحرين", "عدو العدوان", "شعب شعبان", "سور سوريا", "علم عالم"])
def test_different_words_keep_different_stems(pair: str) -> None:
    one, other = pair.split()

    assert stem(one) != stem(other)


def test_without_a_lexicon_the_light_stemmer_is_all_there_is() -> None:
    assert stem("لبنان", {}) == "لبن"


@pytest.mark.parametrize(("word", "left"), [("ود", "ود"), ("الو", "الو"), ("وال", "وال"), ("ها", "ها"), ("معلمات", "معلم")])
def test_the_light_stemmer_leaves_what_would_be_too_short(word: str, left: str) -> None:
    assert light_stem(word) == left
