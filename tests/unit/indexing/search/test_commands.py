from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from indexing.search.commands import Listed


@pytest.mark.parametrize(
    ("arguments", "variable", "expected"),
    [
        ((), "وكالة الأنباء, example.org", ["وكالة الأنباء", "example.org"]),
        (("--source", "a,b", "--source", "c"), "d", ["a,b", "c"]),
        ((), "", []),
        ((), None, []),
    ],
)
def test_a_variable_of_several_values_is_split_at_commas_alone(
    arguments: tuple[str, ...], variable: str | None, expected: list[str]
) -> None:
    @click.command()
    @click.option("--source", "sources", cls=Listed, envvar="RAFID_SEARCH_SOURCE")
    def show(sources: tuple[str, ...]) -> None:
        click.echo("|".join(sources))

    shown = CliRunner().invoke(show, arguments, env={"RAFID_SEARCH_SOURCE": variable})

    assert shown.output.rstrip("\n") == "|".join(expected)
