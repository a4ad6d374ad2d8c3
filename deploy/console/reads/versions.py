"""What a page said before it changed: the index keeps its latest text, the topic of pages every one that it still has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from deploy.console.reads.answers import Version
from deploy.console.reads.page_log import PageLog, Stored
from streams.records import Article
from streams.split.rules import SourceRules
from streams.split.splitter import split
from streams.split.stories import articles
from streams.times import rfc_3339

AT: Final = "@"  # between the id of a document and the time of one of its versions, in ms since 1970
Rules = Mapping[str, SourceRules]  # by source


def versions(pages: PageLog, hit: Mapping[str, Any]) -> tuple[Version, ...]:
    """Returns the texts that a document had, oldest first and its present one last; none when the page came once, or is gone."""
    fields, latest_ms = hit["_source"], hit.get("_version", 0)
    first_ms = _ms(fields["first_seen"])
    if fields.get("role") != "main" or first_ms >= latest_ms:
        return ()
    found = list(_changed(pages.between(_keys(hit), first_ms, latest_ms)))
    if len(found) < 2:
        return ()
    last = found[-1].at_ms
    return tuple(
        Version(
            id=hit["_id"] if stored.at_ms == last else f"{hit['_id']}{AT}{stored.at_ms}",
            at=_written(stored.at_ms),
            title=stored.page.title or "",
        )
        for stored in found
    )


def told_at(pages: PageLog, rules: Rules, hit: Mapping[str, Any], at_ms: int) -> Article | None:
    """Returns the main article of the page that a document was made of at this time; None when its topic has it no more."""
    for stored in pages.between(_keys(hit), at_ms, at_ms):
        return articles(split(stored.page, rules.get(stored.page.source)))[0]
    return None


def parted(telling: str) -> tuple[str, int | None]:
    """Returns the id of a document and the time of one of its versions, None for the present one."""
    doc_id, _, at = telling.partition(AT)
    return doc_id, int(at) if at.isascii() and at.isdigit() and len(at) < 16 else None


def _keys(hit: Mapping[str, Any]) -> tuple[str, ...]:
    """Returns the pages that a document may have been made of: an update may come under another address."""
    return tuple(dict.fromkeys((hit["_id"], hit["_source"]["page_id"])))


def _changed(found: list[Stored]) -> Iterator[Stored]:
    before: tuple[str | None, str] | None = None
    for stored in found:
        if before != (now := (stored.page.title, stored.page.text)):
            before = now
            yield stored


def _ms(when: str) -> int:
    return round(datetime.fromisoformat(when).timestamp() * 1000)


def _written(ms: int) -> str:
    return rfc_3339(datetime.fromtimestamp(ms // 1000, UTC))
