"""The full forms that the chain of the stem field gets wrong, with their keys, generated from the counts of a corpus. Pure.

A key is what the light stemmer makes of the bare word, so that forms which no corpus shows fall to the same key by themselves;
a rule is written only where the chain gives another stem.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from indexing.schema.clitics import CONJUNCTIONS, LEAST_SUPPORT, PREPOSITIONS, Clitics, family
from indexing.schema.stemming import (
    SUFFIXES,
    current_lexicon,
    feminine_before_ending,
    normalised,
    stem_of_form,
    without_article,
    without_ending,
)

NUN_ENDINGS: Final = ("ان", "ين", "ون")
AFTER_NUN: Final = ("ها", "هما", "هم", "نا", "كم", "ه", "ا", "ي", "يه", "ات", "يين", "يون", "يات")
PRONOUNS: Final = ("هما", "هم", "هن", "نا", "كم")  # those that the light stemmer does not take off
LEAST_FORM: Final = 3  # occurrences of a form that gets a rule


class FullForms:
    """Bare words of a corpus and the class (key) of each."""

    def __init__(self, counts: Mapping[str, int], least: int = LEAST_FORM) -> None:
        """Take the occurrences of folded words; a form must occur `least` times to get a rule."""
        self.clitics = Clitics(counts)
        self.bare: Counter[str] = Counter()
        self._bare_of: dict[str, str] = {}
        for form, count in self.clitics.forms.items():
            if len(form) < 3 or form in self.clitics.stops:
                continue
            bare = self.clitics.bare(form)
            if bare and len(bare) >= 2:
                self.bare[bare] += count
                if count >= least:
                    self._bare_of[form] = bare

    def rules(self) -> dict[str, str]:
        """Return the forms that the chain gets wrong, each with what a rule has to say so that the chain leaves the key."""
        wrong = {form: key for form, bare in self._bare_of.items() if stem_of_form(form, {}) != (key := self.key(bare))}
        spelled = {form: spelling(key) for form, key in sorted((self._after_conjunctions(wrong) | wrong).items())}
        return {form: said for form, said in spelled.items() if said is not None}

    def _after_conjunctions(self, wrong: Mapping[str, str]) -> dict[str, str]:
        """Return وبغزة and فبغزة with the key of بغزة where the corpus does not show them, so that no other reading is lost."""
        joined = {
            conjunction + form: key
            for form, key in wrong.items()
            if form[0] in PREPOSITIONS and form in self._bare_of and self._bare_of[form] != form
            for conjunction in CONJUNCTIONS
        }
        return {form: key for form, key in joined.items() if not self.clitics.forms[form] and stem_of_form(form, {}) != key}

    def key(self, bare: str) -> str:
        """Return the key that all forms of a bare word share."""
        known = current_lexicon().get(bare)
        if known is not None:
            return without_ending(known)
        if self._has_radical_nun(bare):
            return bare
        return (
            self._after_radical_nun(bare)
            or self._before_feminine_ending(bare)
            or self._of_plural_in_at(bare)
            or self._without_pronoun(bare)
            or self._of_plural_in_waw(bare)
            or light_key(bare)
        )

    def _has_radical_nun(self, bare: str) -> bool:
        """Say whether a final ان, ين, ون belongs to the word: an adjective, a pronoun or ات follows it (لجانه, بياناته)."""
        if not (bare.endswith(NUN_ENDINGS) and len(bare) >= 4):
            return False
        count, words = self.bare[bare], self.bare
        proof = words[bare + "ي"] + words[bare + "يه"]
        if not (bare.endswith("ون") and bare[0] in "يتسن"):  # يعانونها is a verb
            proof += sum(words[bare + ending] for ending in ("ه", "ها", "هم", "نا", "ات"))
        singular = words[bare[:-2]] + words[bare[:-2] + "ه"]
        return proof >= max(3, 0.01 * count) and (singular < 0.5 * count or proof >= 0.1 * count)

    def _after_radical_nun(self, bare: str) -> str | None:
        for ending in AFTER_NUN:
            word = bare[: -len(ending)]
            if not bare.endswith(ending):
                continue
            if len(word) >= 4 and (known := current_lexicon().get(word)) is not None:
                return without_ending(known)
            if self._has_radical_nun(word) and self.bare[word] >= 0.2 * self.bare[bare]:
                return word
        return None

    def _before_feminine_ending(self, bare: str) -> str | None:
        """Return بيت for بيتها and تصريحات for تصريحاته: a ت that is no ة."""
        word = feminine_before_ending(bare)
        if word is None:
            return None
        feminine = self.bare[word[:-1] + "ه"]
        if word.endswith("ات"):
            return self.key(word) if len(word) >= 5 and self.bare[word] >= max(LEAST_SUPPORT, feminine) else None
        return self.key(word) if self.bare[word] >= max(LEAST_SUPPORT, 3 * feminine) else None

    def _of_plural_in_at(self, bare: str) -> str | None:
        """Return the key of قناة for قنوات, سنة for سنوات, مباراة for مباريات; كروات is no كرة."""
        words, start = self.bare, bare[:-3]
        needed = max(20, 0.3 * words[bare])
        if bare.endswith("وات") and len(bare) >= 5:
            for word in (start + "اه", start + "ه"):
                others = (words[start + "و"], words[start + "وه"])
                if words[start + "ات"] < words[bare] and words[word] >= needed and max(others) < words[word]:
                    return self.key(word)
        if bare.endswith("يات") and len(bare) >= 5:
            word = start + "اه"
            if words[word] >= needed and words[start + "ي"] + words[start + "يه"] < words[word]:
                return self.key(word)
        return None

    def _without_pronoun(self, bare: str) -> str | None:
        for pronoun in PRONOUNS:
            word = bare[: -len(pronoun)]
            if not bare.endswith(pronoun) or len(word) < 3 or word[-1] == "ت":
                continue
            if self.bare[word] >= max(LEAST_SUPPORT, self.bare[bare]):
                is_tanwin = pronoun == "نا" and self.bare[bare[:-1]] > self.bare[word]  # أمينا is أمين
                return None if is_tanwin else self.key(word)
        return None

    def _of_plural_in_waw(self, bare: str) -> str | None:
        """Return لاعب for لاعبو, and the key of لاجئين for لاجئون (لاجوون after folding)."""
        words, word = self.bare, bare[:-1]
        needed = max(LEAST_SUPPORT, words[bare])
        if bare.endswith("و") and len(bare) >= 5 and min(words[word + "ين"] + words[word + "ون"], words[word]) >= needed:
            return self.key(word)
        if bare.endswith("وون") and len(bare) > 4 and words[bare[:-3] + "يين"] >= needed:
            return self.key(bare[:-3] + "يين")
        return None


def light_key(bare: str) -> str:
    """Return what the suffix rules leave, or three letters and more where they would leave two that the chain does not."""
    key = family(bare)
    if len(key) == 2 and stem_of_form(bare, {}) != key:
        return next((word for suffix in SUFFIXES if bare.endswith(suffix) and len(word := bare[: -len(suffix)]) >= 3), bare)
    return key


def spelling(key: str) -> str | None:
    """Return the right side of a rule of which the filters behind the lexicon leave exactly the key, or None."""
    return next((said for said in (key, key + "ا", "ال" + key, "ال" + key + "ا") if filtered(said) == key), None)


def filtered(said: str) -> str:
    """Return what the regular expressions behind the lexicon leave of a word; they do not ask whether a rule made it."""
    return without_ending(without_article(said))


def corrected(rules: Mapping[str, str], lines: Iterable[str]) -> dict[str, str]:
    """Return the rules with those of a person: `form => word` has the form meet the word, `form =>` leaves it to the chain."""
    result = dict(rules)
    for line in lines:
        form, _, word = (part.strip() for part in line.partition("=>"))
        if not word:
            result.pop(form, None)
        elif (said := spelling(stem_of_form(normalised(word), result))) is not None:
            result[form] = said
    return dict(sorted(result.items()))


def grouped(rules: Mapping[str, str]) -> list[str]:
    """Return the rules as lines `form, form => key`, one a key: a server creates an index with few long rules faster."""
    forms: dict[str, list[str]] = {}
    for form, said in sorted(rules.items()):
        forms.setdefault(said, []).append(form)
    return [f"{', '.join(of_key)} => {said}" for said, of_key in sorted(forms.items())]
