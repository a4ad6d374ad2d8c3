"""What is to be said of a source: well, silent or empty against its own past, gone, or too new to tell. Pure."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Final, Literal, NamedTuple, get_args

import numpy as np

from deploy.sources.emptiness import BOUNDS, emptiness_of
from deploy.sources.rhythm import DAY_H, LEARNED_H, PAST_H, Hours, Rhythm, rhythm_of

State = Literal["well", "silent", "empty", "gone", "new"]
STATES: Final[tuple[State, ...]] = get_args(State)
ODD: Final[frozenset[State]] = frozenset({"silent", "empty"})
FEWEST_PAGES: Final = 6  # pages of which a rhythm is made
DAYS_SHOWN: Final = 14


class Hour(NamedTuple):
    """What an hour brought of a source.

    `pages` are in the index, `copies` among them; `refused` are dead letters; `shorter` are the pages with fewer words than
    each of `emptiness.BOUNDS`.
    """

    pages: int = 0
    copies: int = 0
    refused: int = 0
    shorter: tuple[int, ...] = (0,) * len(BOUNDS)


@dataclasses.dataclass(frozen=True, slots=True)
class Arrivals:
    """What came of a source, by the hour since 1970; `last_page` and `last_story` are in the same hours, with their fractions.

    A story is a page that was no copy. A refused page is a page.
    """

    source: str
    by_hour: Mapping[int, Hour]
    last_page: float
    last_story: float | None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A source against its own past.

    `silent_from` is when a source that brings nothing more will be called silent, in hours since 1970; None while it is too
    new. `short_below` is the number of words below which its pages are short. The shares are of the four weeks before its last
    page, those of the last day in `poor_share_today`.
    """

    source: str
    state: State
    last_page: float
    last_story: float | None
    silent_from: float | None
    rhythm: Rhythm | None
    pages: int
    copies_share: float
    refused_share: float
    short_below: int
    poor_share: float
    poor_share_today: float


def judge(arrivals: Arrivals, now: float) -> Judgement:
    """Judges a source at a moment up to which everything that came is known; `now` is in hours since 1970."""
    end = math.floor(arrivals.last_page) + 1
    begin = max(min(arrivals.by_hour), end - PAST_H)
    hours = [arrivals.by_hour.get(hour, Hour()) for hour in range(begin, end)]
    pages, copies, refused = (np.array(column, dtype=np.float64) for column in list(zip(*hours, strict=True))[:3])
    shorter = np.array([hour.shorter for hour in hours], dtype=np.float64).T
    came = pages + refused
    emptiness = emptiness_of(pages, refused, shorter)
    short = shorter[BOUNDS.index(emptiness.bound)] if emptiness.bound else np.zeros_like(pages)
    is_known = end - min(arrivals.by_hour) >= LEARNED_H and came.sum() >= FEWEST_PAGES
    rhythm = rhythm_of(came, end) if is_known else None
    silent_from = arrivals.last_page + rhythm.silent_after_h(arrivals.last_page) if rhythm else None
    today = slice(max(0, len(came) - DAY_H), None)
    return Judgement(
        source=arrivals.source,
        state=_state(arrivals.last_page, silent_from, now, is_empty=emptiness.is_empty),
        last_page=arrivals.last_page,
        last_story=arrivals.last_story,
        silent_from=silent_from,
        rhythm=rhythm,
        pages=int(came.sum()),
        copies_share=_share(copies, pages),
        refused_share=_share(refused, came),
        short_below=emptiness.bound,
        poor_share=emptiness.usual,
        poor_share_today=_share((refused + short)[today], came[today]),
    )


def pages_by_day(arrivals: Arrivals, now: float) -> tuple[int, ...]:
    """Counts the pages of the last 14 days of 24 hours, refused ones among them, oldest first."""
    counts = [0] * DAYS_SHOWN
    for hour, found in arrivals.by_hour.items():
        day = (hour - math.ceil(now)) // DAY_H
        if -DAYS_SHOWN <= day < 0:
            counts[day] += found.pages + found.refused
    return tuple(counts)


def _state(last_page: float, silent_from: float | None, now: float, *, is_empty: bool) -> State:
    if now - last_page > PAST_H:
        return "gone"
    if silent_from is None:
        return "new"
    if now >= silent_from:
        return "silent"
    return "empty" if is_empty else "well"


def _share(some: Hours, all_: Hours) -> float:
    return float(some.sum() / all_.sum()) if all_.sum() else 0.0
