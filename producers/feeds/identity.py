"""Which item of a feed is which story, whatever its guid says. Pure.

A key made of the guid loses stories where all items share one, a key made of the link where all items share that; so an item
is known by its own URL: the link, or, where several items have it, the link with a fragment that tells them apart. A title
that changes under a known key is a correction.
"""

from __future__ import annotations

import collections
from typing import NamedTuple
from urllib.parse import urldefrag, urlsplit

from producers.feeds.parse import Feed, Item
from streams.identity import NotAUrl, canonical_url, digest


class Story(NamedTuple):
    """An item with its key: 32 hexadecimal digits that stay when the item is listed again.

    `url` is the page's, None when the item has none that could be fetched: its text is then all there is.
    `address` names the story in any case. `version` changes when title or text do; it is empty where only a sitemap lists
    the story, whose `lastmod` tells of changes.
    """

    key: str
    url: str | None
    address: str | None
    version: str
    item: Item
    lastmod: str | None = None


def stories(feed: Feed, source: str) -> list[Story]:
    """Lists the stories of a feed of this source, each once, in the feed's order; an item with no link and no words is none."""
    links = collections.Counter(filter(None, (_canonical(item.link) for item in feed.items)))
    guids = collections.Counter(item.guid for item in feed.items if item.guid)
    front = _canonical(feed.link)
    found: dict[str, Story] = {}
    for item in feed.items:
        if not item.title and not item.text:
            continue
        link = _canonical(item.link)
        fragment = _fragment(item)
        is_own = link is not None and links[link] == 1 and link != front and not fragment
        if link and is_own:
            key, url, address = digest("story", link), item.link, item.link
        else:
            guid = item.guid if item.guid and guids[item.guid] == 1 and item.guid != item.link else None
            mark = fragment or f"item-0{digest('item', guid or item.title or item.text or '')[:15]}"
            address = f"{parted(item.link)[0]}#{mark}" if item.link and link else None
            if address and "#" not in (_canonical(address) or ""):  # a fragment that URLs are not told apart by
                address = f"{parted(address)[0]}#item-0{digest('item', mark)[:15]}"
            key, url = digest("story", source, link or "", mark), None
        version = digest("version", item.title or "", item.text or "")
        found.setdefault(key, Story(key, url, address, version, item))
    return list(found.values())


def parted(address: str) -> tuple[str, str]:
    """Returns an address without its fragment, and the fragment; what is no address, as a guid may be, is parted at its `#`."""
    try:
        url, fragment = urldefrag(address)
    except ValueError:
        url, _, fragment = address.partition("#")
    return url, fragment


def _fragment(item: Item) -> str | None:
    """Finds the fragment by which link or guid point into a page that serves several stories."""
    for address in (item.link, item.guid):
        if not address or "#" not in address:
            continue
        base, fragment = parted(address)
        is_story = any(letter.isdigit() for letter in fragment) or fragment.startswith(("!", "/"))
        if is_story and not fragment.startswith(":~:") and item.link and _canonical(base) == _canonical(parted(item.link)[0]):
            return fragment
    return None


def _canonical(link: str | None) -> str | None:
    try:
        return canonical_url(link) if link and urlsplit(link).scheme in ("http", "https") else None
    except (NotAUrl, ValueError):
        return None
