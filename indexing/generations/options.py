"""The option that says which months have an index of their own."""

from __future__ import annotations

import re

import click

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)


def _month(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """Returns the month as it was given; click reports any other text."""
    if value is not None and not _MONTH.fullmatch(value):
        raise click.BadParameter(f"a month such as 2025-01, not {value!r}")
    return value


monthly_from_option = click.option(
    "--monthly-from",
    envvar="RAFID_MONTHLY_FROM",
    callback=_month,
    metavar="YYYY-MM",
    help="Months from this one on have an index each, older ones share one by year. "
    "[default: as it is; in a new namespace January of last year]",
)
