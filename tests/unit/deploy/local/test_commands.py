"""`rafid local` before anything was ever started, and asked wrongly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from deploy.local.commands import local
from streams.connect.local_stack import local_addresses, stack_directory
from streams.errors import RafidError


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty place for stacks."""
    monkeypatch.setenv("RAFID_DATA_DIR", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("name", ["", "../up", "a/b", ".hidden", "x" * 42, "é"])
def test_a_name_that_is_no_folder_of_ours_is_wrong_usage(name: str, data: Path) -> None:
    ended = CliRunner().invoke(local, ["up", "--stack", name])
    assert ended.exit_code == 2
    assert list(data.iterdir()) == []


def test_the_status_of_what_was_never_started_says_so_and_fails(data: Path) -> None:
    ended = CliRunner().invoke(local, ["status", "--stack", "never"])
    assert (ended.exit_code, ended.output) == (1, "the stack never was never started; `rafid local up` does\n")
    assert json.loads(CliRunner().invoke(local, ["status", "--stack", "never", "--json"]).output) == []
    assert list(data.iterdir()) == []


def test_ending_what_never_ran_is_no_error() -> None:
    assert CliRunner().invoke(local, ["down", "--stack", "never"]).exit_code == 0
    assert CliRunner().invoke(local, ["reset", "--stack", "never", "--yes"]).exit_code == 0


def test_a_reset_asks_first() -> None:
    assert CliRunner().invoke(local, ["reset", "--stack", "never"], input="n\n").exit_code == 1


def test_the_stack_that_is_meant_is_the_one_named_then_the_variable_then_local(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("local", "mine", "other"):
        stack_directory(name).mkdir(parents=True)
        (stack_directory(name) / "addresses.json").write_text(json.dumps({"kafka": name}))
    assert local_addresses() == {"kafka": "local"}
    monkeypatch.setenv("RAFID_STACK", "mine")
    assert local_addresses() == {"kafka": "mine"}
    assert local_addresses("other") == {"kafka": "other"}
    assert local_addresses("never") == {}


def test_relative_folders_are_those_of_the_caller(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RAFID_DATA_DIR", "here")
    assert stack_directory("a") == tmp_path / "here" / "stacks" / "a"


def test_a_stack_keeps_the_size_that_it_was_made_with(data: Path) -> None:
    folder = stack_directory("small")
    folder.mkdir(parents=True)
    (folder / "state.json").write_text('{"id": "0", "ports": {}}')
    ended = CliRunner().invoke(local, ["up", "--stack", "small", "--brokers", "3"])
    assert isinstance(ended.exception, RafidError)
    assert str(ended.exception).startswith("the stack small was not made with --brokers 3: give --stack another name")
