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
from indexing.schema.reading import FIRST_LETTERS, LEXICONS, folded, lexicon_rules, lines, read_json

PREFIXES: Final = ("ال", "وال", "بال", "كال", "فال", "لل", "و")
SUFFIXES: Final = ("ها", "ان", "ات", "ون", "ين", "يه", "ية", "ه", "ة", "ي")
_NORMAL: Final = str.maketrans({"آ": "ا", "أ": "ا", "إ": "ا", "ى": "ي", "ة": "ه"})


def stem(word: str, lexicon: Mapping[str, str] | None = None) -> str:
    """The stem of one word under the lexicon (default: that of the index); stop words are words here."""
    return stem_of_bare(without_clitics(normalised(folded(word))), current_lexicon() if lexicon is None else lexicon)


def stem_of_bare(bare: str, lexicon: Mapping[str, str]) -> str:
    """The stem of a folded and normalised word whose clitics are off."""
    known = lexicon.get(bare)
    shortened = without_ending(bare if known is None else known)
    return shortened if known is not None else light_stem(shortened)


def normalised(word: str) -> str:
    """The folded word as `arabic_normalization` leaves it: no hamza on alef, no alif maqsura, no ta marbuta."""
    return word.translate(_NORMAL)


def without_clitics(form: str) -> str:
    """The word without article, and without the conjunctions and prepositions that do not belong to it."""
    return current_signs().without_clitics(form)


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
def current_signs() -> Signs:
    """The signs of `schema/first_letters.txt`."""
    return Signs(dict(read_signs(lines(FIRST_LETTERS))))


@functools.cache
def current_lexicon() -> dict[str, str]:
    """The rules of the schema's lexicons: a bare word, and what the chain goes on with."""
    return dict(lexicon_rules(*LEXICONS))


@functools.cache
def names_by_hand() -> dict[str, str]:
    """The rules of `schema/lexicon.txt`, which a person keeps."""
    return dict(lexicon_rules("lexicon.txt"))


@functools.cache
def _pattern(name: str) -> re.Pattern[str]:
    """The regular expression of a token filter; Java's end of input is Python's."""
    pattern: str = read_json("analysis.json")["filter"][name]["pattern"]
    return re.compile(pattern.replace(r"\z", r"\Z"))
