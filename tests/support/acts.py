"""What was done to processes, and the table of it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any


@dataclasses.dataclass(slots=True)
class Act:
    """One deed: what was done to which process and how old that was, in seconds.

    `when` is what the process did: `at work`, `starting`, or `recovering` with its stage from the deed before. `again_s` is
    after how long its stage worked again. `together` is whether it was struck in the same moment as the one before.
    """

    at_s: float
    victim: str
    how: str
    when: str
    age_s: float
    together: bool
    for_s: float | None = None
    again_s: float | None = None


def summary(acts: Iterable[Act]) -> dict[str, Any]:
    """How often what was done to what, what it did then, and how long it took until its stage worked again."""
    table: dict[str, Any] = {}
    for act in acts:
        row = table.setdefault(f"{act.victim.partition('-')[0]} {act.how}", {"times": 0, "again_s": []})
        row["times"] += 1
        row[act.when] = row.get(act.when, 0) + 1
        if act.again_s is not None:
            row["again_s"].append(max(0.0, act.again_s - (act.for_s or 0.0)))
    for row in table.values():
        times = sorted(row.pop("again_s"))
        if times:
            row |= {"again_median_s": round(times[len(times) // 2], 1), "again_longest_s": round(times[-1], 1)}
    return table


def write(acts: Iterable[Act], path: Path) -> None:
    """The acts are lines of this file."""
    path.write_text("".join(json.dumps(dataclasses.asdict(act)) + "\n" for act in acts))
