"""What a page's own story speaks of, and lines that speak of something else."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from streams.split.draft import Draft
from streams.split.evidence import word_prefixes

# Of a title's words its own page has at most so many when it is of another story: none of a few, one of many. Chosen by reading.
_FEW_WORDS, _MANY_WORDS = 3, 6
# Of the words of another story's first paragraph its page has at most so many, and of those of its later ones. Measured on 1,997
# pages of six sites: nine in ten first paragraphs of other stories have less than .10, of a page's own later ones more than .11.
SHARED_LEDE, SHARED_PARAGRAPH = 0.12, 0.2
# And of the words of another story's title on the same subject. Measured: eight in ten of 406 have no more, and 6 of 42
# headlines of the page's own that a paper sets between its paragraphs.
SHARED_TITLE = 0.4


class Subject:
    """The words of some lines of a page, and of its title where the lines are its own story."""

    def __init__(self, draft: Draft, lines: Iterable[int], *, own: bool = True) -> None:
        self._draft = draft
        self._lines = lines
        self._title = (draft.page.title or "") if own else ""

    @cached_property
    def _words(self) -> frozenset[str]:  # few pages have a line that is compared with them
        return word_prefixes(" ".join([self._title, *map(self._draft.content, self._lines)]))

    def is_strange(self, i: int) -> bool:
        """Tells whether line i speaks of something else: hardly a word of it is one of the subject's."""
        return self.is_other(self._draft.content(i))

    def is_other(self, content: str) -> bool:
        """Tells whether a text speaks of something else."""
        return self.are_other_words(word_prefixes(content))

    def are_other_words(self, words: frozenset[str]) -> bool:
        """Tells whether the words of a text, as `word_prefixes` gives them, speak of something else."""
        shared = len(words & self._words)
        return (len(words) >= _FEW_WORDS and not shared) or (len(words) >= _MANY_WORDS and shared <= 1)

    def share(self, content: str) -> float:
        """Returns the share of the text's words that are the subject's."""
        return self.share_of_words(word_prefixes(content))

    def share_of_words(self, words: frozenset[str]) -> float:
        """Returns the share of these words, as `word_prefixes` gives them, that are the subject's."""
        return len(words & self._words) / len(words) if words else 0.0
