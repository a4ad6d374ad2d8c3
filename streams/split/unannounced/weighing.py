"""Rows of open lines that many weak signs together show to be a page's own, whatever a rule says.

`weights.toml` has what each sign of `signs.py` counts for; `python -m tests.quality.learn_weights` learns it.
"""

from __future__ import annotations

import functools
import tomllib
from importlib.resources import files
from typing import NamedTuple

from streams.split.draft import Draft
from streams.split.unannounced.signs import Row, is_titled, signs
from streams.split.unannounced.subject import Subject


class Weights(NamedTuple):
    """What each sign counts for; a row is none of other stories' below the sum `doubts`."""

    doubts: float
    signs: dict[str, float]


@functools.cache
def _tables() -> dict[str, Weights]:
    data = tomllib.loads(files("streams.split.unannounced").joinpath("weights.toml").read_text(encoding="utf-8"))
    return {place: Weights(**table) for place, table in data.items()}


def is_doubtful(draft: Draft, lines: range, subject: Subject) -> bool:
    """Tells whether the signs of some lines together speak against other stories, though a rule takes them for such.

    Never on a page that is known to carry others: there a rule is right more often than not.
    """
    titles = tuple(i for i in lines if is_titled(draft, i))
    if not titles or "related" in draft.kinds:
        return False
    row = Row(lines.start, lines.stop, titles, is_last=lines.stop == len(draft.lines))
    found = signs(draft, row, subject)
    weights = _tables()["below" if row.is_last else "between"]
    return found is None or sum(value * weights.signs[sign] for sign, value in found.items()) < weights.doubts
