"""What is true of one site only: markers of its own, and general ones that do not hold there.

A rule file is TOML. For each source, named as its pages name it:

    [sources."news.example"]
    ignore = ["للمزيد"]                     # words of the general table that are text there
    lines = ["حمل تطبيق الموقع"]            # lines that are no part of any article, wherever they stand
    tails = ["نتمنى لكم قراءة ممتعة"]       # the same at the end of a line, behind text that stays
    markers = [{ opens = "list", form = "heading", words = ["على الرف"] }]  # entries as in the general table
"""

from __future__ import annotations

import dataclasses
import tomllib
from typing import Any

from streams.split.markers import MalformedRules, Marker, Markers, general_table, read_markers
from streams.split.spelling import dense

_FIELDS = ("markers", "lines", "tails", "ignore")
_LONGEST_DROPPED_LINE = 1000  # code points: a source that names a line may name a long one
FEWEST_TAIL_LETTERS = 8  # fewer end ordinary words; chosen by reading


@dataclasses.dataclass(frozen=True, slots=True)
class SourceRules:
    """The markers that hold on the pages of one source; `own` of them are not in the general table, `tails` end lines there."""

    markers: Markers
    own: tuple[Marker, ...] = ()
    ignored: tuple[str, ...] = ()
    tails: tuple[str, ...] = ()


def read_rules(text: str) -> dict[str, SourceRules]:
    """Returns the rules of each source in a rule file; raises MalformedRules, which says where and why."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise MalformedRules(f"not TOML: {exc}") from None
    unknown = sorted(data.keys() - {"sources"})
    if unknown or not isinstance(data.get("sources"), dict):
        raise MalformedRules(
            f"a table [sources] was expected, with one for each source{', not ' if unknown else ''}{', '.join(unknown)}"
        )
    return {source: _source(source, table) for source, table in data["sources"].items()}


def _source(source: str, table: Any) -> SourceRules:
    if not isinstance(table, dict):
        raise MalformedRules(f"source {source}: a table was expected")
    for field, value in table.items():
        if field not in _FIELDS:
            raise MalformedRules(f"source {source}: unknown field {field!r}; known are {', '.join(_FIELDS)}")
        if not isinstance(value, list):
            raise MalformedRules(f"source {source}: {field} must be a list")
    try:
        own = read_markers({"markers": [*table.get("markers", []), *_dropped(table.get("lines", []))]})
    except MalformedRules as exc:
        raise MalformedRules(f"source {source}: {exc}") from None
    tails = table.get("tails", [])
    if any(not isinstance(words, str) or len(dense(words)) < FEWEST_TAIL_LETTERS for words in tails):
        raise MalformedRules(f"source {source}: tails must be texts of {FEWEST_TAIL_LETTERS} letters or more")
    ignored = {dense(words): words for words in table.get("ignore", []) if isinstance(words, str)}
    general = {dense(marker.words) for marker in general_table()}
    if strangers := [words for key, words in ignored.items() if key not in general]:
        raise MalformedRules(f"source {source}: ignore: not in the general table: {', '.join(strangers)}")
    kept = [marker for marker in general_table() if dense(marker.words) not in ignored]
    return SourceRules(Markers([*own, *kept], tails), tuple(own), tuple(ignored.values()), tuple(tails))


def _dropped(lines: list[Any]) -> list[dict[str, Any]]:
    if not lines:
        return []
    return [{"opens": "other_boilerplate", "form": "alone", "limit": _LONGEST_DROPPED_LINE, "words": lines}]
