"""What a reader typed, taken apart: loose words, "phrases", prefix*, -excluded. Pure.

Any text at all is a query text: what is no operator here is text, and an operator without its word is text too.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Iterable
from typing import Final, Literal

from indexing.schema.reading import folded, question_words, stop_words

MAX_WORDS: Final = 100  # more add nothing to a ranking and come near the limit of clauses
MAX_LETTERS: Final = 64
MAX_TERMS: Final = 10  # phrases and prefixes; as many again are excluded
MIN_PREFIX_LETTERS: Final = 2
_NOT_TEXT = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
SHORTEST_QUESTION: Final = 3  # words: of fewer the first may be a name (chosen by reading)
_WORD = re.compile(r"\w+")
_DOUBLE = '"\u201c\u201d\u201e\u201f\u2033\uff02'  # typists mix them: each may open, each may close
_SINGLE = "'\u2018\u2019\u201a\u201b"
_QUOTED = (
    f"[{_DOUBLE}](?P<double>[^{_DOUBLE}]*)[{_DOUBLE}]"
    "|\u00ab(?P<angle>[^\u00bb]*)\u00bb|\u2039(?P<small_angle>[^\u203a]*)\u203a"
    rf"|(?<!\w)[{_SINGLE}](?P<single>[^{_SINGLE}]*)[{_SINGLE}](?!\w)"
)
# A minus stands right before what it excludes, and no letter before it; before a digit it is a sign or part of a name.
_DASHES = r"\-\u2010-\u2015\u2212\ufe58\ufe63\uff0d"  # keyboards and editors make any of them of a minus
_EXCLUDES = rf"(?:(?<!\S)(?:[{_DASHES}]|\u0628\u062f\u0648\u0646[^\S\n]+))"  # the second alternative is the word "without"
_OPERATOR = re.compile(
    rf"(?P<excludes>{_EXCLUDES})?(?:{_QUOTED}|(?<![^\s{_DASHES}])(?P<word>[^\W\d_][^\s{_DOUBLE}\u00ab\u00bb]*))"
)
_EXCLUDING = re.compile(_EXCLUDES)
_QUESTION = re.compile("[?\u061f]")
_PREFIX = re.compile(r"([\w\u0610-\u061a\u0640\u064b-\u065f\u0670]+)[*\u066d]+\W*")


@dataclasses.dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase that is found by its stems or exactly, or the letters that words begin with."""

    text: str
    kind: Literal["word", "phrase", "prefix"]

    @property
    def only_stop_words(self) -> bool:
        """Whether every word is one that the index leaves out of bodies."""
        return only_stop_words(self.text)


@dataclasses.dataclass(frozen=True, slots=True)
class QueryText:
    """A typed text, taken apart.

    `loose` holds the words that rank and bound, those of phrases too; `asked` is the same with the words that only ask (when, how
    many), which rank titles alone. `required` terms must stand in a story, `excluded` ones must not. `cut` says that something
    was left out, being beyond the limits.
    """

    loose: str
    asked: str = ""
    required: tuple[Term, ...] = ()
    excluded: tuple[Term, ...] = ()
    cut: bool = False

    @property
    def empty(self) -> bool:
        """Whether there is nothing to search for: no letter and no digit."""
        return not (self.loose or self.required or self.excluded)

    @property
    def phrases(self) -> tuple[str, ...]:
        """The phrases that must stand there as they are."""
        return tuple(term.text for term in self.required if term.kind == "phrase")

    @property
    def only_stop_words(self) -> bool:
        """Whether every loose word is one that the index leaves out of bodies."""
        return only_stop_words(self.loose)


def only_stop_words(text: str) -> bool:
    """Tells whether every word of the text is one that the index leaves out of bodies."""
    return all(word in stop_words() for word in _WORD.findall(folded(text)))


def without_question_words(text: str) -> str:
    """Returns the text without the words that only ask (when, how many), or all of it where nothing else would be searched."""
    words = text.split()
    begins_question = len(words) >= SHORTEST_QUESTION or text.rstrip().endswith(("?", "؟"))
    kept = [
        word
        for place, word in enumerate(words)
        if "".join(_WORD.findall(folded(word))) not in question_words(leading=begins_question and place == 0)
    ]
    return text if len(kept) == len(words) or only_stop_words(" ".join(kept)) else " ".join(kept)


def visible(text: str) -> str:
    """Returns the text with a space for each control character, lone surrogate and character of private use."""
    return "".join(" " if unicodedata.category(char) in _NOT_TEXT else char for char in text)


def query_text(text: str) -> QueryText:
    """Returns the words and operators of any text; invisible characters mean nothing.

    Words after the first 100, letters of a word after 64, and terms after 10 of each kind are left out. A quote without its
    partner is text.
    """
    shown = visible(text)
    kept: list[str] = []
    required: list[Term] = []
    excluded: list[Term] = []
    end = 0
    for found in _OPERATOR.finditer(shown):
        term = _term(found)
        if found["excludes"] and _may_exclude(found, term):
            excluded.append(term)
        elif not found["excludes"] and term.kind != "word" and _WORD.search(term.text):
            required.append(term)
            if term.kind == "phrase":
                continue  # its words rank like others
        else:
            continue
        kept.append(shown[end : found.start()])
        end = found.end()
    asked, cut = _shortened(" ".join([*kept, shown[end:]]))
    kept_required, cut_required = _bounded(required)
    kept_excluded, cut_excluded = _bounded(excluded)
    return QueryText(without_question_words(asked), asked, kept_required, kept_excluded, cut or cut_required or cut_excluded)


def _may_exclude(found: re.Match[str], term: Term) -> bool:
    """Tells whether there is a word to exclude.

    The word "without" stands in many a headline and question. So that word excludes only the one term that ends a text, behind
    another word, and in no question.
    """
    if not _WORD.search(term.text) or len(found["excludes"]) == 1:
        return bool(_WORD.search(term.text))
    before, after = found.string[: found.start()], found.string[found.end() :]
    is_last = not _WORD.search(after) or _EXCLUDING.match(after.lstrip())
    return bool(_WORD.search(before) and is_last) and not _QUESTION.search(found.string)


def _term(found: re.Match[str]) -> Term:
    word: str | None = found["word"]
    if word is None:
        groups = (found["double"], found["angle"], found["small_angle"], found["single"])
        return Term(next(filter(None, groups), "").strip(), "phrase")
    prefix = _PREFIX.fullmatch(word)
    if prefix and len(folded(prefix[1])) >= MIN_PREFIX_LETTERS:
        return Term(prefix[1], "prefix")
    return Term(word, "word")


def _bounded(terms: Iterable[Term]) -> tuple[tuple[Term, ...], bool]:
    """Returns the first terms, each within the limits of a text, and whether anything was left out."""
    shortened = [(Term(text, term.kind), cut) for term in terms for text, cut in [_shortened(term.text)] if text]
    kept = tuple(term for term, _ in shortened[:MAX_TERMS])
    return kept, len(shortened) > MAX_TERMS or any(cut for _, cut in shortened)


def _shortened(text: str) -> tuple[str, bool]:
    """Returns the text and whether it was cut.

    The text is empty where it holds no word. Beyond the limits only its first words are left.
    """
    found = _WORD.findall(folded(text))
    if not found:
        return "", False
    if len(found) <= MAX_WORDS and max(map(len, found)) <= MAX_LETTERS:
        return " ".join(text.split()), False
    return " ".join(word[:MAX_LETTERS] for word in found[:MAX_WORDS]), True
