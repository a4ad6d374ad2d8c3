"""Rows of open lines that many weak signs together show to be other stories', or a page's own whatever a rule says.

`weights.toml` has what each sign of `signs.py` counts for; `python -m tests.quality.learn_weights` learns it.
"""

from __future__ import annotations

import functools
import tomllib
from importlib.resources import files
from typing import NamedTuple

from streams.split.draft import Draft
from streams.split.unannounced.lines import SHORTEST_TITLE, mark
from streams.split.unannounced.signs import (
    OF_SUBJECT,
    WITH_SUBJECT,
    Row,
    is_titled,
    may_be_others,
    rows,
    signs,
    signs_but_subject,
    with_subject,
)
from streams.split.unannounced.subject import Subject


class Weights(NamedTuple):
    """What each sign counts for; a row is other stories' above the sum `tells`, and none below `doubts`."""

    tells: float
    doubts: float
    signs: dict[str, float]


@functools.cache
def _tables() -> dict[str, Weights]:
    data = tomllib.loads(files("streams.split.unannounced").joinpath("weights.toml").read_text(encoding="utf-8"))
    return {where: Weights(**table) for where, table in data.items()}


def _weights(row: Row) -> Weights:
    return _tables()["below" if row.is_last else "between"]


def _sum(weights: Weights, found: dict[str, float]) -> float:
    counts = weights.signs
    return sum(value * counts[sign] for sign, value in found.items())


def mark_weighed(draft: Draft, subject: Subject) -> None:
    """Marks the rows, below the text and between paragraphs, whose signs together tell other stories."""
    for row in list(rows(draft)):
        if _has_long(draft, row) and may_be_others(draft, row) and _tells(draft, row, subject):
            for i in range(row.start, row.end):
                mark(draft, i, "titles by the sum of their signs")


def _has_long(draft: Draft, row: Row) -> bool:
    """Tells whether one of the titles is longer than most subheadings are."""
    return any(draft.lines[i].end - draft.lines[i].start >= SHORTEST_TITLE for i in row.titles)


def _tells(draft: Draft, row: Row, subject: Subject) -> bool:
    """Tells whether the sum is above `tells`; the words of the page are read only where they can still decide."""
    weights = _weights(row)
    seen = signs_but_subject(draft, row)
    if seen is None or _sum(weights, seen) + _most_of_subject(weights, seen) <= weights.tells:
        return False
    return _sum(weights, with_subject(seen, draft, row, subject)) > weights.tells


def _most_of_subject(weights: Weights, seen: dict[str, float]) -> float:
    """Returns the most that the signs of the subject, shares from 0 to 1, can add to the sum."""
    most = 0.0
    for sign in OF_SUBJECT:
        beside = sum(weights.signs[f"{other} & {sign}"] * seen[other] for other, one in WITH_SUBJECT if one == sign)
        most += max(0.0, weights.signs[sign] + beside)
    return most


def is_doubtful(draft: Draft, lines: range, subject: Subject) -> bool:
    """Tells whether the signs of some lines together speak against other stories, though a rule takes them for such.

    Never on a page that is known to carry others: there a rule is right more often than not.
    """
    titles = tuple(i for i in lines if is_titled(draft, i))
    if not titles or "related" in draft.kinds:
        return False
    row = Row(lines.start, lines.stop, titles, is_last=lines.stop == len(draft.lines))
    found = signs(draft, row, subject)
    return found is None or _sum(_weights(row), found) < _weights(row).doubts
