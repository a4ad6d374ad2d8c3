"""The vocabularies of `names.toml` as patterns and sets. Pure."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from typing import Any

NAMES: dict[str, Any] = tomllib.loads(files("producers.extract").joinpath("names.toml").read_text(encoding="utf-8"))


def any_of(table: str, key: str) -> str:
    """Returns the alternatives of this list as one group of a pattern."""
    return "(?:" + "|".join(NAMES[table][key]) + ")"


def a_part(table: str, key: str) -> re.Pattern[str]:
    """Returns the pattern that finds one of the list as a part of a class or id, between its ends, spaces, `-` or `_`."""
    return re.compile(rf"(?:^|[\s_-]){any_of(table, key)}(?:$|[\s_-])", re.IGNORECASE)


def words(table: str, key: str) -> re.Pattern[str]:
    """Returns the pattern that finds one of the list in running text, in either case."""
    return re.compile(any_of(table, key), re.IGNORECASE)
