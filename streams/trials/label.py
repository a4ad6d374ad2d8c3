"""Labelling pages: each is shown as the splitter cuts it, corrected by a person, and kept at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from streams.errors import RafidError
from streams.records import MalformedRecord, Page
from streams.split.rules import SourceRules
from streams.split.segments import Segment
from streams.split.splitter import split
from streams.trials.label_format import MalformedLabels, Mark, as_lines, from_lines
from streams.trials.try_split import page_of_line

Edit = Callable[[str], str | None]


def label_pages(
    lines: Iterable[bytes], to: Path, rules: Mapping[str, SourceRules], edit: Edit, report: Callable[[str], object]
) -> int:
    """Returns how many pages were saved; `edit` gives the corrected lines, or None for a page that is left out.

    A page is on disk before the next is shown. Pages whose id `to` holds already are passed over. Raises RafidError when a
    line is no page, or when `to` holds something else than labelled pages.
    """
    done = set(_ids(to))
    saved = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            name, page = page_of_line(line, number)
        except MalformedRecord as exc:
            raise RafidError(str(exc)) from None
        if name is None:
            raise RafidError(f"line {number} has no `id`: it could not be known again")
        if name in done:
            continue
        marks = _corrected(page, split(page, rules.get(page.source)).segments, edit, report)
        if marks is not None:
            _add(to, orjson.loads(line) | {"segments": [mark._asdict() for mark in marks]})
            saved += 1
    return saved


def _ids(path: Path) -> Iterator[Any]:
    try:
        rows = path.read_bytes().splitlines()
    except FileNotFoundError:
        return
    for number, row in enumerate(rows, 1):
        try:
            yield orjson.loads(row)["id"]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            raise RafidError(f"{path}:{number} is no labelled page") from None


def _corrected(page: Page, segments: Iterable[Segment], edit: Edit, report: Callable[[str], object]) -> tuple[Mark, ...] | None:
    shown = as_lines(page.text, tuple(segments))
    while True:
        edited = edit(shown)
        if edited is None:
            return None
        try:
            return from_lines(edited, page.text)
        except MalformedLabels as exc:
            report(f"not kept: {exc}")
            shown = f"# {exc}\n{edited}"


def _add(path: Path, row: dict[str, Any]) -> None:
    with path.open("ab") as file:
        file.write(orjson.dumps(row) + b"\n")
        file.flush()
        os.fsync(file.fileno())
