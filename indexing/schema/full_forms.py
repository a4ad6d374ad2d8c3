"""Words as texts have them, clitics and endings on, that the chain of the stem field gets wrong: its one lexicon. Pure.

The server asks the lexicon once for a word. What no rule names loses an article, and a preposition where short signs say so: an
expression that decided every word would cost several times as much. So the forms that a corpus shows are written out, and those
that frequent words must have.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from indexing.schema.bare_words import BareWords
from indexing.schema.first_letters import Signs, tree_of
from indexing.schema.reading import lexicon_rules
from indexing.schema.stemming import PREPOSITIONS, names_by_hand, stem_of_bare, stem_of_form, without_conjunction, without_ending

LEAST_UNSEEN: Final = 300  # occurrences of a word that is written out with all that may stand before it
LEAST_COMPARED: Final = 50  # of one that is written out with what is seldom before it, and what no expression takes off
LEAST_DOUBTFUL: Final = 1  # of one that is written out with what its first letter makes doubtful
BEFORE: Final = ("", "ب", "ل", "ال", "بال", "لل", "و", "ف", "ك", "كال", "وكال")
BEFORE_COMPARED: Final = ("", "ب", "ل", "و", "ف", "ك")
BEFORE_NAMES: Final = ("", "ال", "ب", "ل", "بال", "لل", "و", "ف", "ك")
BEFORE_ADJECTIVES: Final = ("", "ال", "بال", "لل", "و")
NAME: Final = 4  # letters of a name that is one behind each of these, whatever the signs say
SHORT: Final = 3  # letters behind a preposition that a sign of the server's expression may have; with 4 it costs a seventh more


def short_signs(signs: Mapping[str, str]) -> dict[str, str]:
    """Returns the signs for prepositions that look at few letters: those of the server's expression."""
    return {
        beginning: sign
        for beginning, sign in signs.items()
        if tree_of(beginning) in PREPOSITIONS and len(beginning.rstrip(".")) <= 1 + SHORT
    }


def full_forms(words: BareWords, signs: Signs, bare_rules: Mapping[str, str], short: Signs) -> dict[str, str]:
    """Returns the forms that need a rule, each with the right side of its rule.

    Of such a form the chain alone leaves another stem than all signs and bare rules do.
    """
    votes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for form, weight in _candidates(words, signs, bare_rules).items():
        votes[without_conjunction(form)][stem_of_bare(signs.without_clitics(form), bare_rules)] += weight
    for form, key in _names(words.clitics.forms):
        votes[without_conjunction(form)] = Counter([key])
    rules = {}
    for form, keys in sorted(votes.items()):
        key = min(keys, key=lambda key: (-keys[key], key))
        if stem_of_form(form, {}, short) != key and (right_side := _spelling(key, short)) is not None:
            rules[form] = right_side
    return rules


def _is_one_word(form: str) -> bool:
    """Tells whether the tokenizer and `ar_parts` leave the form whole.

    Latin letters beside Arabic ones are a word of their own.
    """
    return not any(letter.isascii() for letter in form)


def _candidates(words: BareWords, signs: Signs, bare_rules: Mapping[str, str]) -> dict[str, int]:
    """Returns forms and their weight: ten for each occurrence, and one for a form that no corpus shows."""
    whole = {form: count for form, count in words.clitics.forms.items() if _is_one_word(form)}
    forms = {form: 10 * count for form, count in whole.items() if len(form) > 1}
    bare: Counter[str] = Counter()
    for form, count in whole.items():
        bare[signs.without_clitics(form)] += count
    for word, count in bare.items():
        for form in _unseen(word, LEAST_UNSEEN if word in words.feminines else count):
            forms.setdefault(form, 1)
    by_hand = names_by_hand() | dict(lexicon_rules("bare_words_by_hand.txt"))
    for word in bare_rules:
        seldom = ("", *(("ال",) if bare[word] >= LEAST_DOUBTFUL else ()))
        for letters in _before(word, by_hand[word]) if word in by_hand else seldom:
            forms.setdefault(letters + word, 1)
    return forms


def _before(name: str, key: str) -> tuple[str, ...]:
    """Returns what may stand before a word of a person's file.

    That is less before an adjective of a name than before the name.
    """
    return BEFORE_NAMES if name == key else BEFORE_ADJECTIVES


def _names(forms: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """Yields the words of a person's file and their keys.

    A word behind letters comes too if no more frequent word is spelled so.
    """
    for name, key in names_by_hand().items():
        spelled = [letters + name for letters in _before(name, key)] if len(name) >= NAME else []
        count = sum(forms[form] for form in spelled)
        yield from ((form, without_ending(key)) for form in spelled if form == name or 2 * forms[form] <= count)


def _unseen(word: str, count: int) -> Iterator[str]:
    """Yields the forms that a word with `count` occurrences would have behind clitics."""
    if count >= LEAST_UNSEEN:
        yield from (letters + word for letters in BEFORE if not (letters == "لل" and word[0] == "ل"))
    elif count >= LEAST_COMPARED:
        yield from (letters + word for letters in BEFORE_COMPARED)
    elif count >= LEAST_DOUBTFUL:
        yield from (letters + word for letters in ("", "ب", "ل"))


def _spelling(key: str, short: Signs) -> str | None:
    """Returns the right side of a rule of which the filters behind the lexicon leave exactly the key, or None."""
    spelled = (key, "ال" + key, key + "ا", "ال" + key + "ا")
    return next((said for said in spelled if without_ending(short.without_preposition(said)) == key), None)
