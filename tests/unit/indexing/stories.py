"""Invented articles and verdicts for the tests of the index."""

from __future__ import annotations

from typing import Any

from streams.identity import digest
from streams.records import Article, Verdict

BODY = "قال رئيس بلدية الميناء إن أعمال توسعة الرصيف الشرقي ستبدأ مطلع الشهر المقبل، وإنها ستستغرق نحو عام ونصف العام."


def article(name: str = "one", **fields: Any) -> Article:
    """An article whose id is made of its name."""
    known: dict[str, Any] = {
        "id": digest(name),
        "page_id": digest(name),
        "role": "main",
        "title": "توسعة الرصيف الشرقي تبدأ الشهر المقبل",
        "body": BODY,
        "source": "almina.example",
        "url": f"https://www.almina.example/news/{name}",
        "published_at": "2026-11-22T09:30:00Z",
        "fetched_at": "2026-11-22T10:00:00Z",
        "tags": ("الميناء", "اقتصاد"),
    }
    return Article(**(known | fields))


def verdict(of: Article, **fields: Any) -> Verdict:
    """The verdict `new` on an article, or whatever the fields make of it."""
    known: dict[str, Any] = {
        "kind": "new",
        "doc_id": of.id,
        "story_id": of.id,
        "version": 1_000,
        "month": (of.published_at or of.fetched_at)[:7],
        "first_seen": "2026-11-22T10:00:05Z",
    }
    return Verdict(**(known | fields))
