"""What a feed or a sitemap lists: stories, and further sitemaps. Pure; runs in a worker process."""

from __future__ import annotations

from typing import NamedTuple
from zoneinfo import ZoneInfo

from producers.feeds.identity import Story, parted, stories
from producers.feeds.parse import parse
from producers.feeds.sitemap import Child, Entry, parse_sitemap, unpacked
from streams.identity import NotAUrl, canonical_url, digest

MOST_LIE = 0.5  # of the pages that a sitemap lists: when more have a new lastmod than that, it is the time of the answer
FEWEST_TO_LIE = 20  # pages; both chosen by reading


class Listing(NamedTuple):
    """The stories of a feed or a sitemap, each once, and the sitemaps of an index; `items` counts what it lists."""

    stories: list[Story]
    children: list[Child]
    items: int
    is_damaged: bool


def listing_of_feed(body: bytes, url: str, content_type: str, source: str, _timezone: str) -> Listing:
    """Reads a feed; raises NotAFeed."""
    found = parse(body, url, content_type)
    return Listing(stories(found, source), [], len(found.items), found.is_damaged)


def listing_of_sitemap(body: bytes, url: str, content_type: str, source: str, timezone: str) -> Listing:
    """Reads a sitemap, or the feed that stands in its place; raises NotAFeed."""
    plain = unpacked(body)
    found = parse_sitemap(plain, url, content_type, ZoneInfo(timezone))
    if found is None:
        return listing_of_feed(plain, url, content_type, source, timezone)
    listed = {story.key: story for entry in _newest_first(found.entries) if (story := _story(entry))}
    return Listing(list(listed.values()), list(found.children), len(found.entries) + len(found.children), found.is_damaged)


def lies(known: dict[str, str], listed: list[Story]) -> bool:
    """Tells whether the lastmods of a sitemap are none: those of most stories have moved since it was last read."""
    moved = sum(story.lastmod is not None and known[story.key] < story.lastmod for story in listed if story.key in known)
    return moved >= FEWEST_TO_LIE and moved > MOST_LIE * len(known)


def _newest_first(entries: tuple[Entry, ...]) -> list[Entry]:
    return sorted(entries, key=lambda entry: entry.lastmod or entry.item.published or "", reverse=True)


def _story(entry: Entry) -> Story | None:
    link, _ = parted(entry.item.link or "")
    try:
        key = digest("story", canonical_url(link))
    except NotAUrl:
        return None
    return Story(key, link, link, "", entry.item, entry.lastmod)
