"""Invented pages in the layouts of real ones: each file is cut as its marks say.

A file is a page in pieces. `@@ kind` begins a piece on a new line, `@@& kind` goes on after a space, `@@+ kind` directly.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from streams.records import Page
from streams.split.splitter import split

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.txt"))
PIECE = re.compile(r"^@@([&+]?) (\w+)\n", re.MULTILINE)
JOINS = {"": "\n", "&": " ", "+": ""}


def read(path: Path) -> tuple[str, list[tuple[str, str]]]:
    """The page's text, and its pieces as (kind, what of them is not space)."""
    parts = PIECE.split(path.read_text(encoding="utf-8"))
    text = ""
    pieces: list[tuple[str, str]] = []
    for join, kind, raw in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        content = raw.removesuffix("\n")
        text += (JOINS[join] if text else "") + content
        if pieces and pieces[-1][0] == kind and kind != "read_also_title":
            pieces[-1] = (kind, pieces[-1][1] + squeezed(content))
        else:
            pieces.append((kind, squeezed(content)))
    return text, pieces


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_the_page_is_cut_as_marked(path: Path) -> None:
    text, expected = read(path)

    cut = split(Page(id="0" * 32, source="sahel.example", text=text, fetched_at="2026-11-22T00:00:00Z"))

    merged: list[tuple[str, str]] = []
    for segment in cut.segments:
        content = squeezed(text[segment.start : segment.end])
        if merged and merged[-1][0] == segment.kind and segment.kind != "read_also_title":
            merged[-1] = (segment.kind, merged[-1][1] + content)
        else:
            merged.append((segment.kind, content))
    assert merged == expected
