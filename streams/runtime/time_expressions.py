"""Points in time as people type them, the one grammar of every command: an age, a date, or a time. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_AGE = re.compile(r"([1-9]\d{0,8})(s|m|h|d|w)", re.ASCII)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
LONGEST_AGE = timedelta(days=100 * 366)  # a century: what is before it is before any news, and clocks can still reckon it
_TIME = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)?)?",
    re.ASCII,
)


def age(text: str) -> timedelta | None:
    """Returns the length of an age such as `90s`, `90m`, `24h`, `7d` or `2w`; None when the text is no age.

    Raises ValueError for one of more than a century.
    """
    found = _AGE.fullmatch(text)
    if not found:
        return None
    try:
        length = timedelta(**{_UNITS[found[2]]: int(found[1])})
    except OverflowError:
        length = timedelta.max
    if length > LONGEST_AGE:
        raise ValueError(f"{text!r} is too long an age: at most a century")
    return length


def point_in_time(text: str, now: datetime) -> datetime:
    """Returns the time that an age, a date or a time of day names, seen from `now`; UTC where no zone is given.

    Raises ValueError for anything else.
    """
    if (length := age(text)) is not None:
        return now - length
    try:
        time = datetime.fromisoformat(text) if _TIME.fullmatch(text) else None
    except ValueError:
        time = None
    if time is None:
        raise ValueError(
            f"{text!r} is no time: give an age (90m, 24h, 7d, 2w), a date (2026-11-22) or a time (2026-11-22T18:00:00Z)"
        )
    return time if time.tzinfo else time.replace(tzinfo=UTC)
