"""Polite fetching: robots.txt, delays and concurrency of each host, for every hop of every fetch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import NamedTuple
from urllib.parse import urlsplit

from protego import Protego

from producers.fetch.client import Answer, Client, Limits
from producers.fetch.failures import Failure, FetchFailed
from producers.fetch.waiting import MAX_RETRY_AFTER_S, Hosts

ROBOTS_LIMITS = Limits(max_bytes=500_000, max_decompressed_bytes=500_000, total_s=20.0, redirects=5)
ROBOTS_AGE_S = 86_400.0
ROBOTS_RETRY_S = 1_800.0  # after a server error or a time-out all is refused for so long
MAX_CRAWL_DELAY_S = 60.0  # a longer crawl-delay would stop a news site's feed from being followed; chosen by reading
_KEPT_ROBOTS = 5_000


class _Robots(NamedTuple):
    rules: Protego | None  # None: everything is refused until it is asked again
    expires: float


class Fetcher:
    """Fetches politely: waits for the host, asks its robots.txt, holds it when it says Retry-After.

    `agent` is the name that robots.txt rules are looked up under.
    """

    def __init__(self, client: Client, hosts: Hosts, *, agent: str) -> None:
        self._client = client
        self._hosts = hosts
        self._agent = agent
        self._robots: dict[str, _Robots] = {}
        self._asking: dict[str, asyncio.Task[_Robots]] = {}
        self._changed: dict[str, asyncio.Event] = {}

    async def fetch(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        ignores_robots: bool = False,
        delay_s: float | None = None,
        limits: Limits | None = None,
    ) -> Answer:
        """Fetches the URL as Client does; raises FetchFailed, also for what robots.txt refuses.

        `delay_s` is the host's delay, where it is not the usual one; a longer crawl-delay of robots.txt goes first.
        """

        @asynccontextmanager
        async def admit(hop: str) -> AsyncIterator[None]:
            asked_s = 0.0 if ignores_robots else await self._permitted(hop)
            async with self._slot(hop, max(asked_s, self._hosts.delay_s if delay_s is None else delay_s)):
                yield

        return await self._client.fetch(url, headers=headers, admit=admit, limits=limits)

    @property
    def concurrency(self) -> int:
        """The number of fetches that one host may have at once."""
        return self._hosts.concurrency

    def is_free(self, host: str) -> bool:
        """Tells whether a fetch of this host could begin now."""
        return self._hosts.wait_s(host, _now()) == 0.0

    @asynccontextmanager
    async def _slot(self, url: str, delay_s: float) -> AsyncIterator[None]:
        host = host_of(url)
        while (wait_s := self._hosts.wait_s(host, _now())) != 0.0:
            ended = self._changed.setdefault(host, asyncio.Event())
            if wait_s is None:
                await ended.wait()
            else:
                await asyncio.sleep(wait_s)
        self._hosts.begin(host, _now(), delay_s)
        try:
            yield
        except FetchFailed as exc:
            if exc.retry_after_s:
                self._hosts.hold(host, _now() + min(exc.retry_after_s, MAX_RETRY_AFTER_S))
            raise
        finally:
            self._hosts.end(host, _now(), delay_s)
            if waiting := self._changed.pop(host, None):
                waiting.set()

    async def _permitted(self, url: str) -> float:
        """Returns the delay in seconds that robots.txt asks for; raises FetchFailed for a refusal."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        robots = self._robots.get(origin)
        if robots is None or robots.expires <= _now():
            robots = await self._robots_of(origin)
        if robots.rules is None:
            raise FetchFailed(Failure.ROBOTS, f"{origin}/robots.txt cannot be read, so nothing is fetched for now")
        if not robots.rules.can_fetch(url, self._agent):
            raise FetchFailed(Failure.ROBOTS, f"{origin}/robots.txt does not want {url}")
        delay_s = robots.rules.crawl_delay(self._agent)
        return 0.0 if delay_s is None else min(float(delay_s), MAX_CRAWL_DELAY_S)

    async def _robots_of(self, origin: str) -> _Robots:
        """Asks once, however many wait for the answer."""
        task = self._asking.get(origin)
        if task is None:
            task = self._asking[origin] = asyncio.create_task(self._ask_robots(origin))
        try:
            return await asyncio.shield(task)
        finally:
            if task.done():
                self._asking.pop(origin, None)

    async def _ask_robots(self, origin: str) -> _Robots:
        url = f"{origin}/robots.txt"
        try:
            answer = await self._client.fetch(url, limits=ROBOTS_LIMITS, admit=lambda hop: self._slot(hop, 0.0))
            robots = _Robots(Protego.parse(answer.body.decode("utf-8", "replace")), _now() + ROBOTS_AGE_S)
        except FetchFailed as exc:
            robots = _robots_after(exc)
        if len(self._robots) >= _KEPT_ROBOTS:
            self._robots = {name: kept for name, kept in self._robots.items() if kept.expires > _now()}
        self._robots[origin] = robots
        return robots


def _robots_after(failed: FetchFailed) -> _Robots:
    """Treats 4xx as a site without rules, and what may pass (5xx, 429, time-outs, no connection) as a refusal for a while.

    A forbidden address, or a certificate that is no good, will be met again by the page itself: the rules are not its matter.
    """
    passing = failed.failure in (Failure.SERVER_ERROR, Failure.TOO_MANY_REQUESTS, Failure.TIMED_OUT, Failure.UNREACHABLE)
    if passing:
        return _Robots(None, _now() + (min(failed.retry_after_s or ROBOTS_RETRY_S, ROBOTS_AGE_S)))
    return _Robots(Protego.parse(""), _now() + (ROBOTS_AGE_S if failed.status else ROBOTS_RETRY_S))


def host_of(url: str) -> str:
    """Returns the host that delays are kept for: the name without its port, as it stands in the URL."""
    return (urlsplit(url).hostname or "").lower()


def _now() -> float:
    return asyncio.get_running_loop().time()
