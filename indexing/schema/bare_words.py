"""The signs of first letters, and the bare words that the chain of the stem field gets wrong, from the counts of a corpus. Pure.

A key is what the light stemmer makes of the bare word, so that forms which no corpus shows fall to the same key by themselves;
a rule is written only where the chain gives another stem.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from indexing.schema.agreement import Agreement
from indexing.schema.clitics import LEAST_SUPPORT, PRONOUNS, Clitics, family
from indexing.schema.feminines import forms_of_feminine, of_feminine, own_feminines
from indexing.schema.first_letters import TREES, Signs, learnt, tree_of
from indexing.schema.radical_ends import has_radical_end
from indexing.schema.stemming import (
    SUFFIXES,
    feminine_before_ending,
    names_by_hand,
    normalised,
    stem_of_bare,
    without_ending,
)

AFTER_RADICAL: Final = ("ها", "هما", "هم", "نا", "كم", "ه", "ا", "ي", "يه", "ات", "يين", "يون", "يات")
OF_HAMZA: Final = ("يي", "ييه", "ييا", "ييين", "ييون", "ييات")  # adjectives of words in ء: كهربائية (كهرباييه) of كهرباء
SEATS: Final = tuple(seat + pronoun for seat in "ءيو" for pronoun in ("هما", "هم", "ها", "نا", "ه"))
AFTER_HAMZA: Final = (*SEATS, *OF_HAMZA)
SHORT_FEMININE: Final = 3  # letters of a word whose ت the expressions leave before a pronoun or dual
AFTER_SHORT_FEMININE: Final = ("تين", "تان", "ته", "تها", "تهم", "تنا")
LEAST_UNSEEN: Final = 20  # occurrences of a word that is expected with clitics and pronouns which no corpus shows
LEAST_FORM: Final = 3  # occurrences of a form that gets a rule


class BareWords:
    """Words of a corpus without their clitics, and the class (key) of each."""

    def __init__(self, counts: Mapping[str, int], agreement: Agreement | None = None, least: int = LEAST_FORM) -> None:
        """Takes the occurrences of folded words; a form must occur `least` times to get a rule or sign."""
        self.clitics = Clitics(counts)
        self.least = least
        self.bare: Counter[str] = Counter()
        self._bare_of: dict[str, str | None] = {}
        for form, count in self.clitics.forms.items():
            if len(form) < 3 or form in self.clitics.stops:
                continue
            bare = self.clitics.bare(form)
            if bare and len(bare) >= 2:
                self.bare[bare] += count
            if count >= least:
                self._bare_of[form] = bare
        self.feminines = own_feminines(self.clitics, self.bare, agreement) if agreement else frozenset[str]()

    def signs(self) -> dict[str, str]:
        """Returns the beginnings of words, each with the sign that tells whether the first letters belong to the word."""
        votes: Counter[str] = Counter()  # الغاز is mostly غاز, though بألغاز occurs
        for form, bare in self._bare_of.items():
            for word, belongs in steps(form, bare):
                votes[word] += self.clitics.forms[form] if belongs else -self.clitics.forms[form]
        labels = {word: vote >= 0 for word, vote in votes.items()}
        for word in list(self.bare):
            self._add_unseen(word, labels)
        by_tree: dict[str, dict[str, bool]] = {}
        for word, belongs in labels.items():
            by_tree.setdefault(tree_of(word), {})[word] = belongs
        return {beginning: sign for first in TREES for beginning, sign in learnt(by_tree.get(first, {}), first)}

    def _add_unseen(self, word: str, labels: dict[str, bool]) -> None:
        """Labels what a frequent word would be with clitics that the corpus does not show before it."""
        if self.bare[word] >= self.least and word[0] == "ل" and len(word) > 3 and self.clitics.is_radical(word):
            labels.setdefault("ل" + word, self.clitics.lam_is_own(word))
        if word.endswith("اء") and word[0] in "بل" and labels.get(word):
            labels |= {word[:-1] + ending: True for ending in AFTER_HAMZA if word[:-1] + ending not in self._bare_of}
        if self.bare[word] < LEAST_UNSEEN:
            return
        if labels.get(word):
            feminine = word[:-1] + "ت" if word.endswith("ه") else word
            labels |= {feminine + ending: True for ending in ("ها", "ه", "هم", "نا") if feminine + ending not in self._bare_of}
        for prefix in (*"وفبك", *(() if word[0] == "ل" else "ل"), "بال", "كال", "وال", "فال", "وبال", "وكال"):
            labels.setdefault(prefix + word, False)

    def rules(self, signs: Signs) -> dict[str, str]:
        """Returns the bare words that the chain gets wrong, each with the right side of a rule that leads it to the key."""
        wanted = {bare: self.key(bare) for bare, count in list(self.bare.items()) if count >= self.least}
        for form, bare in self._bare_of.items():  # a preposition before two letters
            left = signs.without_clitics(form)
            if bare is not None and left != bare and left not in wanted:
                wanted[left] = self.key(bare)
        for word, count in list(self.bare.items()):
            if count >= (self.least if word.endswith("اء") else LEAST_SUPPORT):
                for form in self._unseen(word, count):
                    if self.bare[form] < count and form not in self.feminines:  # أمانة is not his أمان
                        wanted[form] = self.key(word)
        wrong = {bare: key for bare, key in sorted(wanted.items()) if stem_of_bare(bare, {}) != key}
        spelled = {bare: spelling(key) for bare, key in wrong.items()}
        return {bare: said for bare, said in spelled.items() if said is not None}

    def _unseen(self, word: str, count: int) -> Iterator[str]:
        """Yields forms of an attested word that the rules for endings do not bring to it, shown by the corpus or not."""
        words = self.bare
        if word in self.feminines:
            yield from forms_of_feminine(word, words)
        if word.endswith("ايه") and len(word) > 4:  # نهائي of نهاية
            yield from (word[:-2] + ending for ending in OF_HAMZA)
        elif word.endswith("اء") and len(word) >= 4:
            yield from (word[:-1] + ending for ending in AFTER_HAMZA)
        elif _keeps_feminine_before_ending(word) and words[word[:-1] + "ت"] < count:
            yield from (word[:-1] + ending for ending in AFTER_SHORT_FEMININE)
        elif word in self.clitics.with_maqsura:  # مستشفاه of مستشفى
            yield from (word[:-1] + "ا" + pronoun for pronoun in ("ه", "ها", "هم", "نا"))
        elif word.endswith("ات"):
            yield from (word + pronoun for pronoun in ("ه", "ها", "هم", "نا"))
        elif self._has_radical_end(word):
            yield from (word + ending for ending in AFTER_RADICAL)
        elif words[word + "ين"] + words[word + "ون"] >= LEAST_SUPPORT and len(word) >= 4:
            yield from (word + ending for ending in ("و", "وه", "وها", "وهم", "يهم", "ينا"))
        if count >= 2 * LEAST_UNSEEN and word[-1] not in "هتاي" and words[word + "ه"] + words[word + "ها"] >= LEAST_SUPPORT:
            yield from (word + pronoun for pronoun in ("هم", "نا"))

    def key(self, bare: str) -> str:
        """Returns the key that all forms of a bare word share."""
        known = names_by_hand().get(bare)
        if known is not None:
            return without_ending(known)
        if (feminine := of_feminine(bare, self.feminines, self.bare)) is not None:
            return feminine
        if self._has_radical_end(bare):
            return bare
        return (
            self._after_radical_end(bare)
            or self._of_hamza_before_ya(bare)
            or self._of_final_hamza(bare)
            or self._before_feminine_ending(bare)
            or self._of_word_in_at(bare)
            or self._of_plural_in_at(bare)
            or self._without_pronoun(bare)
            or self._of_plural_in_waw(bare)
            or light_key(bare)
        )

    def _has_radical_end(self, bare: str) -> bool:
        return has_radical_end(bare, self.bare) or (bare.endswith("يه") and bare in self.clitics.with_he)

    def _after_radical_end(self, bare: str) -> str | None:
        for ending in AFTER_RADICAL:
            word = bare[: -len(ending)]
            if not bare.endswith(ending):
                continue
            if len(word) >= 4 and (known := names_by_hand().get(word)) is not None:
                return without_ending(known)
            if self._has_radical_end(word) and self.bare[word] >= 0.2 * self.bare[bare]:
                return word
        return None

    def _of_hamza_before_ya(self, bare: str) -> str | None:
        """Returns the key of نهاية for نهائي (نهايي), that of قضاء for قضائي, that of سينما for سينمائي.

        An adjective without such a noun (عشوائي) has a key for all of its forms. Any other word has None.
        """
        ending = next((ending for ending in OF_HAMZA if bare.endswith("ا" + ending)), None)
        if ending is None or len(bare) < len(ending) + 3:
            return None
        start = bare[: -len(ending)]
        noun = max((start + "ء", start + "يه", start), key=lambda word: self.bare[word])
        return self.key(noun) if self.bare[noun] >= max(LEAST_SUPPORT, self.bare[bare]) else start + "ي"

    def _of_final_hamza(self, bare: str) -> str | None:
        """Returns the key of أعضاء for أعضائه and أعضاؤها (اعضايه, اعضاوها after folding), else None."""
        for ending in SEATS:
            word = bare[: -len(ending)] + "ء"
            if bare.endswith("ا" + ending) and len(word) >= 4 and self._is_hamza_word(word, bare):
                return self.key(word)
        return None

    def _is_hamza_word(self, word: str, bare: str) -> bool:
        """Tells whether a word in ء is attested enough: as often as its form, or at all where two seats take its hamza."""
        if self.bare[word] >= max(LEAST_SUPPORT, self.bare[bare]):
            return True
        seats = sum(any(self.bare[word[:-1] + seat + pronoun] for pronoun in ("ه", "ها", "هم")) for seat in "ءيو")
        return self.bare[word] > 0 and seats > 1  # نظرائه and نظراءه, where نظراء stands alone too seldom

    def _before_feminine_ending(self, bare: str) -> str | None:
        """Returns the key of بيت for بيتها and that of تصريحات for تصريحاته, whose ت is no ة, else None."""
        word = feminine_before_ending(bare)
        if word is None:
            return None
        feminine = self.bare[word[:-1] + "ه"]
        if word.endswith("ات"):
            return self.key(word) if len(word) >= 5 and self.bare[word] >= max(LEAST_SUPPORT, feminine) else None
        return self.key(word) if self.bare[word] >= max(LEAST_SUPPORT, 3 * feminine) else None

    def _of_word_in_at(self, bare: str) -> str | None:
        """Returns the key of مباراة for مباراته and مباراتين, where no plural is as frequent, else None."""
        for ending in AFTER_SHORT_FEMININE:
            word = bare[: -len(ending)] + "ه"
            if bare.endswith("ا" + ending) and len(word) >= 4:
                return self.key(word) if self.bare[word] >= max(LEAST_SUPPORT, self.bare[word[:-1] + "ت"]) else None
        return None

    def _of_plural_in_at(self, bare: str) -> str | None:
        """Returns the key of قناة for قنوات, of سنة for سنوات, of مباراة for مباريات, of منشأة for منشآت, else None.

        كروات is no plural of كرة.
        """
        words, start = self.bare, bare[:-3]
        needed = max(20, 0.3 * words[bare])
        if bare.endswith("ات") and len(bare) >= 5:
            word = bare[:-1] + "ه"
            if words[word] >= needed and words[bare[:-2]] + words[bare[:-2] + "ه"] < words[word]:
                return self.key(word)
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
        """Returns the key of لاعب for لاعبو and that of لاجئين for لاجئون (لاجوون after folding), else None."""
        words, word = self.bare, bare[:-1]
        needed = max(LEAST_SUPPORT, words[bare])
        if bare.endswith("و") and len(bare) >= 5 and min(words[word + "ين"] + words[word + "ون"], words[word]) >= needed:
            return self.key(word)
        if bare.endswith("وون") and len(bare) > 4 and words[bare[:-3] + "يين"] >= needed:
            return self.key(bare[:-3] + "يين")
        return None


def _keeps_feminine_before_ending(word: str) -> bool:
    """Tells whether the expressions would not restore the word before an ending: قمتين of قمة, مباراته of مباراة."""
    return (len(word) == SHORT_FEMININE and word[-1] == "ه") or (word.endswith("اه") and len(word) > SHORT_FEMININE)


def light_key(bare: str) -> str:
    """Returns what the suffix rules leave, or three letters and more where they would leave two that the chain does not."""
    key = family(bare)
    if len(key) == 2 and stem_of_bare(bare, {}) != key:
        return next((word for suffix in SUFFIXES if bare.endswith(suffix) and len(word := bare[: -len(suffix)]) >= 3), bare)
    return key


def spelling(key: str) -> str | None:
    """Returns the right side of a rule of which the filters behind the lexicon leave exactly the key, or None."""
    return next((said for said in (key, key + "ا") if without_ending(said) == key), None)


def steps(form: str, bare: str | None) -> Iterator[tuple[str, bool]]:
    """Yields each word that is left of a form as its clitics come off, and whether the first letters of that word are its own."""
    word = form
    while (first := tree_of(word)) in TREES and len(word) > len(first):
        if bare is None:
            if first != "و":  # the light stemmer takes و off
                yield word, True
            return
        own = word == bare or (first == "لل" and word[1:] == bare)
        yield word, own
        if own or not word.endswith(bare):
            return
        word = word[len(first) :]


def corrected(rules: Mapping[str, str], added: Iterable[str], signs: Signs) -> dict[str, str]:
    """Returns the rules with a person's: `word => other` has a word meet the other, `word =>` leaves the word to the chain."""
    result = dict(rules)
    for line in added:
        word, _, other = (part.strip() for part in line.partition("=>"))
        if not other:
            result.pop(word, None)
        elif (said := spelling(stem_of_bare(signs.without_clitics(normalised(other)), result))) is not None:
            result[word] = said
    return dict(sorted(result.items()))


def grouped(rules: Mapping[str, str]) -> list[str]:
    """Returns the rules as lines `form, form => key`, a line a key: a server creates an index with few long rules faster."""
    forms: dict[str, list[str]] = {}
    for form, said in sorted(rules.items()):
        forms.setdefault(said, []).append(form)
    return [f"{', '.join(of_key)} => {said}" for said, of_key in sorted(forms.items())]
