"""Highlights: what is asked of the server, and its marks as whole words. Pure."""

from __future__ import annotations

import unicodedata
from typing import Any, Final

from indexing.schema.reading import folded
from indexing.schema.stemming import stem

OPEN, CLOSE = "\ue000", "\ue001"  # private-use marks around a highlighted word; no text that we show holds them
CONJUNCTIONS: Final = frozenset("وف")
MIN_LETTERS: Final = 2  # of what stands after a conjunction
_TATWEEL = "\u0640"


def highlight() -> dict[str, Any]:
    """Returns the highlighting of a request: words that match by stem or as they stand, never a mere 4-gram."""
    return {
        "type": "unified",
        "pre_tags": [OPEN],
        "post_tags": [CLOSE],
        "fields": {
            "title": {"matched_fields": ["title", "title.norm"], "number_of_fragments": 0},
            "body": {"matched_fields": ["body", "body.norm"], "number_of_fragments": 2, "fragment_size": 160},
        },
    }


def marked_as_words(text: str) -> str:
    """Returns the highlighted text with every mark around the word as it stands.

    Diacritics and tatweels behind a mark come into it, and a conjunction before the word stays out of it.
    """
    pieces = text.split(OPEN)
    return pieces[0] + "".join(_marked(*piece.partition(CLOSE)[::2]) for piece in pieces[1:])


def _marked(word: str, after: str) -> str:
    """The mark of a word, moved, and the text after it."""
    end = next((at for at, char in enumerate(after) if not _belongs_to_letter(char)), len(after))
    start = _conjunction(word)
    return f"{word[:start]}{OPEN}{word[start:]}{after[:end]}{CLOSE}{after[end:]}"


def _conjunction(word: str) -> int:
    """How many characters of the word are a conjunction: none where the word without it is another to the index."""
    if not word or word[0] not in CONJUNCTIONS:
        return 0
    start = next((at for at, char in enumerate(word) if at and not _belongs_to_letter(char)), len(word))
    rest = word[start:]
    return start if len(folded(rest)) >= MIN_LETTERS and stem(rest) == stem(word) else 0


def _belongs_to_letter(char: str) -> bool:
    return char == _TATWEEL or unicodedata.category(char) == "Mn"
