"""The splitter on invented pages in the layouts of sites, and on pages that are body alone: floors, as shares of all pages."""

from __future__ import annotations

import pytest

from tests.quality.invented import is_right, pages


@pytest.mark.parametrize(
    ("file", "is_held", "floor"),
    [
        ("layouts", False, 0.92),
        ("layouts", True, 0.72),
        ("later", False, 0.72),
        ("later", True, 0.64),
        ("endings", False, 0.69),
        ("endings", True, 0.57),
    ],
    ids=["read when rules were made", "held", "later, read when rules were made", "later, held", "endings", "endings, held"],
)
def test_pages_in_invented_layouts_are_cut_right(file: str, is_held: bool, floor: float) -> None:
    found = [(one.name, is_right(one)) for one in pages(file) if one.is_held == is_held]

    right = sum(nothing_left and whole for _, (nothing_left, whole) in found)
    assert right >= floor * len(found), (right, len(found))
    assert sum(not whole for _, (_, whole) in found) <= 0.02 * len(found)


@pytest.mark.parametrize("file", ["traps", "traps_more"])
def test_pages_that_are_body_alone_stay_whole(file: str) -> None:
    assert [one.name for one in pages(file) if not is_right(one)[1]] == []
