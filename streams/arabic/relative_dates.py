"""Times that count back from when a page was fetched: `منذ 3 ساعات`, `قبل يومين`, `أمس 05:30 م`, `3 hours ago`. Pure.

Read is what names a time to the unit it counts in; a month or a year ago is no day. Texts come as `dates.parse` prepares them.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo

_SECOND, _MINUTE, _HOUR, _DAY, _WEEK = (timedelta(seconds=s) for s in (1, 60, 3600, 86400, 604800))
_UNITS = {
    "ثانيه ثواني ثوان second seconds sec seconde secondes": _SECOND,
    "دقيقه دقايق دقائق minute minutes min mins": _MINUTE,
    "ساعه ساعات hour hours hr hrs heure heures": _HOUR,
    "يوم ايام يوما day days jour jours": _DAY,
    "اسبوع اسابيع اسبوعا week weeks semaine semaines": _WEEK,
}
_PAIRS = {"ثانيتين": _SECOND, "دقيقتين": _MINUTE, "ساعتين": _HOUR, "يومين": _DAY, "اسبوعين": _WEEK}
_UNIT_OF = {name: unit for names, unit in _UNITS.items() for name in names.split()}
_NAMES = "|".join(sorted(_UNIT_OF, key=len, reverse=True))
_COUNT = (
    rf"(?:(?:(?P<number{{0}}>\d{{{{1,3}}}}|an?|une?)\s*)?(?P<unit{{0}}>{_NAMES})(?!\w)(?:\s+واحده?)?"
    rf"|(?P<pair{{0}}>{'|'.join(_PAIRS)}))"
)
_LABEL = r"(?:(?:نشر|نشرت|تم النشر|اخر تحديث|تحديث|حدث|published|updated|posted)\s*:?\s*)?"
_COUNTED = re.compile(
    rf"{_LABEL}(?P<before>(?:منذ|قبل|من|il y a)\s+)?(?:حوالي\s+|نحو\s+)?{_COUNT.format(1)}"
    rf"(?:\s*(?:و|,|،|and)\s*{_COUNT.format(2)})?(?P<after>\s+(?:ago|مضت))?\W*"
)
_NOW = re.compile(rf"{_LABEL}(?:(?:منذ|قبل)\s+(?:لحظات|قليل)|الان|للتو|just now)\W*")
_NAMED_DAY = re.compile(
    rf"{_LABEL}(?P<day>اليوم|امس|today|yesterday)\W*(?:الساعه\s*|at\s*|في\s*)?"
    r"(?:(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::\d{2})?\s*(?P<half>ص|م|صباحا|مساء|am|pm)?)?\W*"
)
_AFTERNOON = ("م", "مساء", "pm")


def parse(plain: str, zone: tzinfo, fetched_at: datetime) -> datetime | None:
    """Returns the time that the text counts back to from `fetched_at`; None for other texts. A named day is a day of `zone`."""
    if _NOW.fullmatch(plain):
        return fetched_at
    if found := _COUNTED.fullmatch(plain):
        return fetched_at - _counted(found, 1) - _counted(found, 2) if found["before"] or found["after"] else None
    if named := _NAMED_DAY.fullmatch(plain):
        return _on_day(named, fetched_at.astimezone(zone))
    return None


def _counted(found: re.Match[str], part: int) -> timedelta:
    if pair := found[f"pair{part}"]:
        return 2 * _PAIRS[pair]
    unit, number = found[f"unit{part}"], found[f"number{part}"]
    return (int(number) if number and number.isdigit() else 1) * _UNIT_OF[unit] if unit else timedelta()


def _on_day(named: re.Match[str], fetched: datetime) -> datetime | None:
    is_today = named["day"] in ("اليوم", "today")
    if named["hour"] is None and is_today:
        return None  # the fetch itself says as much
    hour = int(named["hour"] or 0)
    if named["half"]:
        hour = hour % 12 + 12 * (named["half"] in _AFTERNOON)
    day = fetched if is_today else fetched - timedelta(days=1)
    return day.replace(hour=hour, minute=int(named["minute"] or 0), second=0, microsecond=0)
