"""The address bar: what a reader asks, read from a query string and written back. Pure."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final
from urllib.parse import quote_plus

from deploy.console.reads.time_bounds import moment

LONGEST_TEXT: Final = 500
LONGEST_VALUE: Final = 256
MOST_VALUES: Final = 20
LISTS: Final = ("source", "section", "country", "language")
ORDERS: Final = ("relevance", "newest")
SIZES: Final = (10, 20, 50)
PERIODS: Final = ("24h", "3d", "7d", "14d", "30d")
USUAL_PERIOD: Final = "7d"
EARLIEST_DAY: Final = date(2000, 1, 1)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a reader asks of the search page; everything here stands in the address."""

    q: str = ""
    source: tuple[str, ...] = ()
    section: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    order: str = "relevance"
    size: int = 10
    after: str = ""
    ignored: tuple[str, ...] = ()  # parameters that were no such value and are left out

    @property
    def filtered(self) -> bool:
        """Whether anything but words narrows the search."""
        return bool(self.source or self.section or self.country or self.language or self.since or self.until)

    def query(self, **changes: object) -> str:
        """Returns the query string of the same question with these changes; any change but of `after` leads to the first page."""
        values = {name: getattr(self, name) for name in _USUAL} | {"after": ""} | changes
        kept = ((name, value) for name, value in values.items() if value not in (_USUAL[name], (), "", None))
        return "&".join(
            f"{name}={_quoted(str(one))}" for name, value in kept for one in (value if isinstance(value, tuple) else (value,))
        )

    def without(self, name: str, value: str) -> str:
        """Returns the query string when one value of a list is given up."""
        return self.query(**{name: tuple(other for other in getattr(self, name) if other != value)})

    def having(self, name: str, value: str) -> str:
        """Returns the query string when a value joins a list."""
        return self.query(**{name: tuple(dict.fromkeys((*getattr(self, name), value)))})


# what stands in no address, by parameter
_USUAL: Final = {field.name: getattr(Asked(), field.name) for field in dataclasses.fields(Asked) if field.name != "ignored"}


@functools.lru_cache(maxsize=4096)
def _quoted(value: str) -> str:
    """Returns the value as it stands in an address; a page has the same few in fifty links."""
    return quote_plus(value)


def asked(pairs: Iterable[tuple[str, str]]) -> Asked:
    """Returns what the pairs of a query string ask; a value that is none is left out and named in `ignored`."""
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        given.setdefault(name, []).append(value)
    ignored: list[str] = []
    first = {name: values[0].strip() for name, values in given.items()}
    lists = {name: _values(given.get(name, [])) for name in LISTS}
    order = first.get("order", "relevance")
    size = first.get("size", "10")
    times = {name: _time(name, first.get(name, ""), ignored) for name in ("since", "until")}
    if order not in ORDERS:
        ignored.append("order")
    if size not in map(str, SIZES):
        ignored.append("size")
    return Asked(
        q=first.get("q", "")[:LONGEST_TEXT],
        order=order if order in ORDERS else "relevance",
        size=int(size) if size in map(str, SIZES) else 10,
        after=first.get("after", "")[:20_000],
        ignored=tuple(ignored),
        source=lists["source"],
        section=lists["section"],
        country=lists["country"],
        language=lists["language"],
        since=times["since"],
        until=times["until"],
    )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class AskedTrends:
    """What a reader asks of the trends page; everything here stands in the address.

    `until` is the last day of the period, empty for now; `against` the last day of another of the same length, empty for the
    time before.
    """

    period: str = USUAL_PERIOD
    until: str = ""
    against: str = ""
    source: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()  # parameters that were no such value and are left out


def asked_trends(pairs: Sequence[tuple[str, str]]) -> AskedTrends:
    """Returns what the pairs of a query string ask of trends; a value that is none is left out and named in `ignored`."""
    first = {name: value.strip() for name, value in reversed(pairs)}
    period = first.get("period") or USUAL_PERIOD
    days = {name: first.get(name, "") for name in ("until", "against")}
    ignored = [name for name, value in days.items() if value and not _is_day(value)]
    if period not in PERIODS:
        ignored.append("period")
    return AskedTrends(
        period=period if period in PERIODS else USUAL_PERIOD,
        until="" if "until" in ignored else days["until"],
        against="" if "against" in ignored else days["against"],
        source=_values([value for name, value in pairs if name == "source"]),
        country=_values([value for name, value in pairs if name == "country"]),
        ignored=tuple(ignored),
    )


def until_bound(until: str) -> str | None:
    """Returns the first moment that is too late: a reader's last day is meant whole. None when there is no bound."""
    if not until:
        return None
    if len(until) == len("2026-11-22"):
        day = date.fromisoformat(until)
        return (day + timedelta(days=1)).isoformat() if day < date.max else None
    return moment(until)


def since_bound(since: str) -> str | None:
    """Returns the first moment that is meant; None when there is no bound."""
    return moment(since) if since else None


def _values(values: Sequence[str]) -> tuple[str, ...]:
    stripped = (value.strip()[:LONGEST_VALUE] for value in values)
    return tuple(dict.fromkeys(value for value in stripped if value))[:MOST_VALUES]


def _is_day(text: str) -> bool:
    try:
        return len(text) == len("2026-11-22") and EARLIEST_DAY <= date.fromisoformat(text) < date.max
    except ValueError:
        return False


def _time(name: str, value: str, ignored: list[str]) -> str:
    if not value:
        return ""
    try:
        moment(value)
    except ValueError:
        ignored.append(name)
        return ""
    return value
