"""Which words end in letters that look like an ending and belong to the word: بيان, قانون, توجيه, سلمان. Pure.

Decided by how often a corpus has the forms that such a word would have, and those that it would not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

NUN_ENDINGS: Final = ("ان", "ين", "ون")
LEAST_ALONE: Final = 20  # occurrences of a word whose dual or plural would have been seen in its other case
OTHER_CASE_SHARE: Final = 0.1  # of a dual or plural's occurrences that are in the other case, at least
SINGULAR_SHARE: Final = 0.2  # of a plural's occurrences that its singular has, at least


def has_radical_end(word: str, counts: Mapping[str, int]) -> bool:
    """Tells whether the end of a word without clitics belongs to the word; words that a corpus does not show count 0."""
    if word.endswith("يه") and len(word) >= 4:
        return _has_radical_he(word, counts)
    if not (word.endswith(NUN_ENDINGS) and len(word) >= 4):
        return False
    return _has_radical_nun(word, counts) or _would_be_too_short(word, counts) or _has_one_case(word, counts)


def _has_radical_he(word: str, counts: Mapping[str, int]) -> bool:
    """Tells whether the ه of a final يه belongs to the word: endings follow that follow no pronoun or ة (توجيهات, شبيهة)."""
    proof = sum(counts[word + ending] for ending in ("ات", "ه", "ها", "هم", "ين", "ي"))
    return proof >= max(3, 0.02 * counts[word])


def _would_be_too_short(word: str, counts: Mapping[str, int]) -> bool:
    """Tells whether the rules for endings would leave two letters of a word that is more frequent than those (حنين)."""
    return len(word) == 4 and counts[word[:2]] + counts[word[:2] + "ه"] < counts[word]


def _has_radical_nun(word: str, counts: Mapping[str, int]) -> bool:
    """Tells whether the ending of an adjective, a pronoun or ات follows the word (لجانه, بياناته)."""
    count = counts[word]
    proof = counts[word + "ي"] + counts[word + "يه"]
    if not (word.endswith("ون") and word[0] in "يتسن"):  # يعانونها is a verb
        proof += sum(counts[word + ending] for ending in ("ه", "ها", "هم", "نا", "ات"))
    singular = counts[word[:-2]] + counts[word[:-2] + "ه"]
    return proof >= max(3, 0.01 * count) and (singular < 0.5 * count or proof >= 0.1 * count)


def _has_one_case(word: str, counts: Mapping[str, int]) -> bool:
    """Tells whether a frequent word lacks the other case of a dual or plural: طرفان has طرفين, سلمان stands alone."""
    count, start = counts[word], word[:-2]
    if count < LEAST_ALONE or word[0] in "يت":  # يعملان, يعملون are verbs
        return False
    if word.endswith("ين"):
        other = counts[start + "ون"] + counts[start + "ان"] + counts[start[:-1] + "وون"]  # لاجئون of لاجئين
        return counts[start] + counts[start + "ه"] < SINGULAR_SHARE * count and other == 0
    return counts[start + "ين"] < OTHER_CASE_SHARE * count
