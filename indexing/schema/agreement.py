"""Which words with the article stand behind each other in a corpus: an adjective agrees with its noun. Pure.

Counts of words alone do not tell الكبيرة, which is كبير, from الشركة, which is no شرك: an adjective stands behind a noun that has
the article too (القرية الكبيرة), a noun behind anything (في الشركة). What stands behind tells plurals of things from other nouns:
their adjectives are feminine (الدول الكبيرة).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from indexing.schema.stemming import normalised

ARTICLE: Final = "ال"
BEFORE_ADJECTIVES: Final = ("ال", "وال", "بال", "كال", "فال", "لل")
ADJECTIVE_SHARE: Final = 0.2  # of a word's occurrences with the article; of nouns it is below .15, of adjectives above .3
PLURAL_SHARE: Final = 0.5  # of a noun's adjectives that are feminine
LEAST_QUALIFIED: Final = 3  # adjectives behind a noun that tell its gender


class Agreement:
    """Counts of normalised words, without their articles, that follow each other with the article on both."""

    def __init__(self) -> None:
        """Starts without a word."""
        self.behind: Counter[str] = Counter()  # a word behind another
        self.before: Counter[str] = Counter()  # a word before another
        self.before_feminine: Counter[str] = Counter()  # a word before another that ends in ة

    def add(self, words: Sequence[str]) -> None:
        """Takes the words of a text in their order, folded, function words among them."""
        for one, other in pairwise(words):
            if other.startswith(ARTICLE) and (article := next((a for a in BEFORE_ADJECTIVES if one.startswith(a)), None)):
                noun = normalised(one[len(article) :])
                self.behind[normalised(other[len(ARTICLE) :])] += 1
                self.before[noun] += 1
                self.before_feminine[noun] += other.endswith("ة")

    def is_adjective(self, word: str, definite: int) -> bool:
        """Tells whether a word mostly qualifies a noun.

        `definite` is the number of the word's occurrences with the article.
        """
        return self.behind[word] >= ADJECTIVE_SHARE * definite

    def is_plural(self, word: str) -> bool:
        """Tells whether a word that does not end in ة has feminine adjectives."""
        qualified = self.before[word]
        return qualified >= LEAST_QUALIFIED and self.before_feminine[word] >= PLURAL_SHARE * qualified
