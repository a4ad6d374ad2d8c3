"""The `rafid` command as a person meets it: every command loads, errors are one line, exit codes mean something."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import rafid

ROOT = Path(__file__).parents[2]


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
    silent = [" ".join(path) for path, command in rafid.leaves(rafid.cli) if not command.help]

    assert silent == []


def test_help_waits_for_no_elasticsearch() -> None:
    told = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "rafid", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    imported = {line.rpartition("|")[2].strip() for line in told.stderr.splitlines()}

    assert "indexing.elastic.settings" in imported  # the commands were loaded for their help
    assert "elasticsearch" not in imported


def test_every_option_has_a_help_text_and_a_variable_of_the_project() -> None:
    bad = [
        f"{' '.join(path)} {option.name}"
        for path, command in rafid.leaves(rafid.cli)
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


@pytest.mark.parametrize(("off", "shown"), [("false", 0), ("0", 0), ("", 0), ("true", 1), ("1", 1)])
def test_a_traceback_is_shown_when_the_variable_says_so_and_only_then(off: str, shown: int) -> None:
    assert run("status", RAFID_DEBUG=off).stderr.count("Traceback") == shown


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("RAFID_KAFKA", "foo:bar"),
        ("RAFID_KAFKA", "foo:70000"),
        ("RAFID_KAFKA", "foo:9092,"),
        ("RAFID_KAFKA", "http://foo:9092"),
        ("RAFID_ELASTICSEARCH", "foo"),
        ("RAFID_ELASTICSEARCH", "http://foo"),
        ("RAFID_ELASTICSEARCH", "http://foo:bar"),
        ("RAFID_ELASTICSEARCH", "foo:9200"),
        ("RAFID_KAFKA_CA", __file__),
        ("RAFID_ELASTICSEARCH_CA", __file__),
    ],
)
def test_an_address_or_a_certificate_that_is_none_is_wrong_usage(variable: str, value: str) -> None:
    nowhere = {"RAFID_KAFKA": "127.0.0.1:1", "RAFID_ELASTICSEARCH": "http://127.0.0.1:1"}

    result = CliRunner().invoke(rafid.cli, ["status"], env=nowhere | {variable: value})

    assert result.exit_code == 2
    assert "'--" + variable.removeprefix("RAFID_").lower().replace("_", "-") in result.stderr
    assert value.rpartition(",")[2] in result.stderr


def test_a_certificate_that_is_none_is_wrong_usage() -> None:
    result = run(
        "produce", "files", __file__, "--kafka", "127.0.0.1:1", "--kafka-security", "SSL", "--kafka-certificate", __file__
    )

    assert result.returncode == 2
    assert "--kafka-certificate" in result.stderr


def test_a_password_in_a_url_is_refused_and_not_shown() -> None:
    result = run("status", RAFID_KAFKA="127.0.0.1:1", RAFID_ELASTICSEARCH="https://elastic:s3cret@node:9200")

    assert result.returncode == 2
    assert "s3cret" not in result.stderr + result.stdout
