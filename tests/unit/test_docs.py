"""The documentation: it builds without a warning, and every `rafid` command in it is one that rafid takes."""

from __future__ import annotations

import contextlib
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import rafid
from tests.unit.test_command import ROOT

PAGES = sorted([*(ROOT / "docs").glob("*.md"), *ROOT.glob("*.md"), *(ROOT / "deploy").glob("*/README.md")])
# Who runs a line of a console block: the first expression that it matches. What needs an engine, a cluster or a running systemd
# is run as far as it goes without; the pages say so.
RUN_BY = {
    r"make install": ".ci/run",
    r"make demo": "tests/integration/deploy/test_demo.py",
    r"make bench \w+": "tests/bench/__main__.py",
    r"rafid local up(  |$)": "tests/integration/deploy/test_local_stack.py",
    r"(RAFID_\w+=\S+ )?rafid |set -a; \. ": "tests/integration/test_docs_commands.py",
    r"export RAFID_": "tests/unit/test_docs.py",  # names of variables, which are held to the options
    r"docker |kubectl |for name in .* kubectl |while read .* > \.env|chmod ": "tests/integration/deploy/test_readmes.py",
    r"useradd |python3\.11 -m venv /opt|install |systemctl |export PATH=/opt": "tests/integration/deploy/test_readmes.py",
}
# What stands for a value of the reader's.
FILE = re.compile(r"[\w./-]+\.(jsonl|toml|txt|opml|html|gz|env|json)|saved/|folder/|kept/")


def blocks(page: Path) -> list[str]:
    """The page's console blocks."""
    return re.findall(r"^```console\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)


def lines(page: Path) -> Iterator[str]:
    """Every line of a console block that somebody types."""
    for block in blocks(page):
        yield from (line[2:] for line in block.splitlines() if line.startswith(("$ ", "# ")))


def written(page: Path) -> Iterator[list[str]]:
    """The arguments of every `rafid` command in the page's console blocks."""
    for line in lines(page):
        yield from _commands(line)


def _commands(line: str) -> Iterator[list[str]]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars="&|<>;")
    lexer.whitespace_split = True
    command: list[str] = []
    for token in [*lexer, ";"]:
        if not set(token) <= set("&|<>;"):
            command.append(token)
            continue
        if command and command[0] == "rafid":
            yield command[1:]
        command = []


def parse(arguments: list[str]) -> None:
    """Raises click's errors for arguments that rafid would refuse."""
    context = rafid.cli.make_context("rafid", list(arguments))
    command: click.Command = rafid.cli
    while isinstance(command, click.Group):
        name, found, rest = command.resolve_command(context, context._protected_args + context.args)
        assert found is not None
        context, command = found.make_context(name, rest, parent=context), found


CASES = [(page, arguments) for page in PAGES for arguments in written(page)]


@pytest.mark.parametrize(("page", "arguments"), CASES, ids=[f"{page.name}-{' '.join(words)}" for page, words in CASES])
def test_a_command_of_the_docs_is_one_that_rafid_takes(
    page: Path, arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = [word.removeprefix("/") for word in arguments]  # no test writes to /etc
    for name in arguments:
        if FILE.fullmatch(name) and arguments[:2] != ["sources", "init"]:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).mkdir() if name.endswith("/") else (tmp_path / name).touch()

    with contextlib.suppress(click.exceptions.Exit):  # an option that answers at once, like --new-token
        parse(arguments)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_line_of_a_console_block_is_run_by_a_test(page: Path) -> None:
    for line in lines(page):
        places = [place for pattern, place in RUN_BY.items() if re.match(pattern, line)]
        assert places, f"nothing runs {line!r}"
        assert (ROOT / places[0]).is_file()


def test_console_blocks_stand_in_these_pages_alone() -> None:
    rooms = {page for room in ("producers", "streams", "indexing", "deploy", "tests") for page in ROOT.glob(f"{room}/**/*.md")}

    assert [page for page in sorted(rooms - set(PAGES)) if blocks(page)] == []


def test_a_variable_that_the_docs_export_is_an_options() -> None:
    known = {str(option.envvar) for _, command in rafid.leaves(rafid.cli) for option in command.params}
    exported = {
        name for page in PAGES for line in lines(page) if line.startswith("export RAFID_") for name in re.findall(r"(\w+)=", line)
    }

    assert exported
    assert exported <= known


def test_the_docs_name_commands_at_all() -> None:
    assert {page.name for page, _ in CASES} >= {"README.md", "quickstart.md", "operations.md", "sources.md", "searching.md"}


def test_the_site_builds_without_a_warning_and_describes_every_option(tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (built.returncode, built.stderr) == (0, "")
    reference = (tmp_path / "reference/commands/index.html").read_text(encoding="utf-8")
    assert all(option in reference for option in ("RAFID_NAMESPACE", "RAFID_METRICS_PORT", "RAFID_SEARCH_SINCE"))
    assert 'src="http' not in (tmp_path / "index.html").read_text(encoding="utf-8")
