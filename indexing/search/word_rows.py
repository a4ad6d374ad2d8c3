"""Words that stand out, as rows: words of the same articles are one row, and a row tells what no row above it told. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

# A word is told in the row of another when it is in so many of that row's articles, and hardly any of its own are elsewhere: so
# the words of a template's headline are one row, and an event within a larger one stays apart from it (chosen by reading).
OF_THE_ROW: Final = 0.5
ELSEWHERE: Final = 0.2


class Rising(NamedTuple):
    """A word that stands out: its score, its articles in the period, and how many of them it takes to stand out."""

    word: str
    score: float
    articles: int
    least: float


@dataclasses.dataclass(slots=True)
class WordRow:
    """The word that stands out most of those that come together, and the others, best first."""

    word: str
    score: float
    articles: int
    together: list[str] = dataclasses.field(default_factory=list)


def word_rows(rising: Sequence[Rising], shared: Callable[[str, str], int]) -> list[WordRow]:
    """Returns the rows of these words, which come best first; `shared` tells how many articles have both words.

    What is elsewhere counts as nothing, too, while it is no more than at any time: a common word such as "prices" rises by the
    template alone.
    """
    rows: list[WordRow] = []
    for each in rising:
        both = [shared(row.word, each.word) for row in rows]
        nearest = max(range(len(rows)), key=both.__getitem__, default=-1)
        if rows and _told(rows[nearest], each, both[nearest]):
            rows[nearest].together.append(each.word)
        else:
            rows.append(WordRow(each.word, each.score, each.articles))
    return rows


def _told(row: WordRow, each: Rising, both: int) -> bool:
    elsewhere = each.articles - both
    return both >= OF_THE_ROW * row.articles and (elsewhere <= ELSEWHERE * each.articles or elsewhere < each.least)
