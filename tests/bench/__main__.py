"""`python -m tests.bench [PART...]`: the parts one after the other, a table of rates, CPU times and ratios."""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from rich.console import Console

import tests.bench
from streams.errors import RafidError
from tests.bench.report import Row, remember, table, this_machine

HISTORY = Path(
    "bench-history.jsonl"
)  # beside the Makefile; not kept by git: figures of another machine are no history of this one
# That of the path; what else there is comes after it, by name.
ORDER = ("produce", "split_worker", "dedup_worker", "index", "whole")


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
@click.option(
    "--history",
    envvar="RAFID_BENCH_HISTORY",
    type=click.Path(dir_okay=False, path_type=Path),
    default=HISTORY,
    show_default=True,
    help="File that every row is appended to, with the commit and the machine.",
)
def main(chosen: tuple[str, ...], as_lines: bool, history: Path) -> None:
    """Measure what the stages cost, all of them or those that are named.

    Rates depend on the machine and on what else it does; ratios are to a limit measured in the same run.
    """
    known = parts()
    if unknown := [part for part in chosen if part not in known]:
        raise click.UsageError(f"nothing to measure in {', '.join(unknown)}: there are {', '.join(known)}")
    screen = Console(stderr=True)
    machine = this_machine()
    rows, failed = [], []
    for part in chosen or known:
        screen.print(f"measuring {part} ...", highlight=False)
        try:
            for row in measured(part):
                rows.append(row)
                remember(history, machine, [row])
                if as_lines:
                    click.echo(json.dumps(row.to_dict()))
        except RafidError as exc:
            failed.append(part)
            screen.print(f"{part}: {exc}", markup=False, highlight=False)
    if not as_lines:
        console = Console(width=None if sys.stdout.isatty() else 130)
        console.print(str(machine), highlight=False)
        console.print(table(rows))
    if failed:
        raise click.exceptions.Exit(1)


if __name__ == "__main__":
    main()
