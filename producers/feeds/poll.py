"""Follows feeds: fetches what is due, visits their stories, sends pages. The shell around the pure parts.

A story's way: claimed in the store, fetched, read in a worker process, acknowledged by Kafka, recorded in the store. A kill
between any two of these steps leaves the claim, and the story is visited again when that ends.
"""

from __future__ import annotations

import asyncio
import collections
import logging
import time
from collections.abc import Coroutine
from typing import Any
from zoneinfo import ZoneInfo

import anyio
import msgspec

from producers.delivery import Delivery
from producers.feeds import schedule
from producers.feeds.cleaning import NotAFeed
from producers.feeds.identity import stories
from producers.feeds.pages import NotAnArticle, extracted, fields_of_story, hash_of
from producers.feeds.parse import Feed, parse
from producers.feeds.reading import WORKERS, ReadingFailed, in_worker
from producers.feeds.store import FeedRow, Store, StoryRow
from producers.fetch.client import Answer as Fetched
from producers.fetch.failures import Failure, FetchFailed
from producers.fetch.fetcher import Fetcher, host_of
from producers.intake import Accepted, Answer, Intake
from producers.page_fields import Defaults
from producers.sources import Source, Sources
from streams.identity import digest

TICK_S = 0.1
MOST_AT_ONCE = 128  # fetches, waiting ones among them; far more than one host may have
log = logging.getLogger("rafid.feeds")
# What no second try can mend before the feed lists the story anew.
_FINAL = frozenset({Failure.BAD_URL, Failure.FORBIDDEN_ADDRESS, Failure.GONE, Failure.TOO_LARGE})


class Poller:
    """Follows the feeds of `sources`; one at a time on its store."""

    def __init__(self, sources: Sources, fetcher: Fetcher, store: Store, delivery: Delivery, *, story_retry_s: float) -> None:
        self.counts: collections.Counter[str] = collections.Counter()
        self._sources = {source.name: source for source in sources.sources}
        self._fetcher, self._store, self._delivery = fetcher, store, delivery
        self._story_retry_s = story_retry_s
        self._running: dict[asyncio.Task[None], tuple[str, str]] = {}  # -> host, and URL or key
        self._workers = anyio.CapacityLimiter(WORKERS)

    async def run(self, *, once: bool, stop: asyncio.Event) -> None:
        """Works until `stop` is set, or, with `once`, until each feed was fetched and no story is due; what has begun is ended.

        Raises NotDelivered when Kafka fails.
        """
        self._follow(spreads=not once)
        began = time.time()
        while not stop.is_set():
            is_idle = self._begin_what_is_due(began if once else None)
            if once and is_idle and not self._running:
                break
            waits = [asyncio.create_task(stop.wait()), asyncio.create_task(asyncio.sleep(TICK_S))]
            done, _ = await asyncio.wait([*waits, *self._running], return_when=asyncio.FIRST_COMPLETED)
            if waits[1] not in done and self._running:
                await waits[1]  # many that end at once are one look into the store
            for wait in waits:
                wait.cancel()
            self._collect()
        while self._running:
            await asyncio.wait(self._running)
            self._collect()
        self._store.forget(time.time())

    def _follow(self, *, spreads: bool) -> None:
        now = time.time()
        followed = [(url, source) for source in self._sources.values() for url in source.feeds]
        self._store.follow(
            (
                *(url, source.name, host_of(url)),
                schedule.first_due(url, now, len(followed), source.min_interval_s) if spreads else now,
                source.min_interval_s,
            )
            for url, source in followed
        )

    def _collect(self) -> None:
        for task in [task for task in self._running if task.done()]:
            del self._running[task]
            task.result()

    def _begin_what_is_due(self, last_feed_due: float | None) -> bool:
        """Begins what its hosts permit; returns whether nothing is due, a host that is waited for among it.

        With `last_feed_due` no feed that is due later is begun: so each is fetched once, however short its interval.
        """
        now = time.time()
        busy = collections.Counter(host for host, _ in self._running.values())
        begun = {name for _, name in self._running.values()}
        room = MOST_AT_ONCE - len(self._running)
        feeds = self._store.due_feeds(now if last_feed_due is None else last_feed_due)
        for feed in feeds:
            if feed.url in begun:
                continue  # it takes longer than its interval
            if room > 0 and busy[feed.host] < self._fetcher.concurrency and self._fetcher.is_free(feed.url):
                self._store.claim_feed(feed.url, now + feed.interval_s)
                self._begin(feed.host, feed.url, self._poll(feed))
                busy[feed.host] += 1
                room -= 1
        claims = []
        due = self._store.due_stories(now, self._fetcher.concurrency, max(room, 1))
        for story in due if room > 0 else []:
            if story.key in begun:
                continue
            if story.url and not (busy[story.host] < self._fetcher.concurrency and self._fetcher.is_free(story.url)):
                continue
            claims.append((story.key, now + self._story_retry_s * 2**story.failures))
            self._begin(story.host, story.key, self._visit(story))
            busy[story.host] += 1
        if claims:
            self._store.claim_stories(claims)
        return not feeds and not due

    def _begin(self, host: str, name: str, work: Coroutine[Any, Any, None]) -> None:
        self._running[asyncio.create_task(work)] = (host, name)

    async def _poll(self, feed: FeedRow) -> None:
        source = self._sources[feed.source]
        conditions = schedule.validators(feed.etag, feed.last_modified, feed.forced_at, time.time())
        try:
            answer = await self._fetch(feed.url, source, conditions)
            row, listed = await self._read(feed, source, answer, is_forced=not conditions)
        except (FetchFailed, NotAFeed, ReadingFailed) as exc:
            self._failed(feed, source, exc)
            return
        new = self._store.record_feed(row, listed)
        self.counts["feeds fetched"] += 1
        if new:  # only now is it known how many were new: the next fetch comes sooner
            bounds = (source.min_interval_s, source.max_interval_s)
            interval_s = schedule.next_interval_s(feed.interval_s, True, bounds)
            due = time.time() + schedule.jittered(interval_s, feed.url)
            self._store.record_feed(row._replace(interval_s=interval_s, due=due, new=row.new + new))

    async def _fetch(self, url: str, source: Source, headers: dict[str, str]) -> Fetched:
        return await self._fetcher.fetch(
            url, headers=source.headers | headers, ignores_robots=bool(source.ignore_robots), delay_s=source.delay_s
        )

    async def _read(self, feed: FeedRow, source: Source, answer: Fetched, *, is_forced: bool) -> tuple[FeedRow, list[StoryRow]]:
        """Gives the feed's next state, and its stories when the body is another one than last time."""
        now = time.time()
        max_age_s = schedule.max_age_s(answer.headers.get("cache-control", ""))
        bounds = (source.min_interval_s, source.max_interval_s)
        interval_s = schedule.next_interval_s(feed.interval_s, False, bounds, max_age_s)
        row = feed._replace(
            due=now + schedule.jittered(interval_s, feed.url),
            interval_s=interval_s,
            etag=answer.headers.get("etag") or (feed.etag if answer.status == 304 else None),
            last_modified=answer.headers.get("last-modified") or (feed.last_modified if answer.status == 304 else None),
            forced_at=now if is_forced else feed.forced_at,
            failures=0,
            fetched_at=now,
            note=None,
        )
        body_hash = digest(answer.body.decode("latin-1"))
        if answer.status == 304 or body_hash == feed.body_hash:
            return row, []
        content_type = answer.headers.get("content-type", "")
        found: Feed = await in_worker(parse, answer.body, answer.final_url, content_type, limiter=self._workers)
        listed = [_row(story, source, now) for story in stories(found, source.name)]
        note = "damaged, and repaired" if found.is_damaged else None
        return row._replace(body_hash=body_hash, items=len(found.items), note=note), listed

    def _failed(self, feed: FeedRow, source: Source, error: Exception) -> None:
        failures = feed.failures + 1
        retry_after_s = error.retry_after_s if isinstance(error, FetchFailed) else None
        wait_s = schedule.backoff_s(failures, (source.min_interval_s, source.max_interval_s), retry_after_s)
        due = time.time() + schedule.jittered(wait_s, feed.url)
        self._store.record_feed(feed._replace(failures=failures, due=due, fetched_at=time.time(), note=str(error)))
        self.counts["feeds failed"] += 1
        log.warning("%s: %s: %s (%d in a row; again in %.0f s)", feed.source, feed.url, error, failures, wait_s)

    async def _visit(self, story: StoryRow) -> None:
        source = self._sources.get(story.source)
        if source is None:  # it is not followed any more
            self._store.record_story(story._replace(due=None), None)
            return
        fields = None
        try:
            if story.url and not source.full_text:
                answer = await self._fetch(story.url, source, {})
                content_type = answer.headers.get("content-type", "")
                fields = await in_worker(
                    extracted,
                    answer.body,
                    answer.final_url,
                    content_type,
                    source.timezone,
                    source.selectors,
                    limiter=self._workers,
                )
        except NotAnArticle as exc:
            self._record(self._next(story, source, is_fetched=True), f"refused: {exc}")
        except (FetchFailed, ReadingFailed) as exc:
            self._not_fetched(story, exc)
        else:
            await self._send(story, source, fields)

    async def _send(self, story: StoryRow, source: Source, fields: dict[str, Any] | None) -> None:
        done = self._next(story, source, is_fetched=fields is not None)
        origin = story.url or story.address or f"{story.source} {story.key}"
        known = fields_of_story(story, source, fields)
        page_hash = hash_of(known)
        if page_hash == story.page_hash:
            self._record(done, "unchanged")
            return
        answer = await self._delivery.take(lambda intake: _taken(intake, source, known, origin))
        if isinstance(answer, Accepted):
            self._record(done._replace(page_hash=page_hash), "sent")
        else:
            self._record(done._replace(page_hash=page_hash, note=answer.error), f"refused: {answer.reason.value}")

    def _next(self, story: StoryRow, source: Source, *, is_fetched: bool) -> StoryRow:
        """Gives the story's state behind a visit; what came from the feed itself is not visited before the feed changes it."""
        now = time.time()
        first, visits = story.first_sent or now, story.visits + 1
        due = schedule.next_visit(first, visits, source.revisits_s, now) if is_fetched else None
        return story._replace(visits=visits, first_sent=first, failures=0, due=due, note=None)

    def _not_fetched(self, story: StoryRow, error: FetchFailed | ReadingFailed) -> None:
        failures = story.failures + 1
        failure = error.failure if isinstance(error, FetchFailed) else None
        ends = failures >= (2 if failure in _FINAL else schedule.STORY_ATTEMPTS)
        wait_s = max(self._story_retry_s * 2 ** (failures - 1), getattr(error, "retry_after_s", None) or 0.0)
        row = story._replace(failures=failures, due=None if ends else time.time() + wait_s, note=str(error))
        if ends:
            self._record(row, f"failed: {failure.value if failure else 'unreadable'}")
        else:
            self._store.record_story(row, None)
            self.counts["put off"] += 1

    def _record(self, story: StoryRow, fate: str) -> None:
        self._store.record_story(story, fate)
        self.counts[fate] += 1


def _taken(intake: Intake, source: Source, fields: dict[str, Any], origin: str) -> Answer:
    headers = [("url", origin.encode("utf-8", "replace"))]
    defaults = Defaults(zone=ZoneInfo(source.timezone))
    return intake.take_fields(fields, defaults, origin, headers=headers)


def _row(story: Any, source: Source, now: float) -> StoryRow:
    return StoryRow(
        key=story.key,
        source=source.name,
        host=host_of(story.url or ""),
        url=story.url,
        address=story.address,
        version=story.version,
        item=msgspec.json.encode(story.item),
        listed_at=now,
        due=now,
        visits=0,
        first_sent=None,
        failures=0,
        page_hash=None,
        note=None,
    )
