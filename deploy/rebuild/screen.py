"""A comparison as a person sees it, and as a program reads it."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from deploy.rebuild.comparison import FATES, TITLES, Change
from deploy.rebuild.rebuild import Comparison

_RULES = 20
_LINE = 160  # characters shown of a line


def as_json(found: Comparison, examples: int) -> dict[str, Any]:
    """Returns the comparison as JSON has it: documents by fate, lines by rule, and so many stories."""
    return {
        "namespace": found.namespace,
        "into": found.into,
        "documents": {fate: len(found.ids[fate]) for fate in FATES},
        "stories_looked_at": len(found.changes),
        "lines_by_rule": dict(found.rules.most_common()),
        "examples": [
            {"id": one.id, "source": one.source, "title": one.title, "gone": list(one.gone), "come": list(one.come)}
            for one in found.changes[:examples]
        ],
    }


def show(found: Comparison, examples: int, console: Console) -> None:
    """Prints the same as tables, and each story with its lines right to left."""
    table = Table("documents", f"{found.namespace} beside {found.into}", box=None)
    table.columns[0].justify = "right"
    for fate in FATES:
        table.add_row(f"{len(found.ids[fate]):,}", TITLES[fate])
    console.print(table)
    if found.rules:
        rules = Table("lines", f"by the rule that decides now, in {len(found.changes):,} stories", box=None)
        rules.columns[0].justify = "right"
        for rule, count in found.rules.most_common(_RULES):
            rules.add_row(f"{count:,}", rule)
        console.print()
        console.print(rules)
    for one in found.changes[:examples]:
        console.print()
        console.print(_story(one))


def _story(one: Change) -> Table:
    table = Table(box=None, show_header=False, expand=True, title=f"{one.source}  {one.id}", title_justify="left")
    table.add_column(ratio=1, justify="right", overflow="fold")
    table.add_column(width=42, overflow="fold")
    table.add_row(Text(one.title, "bold"), "")
    for sign, style, lines in (("-", "red", one.gone), ("+", "green", one.come)):
        for line, rule in lines:
            table.add_row(Text(line[:_LINE], style), Text(f"{sign} {rule}", style))
    return table
