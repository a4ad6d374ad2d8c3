"""The stems of the index, computed here: what the analyzer `ar_stem` gives for a single word. Pure.

It serves where no server is at hand (building the lexicon) or a request a word would be too many (grouping trends). The light
stemmer is Lucene's ArabicStemmer, the algorithm of Larkey, Ballesteros and Connell (2005), "light10"; an integration test
compares this module with the server.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Final

from indexing.schema.first_letters import Signs, read_signs
from indexing.schema.reading import FIRST_LETTERS, LEXICON, folded, lexicon_rules, lines, read_json

PREPOSITIONS: Final = ("ب", "ل")  # that come off by signs where the lexicon does not know the word
PREFIXES: Final = ("ال", "وال", "بال", "كال", "فال", "لل", "و")
SUFFIXES: Final = ("ها", "ان", "ات", "ون", "ين", "يه", "ية", "ه", "ة", "ي")
_NORMAL: Final = str.maketrans({"آ": "ا", "أ": "ا", "إ": "ا", "ى": "ي", "ة": "ه"})


def stem(word: str, lexicon: Mapping[str, str] | None = None) -> str:
    """Returns the stem of a word under the lexicon (default: that of the index).

    Stop words have stems here like other words.
    """
    form = without_conjunction(normalised(folded(word)))
    return stem_of_form(form, current_lexicon() if lexicon is None else lexicon, current_signs())


def stem_of_form(form: str, lexicon: Mapping[str, str], signs: Signs) -> str:
    """Returns the stem of a folded and normalised word.

    A conjunction before its article or preposition is off already.
    """
    known = lexicon.get(form)
    shortened = without_ending(signs.without_preposition(form if known is None else known))
    return shortened if known is not None else light_stem(shortened)


def stem_of_bare(bare: str, lexicon: Mapping[str, str]) -> str:
    """Returns the stem of a folded and normalised word whose clitics are off."""
    known = lexicon.get(bare)
    shortened = without_ending(bare if known is None else known)
    return shortened if known is not None else light_stem(shortened)


def normalised(word: str) -> str:
    """Returns the folded word as `arabic_normalization` leaves it.

    The word has no hamza on alef, no alif maqsura, no ta marbuta.
    """
    return word.translate(_NORMAL)


def without_conjunction(form: str) -> str:
    """Returns the word without the conjunction that stands before its article or preposition."""
    return _pattern("ar_conjunction").sub("", form, count=1)


def without_prefixes(form: str) -> str:
    """Returns the word without its article and what is before that.

    A word without an article loses a preposition that the signs do not know as the word's own.
    """
    form = without_conjunction(form)
    articles = PREFIXES[:-1]
    found = next((prefix for prefix in articles if form.startswith(prefix) and len(form) >= len(prefix) + 2), "")
    return form[len(found) :] if found else current_signs().without_preposition(form)


def feminine_before_ending(word: str) -> str | None:
    """Returns the word up to the ت that stands before a pronoun or dual (حكومت of حكومتها), or None where there is none."""
    found = _pattern("ar_feminine").search(word)
    return word[: found.start() + 1] if found else None


def without_ending(word: str) -> str:
    """Returns the word with the feminine ة (ه) restored before pronouns and dual (حكومه of حكومتها), without accusative ا."""
    restored = _pattern("ar_feminine").sub("ه", word, count=1)
    return _pattern("ar_alef").sub("", restored, count=1)


def light_stem(word: str) -> str:
    """Returns the word with at most one prefix off, then each suffix once, in order.

    Two letters stay, three after a single و.
    """
    for prefix in PREFIXES:
        if word.startswith(prefix) and len(word) >= (4 if len(prefix) == 1 else len(prefix) + 2):
            word = word[len(prefix) :]
            break
    return without_suffixes(word)


def without_suffixes(word: str) -> str:
    """Returns the word with each suffix off once, in order; two letters stay."""
    for suffix in SUFFIXES:
        if word.endswith(suffix) and len(word) >= len(suffix) + 2:
            word = word[: -len(suffix)]
    return word


@functools.cache
def current_signs() -> Signs:
    """Returns the signs of `schema/first_letters.txt`, short ones for prepositions."""
    return Signs(dict(read_signs(lines(FIRST_LETTERS))))


@functools.cache
def current_lexicon() -> dict[str, str]:
    """Returns the rules of the schema's lexicon: each form, and what the chain goes on with."""
    return dict(lexicon_rules(LEXICON))


@functools.cache
def names_by_hand() -> dict[str, str]:
    """Returns the rules of `schema/lexicon.txt`, which a person keeps."""
    return dict(lexicon_rules("lexicon.txt"))


@functools.cache
def _pattern(name: str) -> re.Pattern[str]:
    """Returns the regular expression of a token filter, with the end of input as Python writes it."""
    pattern: str = read_json("analysis.json")["filter"][name]["pattern"]
    return re.compile(pattern.replace(r"\z", r"\Z"))
