"""The last words of a worker say what to do."""

from __future__ import annotations

from streams.errors import RafidError
from streams.workers.running import as_told


def test_a_disk_that_is_full_is_told_with_what_to_do() -> None:
    told = as_told(Exception("IO error: No space left on device: While appending to file: /state/000004.log"))

    assert isinstance(told, RafidError)
    assert str(told).startswith("the disk of this worker's state is full (")
    assert "free some space" in str(told)


def test_any_other_error_stays_what_it_is() -> None:
    error = ValueError("no number")

    assert as_told(error) is error
