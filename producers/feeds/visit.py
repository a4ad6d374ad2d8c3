"""Visits stories that are due: fetched, read in a worker process, acknowledged by Kafka, then for the store, in this order.

A kill between any two of these steps leaves the claim, and the story is visited again when that ends.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import anyio

from producers.delivery import Delivery
from producers.feeds import schedule
from producers.feeds.pages import NotAnArticle, extracted, fields_of_story, hash_of
from producers.feeds.reading import ReadingFailed, in_worker
from producers.feeds.store import StoryRow, Visit
from producers.fetch.client import Answer as Fetched
from producers.fetch.client import Limits
from producers.fetch.failures import Failure, FetchFailed
from producers.fetch.fetcher import Fetcher
from producers.intake import Accepted, Answer, Intake
from producers.sources import Source
from producers.values.defaults import Defaults

FindSource = Callable[[str], Source | None]
# What no second try can mend before the story is listed anew.
_FINAL = frozenset({Failure.BAD_URL, Failure.FORBIDDEN_ADDRESS, Failure.GONE, Failure.TOO_LARGE})


async def fetch_for(
    fetcher: Fetcher, source: Source, url: str, headers: dict[str, str] | None = None, limits: Limits | None = None
) -> Fetched:
    """Fetches a URL as its source asks for it to be done; raises FetchFailed."""
    return await fetcher.fetch(
        url,
        headers=source.headers | (headers or {}),
        ignores_robots=bool(source.ignore_robots),
        delay_s=source.delay_s,
        limits=limits,
    )


class Visitor:
    """Visits stories, one call each.

    A story that cannot be fetched is tried `attempts` times, `retry_s` seconds later and then after twice as long each time.
    """

    def __init__(
        self,
        find_source: FindSource,
        fetcher: Fetcher,
        delivery: Delivery,
        workers: anyio.CapacityLimiter,
        *,
        retry_s: float,
        attempts: int,
    ) -> None:
        self.retry_s = retry_s
        self._find_source, self._fetcher, self._delivery = find_source, fetcher, delivery
        self._workers = workers
        self._attempts = attempts

    async def visit(self, story: StoryRow) -> Visit:
        """Fetches the story and sends its page; returns what became of it. Raises NotDelivered when Kafka fails."""
        source = self._find_source(story.source)
        if source is None:  # it is not followed any more
            return Visit(story._replace(due=None), None)
        fields = None
        try:
            if story.url and not source.full_text:
                answer = await fetch_for(self._fetcher, source, story.url)
                content_type = answer.headers.get("content-type", "")
                page = (answer.body, answer.final_url, content_type, source.timezone, source.selectors)
                fields = await in_worker(extracted, *page, limiter=self._workers)
        except NotAnArticle as exc:
            return Visit(_after(story, source, is_fetched=True), f"refused: {exc}")
        except (FetchFailed, ReadingFailed) as exc:
            return self._not_fetched(story, exc)
        return await self._send(story, source, fields)

    async def _send(self, story: StoryRow, source: Source, fields: dict[str, Any] | None) -> Visit:
        done = _after(story, source, is_fetched=fields is not None)
        origin = story.url or story.address or f"{story.source} {story.key}"
        known = fields_of_story(story, source, fields)
        page_hash = hash_of(known)
        if page_hash == story.page_hash:
            return Visit(done, "unchanged")
        answer = await self._delivery.take(lambda intake: _taken(intake, source, known, origin))
        if isinstance(answer, Accepted):
            return Visit(done._replace(page_hash=page_hash), "sent")
        return Visit(done._replace(page_hash=page_hash, note=answer.error), f"refused: {answer.reason.value}")

    def _not_fetched(self, story: StoryRow, error: FetchFailed | ReadingFailed) -> Visit:
        failures = story.failures + 1
        failure = error.failure if isinstance(error, FetchFailed) else None
        ends = failures >= (min(2, self._attempts) if failure in _FINAL else self._attempts)
        wait_s = max(self.retry_s * 2 ** (failures - 1), getattr(error, "retry_after_s", None) or 0.0)
        row = story._replace(failures=failures, due=None if ends else time.time() + wait_s, note=str(error))
        return Visit(row, f"failed: {failure.value if failure else 'unreadable'}" if ends else None)


def _after(story: StoryRow, source: Source, *, is_fetched: bool) -> StoryRow:
    """Gives the story's state behind a visit.

    What came from the feed itself is not visited before the feed changes it, and what has a lastmod not before that changes.
    """
    now = time.time()
    first, visits = story.first_sent or now, story.visits + 1
    is_revisited = is_fetched and not story.lastmod
    due = schedule.next_visit(first, visits, source.revisits_s, now) if is_revisited else None
    return story._replace(visits=visits, first_sent=first, failures=0, due=due, note=None)


def _taken(intake: Intake, source: Source, fields: dict[str, Any], origin: str) -> Answer:
    headers = [("url", origin.encode("utf-8", "replace"))]
    defaults = Defaults(zone=ZoneInfo(source.timezone))
    return intake.take_fields(fields, defaults, origin, headers=headers)
