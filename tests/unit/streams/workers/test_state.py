from __future__ import annotations

from pathlib import Path

import pytest

from streams.errors import RafidError
from streams.workers.state import own_directory


def test_a_restart_finds_what_it_left(tmp_path: Path) -> None:
    with own_directory(tmp_path, "group", "topic") as first:
        (first / "entry").write_text("kept")

    with own_directory(tmp_path, "group", "topic") as second:
        assert (second / "entry").read_text() == "kept"


def test_a_second_process_stands_beside_the_first(tmp_path: Path) -> None:
    with own_directory(tmp_path, "group", "topic") as first, own_directory(tmp_path, "group", "topic") as second:
        assert first != second


def test_another_life_of_the_topic_begins_with_nothing(tmp_path: Path) -> None:
    with own_directory(tmp_path, "group", "topic 1") as first:
        (first / "entry").write_text("stale")

    with own_directory(tmp_path, "group", "topic 2") as second:
        assert list(second.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "group").write_text("a file stands in the way")

    with pytest.raises(RafidError, match=r"set --state \(RAFID_STATE\)"), own_directory(tmp_path, "group", "topic"):
        pass
