"""When a feed is fetched next, and when a story. Pure: times in seconds since 1970, chance from names.

A feed that brought something new is fetched sooner next time, one that did not later, between its source's bounds. One that
fails waits longer each time and is never given up: feeds that were gone for weeks come back.
"""

from __future__ import annotations

import email.utils
import zlib
from collections.abc import Sequence

SOONER, LATER = 0.6, 1.4  # an equilibrium near one news-bearing fetch in two; chosen by reading
FORCED_S = 21_600.0  # some servers answer 304 for ever: every 6 hours the feed is fetched without validators
SPREAD_S = 0.1  # for each feed that has never been fetched, so that a thousand begin within 100 s
STORY_ATTEMPTS = 6


def next_interval_s(interval_s: float, is_new: bool, bounds_s: tuple[float, float], max_age_s: float = 0.0) -> float:
    """Adapts a feed's interval to what the last fetch brought; `max_age_s` is what its Cache-Control asks for."""
    low, high = bounds_s
    return min(max(interval_s * (SOONER if is_new else LATER), low, max_age_s), high)


def backoff_s(failures: int, bounds_s: tuple[float, float], retry_after_s: float | None) -> float:
    """Gives the wait after the n-th failure in a row: linear, below the upper bound, but never shorter than Retry-After."""
    low, high = bounds_s
    return max(min(low * (1 + failures), high), retry_after_s or 0.0)


def first_due(url: str, now: float, feeds: int, low_s: float) -> float:
    """Spreads first fetches by the feed's name, so that many feeds do not begin at once."""
    return now + chance(url) * min(feeds * SPREAD_S, low_s)


def jittered(wait_s: float, name: str) -> float:
    """Lengthens a wait by up to a tenth, so that what met once does not meet for ever."""
    return wait_s * (1 + chance(name) / 10)


def chance(name: str) -> float:
    """Gives each name a number from 0 to 1 that is always the same."""
    return zlib.crc32(name.encode("utf-8", "surrogatepass")) / 0xFFFFFFFF


def next_visit(first_sent: float, visits: int, revisits_s: Sequence[float], now: float) -> float | None:
    """Tells when a story that was visited so often is visited again, counted from its first visit; None for never."""
    later = [first_sent + wait_s for wait_s in revisits_s[visits - 1 :] if first_sent + wait_s > now]
    return later[0] if later else None


def validators(etag: str | None, last_modified: str | None, forced_at: float, now: float) -> dict[str, str]:
    """Gives the headers of a conditional fetch; none when an unconditional one is due, or when Last-Modified cannot be true."""
    if now - forced_at >= FORCED_S:
        return {}
    headers = {"If-None-Match": etag} if etag else {}
    if last_modified:
        try:
            is_past = email.utils.parsedate_to_datetime(last_modified).timestamp() <= now
        except (ValueError, OverflowError):
            is_past = False
        if not is_past:
            return {}
        headers["If-Modified-Since"] = last_modified
    return headers


def max_age_s(cache_control: str) -> float:
    """Reads `max-age` of a Cache-Control header, in seconds; 0 when there is none."""
    for directive in cache_control.lower().split(","):
        name, _, value = directive.strip().partition("=")
        if name == "max-age" and value.strip('"').isascii() and value.strip('"').isdigit():
            return float(value.strip('"')[:9])
    return 0.0
