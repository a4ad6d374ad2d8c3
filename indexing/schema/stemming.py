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

from indexing.generations.template import analysis, folded, lines

PREFIXES: Final = ("ال", "وال", "بال", "كال", "فال", "لل", "و")
SUFFIXES: Final = ("ها", "ان", "ات", "ون", "ين", "يه", "ية", "ه", "ة", "ي")
_NORMAL: Final = str.maketrans({"آ": "ا", "أ": "ا", "إ": "ا", "ى": "ي", "ة": "ه"})


def stem(word: str, lexicon: Mapping[str, str] | None = None) -> str:
    """The stem of one word under the lexicon (default: that of the index); stop words are words here."""
    rules = current_lexicon() if lexicon is None else lexicon
    seen = as_seen_by_lexicon(word)
    known = rules.get(seen)
    shortened = without_ending(seen if known is None else known)
    return shortened if known is not None else light_stem(shortened)


def as_seen_by_lexicon(word: str) -> str:
    """The word as it reaches the lexicon: folded, without article and the conjunctions before it, normalised."""
    bare = _pattern("ar_article").sub("", folded(word), count=1)
    return bare.translate(_NORMAL)


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
    for suffix in SUFFIXES:
        if word.endswith(suffix) and len(word) >= len(suffix) + 2:
            word = word[: -len(suffix)]
    return word


@functools.cache
def current_lexicon() -> dict[str, str]:
    """The rules of `schema/lexicon.txt`: a word as the lexicon sees it, and its stem."""
    return dict(rule(line) for line in lines("lexicon.txt"))


def rule(line: str) -> tuple[str, str]:
    """The two sides of a rule `word => stem`."""
    word, _, becomes = line.partition("=>")
    return word.strip(), becomes.strip()


@functools.cache
def _pattern(name: str) -> re.Pattern[str]:
    """The regular expression of a token filter; Java's end of input is Python's."""
    pattern: str = analysis()["filter"][name]["pattern"]
    return re.compile(pattern.replace(r"\z", r"\Z"))
