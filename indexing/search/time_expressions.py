"""Points in time as people type them: an age such as 24h, or a date. Pure."""

from __future__ import annotations

import re
from datetime import date

_AGE = re.compile(r"([1-9]\d{0,5})(m|h|d|w)", re.ASCII)
_LONGEST = 100 * 366 * 24 * 60  # a century in minutes: what is before it is before any news, and clocks can still reckon it
_MINUTES = {"m": 1, "h": 60, "d": 24 * 60, "w": 7 * 24 * 60}
_DATE = re.compile(
    r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d))?", re.ASCII
)


def moment(text: str) -> str:
    """What Elasticsearch takes as this point in time: `now-24h` for the age 24h, a date or an RFC 3339 time as it is.

    Raises ValueError for anything else.
    """
    if _AGE.fullmatch(text):
        minutes(text)
        return f"now-{text}"
    if _DATE.fullmatch(text) and _is_day(text[:10]):
        return text
    raise ValueError(f"{text!r} is no time: give an age (90m, 24h, 7d, 2w), a date (2026-11-22) or a time (2026-11-22T18:00:00Z)")


def minutes(age: str) -> int:
    """The length of an age such as 24h, in minutes. Raises ValueError for anything else."""
    found = _AGE.fullmatch(age)
    if not found:
        raise ValueError(f"{age!r} is no age: give minutes, hours, days or weeks, such as 90m, 24h, 7d or 2w")
    length = int(found[1]) * _MINUTES[found[2]]
    if length > _LONGEST:
        raise ValueError(f"{age!r} is too long an age: at most a century")
    return length


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
