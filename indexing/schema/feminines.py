"""Which words in ة name another thing than the word without it, and what belongs to them: شركات is of شركة, not of شرك. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Final

from indexing.schema.agreement import Agreement
from indexing.schema.clitics import Clitics
from indexing.schema.stemming import names_by_hand

PLURALS: Final = ("ات", "اته", "اتها", "اتهم", "اتنا")
OF_FEMININE: Final = ("ته", "تها", "تهم", "تهما", "تنا", "تي", "تين", "تان", *PLURALS)
ADJECTIVES: Final = ("ي", "يه", "يا", "يين", "يون", "يات")
LEAST_OCCURRENCES: Final = 20  # of a word in ة that is told apart from the word without it, and with the article
LEAST_DEFINITE: Final = 5
LEAST_OTHER: Final = 3  # occurrences of the word without ة, or without ية
TA_SHARE: Final = 0.65  # of the occurrences of a word that may end in ه, his, which are written with ة
PARTICIPLE: Final = 4  # letters of طالب, نائب, حادث
LEAST_PERSONS: Final = 3  # occurrences of a plural that persons have, and their share of those of the singular
PERSONS_SHARE: Final = 0.01
MASCULINE_SHARE: Final = 0.1  # of the occurrences of a word in ية that its masculine or its noun has at least


def own_feminines(clitics: Clitics, bare: Counter[str], agreement: Agreement) -> frozenset[str]:
    """Returns the nouns in ة (normalised: ه) that are not the feminine of the word without ة."""
    by_hand = names_by_hand()
    return frozenset(
        word
        for word, count in bare.items()
        if word[-1] == "ه"
        and len(word) > 2
        and count >= LEAST_OCCURRENCES
        and word not in by_hand
        and (_is_no_feminine(word, bare, agreement) or _is_no_adjective(word, bare, clitics))
        and _is_noun(word, clitics, agreement)
    )


def of_feminine(word: str, feminines: AbstractSet[str], bare: Counter[str]) -> str | None:
    """Returns the feminine noun of which a word is a form, or None.

    An adjective belongs to the noun that is more frequent.
    """
    if word in feminines:
        return word
    for ending in OF_FEMININE:
        if word.endswith(ending) and (noun := word[: -len(ending)] + "ه") in feminines:
            return noun
    for ending in ADJECTIVES:
        if word.endswith(ending) and (noun := word[: -len(ending)] + "ه") in feminines and bare[noun] > bare[noun[:-1]]:
            return noun
    return None


def forms_of_feminine(noun: str, bare: Counter[str]) -> Iterator[str]:
    """Yields the forms of a feminine noun: with pronouns, dual, plural, and adjectives if they are its own."""
    endings = OF_FEMININE if bare[noun] <= bare[noun[:-1]] else (*OF_FEMININE, *ADJECTIVES)
    yield from (noun[:-1] + ending for ending in endings)


def _is_no_feminine(word: str, bare: Counter[str], agreement: Agreement) -> bool:
    """Tells whether the word without ة is another: no adjective, no plural of things (دول of دولة), no man (مدرس of مدرسة)."""
    other = word[:-1]
    if bare[other] < LEAST_OTHER or agreement.is_plural(other) or word.endswith("يه"):
        return False
    return bare[other] <= bare[word] or not _is_person(other, bare)


def _is_no_adjective(word: str, bare: Counter[str], clitics: Clitics) -> bool:
    """Tells whether a word in ية has no masculine and the word without ية is no noun.

    That holds for تصفية (تصف), and not for اتفاقية, which is of اتفاق.
    """
    other, count = word[:-2], bare[word]
    if not word.endswith("يه") or bare[other] < LEAST_OTHER:
        return False
    return max(bare[word[:-1]], clitics.forms["ال" + other]) < MASCULINE_SHARE * count


def _is_noun(word: str, clitics: Clitics, agreement: Agreement) -> bool:
    definite = clitics.forms["ال" + word]
    if definite < LEAST_DEFINITE or agreement.is_adjective(word, definite):
        return False
    return clitics.with_ta[word] >= TA_SHARE * clitics.forms[word]


def _is_person(masculine: str, bare: Counter[str]) -> bool:
    """Tells whether a word has the shape of a participle (طالب), or a plural of persons: مدرسون, وزراء of وزير."""
    if len(masculine) == PARTICIPLE and masculine[1] == "ا":
        return True
    broken = masculine[:2] + masculine[3:] + "اء" if len(masculine) == 4 and masculine[2] == "ي" else None
    persons = max(bare[masculine + "ون"], bare[broken] if broken else 0)
    return persons >= max(LEAST_PERSONS, PERSONS_SHARE * bare[masculine])
