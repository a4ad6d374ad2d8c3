"""The demonstration deletes what demonstrations left, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from deploy.commands import demo
from streams.connect.local_stack import stack_directory
from streams.errors import RafidError


@pytest.fixture(autouse=True)
def data_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAFID_DATA_DIR", str(tmp_path))


def left_behind(name: str, state: dict[str, object] | None) -> Path:
    """A segment of the log of a stack that is down."""
    segment = stack_directory(name) / "kafka" / "news.pages-0" / "00000000000000000000.log"
    segment.parent.mkdir(parents=True)
    segment.write_bytes(b"pages")
    if state is not None:
        (stack_directory(name) / "state.json").write_text(json.dumps({"id": "0" * 32, "ports": {}} | state))
    return segment


@pytest.mark.parametrize("arguments", [[], ["--down"]])
@pytest.mark.parametrize("state", [{}, None], ids=["of another kind", "without its state"])
def test_a_stack_that_no_demonstration_made_is_left_as_it_is(arguments: list[str], state: dict[str, object] | None) -> None:
    segment = left_behind("local", state)

    result = CliRunner().invoke(demo, ["--stack", "local", *arguments])

    assert isinstance(result.exception, RafidError)
    assert "rafid local reset --stack local" in str(result.exception)
    assert segment.read_bytes() == b"pages"


def test_what_a_demonstration_left_is_deleted() -> None:
    segment = left_behind("demo", {"disposable": True})

    result = CliRunner().invoke(demo, ["--down"])

    assert result.exit_code == 0
    assert not segment.exists()
    assert [path.name for path in stack_directory("demo").iterdir()] == ["lock"]
