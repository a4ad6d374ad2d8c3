from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from deploy.commands import demo


@pytest.fixture
def shown() -> click.Command:
    """A command that prints its pages, with the option of the demonstration."""
    (option,) = (parameter for parameter in demo.params if parameter.name == "pages")
    return click.Command("show", params=[option], callback=lambda pages: click.echo("\n".join(map(str, pages))))


def test_the_variable_of_pages_is_one_path_though_it_holds_a_colon(shown: click.Command, tmp_path: Path) -> None:
    pages = tmp_path / "2026-11-22T10:30.jsonl"
    pages.touch()

    assert CliRunner().invoke(shown, env={"RAFID_PAGES": str(pages)}).output == f"{pages}\n"


def test_pages_may_be_given_several_times(shown: click.Command, tmp_path: Path) -> None:
    one, two = tmp_path / "a:b", tmp_path / "c"
    one.mkdir()
    two.mkdir()

    assert CliRunner().invoke(shown, ["--pages", str(one), "--pages", str(two)]).output == f"{one}\n{two}\n"


def test_an_empty_variable_of_pages_is_none(shown: click.Command) -> None:
    assert CliRunner().invoke(shown, env={"RAFID_PAGES": ""}).output == "\n"
