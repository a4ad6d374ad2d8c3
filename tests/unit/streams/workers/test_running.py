"""The last words of a worker say what to do."""

from __future__ import annotations

from streams.errors import RafidError
from streams.workers.running import with_advice


def test_a_disk_that_is_full_is_told_with_what_to_do() -> None:
    advised = with_advice(Exception("IO error: No space left on device: While appending to file: /state/000004.log"))

    assert isinstance(advised, RafidError)
    assert str(advised).startswith("the disk of this worker's state is full (")
    assert "free some space" in str(advised)


def test_any_other_error_stays_what_it_is() -> None:
    error = ValueError("no number")

    assert with_advice(error) is error
