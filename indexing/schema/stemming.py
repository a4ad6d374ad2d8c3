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

from indexing.schema.reading import folded, lexicon_rules, read_json

PREFIXES: Final = ("ال", "وال", "بال", "كال", "فال", "لل", "و")
SUFFIXES: Final = ("ها", "ان", "ات", "ون", "ين", "يه", "ية", "ه", "ة", "ي")
_NORMAL: Final = str.maketrans({"آ": "ا", "أ": "ا", "إ": "ا", "ى": "ي", "ة": "ه"})


def stem(word: str, lexicon: Mapping[str, str] | None = None) -> str:
    """The stem of one word under the lexicon (default: that of the index); stop words are words here."""
    return stem_of_form(normalised(folded(word)), current_forms() if lexicon is None else {}, lexicon)


def stem_of_form(form: str, forms: Mapping[str, str], lexicon: Mapping[str, str] | None = None) -> str:
    """The stem of a folded and normalised word under rules for full forms, and under the lexicon for bare ones."""
    words = current_lexicon() if lexicon is None else lexicon
    known = forms.get(form)
    bare = without_article(form if known is None else known)
    if known is None:
        known = words.get(bare)
        bare = bare if known is None else known
    shortened = without_ending(bare)
    return shortened if known is not None else light_stem(shortened)


def as_seen_by_lexicon(word: str) -> str:
    """The word as it reaches the lexicon: folded, normalised, without article and the conjunctions before it."""
    return without_article(normalised(folded(word)))


def normalised(word: str) -> str:
    """The folded word as `arabic_normalization` leaves it: no hamza on alef, no alif maqsura, no ta marbuta."""
    return word.translate(_NORMAL)


def without_article(form: str) -> str:
    """The word without article, and without the conjunctions and prepositions before that."""
    return _pattern("ar_article").sub("", form, count=1)


def feminine_before_ending(word: str) -> str | None:
    """The word up to the ت that stands before a pronoun or dual (حكومت of حكومتها), None where there is none."""
    found = _pattern("ar_feminine").search(word)
    return word[: found.start() + 1] if found else None


def without_ending(word: str) -> str:
    """The word with the feminine ت restored before pronouns and dual (حكومتها is حكومه), and without an accusative ا."""
    restored = _pattern("ar_feminine").sub("ه", word, count=1)
    return _pattern("ar_alef").sub("", restored, count=1)


def light_stem(word: str) -> str:
    """At most one prefix off, then each suffix once in order; two letters stay, three after a single و."""
    for prefix in PREFIXES:
        if word.startswith(prefix) and len(word) >= (4 if len(prefix) == 1 else len(prefix) + 2):
            word = word[len(prefix) :]
            break
    return without_suffixes(word)


def without_suffixes(word: str) -> str:
    """The word with each suffix off once, in order; two letters stay."""
    for suffix in SUFFIXES:
        if word.endswith(suffix) and len(word) >= len(suffix) + 2:
            word = word[: -len(suffix)]
    return word


@functools.cache
def current_forms() -> dict[str, str]:
    """The rules of `schema/full_forms.txt`: a word with all its clitics, and what the chain goes on with."""
    return dict(lexicon_rules("full_forms.txt"))


@functools.cache
def current_lexicon() -> dict[str, str]:
    """The rules of `schema/lexicon.txt`: a word as the lexicon sees it, and its stem."""
    return dict(lexicon_rules("lexicon.txt"))


@functools.cache
def _pattern(name: str) -> re.Pattern[str]:
    """The regular expression of a token filter; Java's end of input is Python's."""
    pattern: str = read_json("analysis.json")["filter"][name]["pattern"]
    return re.compile(pattern.replace(r"\z", r"\Z"))
