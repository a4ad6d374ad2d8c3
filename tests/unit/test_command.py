"""The `rafid` command as a person meets it: every command loads, errors are one line, exit codes mean something."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import rafid

ROOT = Path(__file__).parents[2]


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "rafid", *arguments],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "XDG_DATA_HOME": "/nonexistent", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_command_loads_and_says_what_it_does() -> None:
    silent = [" ".join(path) for path, command in commands(rafid.cli) if not command.help]

    assert silent == []


def test_every_option_has_a_help_text_and_a_variable_of_the_project() -> None:
    bad = [
        f"{' '.join(path)} {option.name}"
        for path, command in commands(rafid.cli)
        for option in command.params
        if isinstance(option, click.Option)
        and option.name != "help"
        and not (option.help and str(option.envvar).startswith("RAFID_"))
    ]

    assert bad == []


@pytest.mark.parametrize("secret", ["--kafka-password", "--elasticsearch-password", "--elasticsearch-api-key"])
def test_a_secret_is_never_shown_in_help(secret: str) -> None:
    shown = run("worker", "index", "--help", RAFID_KAFKA_PASSWORD="s3cret", RAFID_ELASTICSEARCH_API_KEY="s3cret")

    assert secret in shown.stdout
    assert "s3cret" not in shown.stdout


def test_without_servers_the_error_is_one_line_and_says_what_to_do() -> None:
    result = run("status", RAFID_KAFKA="", RAFID_ELASTICSEARCH="")

    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert "rafid local up" in result.stderr


def test_wrong_usage_exits_with_2() -> None:
    assert run("produce", "nothing-of-the-kind").returncode == 2
