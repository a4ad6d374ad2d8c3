"""Which letters before an Arabic word are clitics, decided by how often the language writes its parts. Pure.

A form is a word as it stands after folding and normalisation, with the article and other clitics on it. The thresholds were
chosen by reading samples of the rules that 4 to 44 million words of news gave; pairs of words left out of the reading agreed.
"""

from __future__ import annotations

import functools
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Final

from indexing.schema.reading import stop_words
from indexing.schema.stemming import names_by_hand, normalised, without_ending, without_suffixes

PREPOSITIONS: Final = "بلك"
CONJUNCTIONS: Final = "وف"
PRONOUNS: Final = ("هما", "هم", "هن", "نا", "كم")  # those that the light stemmer does not take off
ARTICLES: Final = ("ال", "بال", "وال", "كال", "فال")  # what stands before a word and never before a clitic
GOD: Final = frozenset({"الله", "لله", "بالله", "والله", "تالله"})
LEAST_PROOF: Final = 3  # occurrences that prove a first letter radical
PROOF_SHARE: Final = 0.03  # of the family's occurrences
LEAST_SUPPORT: Final = 8  # occurrences of the rest, whatever its length
REST_SHARE: Final = {2: 20.0, 3: 1.0, 4: 0.15}  # occurrences of a rest of so many letters for each of the form
LONG_REST_SHARE: Final = 0.05
NEVER_SHARE: Final = 0.005  # of a family's occurrences behind an article, below which no form of it is a noun
ALONE_SHARE: Final = 0.25  # of the occurrences of a form that is no noun, of its rest without an article
OWN_ARTICLE_SHARE: Final = 0.1  # of the occurrences of words in ال that have the article before it
LAM_SHARE: Final = 0.2  # of للجنة, اللجنة must be so much of الجنة to be meant
TA_SHARE: Final = 0.2  # of a form's occurrences that are written with ة, of a word whose ه is its own, at most
HAMZA_SHARE: Final = 0.3  # of a form's occurrences with the hamza written


class Clitics:
    """The counts of a corpus as forms, and what they say of each form's first letters."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        """Takes the occurrences of folded words, hamza and ta marbuta as written; stop words count for nothing."""
        self.forms: Counter[str] = Counter()
        with_hamza: Counter[str] = Counter()
        with_maqsura: Counter[str] = Counter()
        self.with_ta: Counter[str] = Counter()  # occurrences of a form in ه that are written with ة
        stops = stop_words()
        for word, count in counts.items():
            if word in stops:
                continue
            form = normalised(word)
            self.forms[form] += count
            if word[0] in "أإآ" and word[1:2] == "ل":
                with_hamza[form] += count
            if word[-1] == "ى":
                with_maqsura[form] += count
            if word[-1] == "ة":
                self.with_ta[form] += count
        self.with_maqsura = {form for form, count in with_maqsura.items() if count >= 0.5 * self.forms[form]}
        self.with_he = {  # behind the article a ه is no pronoun: what is not written with ة there is الفقيه
            form.removeprefix("ال")
            for form, count in self.forms.items()
            if form.startswith("ال") and form[-1] == "ه" and count >= LEAST_PROOF and self.with_ta[form] < TA_SHARE * count
        }
        self._hamza = {form for form, count in with_hamza.items() if count >= max(2, HAMZA_SHARE * self.forms[form])}
        self.stops = {form for form in map(normalised, stops) if self.forms[form] < 50}  # chosen by reading
        self._own_article = self._families_with_own_article()
        self._family_size: Counter[str] = Counter()
        self._family_proof: defaultdict[str, float] = defaultdict(float)
        for form in list(self.forms):
            if form[0] in PREPOSITIONS + CONJUNCTIONS and len(form) >= 3:
                self._family_size[family(form)] += self.forms[form]
                self._family_proof[family(form)] += self._proof(form)

    def bare(self, form: str) -> str | None:
        """Returns the word without its clitics, or None where the corpus does not decide."""
        if form in self.stops:
            return None
        if form in GOD:
            return "الله"
        if form.startswith("ال") and len(form) > 3:
            own = family(form) in self._own_article and self.forms[form[2:]] < self.forms[form]
            return form if form in self._hamza or own else form[2:]
        if form[0] not in PREPOSITIONS + CONJUNCTIONS or (self.is_radical(form) and not self._is_prefixed(form)):
            return form
        if form[1:] in self._hamza:  # بألمانيا, لإلغاء
            return form[1:]
        return self._without_conjunction(form) if form[0] in CONJUNCTIONS else self._without_preposition(form)

    def _families_with_own_article(self) -> set[str]:
        """Returns the families of which ال is a part, as in الالتزام.

        The article stands before enough of their occurrences.
        """
        size: Counter[str] = Counter()
        proof: Counter[str] = Counter()
        for form, count in list(self.forms.items()):
            if form.startswith("ال"):
                size[family(form)] += count
                proof[family(form)] += self.forms["ال" + form] if self._article_before(form) else 0
        return {root for root, count in proof.items() if count and count >= OWN_ARTICLE_SHARE * size[root]}

    def _is_never_definite(self, form: str) -> bool:
        """Tells whether no article or preposition stands before a form and its family; such a form is no noun: بسبب."""
        return self._family_proof[family(form)] < NEVER_SHARE * self._family_size[family(form)]

    def is_radical(self, form: str) -> bool:
        """Tells whether the first letter belongs to the word.

        An article or preposition stands before its family often enough then.
        """
        proof = self._family_proof.get(family(form), 0.0)
        return proof >= LEAST_PROOF and proof >= PROOF_SHARE * self._family_size[family(form)]

    def _is_prefixed(self, form: str) -> bool:
        """Tells whether a form whose family has a radical first letter is a preposition and a far more frequent word.

        So لغزة is no form of لغز.
        """
        rest, count = form[1:], self.forms[form]
        if form[0] not in PREPOSITIONS or len(rest) < 3 or self._proof(form) >= 0.01 * count:
            return False
        return self._support(rest, conjunction=False) >= max(LEAST_SUPPORT, 3 * count)

    def _has_radical_without_pronoun(self, form: str) -> bool:
        """Tells whether the first letter belongs to a form with a pronoun, as it does to the word without the pronoun.

        The two are not of one family: بلدانهم and بلدان.
        """
        words = (form[: -len(pronoun)] for pronoun in PRONOUNS if form.endswith(pronoun))
        return any(self.forms[word] >= LEAST_SUPPORT and self.is_radical(word) for word in words if len(word) > 2)

    def lam_is_own(self, word: str) -> bool:
        """Tells whether the first ل of a word is its own behind the preposition ل: للجنة is of لجنة, though جنة is a word."""
        rest = word[1:]
        return self.forms["ال" + word] + self.forms[word] > LAM_SHARE * (self.forms["ال" + rest] + self.forms[rest])

    def _proof(self, form: str) -> float:
        count = self.forms[form]
        articles = sum(self.forms[article + form] for article in ARTICLES)
        if form[0] != "ل":  # للجنة proves neither لجنة nor جنة
            articles += self.forms["لل" + form]
        twice = sum(
            n for letter in PREPOSITIONS if (letter != "ل" or form[0] != "ل") and (n := self.forms[letter + form]) <= count
        )
        return min(articles, 5 * count) + 0.5 * min(twice, count)

    def _article_before(self, form: str) -> bool:
        """Tells whether ال belongs to the word, as in الالتزام: the article stands before it."""
        inner, count = self.forms["ال" + form], self.forms[form]
        return inner >= 3 and inner >= 0.01 * count and self.forms[form[2:]] < inner * 20

    def _without_conjunction(self, form: str) -> str | None:
        rest = form[1:]
        attested = len(rest) >= 3 or self._support(rest, conjunction=True) > 20 * self.forms[form]
        if not attested or not self._explains(form, rest, conjunction=True):
            return None
        return self.bare(rest) or (rest if rest not in self.stops else None)

    def _without_preposition(self, form: str) -> str | None:
        needed = max(LEAST_SUPPORT, REST_SHARE[4] * self.forms[form])
        if form.startswith(("بال", "كال")) and len(form) > 4 and self.forms["ال" + form[3:]] >= needed:
            return form[3:]
        is_set = form[0] in "بل" and form[:2] != "لل" and self._is_never_definite(form)
        if is_set and (word := self._after_set_preposition(form)):
            return word
        if form.startswith("لل") and len(form) > 3:
            return self._after_two_lams(form, needed)
        rest = form[1:]
        unexplained_article = rest.startswith("ال") and rest not in self._hamza and len(rest) > 4
        if not unexplained_article and rest not in self.stops and self._explains(form, rest, conjunction=False):
            return rest
        return form if self._has_radical_without_pronoun(form) else None

    def _after_set_preposition(self, form: str) -> str | None:
        """Returns the noun of a set preposition, or None for another form: سبب for بسبب, نسبة for بالنسبة.

        The preposition is more frequent than its noun alone, so the share of the noun is no evidence.
        """
        rest = form[3:] if form.startswith("بال") else form[1:]
        if len(rest) < 3 or rest in self.stops or rest.startswith("ال"):
            return None
        definite, alone = self.forms["ال" + rest], self.forms[rest]
        if form.startswith("بال"):
            return rest if definite + alone >= LEAST_SUPPORT else None
        return rest if definite >= LEAST_SUPPORT or alone >= max(LEAST_SUPPORT, ALONE_SHARE * self.forms[form]) else None

    def _after_two_lams(self, form: str, needed: float) -> str | None:
        """Returns the word behind لل, or None where neither reading occurs often enough: لجنة for للجنة, بلد for للبلد.

        Of the two readings it is the one that the article shows.
        """
        lam, rest = form[1:], form[2:]
        of_rest = self.forms["ال" + rest] + self.forms[rest]
        of_lam = self.forms["ال" + lam] + self.forms[lam] if self.is_radical(lam) or lam in names_by_hand() else 0
        if max(of_rest, of_lam) < needed:
            return None
        return lam if of_lam > of_rest * LAM_SHARE else rest

    def _support(self, rest: str, *, conjunction: bool) -> int:
        """Returns the number of occurrences of the rest without the clitic in question."""
        bare = self.forms[rest] + self.forms["ال" + rest]
        return bare if conjunction else bare + self.forms["و" + rest] + self.forms["وال" + rest]

    def _explains(self, form: str, rest: str, *, conjunction: bool) -> bool:
        if len(rest) < 2:
            return False
        share = REST_SHARE.get(len(rest), LONG_REST_SHARE) * (0.5 if conjunction else 1)
        return self._support(rest, conjunction=conjunction) >= max(LEAST_SUPPORT, share * self.forms[form])


@functools.cache
def family(form: str) -> str:
    """Returns what the suffix rules leave of a form; forms of one word share a family."""
    return without_suffixes(without_ending(form))
