"""The spool: what was acknowledged is a line of its own, whatever lay there before."""

from __future__ import annotations

from pathlib import Path

import pytest

from producers.urls.spool import append, take


@pytest.mark.parametrize("before", ["", "https://a.example/1\n", "https://a.example/half"])
def test_addresses_are_lines_of_their_own_also_behind_half_a_line(tmp_path: Path, before: str) -> None:
    spool = tmp_path / "urls"
    spool.write_text(before)

    append(spool, ["https://b.example/1", "https://b.example/ب"])

    taken = take(spool)
    assert taken is not None
    assert taken.read_text().splitlines() == [*before.splitlines(), "https://b.example/1", "https://b.example/ب"]
