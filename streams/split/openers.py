"""Words that open a sentence of the body and hardly ever a headline."""

from __future__ import annotations

import functools
import re
import tomllib
from importlib.resources import files

from streams.split.spelling import folded

_WORD = re.compile(r"[^\W_]+")
_SENTENCE_END = re.compile(r"(?<![.])\.(?:\s+|$)")
LONGEST_HEADLINE = 190


@functools.cache
def _table() -> tuple[frozenset[str], frozenset[str]]:
    data = tomllib.loads(files("streams.split").joinpath("openers.toml").read_text(encoding="utf-8"))
    goes_on = frozenset(data["goes_on"].split())
    begins = frozenset(data["begins"].split())
    # "And he said" goes on, "he said" begins: the same verbs.
    return goes_on, begins | {word[1:] for word in goes_on if word[0] == "و" and word[1:] in begins}


def first_words(content: str, count: int = 1) -> list[str]:
    """The first words of a line, folded."""
    return _WORD.findall(folded(content[: 40 * count]))[:count]


def goes_on(content: str) -> bool:
    """Whether the line begins as a paragraph that continues a report does: "and he added", "it is noted"."""
    word = first_words(content)
    return bool(word) and word[0] in _table()[0]


def begins(content: str) -> bool:
    """Whether the line begins as the first sentence of a report does, with a verb in the past: headlines use the present."""
    word = first_words(content)
    return bool(word) and word[0] in _table()[1]


def may_begin(content: str) -> bool:
    """Whether the line may begin a report: with a verb that also continues one after an "and"."""
    word = first_words(content)
    return bool(word) and (word[0] in _table()[1] or (len(word[0]) >= 4 and "و" + word[0] in _table()[0]))


def is_opener(word: str) -> bool:
    """Whether a folded word opens sentences and hardly any headline."""
    goes_on, begins = _table()
    return word in goes_on or word in begins or (word[:1] == "و" and word[-1:] == "ت" and word[:-1] in goes_on)


def sentences(content: str) -> int:
    """How many sentences end inside the line, its own end not counted."""
    return sum(match.end() < len(content) for match in _SENTENCE_END.finditer(content))
