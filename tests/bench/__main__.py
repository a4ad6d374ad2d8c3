"""`python -m tests.bench [PART...]`: the parts one after the other, a table of rates, CPU times and ratios."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import sys
from collections.abc import Iterator

import click
from rich.console import Console

import tests.bench
from streams.errors import RafidError
from tests.bench.report import Row, table

ORDER = ("produce", "split_worker", "dedup_worker", "index")  # that of the path; what else there is comes after it, by name


def parts() -> list[str]:
    """The modules beside this one that have something to measure."""
    found = {module.name for module in pkgutil.iter_modules(tests.bench.__path__)} - {"__main__", "report"}
    measuring = [part for part in sorted(found) if hasattr(importlib.import_module(f"tests.bench.{part}"), "measure")]
    return sorted(measuring, key=lambda part: ORDER.index(part) if part in ORDER else len(ORDER))


def measured(part: str) -> Iterator[Row]:
    """What the part measures, each row when it is there."""
    rows: Iterator[Row] = importlib.import_module(f"tests.bench.{part}").measure()
    return rows


@click.command()
@click.argument("chosen", nargs=-1, metavar="[PART...]")
@click.option("--json", "as_lines", is_flag=True, help="One JSON object for each row, when it is there.")
def main(chosen: tuple[str, ...], as_lines: bool) -> None:
    """Measure what the stages cost, all of them or those that are named.

    Rates depend on the machine and on what else it does; ratios are to a limit measured in the same run.
    """
    known = parts()
    if unknown := [part for part in chosen if part not in known]:
        raise click.UsageError(f"nothing to measure in {', '.join(unknown)}: there are {', '.join(known)}")
    screen = Console(stderr=True)
    rows, failed = [], []
    for part in chosen or known:
        screen.print(f"measuring {part} ...", highlight=False)
        try:
            for row in measured(part):
                rows.append(row)
                if as_lines:
                    click.echo(json.dumps(row.to_dict()))
        except RafidError as exc:
            failed.append(part)
            screen.print(f"{part}: {exc}", markup=False, highlight=False)
    if not as_lines:
        console = Console(width=None if sys.stdout.isatty() else 130)
        console.print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", highlight=False)
        console.print(table(rows))
    if failed:
        raise click.exceptions.Exit(1)


if __name__ == "__main__":
    main()
