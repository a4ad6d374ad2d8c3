"""Charts as the shapes of an SVG: the page gives words and a table beside them. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from deploy.console.reads.answers import Count

MOST_BARS: Final = 60


@dataclasses.dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its box in the chart's units, the value, and the first and last day that it stands for."""

    x: float
    y: float
    width: float
    height: float
    value: int
    first: str = ""
    last: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class ChartLine:
    """A line chart: `path` draws it, `area` fills below it, `dots` are its points; None where there is no value."""

    path: str
    area: str
    dots: tuple[tuple[float, float], ...]
    low: float
    high: float


def day_bars(days: Sequence[Count], width: float, height: float) -> tuple[Bar, ...]:
    """Returns at most 60 bars from the first to the last day, each of as many whole days as that takes, empty days among them."""
    if not days:
        return ()
    counts = {date.fromisoformat(day.value): day.count for day in days}
    first, last = min(counts), max(counts)
    step = -(-((last - first).days + 1) // MOST_BARS)
    starts = [first + timedelta(days=offset) for offset in range(0, (last - first).days + 1, step)]
    values = [0] * len(starts)
    for day, count in counts.items():
        values[(day - first).days // step] += count
    boxes = bars(values, width, height)
    return tuple(
        dataclasses.replace(box, first=start.isoformat(), last=min(last, start + timedelta(days=step - 1)).isoformat())
        for box, start in zip(boxes, starts, strict=True)
    )


def bars(values: Sequence[int], width: float, height: float) -> tuple[Bar, ...]:
    """Returns a bar for each value, side by side; the highest has the whole height, any value at least one unit."""
    if not values:
        return ()
    highest, step = max(*values, 1), width / len(values)
    out = []
    for place, value in enumerate(values):
        tall = max(1.0, height * value / highest) if value else 0.0
        out.append(Bar(round(place * step, 2), round(height - tall, 2), round(max(0.6, step * 0.8), 2), round(tall, 2), value))
    return tuple(out)


def line(values: Sequence[float | None], width: float, height: float, *, from_zero: bool = True) -> ChartLine:
    """Returns a line through the values over the whole width, with gaps where there is none."""
    known = [value for value in values if value is not None]
    low, high = (min(known), max(known)) if known else (0.0, 0.0)
    base = 0.0 if from_zero else low - (high - low) * 0.15
    span = (high - base) or 1.0
    step = width / max(1, len(values) - 1)
    points = [
        None if value is None else (round(place * step, 1), round(height - height * (value - base) / span, 1))
        for place, value in enumerate(values)
    ]
    path, pen = [], "M"
    for point in points:
        if point is None:
            pen = "M"
            continue
        path.append(f"{pen}{point[0]} {point[1]}")
        pen = "L"
    dots = tuple(point for point in points if point is not None)
    area = f"{''.join(path)}L{dots[-1][0]} {height}L{dots[0][0]} {height}Z" if len(dots) > 1 and len(dots) == len(points) else ""
    return ChartLine("".join(path), area, dots, low, high)
