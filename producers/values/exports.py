"""Records as whole systems export them: what their fields say only together. Pure."""

from __future__ import annotations

import re
from typing import Any

_NAIVE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?")
_DAYS = ("date", "published_date", "publish_date", "pub_date", "publication_date", "التاريخ")
_CLOCKS = ("time", "publish_time", "pub_time", "الوقت")
_BARE_DAY = re.compile(r"\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\s*")
_CLOCK = re.compile(r"\s*\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?\s*(?:[AaPp][Mm]|[صم])?\s*(?:Z|[+-]\d\d:?\d\d)?\s*")
_OF_THE_EVENT = ("source", "id", "type", "time", "subject")


def told_together(given: dict[str, Any]) -> dict[str, Any]:
    """Returns the fields of a record with what several of them say in one: a day with its clock, WordPress's times and names.

    Where a page lies in an event (CloudEvents, Debezium), the event's own source, id and time are left under `event`.
    """
    if "date_gmt" in given or "modified_gmt" in given:
        given = _of_wordpress(given)
    if "specversion" in given or ("op" in given and "after" in given):
        event = {name: given[name] for name in _OF_THE_EVENT if name in given}
        given = {name: value for name, value in given.items() if name not in event} | {"event": event}
    day = next((name for name in _DAYS if isinstance(given.get(name), str) and _BARE_DAY.fullmatch(given[name])), None)
    clock = next((name for name in _CLOCKS if isinstance(given.get(name), str) and _CLOCK.fullmatch(given[name])), None)
    if day and clock:
        given = given | {day: f"{given[day].strip()} {given[clock].strip()}"}
    return given


def _of_wordpress(given: dict[str, Any]) -> dict[str, Any]:
    """Returns a post of WordPress's API with its times in UTC, and the names that it embeds in place of their ids."""
    out = dict(given)
    for name in ("date", "modified"):
        in_utc = given.get(f"{name}_gmt")
        if isinstance(in_utc, str) and _NAIVE.fullmatch(in_utc):
            out[name] = f"{in_utc}Z"
    embedded = given.get("_embedded")
    if not isinstance(embedded, dict):
        return out
    people, terms = embedded.get("author"), embedded.get("wp:term")
    if isinstance(people, list) and not isinstance(given.get("author"), str | dict):
        out["author"] = [person for person in people if isinstance(person, dict)]
    named = [term for group in terms if isinstance(group, list) for term in group] if isinstance(terms, list) else []
    for field, taxonomy in (("tags", "post_tag"), ("categories", "category")):
        if found := [term for term in named if isinstance(term, dict) and term.get("taxonomy") == taxonomy]:
            out[field] = found
    return out
