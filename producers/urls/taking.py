"""Files of URLs, a line each, into the store as stories that are due; a line that is no URL is refused."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from producers.delivery import Delivery
from producers.feeds.parse import Item
from producers.feeds.store import Store, StoryRow
from producers.fetch.fetcher import host_of
from producers.inputs import LINES, InputLine, inputs, lines
from producers.intake import Answer, Intake
from producers.urls import spool as url_spool
from streams.dead_letters.envelope import MAX_VALUE_BYTES, Reason
from streams.identity import NotAUrl, canonical_url, digest

BATCH = 1_000  # URLs of one transaction
_NO_ITEM = msgspec.json.encode(Item())


class UrlLine(NamedTuple):
    """A line that holds a URL, as it was written, or none, and then the error says why."""

    line: InputLine
    url: str
    error: str | None


def url_lines(path: str) -> Iterator[tuple[str, UrlLine]]:
    """Yields the lines of a file (`-`: standard input; also gzipped) with the file's name; blank ones and comments are left out.

    Raises Unreadable for a file that ends early.
    """
    for source in inputs(path, LINES):
        for line in lines(source, lambda _bytes: None):
            url = line.data.strip().decode("utf-8", "replace").strip()
            if url.startswith("#"):
                continue
            yield source.name, UrlLine(line, url, _fault(url))


def _fault(url: str) -> str | None:
    try:
        canonical_url(url)
    except NotAUrl as exc:
        return str(exc)
    return None


class UrlIntake:
    """Takes files of URLs in; `counts` counts each line once: new, known or refused.

    With `again` a URL that was fetched before is fetched again. `name_source(url)` names the source of a URL.
    """

    def __init__(self, store: Store, delivery: Delivery, name_source: Callable[[str], str], *, again: bool) -> None:
        self.counts: Counter[str] = Counter()
        self._store, self._delivery, self._name_source, self._again = store, delivery, name_source, again

    async def take(self, path: str) -> None:
        """Stores the URLs of a file durably; raises Unreadable, and NotDelivered when Kafka fails."""
        batch: dict[str, StoryRow] = {}
        for name, found in url_lines(path):
            if found.error:
                self.counts["refused: not a URL"] += 1
                await self._refuse(name, found)
                continue
            row = self._row(found.url)
            self.counts["known"] += row.key in batch
            batch.setdefault(row.key, row)
            if len(batch) >= BATCH:
                self._store_batch(batch)
                await asyncio.sleep(0)  # whoever stops the process is heard meanwhile
        self._store_batch(batch)

    async def drain(self, spool: Path) -> bool:
        """Takes the URLs of a spool out of it; returns whether there were any. Raises as `take` does."""
        taken = url_spool.take(spool)
        if taken:
            await self.take(str(taken))
            taken.unlink()
        return bool(taken)

    def _store_batch(self, batch: dict[str, StoryRow]) -> None:
        new = self._store.record_stories(batch.values())
        self.counts["new"] += new
        self.counts["known"] += len(batch) - new
        if self._again:
            for key, row in batch.items():
                self._store.visit_again(key, row.listed_at)
        batch.clear()

    async def _refuse(self, name: str, found: UrlLine) -> None:
        data, error = found.line.data[:MAX_VALUE_BYTES], found.error or ""
        headers = [("file", name.encode()), ("line", b"%d" % found.line.number)]

        def refuse(intake: Intake) -> Answer:
            return intake.refuse(Reason.MALFORMED_PAGE, error, data, f"{name}:{found.line.number}", headers=headers)

        await self._delivery.take(refuse)

    def _row(self, url: str) -> StoryRow:
        now = time.time()
        return StoryRow(
            key=digest("story", canonical_url(url)),
            source=self._name_source(url),
            host=host_of(url),
            url=url,
            address=url,
            version="",
            item=_NO_ITEM,
            listed_at=now,
            due=now,
        )
