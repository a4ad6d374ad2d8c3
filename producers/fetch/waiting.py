"""When a host may be asked again: delays, concurrency, and what its servers ask for. Pure but for the clock given in."""

from __future__ import annotations

import dataclasses
import email.utils

MAX_RETRY_AFTER_S = 86_400.0  # 88 hours have been seen; a day is the longest that is believed


def retry_after_s(value: str | None, date: str | None = None) -> float | None:
    """Reads a Retry-After header, seconds or a date, the latter measured from the answer's own Date; None when it says nothing.

    >>> retry_after_s("120")
    120.0
    """
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:12]), MAX_RETRY_AFTER_S)
    try:
        asked = email.utils.parsedate_to_datetime(value).timestamp()
        now = email.utils.parsedate_to_datetime(date or "").timestamp()
    except (ValueError, OverflowError):
        return None
    return min(max(asked - now, 0.0), MAX_RETRY_AFTER_S)


@dataclasses.dataclass(slots=True)
class _Host:
    free_at: float = 0.0
    running: int = 0


class Hosts:
    """Knows for each host how many fetches run and when the next may begin; times in seconds of one clock.

    `delay_s` lies between the end of one fetch and the beginning of the next, `concurrency` at most run at once.
    Hosts that are idle are forgotten.
    """

    def __init__(self, *, delay_s: float, concurrency: int) -> None:
        self.delay_s = delay_s
        self.concurrency = concurrency
        self._hosts: dict[str, _Host] = {}

    def wait_s(self, host: str, now: float) -> float | None:
        """Tells how long to wait before a fetch of this host may begin: 0 for now, None until one that runs has ended."""
        state = self._hosts.get(host)
        if state is None:
            return 0.0
        if state.running >= self.concurrency:
            return None
        return max(state.free_at - now, 0.0)

    def begin(self, host: str, now: float, delay_s: float | None = None) -> None:
        """Counts a fetch that begins; the next may begin a delay later at the earliest."""
        state = self._hosts.setdefault(host, _Host())
        state.running += 1
        state.free_at = max(state.free_at, now + (self.delay_s if delay_s is None else delay_s))

    def end(self, host: str, now: float, delay_s: float | None = None) -> None:
        """Counts a fetch that has ended."""
        state = self._hosts[host]
        state.running -= 1
        state.free_at = max(state.free_at, now + (self.delay_s if delay_s is None else delay_s))
        if len(self._hosts) > 10_000:
            self._hosts = {name: kept for name, kept in self._hosts.items() if kept.running or kept.free_at > now}

    def hold(self, host: str, until: float) -> None:
        """Lets nothing begin before `until`: what a Retry-After asks for."""
        state = self._hosts.setdefault(host, _Host())
        state.free_at = max(state.free_at, until)
