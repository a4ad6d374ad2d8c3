"""A report of figures and errors: the same on a terminal, in a pipe, and as one HTML page with Arabic from right to left."""

from __future__ import annotations

import importlib.resources
from collections.abc import Sequence
from typing import NamedTuple

import jinja2
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from streams.trials import gold

WRONG_COLOURS = {"lost": "bold red", "left": "bold magenta", "": "default"}
_TO_RIGHT = "\u200f"  # a line that begins with a number or a bullet is still set from the right
_SHOWN_CHARS = 160  # of a stretch that is right: its beginning and its end show where the wrong one stands


class Table(NamedTuple):
    """A table with a heading; numbers are written out."""

    heading: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


class Piece(NamedTuple):
    """A piece of an error's text: what it says beside it, and `lost`, `left` or nothing for what is wrong with it."""

    text: str
    note: str = ""
    wrong: str = ""


class Error(NamedTuple):
    """Something that came out wrong, its text in pieces."""

    heading: str
    pieces: Sequence[Piece]


class Section(NamedTuple):
    """A part of the report."""

    heading: str
    tables: Sequence[Table]
    errors: Sequence[Error]


def section_of_pages(heading: str, pages: Sequence[gold.ComparedPage]) -> Section:
    """Returns the figures of labelled pages by class, site, kind and rule, and each page that is not right."""
    columns = ("pages", "right", "body lost", "related left")
    tables = [
        Table(
            f"by {name}",
            (name, *columns),
            [
                (key, *map(str, (tally.pages, tally.right, tally.damaged, tally.left)))
                for key, tally in gold.tallies(pages, field).items()
            ],
        )
        for name, field in (("class", "cls"), ("site", "site"))
    ]
    tables.append(
        Table(
            "by kind, in characters",
            ("kind", "precision", "recall", "marked"),
            [
                (kind, f"{precision:.3f}", f"{recall:.3f}", f"{chars:,}")
                for kind, (precision, recall, chars) in gold.kinds(pages).items()
            ],
        )
    )
    tables.append(
        Table(
            "by rule, in characters, those that did harm first",
            ("rule", "pages", "decided", "as marked", "body lost", "related left"),
            [
                (rule, str(tally.pages), *(f"{count:,}" for count in (tally.chars, tally.right, tally.lost, tally.left)))
                for rule, tally in gold.rules(pages).items()
            ],
        )
    )
    return Section(heading, tables, [_error(page) for page in pages if not page.is_right])


def _error(page: gold.ComparedPage) -> Error:
    labelled = page.labelled
    name = f"{labelled.id} ({labelled.site or labelled.source or labelled.cls})"
    pieces = []
    for stretch in page.stretches:
        wrong = "lost" if stretch.is_lost else "left" if stretch.is_left else ""
        text = labelled.text[stretch.start : stretch.end]
        if not wrong and len(text) > _SHOWN_CHARS:
            text = f"{text[: _SHOWN_CHARS // 2]} \u2026 {text[-_SHOWN_CHARS // 2 :]}"
        says = stretch.found if stretch.found == stretch.marked else f"{stretch.found}, marked {stretch.marked}"
        pieces.append(Piece(text, f"{says} \u00b7 {stretch.rule}" if stretch.rule else says, wrong))
    return Error(f"{name}: {page.lost_chars:,} characters lost, {page.left_chars:,} left", pieces)


def show(console: Console, sections: Sequence[Section]) -> None:
    """Prints the report; errors with their text only on a terminal, where it is set from the right."""
    for section in sections:
        console.print(Text(section.heading, style="bold"))
        for table in section.tables:
            console.print(_table(table), soft_wrap=not console.is_terminal)
            console.print()
        for error in section.errors:
            console.print(Text(f"wrong: {error.heading}", style="yellow"), soft_wrap=True)
            if not console.is_terminal:
                continue
            for piece in error.pieces:
                console.print(Text(piece.note, style="dim"))
                for line in piece.text.splitlines():
                    console.print(Text(_TO_RIGHT + line, style=WRONG_COLOURS[piece.wrong], justify="right"))


def _table(table: Table) -> RichTable:
    out = RichTable(box=None, pad_edge=False, title=table.heading, title_justify="left")
    for number, column in enumerate(table.columns):
        out.add_column(column, justify="right" if number else "left", overflow="fold")
    for row in table.rows:
        out.add_row(*map(Text, row))
    return out


def html(title: str, sections: Sequence[Section]) -> str:
    """Returns the report as one page that needs nothing beside it."""
    template = importlib.resources.files("streams.trials").joinpath("quality_report.html").read_text(encoding="utf-8")
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined)
    return environment.from_string(template).render(title=title, sections=sections)
