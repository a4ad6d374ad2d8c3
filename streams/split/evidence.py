"""What a line says of itself: a headline or a sentence, the opening of a report or its continuation, a title said again.

Every function here reads a text and nothing else; which lines of a page are compared is decided by the passes.
"""

from __future__ import annotations

import functools
import re
import tomllib
from importlib.resources import files

from streams.split import layout
from streams.split.spelling import one_spelling

_WORD = re.compile(r"[^\W_]+")
_SENTENCE_END = re.compile(r"(?<![.])\.(?:\s+|$)")
_REMEMBERED_WORDS = 1 << 15
_REMEMBERED = 4096  # beginnings and short lines, of 500 code points at the most
_CODE_POINTS_A_WORD = 40  # no longer stretch is searched for one of a line's first words

# All figures of this module but the one that says so were chosen by reading labelled pages. Code points:
LONGEST_HEADLINE = 190
# A headline may begin with a verb in the past when it is short; a first sentence is longer.
LONGEST_VERBAL_HEADLINE = 110
_MOST_COMMAS = 3
_SHORTEST_VERB = 4  # letters of a verb that continues a report after an "and"

_LONG_WORD = re.compile(r"[^\W\d_]{4,}")
_PREFIX = re.compile(r"^(?:وال|بال|فال|كال|لل|ال|و|ب|ل)(?=\w{3})")
_PREFIX_LETTERS = 5
# Of the words of a title so many come back in the paragraph below it when that is its own first paragraph.
RESTATED = 0.4
_FEWEST_RESTATED = 2  # words
_FIRST_PARAGRAPH = 600  # code points of it are searched for the title's words

# A title that ran into its first sentence: the whole in code points, then the words of the title, and those after it.
SHORTEST_FUSED, LONGEST_FUSED = 70, 480
_FUSED_TITLE_WORDS, _FEWEST_LEDE_WORDS = range(5, 16), 6
# So many of a fused title's words come back in the sentence that follows it, at the least.
_FUSED_RESTATED_WORDS, _FUSED_RESTATED = 3, 0.6
# Words that a verb of the same sentence follows.
_PARTICLES = frozenset(["لم", "لن", "لا", "ان", "قد", "كان", "كانت", "الذي", "التي", "ما", "حيث", "و", "او"])


@functools.cache
def _openers() -> tuple[frozenset[str], frozenset[str]]:
    data = tomllib.loads(files("streams.split").joinpath("openers.toml").read_text(encoding="utf-8"))
    later = frozenset(data["continues_report"].split())
    first = frozenset(data["opens_report"].split())
    # "And he said" goes on, "he said" begins: the same verbs.
    return later, first | {word[1:] for word in later if word[0] == "و" and word[1:] in first}


def first_words(content: str, count: int = 1) -> tuple[str, ...]:
    """Returns the first words of a line, folded."""
    return _first_words(content[: _CODE_POINTS_A_WORD * count], count)


@functools.lru_cache(maxsize=_REMEMBERED)  # several passes ask for those of one line
def _first_words(beginning: str, count: int) -> tuple[str, ...]:
    return tuple(_WORD.findall(one_spelling(beginning))[:count])


def continues_report(content: str) -> bool:
    """Tells whether the line begins as a paragraph that continues a report does: "and he added", "it is noted"."""
    word = first_words(content)
    return bool(word) and word[0] in _openers()[0]


def opens_report(content: str) -> bool:
    """Tells whether the line opens a report, with a verb in the past; headlines use the present."""
    word = first_words(content)
    return bool(word) and word[0] in _openers()[1]


def may_open_report(content: str) -> bool:
    """Tells whether the line may begin a report: with a verb that also continues one after an "and"."""
    word = first_words(content)
    return bool(word) and (word[0] in _openers()[1] or (len(word[0]) >= _SHORTEST_VERB and "و" + word[0] in _openers()[0]))


def opens_sentences(word: str) -> bool:
    """Tells whether a folded word opens sentences and hardly any headline."""
    later, first = _openers()
    return word in later or word in first or (word[:1] == "و" and word[-1:] == "ت" and word[:-1] in later)


def inner_sentences(content: str) -> int:
    """Counts the sentences that end inside the line, its own end not counted."""
    if "." not in content:
        return 0
    return sum(match.end() < len(content) for match in _SENTENCE_END.finditer(content))


def is_headline(content: str, longest: int = LONGEST_HEADLINE) -> bool:
    """Tells whether the line has the shape of a headline: one short phrase, not closed as a sentence, nor opened as one."""
    return 2 < len(content) <= longest and _is_headline(content)


@functools.lru_cache(maxsize=_REMEMBERED)
def _is_headline(content: str) -> bool:
    return (
        content.count("،") <= _MOST_COMMAS
        and not layout.is_closed(content)
        and not continues_report(content)
        and not (len(content) > LONGEST_VERBAL_HEADLINE and opens_report(content))
        and not inner_sentences(content)
    )


def word_prefixes(text: str) -> frozenset[str]:
    """Returns the words of four letters or more, folded, without article and particles, cut to five letters."""
    return frozenset(map(_prefix, set(_LONG_WORD.findall(one_spelling(text)))))


@functools.lru_cache(maxsize=_REMEMBERED_WORDS)
def _prefix(word: str) -> str:
    return _PREFIX.sub("", word)[:_PREFIX_LETTERS]


def restates(title: str, paragraph: str) -> bool:
    """Tells whether the paragraph says again what the title says, as a story's first paragraph does."""
    words = word_prefixes(title)
    shared = words & word_prefixes(paragraph[:_FIRST_PARAGRAPH])
    return len(shared) >= _FEWEST_RESTATED and len(shared) >= RESTATED * len(words)


def is_title_and_lede(content: str) -> bool:
    """Tells whether the line is a title that runs into the first sentence of its story, which restates the title."""
    if (
        not (layout.is_closed(content) and SHORTEST_FUSED <= len(content) <= LONGEST_FUSED)
        or continues_report(content)
        or opens_report(content)
    ):
        return False
    words = content.split()
    for k in _FUSED_TITLE_WORDS:
        if k >= len(words) - _FEWEST_LEDE_WORDS or words[k - 1][-1] in "،,:؛":
            return False  # a headline has no comma before its end, and what a colon ends names what is told of after it
        if one_spelling(words[k - 1]) in _PARTICLES:
            continue
        lede = " ".join(words[k:])
        if not (may_open_report(lede) or words[k][0] in "يتس"):
            continue
        title = word_prefixes(" ".join(words[:k]))
        shared = title & word_prefixes(lede)
        if len(shared) >= _FUSED_RESTATED_WORDS and len(shared) >= _FUSED_RESTATED * len(title):
            return True
    return False
