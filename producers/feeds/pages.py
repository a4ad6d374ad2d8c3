"""A story's item, with what its page says, as fields of a Page."""

from __future__ import annotations

import re
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from producers.extract.extract import extract
from producers.extract.results import Refusal, SiteSelectors
from producers.feeds.parse import Item
from producers.feeds.store import StoryRow
from producers.sources import Source
from streams.arabic.dates import parse as parse_date
from streams.identity import digest

_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)


class NotAnArticle(ValueError):
    """A page that holds no article; the message is the reason in one word."""


def extracted(body: bytes, url: str, content_type: str, timezone: str, selectors: SiteSelectors | None = None) -> dict[str, Any]:
    """Takes the article out of a page's HTML, as fields of a Page; raises NotAnArticle. Run in a worker process."""
    charset = _CHARSET.search(content_type)
    found = extract(body, url=url, http_charset=charset[1] if charset else None, zone=ZoneInfo(timezone), selectors=selectors)
    if isinstance(found, Refusal):
        raise NotAnArticle(found.reason.value)
    return {name: value for name, value in msgspec.to_builtins(found).items() if value}


def fields_of_story(story: StoryRow, source: Source, extracted_fields: dict[str, Any] | None) -> dict[str, Any]:
    """Returns the fields of a Page: what the story's page says, else its item, and whose it is.

    A date of the feed goes first, where it can be read: it carries a time and a zone.
    """
    item = msgspec.json.decode(story.item, type=Item)
    fields: dict[str, Any] = {
        "text": item.text,
        "title": item.title,
        "author": item.author,
        "language": source.language,
        "tags": list(item.tags),
        "url": story.url or story.address,
        **(extracted_fields or {}),
        "source": source.name,
        "source_id": item.guid,
        "country": source.country,
    }
    if source.section:
        fields["section"] = source.section
    for name, written in (("published_at", item.published), ("modified_at", item.updated)):
        if written and (parse_date(written, ZoneInfo(source.timezone)) or not fields.get(name)):
            fields[name] = written
    if item.updated and not fields.get("published_at"):
        fields["published_at"] = item.updated  # many feeds of Atom give this time alone
    return {name: value for name, value in fields.items() if value}


def hash_of(fields: dict[str, Any]) -> str:
    """Hashes what a reader sees of a page: equal hashes, and nothing has to be sent again."""
    return digest("page", *(str(fields.get(name, "")) for name in ("title", "text", "published_at", "author", "tags")))
