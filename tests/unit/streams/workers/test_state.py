from __future__ import annotations

from pathlib import Path

import pytest

from streams.errors import RafidError
from streams.workers.state import locked_state_directory, require_same_topics


def test_a_restart_finds_what_it_left(tmp_path: Path) -> None:
    with locked_state_directory(tmp_path, "group", "topic") as first:
        (first / "entry").write_text("kept")

    with locked_state_directory(tmp_path, "group", "topic") as second:
        assert (second / "entry").read_text() == "kept"


def test_a_second_process_stands_beside_the_first(tmp_path: Path) -> None:
    with (
        locked_state_directory(tmp_path, "group", "topic") as first,
        locked_state_directory(tmp_path, "group", "topic") as second,
    ):
        assert first != second


def test_another_life_of_the_topic_begins_with_nothing(tmp_path: Path) -> None:
    with locked_state_directory(tmp_path, "group", "topic 1") as first:
        (first / "entry").write_text("stale")

    with locked_state_directory(tmp_path, "group", "topic 2") as second:
        assert list(second.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "group").write_text("a file stands in the way")

    with pytest.raises(RafidError, match=r"set --state \(RAFID_STATE\)"), locked_state_directory(tmp_path, "group", "topic"):
        pass


def test_topics_that_live_on_are_the_same_at_every_start(tmp_path: Path) -> None:
    for _ in range(2):
        require_same_topics(tmp_path / "topics.json", {"pages": "1", "articles": "2"}, "delete the register")


def test_a_topic_that_was_made_again_is_told_with_what_to_do(tmp_path: Path) -> None:
    require_same_topics(tmp_path / "topics.json", {"pages": "1", "articles": "2"}, "delete the register")

    for _ in range(2):
        with pytest.raises(RafidError, match="topic pages was deleted and made again, and delete the register"):
            require_same_topics(tmp_path / "topics.json", {"pages": "3", "articles": "2"}, "delete the register")
