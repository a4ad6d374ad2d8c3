"""Follows feeds and sitemaps: fetches those that are due, and lets their stories be visited. The shell around the pure parts.

A feed or a story is claimed in the store before it is fetched.
"""

from __future__ import annotations

import asyncio
import collections
import logging
import time
from collections.abc import Coroutine, Sequence
from typing import Any

import anyio
import msgspec

from producers.delivery import Delivery
from producers.feeds import schedule
from producers.feeds.cleaning import NotAFeed
from producers.feeds.identity import Story
from producers.feeds.listing import Listing, lies, listing_of_feed, listing_of_sitemap
from producers.feeds.reading import WORKERS, ReadingFailed, in_worker
from producers.feeds.sitemap import MAX_BYTES, Child
from producers.feeds.store import FEED, SITEMAP, FeedRow, Store, StoryRow, Visit
from producers.feeds.visit import FindSource, Visitor, fetch_for
from producers.fetch.client import Answer as Fetched
from producers.fetch.client import Limits
from producers.fetch.failures import FetchFailed
from producers.fetch.fetcher import Fetcher, host_of
from producers.sources import Source
from streams.identity import digest

TICK_S = 0.1
MOST_AT_ONCE = 128  # fetches, waiting ones among them; far more than one host may have
SITEMAP_LIMITS = Limits(max_bytes=MAX_BYTES, max_decompressed_bytes=MAX_BYTES, total_s=180.0)
MAX_DEPTH = 4  # of indexes in indexes: the protocol has one, sites in use have two
MAX_CHILDREN = 5_000  # sitemaps of one index
AT_ONCE = 1_000  # stories of one transaction: a large sitemap holds up no fetch
log = logging.getLogger("rafid.feeds")


class Poller:
    """Follows what is of these `kinds` in the sources `followed`, and visits every story in its store; one on a store.

    `find_source` gives the source of a story by its name, or None when it is not followed any more.
    """

    def __init__(
        self,
        followed: Sequence[Source],
        find_source: FindSource,
        fetcher: Fetcher,
        store: Store,
        delivery: Delivery,
        *,
        kinds: Sequence[str] = (FEED,),
        story_retry_s: float,
        story_attempts: int = schedule.STORY_ATTEMPTS,
    ) -> None:
        self._followed, self._kinds = followed, kinds
        self._once_since: float | None = None
        self._sources = {source.name: source for source in followed}
        self._fetcher, self._store = fetcher, store
        self._running: dict[asyncio.Task[FeedRow | Visit], tuple[str, str]] = {}  # -> host, and URL or key
        self._workers = anyio.CapacityLimiter(WORKERS)
        self._visitor = Visitor(find_source, fetcher, delivery, self._workers, retry_s=story_retry_s, attempts=story_attempts)
        self.counts: collections.Counter[str] = collections.Counter()  # each page once, by its fate

    async def run(self, *, once: bool, stop: asyncio.Event, retry_within_s: float = 0.0) -> None:
        """Works until `stop` is set, or, with `once`, until each feed was fetched and no story is due; what has begun is ended.

        With `once` a story that is due within `retry_within_s` is waited for. Raises NotDelivered when Kafka fails.
        """
        self._follow(spreads=not once)
        self._once_since = time.time() if once else None
        while not stop.is_set():
            has_feeds = self._begin_what_is_due(self._once_since)
            if once and not has_feeds and not self._running and not self._store.due_hosts(time.time() + retry_within_s):
                break
            waits = [asyncio.create_task(stop.wait()), asyncio.create_task(asyncio.sleep(TICK_S))]
            done, _ = await asyncio.wait([*waits, *self._running], return_when=asyncio.FIRST_COMPLETED)
            if waits[1] not in done and self._running:
                await waits[1]  # many that end at once are one look into the store
            for wait in waits:
                wait.cancel()
            self._collect()
        while self._running:  # each is written as it ends: whoever stops the process may not wait for the last
            await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
            self._collect()
        self._store.forget(time.time())

    def _follow(self, *, spreads: bool) -> None:
        now = time.time()
        for kind in self._kinds:
            listed = [(url, source) for source in self._followed for url in _roots(source, kind)]
            self._store.follow(
                (
                    (
                        *(url, source.name, host_of(url)),
                        schedule.first_due(url, now, len(listed), source.min_interval_s) if spreads else now,
                        source.min_interval_s,
                    )
                    for url, source in listed
                ),
                kind,
            )

    def _collect(self) -> None:
        """Writes what has ended in one transaction, since each waits for the disk; raises what one of them raised."""
        ended = [task for task in self._running if task.done()]
        errors = [error for task in ended if (error := task.exception())]
        outcomes = [task.result() for task in ended if not task.exception()]
        feeds = [outcome for outcome in outcomes if isinstance(outcome, FeedRow)]
        visits = [outcome for outcome in outcomes if isinstance(outcome, Visit)]
        if outcomes:
            self._store.record(feeds, visits)
        for feed in feeds:
            self.counts[f"{feed.kind}s {'failed' if feed.failures else 'fetched'}"] += 1
        self.counts.update(fate or "put off" for story, fate in visits if fate or story.due is not None)
        for task in ended:
            del self._running[task]
        if errors:
            raise errors[0]

    def _begin_what_is_due(self, last_feed_due: float | None) -> bool:
        """Begins what its hosts permit; returns whether a feed is due, one whose host is waited for among them.

        With `last_feed_due` no feed that is due later is begun: so each is fetched once, however short its interval.
        """
        now = time.time()
        busy = collections.Counter(host for host, _ in self._running.values())
        begun = {name for _, name in self._running.values()}
        claimed_feeds, claimed_stories = [], []

        def slots(host: str) -> int:
            if not host:  # nothing is fetched
                return MOST_AT_ONCE
            return self._fetcher.concurrency - busy[host] if self._fetcher.is_free(host) else 0

        def begin(host: str, name: str, work: Coroutine[Any, Any, FeedRow | Visit]) -> None:
            self._running[asyncio.create_task(work)] = (host, name)
            busy[host] += 1

        feeds = self._store.due_feeds(now if last_feed_due is None else last_feed_due, self._kinds)
        for feed in feeds:  # but for one that takes longer than its interval
            if feed.url not in begun and len(self._running) < MOST_AT_ONCE and slots(feed.host) > 0:
                claimed_feeds.append((feed.url, now + feed.interval_s))
                begin(feed.host, feed.url, self._poll(feed))
        for story in self._store.due_stories(now, slots, MOST_AT_ONCE - len(self._running)):
            if story.key not in begun:
                claimed_stories.append((story.key, now + self._visitor.retry_s * 2**story.failures))
                begin(story.host, story.key, self._visitor.visit(story))
        if claimed_feeds or claimed_stories:
            self._store.claim(claimed_feeds, claimed_stories)  # before any of them runs
        return bool(feeds)

    async def _poll(self, feed: FeedRow) -> FeedRow:
        """Fetches a feed and writes its stories; returns its next state."""
        source = self._sources[feed.source]
        conditions = schedule.validators(feed.etag, feed.last_modified, feed.forced_at, time.time())
        limits = SITEMAP_LIMITS if feed.kind == SITEMAP else None
        try:
            answer = await fetch_for(self._fetcher, source, feed.url, conditions, limits)
            row, found = await self._read(feed, source, answer, is_forced=not conditions)
        except (FetchFailed, NotAFeed, ReadingFailed) as exc:
            return _failed(feed, source, exc)
        new = await self._record_stories(found.stories, source) if found else 0
        if found and feed.kind == SITEMAP:
            self._store.follow_children(feed, self._children(feed, source, found.children))
        if new:  # only now is it known how many were new: the next fetch comes sooner
            bounds = (source.min_interval_s, source.max_interval_s)
            interval_s = schedule.next_interval_s(feed.interval_s, True, bounds)
            row = row._replace(interval_s=interval_s, due=time.time() + schedule.jittered(interval_s, feed.url))
        return row._replace(new=row.new + new)

    async def _record_stories(self, listed: list[Story], source: Source) -> int:
        """Writes the stories in several transactions, before the feed's body hash; returns how many are new or have changed."""
        now, new = time.time(), 0
        known: dict[str, str] = {}
        for start in range(0, len(listed), AT_ONCE):
            known |= self._store.lastmods(story.key for story in listed[start : start + AT_ONCE] if story.lastmod)
            await asyncio.sleep(0)
        is_lying = lies(known, listed)
        for start in range(0, len(listed), AT_ONCE):
            rows = [_row(story, source, now) for story in listed[start : start + AT_ONCE]]
            new += self._store.record_stories(row._replace(due=None) if is_lying and row.key in known else row for row in rows)
            await asyncio.sleep(0)
        return new

    def _children(self, index: FeedRow, source: Source, children: list[Child]) -> list[tuple[str, str, float, str | None]]:
        """Gives the sitemaps of an index with their first due times, spread unless each is fetched once."""
        if index.depth >= MAX_DEPTH or len(children) > MAX_CHILDREN:
            log.warning("%s: of %d sitemaps only the first %d are followed", index.url, len(children), MAX_CHILDREN)
        if index.depth >= MAX_DEPTH:
            return []
        kept = children[:MAX_CHILDREN]
        now = time.time()
        return [
            (
                *(child.url, host_of(child.url)),
                self._once_since or schedule.first_due(child.url, now, len(kept), source.min_interval_s),
                child.lastmod,
            )
            for child in kept
        ]

    async def _read(self, feed: FeedRow, source: Source, answer: Fetched, *, is_forced: bool) -> tuple[FeedRow, Listing | None]:
        """Gives the feed's next state, and what it lists when the body is another one than last time."""
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
            return row, None
        read = listing_of_feed if feed.kind == FEED else listing_of_sitemap
        content_type = answer.headers.get("content-type", "")
        document = (answer.body, answer.final_url, content_type, source.name, source.timezone)
        found = await in_worker(read, *document, limiter=self._workers)
        note = "damaged, and repaired" if found.is_damaged else None
        return row._replace(body_hash=body_hash, items=found.items, note=note), found


def _failed(feed: FeedRow, source: Source, error: Exception) -> FeedRow:
    failures = feed.failures + 1
    retry_after_s = error.retry_after_s if isinstance(error, FetchFailed) else None
    wait_s = schedule.backoff_s(failures, (source.min_interval_s, source.max_interval_s), retry_after_s)
    due = time.time() + schedule.jittered(wait_s, feed.url)
    log.warning("%s: %s: %s (%d in a row; again in %.0f s)", feed.source, feed.url, error, failures, wait_s)
    return feed._replace(failures=failures, due=due, fetched_at=time.time(), note=str(error))


def _roots(source: Source, kind: str) -> tuple[str, ...]:
    return source.feeds if kind == FEED else source.sitemaps


def _row(story: Story, source: Source, now: float) -> StoryRow:
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
        lastmod=story.lastmod,
    )
