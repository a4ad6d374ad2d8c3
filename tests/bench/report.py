"""What a benchmark says, and how it is shown."""

from __future__ import annotations

import dataclasses
import os
import platform
import statistics
import subprocess
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import psutil
from rich.table import Table


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One measurement: `count` items took `wall_s` seconds by the clock and `cpu_s` seconds of CPU time.

    `ratio` is its rate in terms of that of `against`, measured in the same run: the only figure to compare between machines.
    """

    stage: str
    what: str
    count: int
    wall_s: float
    cpu_s: float
    ratio: float | None = None
    against: str = ""

    @property
    def rate(self) -> float:
        """Items a second, by the clock."""
        return self.count / self.wall_s if self.wall_s else 0.0

    @property
    def cpu_ms(self) -> float:
        """Milliseconds of CPU time an item."""
        return 1_000 * self.cpu_s / self.count if self.count else 0.0

    def to_dict(self) -> dict[str, Any]:
        """The fields, and what is derived from them, for JSON."""
        return dataclasses.asdict(self) | {"rate": self.rate, "cpu_ms": self.cpu_ms}


@dataclasses.dataclass(frozen=True, slots=True)
class Machine:
    """Where a benchmark ran: without it, and without the load that it had to share, no rate says anything."""

    model: str
    cores: int
    memory_gib: int
    load: float
    python: str

    def __str__(self) -> str:
        what = f"{self.cores} cores, {self.model}, {self.memory_gib} GiB, Python {self.python}"
        return f"{what}; load before the first part {self.load:.1f}"


def this_machine() -> Machine:
    """Returns what this machine is and how busy it has been for a minute."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return Machine(
        models[0] if models else platform.machine(),
        os.cpu_count() or 1,
        round(psutil.virtual_memory().total / (1 << 30)),
        os.getloadavg()[0],
        platform.python_version(),
    )


def remember(history: Path, machine: Machine, rows: Iterable[Row]) -> None:
    """Appends a line of JSON for each row to the history: when, at which commit (`+` with changes), on what machine."""
    git = ["git", "describe", "--always", "--dirty=+", "--abbrev=12"]
    commit = subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip() or None
    about = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "commit": commit, "machine": dataclasses.asdict(machine)}
    with history.open("ab") as lines:
        for row in rows:
            lines.write(orjson.dumps(about | row.to_dict()) + b"\n")


def paired(limits: Sequence[float], ours: Sequence[float]) -> float:
    """The rate in terms of the limit's: the median over the rounds, given the seconds of both in each.

    A shared machine's speed drifts by a third within minutes; two measurements side by side drift alike, so each round is a
    ratio of its own, and the best of each kind may be of different moments.
    """
    return statistics.median(limit / own for limit, own in zip(limits, ours, strict=True))


def table(rows: Iterable[Row]) -> Table:
    """The rows as a table for the terminal, the stage named where it begins."""
    out = Table("stage", "what", box=None, pad_edge=False)
    for name in ("items", "items/s", "CPU ms/item", "ratio"):
        out.add_column(name, justify="right")
    out.add_column("to")
    last = None
    for row in rows:
        if last is not None and row.stage != last:
            out.add_section()
        out.add_row(row.stage if row.stage != last else "", *cells(row))
        last = row.stage
    return out


def cells(row: Row) -> tuple[str, ...]:
    """What is shown of a row behind its stage."""
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    return (row.what, f"{row.count:,}", f"{row.rate:,.0f}", f"{row.cpu_ms:.3f}", ratio, row.against)
