"""A story for the console: its text as the splitter cut it, every sighting, what changed, editions, stories like it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import msgspec

from deploy.console.reads.answers import Comparison, Edition, Editions, Related, Sighting, Story, Stretch, Telling
from deploy.console.reads.comparison import changing_numbers, count_words, differences
from deploy.console.reads.index import Index
from deploy.console.reads.page_log import PageLog
from deploy.console.reads.search import story_of_hit
from deploy.console.reads.versions import Rules, parted, told_at, versions
from indexing.search.search import find_related
from streams.errors import RafidError
from streams.records import Page
from streams.split.rules import SourceRules
from streams.split.splitter import split
from streams.times import rfc_3339

MOST_SIGHTINGS: Final = 200
MOST_EDITIONS: Final = 60
SIMILAR: Final = 6


class NotFound(RafidError):
    """Nothing has this id, or no longer."""


def telling(index: Index, pages: PageLog, rules: Rules, doc_id: str) -> Telling:
    """Returns the story as the document with this id tells it. Raises NotFound, and RafidError when a server cannot answer."""
    hit = _hit(index, doc_id)
    fields = hit["_source"]
    article = sighting(hit)
    stretches = _page_stretches(pages, rules, hit)
    body = text_of(fields)
    return Telling(
        article=article,
        story_id=fields["story_id"],
        section=fields.get("section"),
        author=fields.get("author"),
        credit=fields.get("credit"),
        tags=tuple(fields.get("tags", ())),
        body=body,
        stretches=stretches or (Stretch(text=body, kind="body"),),
        whole_page=bool(stretches),
        related_titles=tuple(_related_titles(fields)),
        sightings=sightings(index, fields["story_id"]),
        versions=versions(pages, hit),
        editions=editions(index, fields),
        similar=_similar(index, fields["story_id"]),
    )


def comparison(index: Index, pages: PageLog, rules: Rules, first_id: str, second_id: str) -> Comparison:
    """Returns two tellings word by word, each a document's or an earlier version of it (`id@time`). Raises NotFound."""
    of_one_page = parted(first_id)[0] == parted(second_id)[0]
    first, second = (_told(index, pages, rules, telling_id, of_one_page) for telling_id in (first_id, second_id))
    body = differences(first.body, second.body)
    return Comparison(
        first=first.sighting,
        second=second.sighting,
        title=differences(first.title, second.title),
        body=body,
        same_words=count_words(body, "same"),
        removed_words=count_words(body, "removed"),
        added_words=count_words(body, "added"),
    )


class _Told(NamedTuple):
    sighting: Sighting
    title: str
    body: str


def _told(index: Index, pages: PageLog, rules: Rules, telling_id: str, of_one_page: bool) -> _Told:
    """Returns the text and when it was told: of a page's versions the times when they came, of other tellings their dates."""
    doc_id, at_ms = parted(telling_id)
    hit = _hit(index, doc_id)
    now = sighting(hit)
    if at_ms is None:
        told = _came(now, now.title, hit["_version"]) if of_one_page and "_version" in hit else now
        return _Told(told, now.title, text_of(hit["_source"]))
    article = told_at(pages, rules, hit, at_ms)
    if article is None:
        raise NotFound(f"the page of {doc_id!r} as it was then is no longer in its topic")
    title = article.title or ""
    return _Told(_came(now, title, at_ms), title, article.body)


def _came(now: Sighting, title: str, at_ms: int) -> Sighting:
    """Returns a version of a document's page, by its title and the time when it came."""
    came = rfc_3339(datetime.fromtimestamp(at_ms // 1000, UTC))
    return msgspec.structs.replace(now, title=title, published_at=None, modified_at=None, first_seen=came)


def sightings(index: Index, story_id: str) -> tuple[Sighting, ...]:
    """Returns every document of a story, in the order of publication; at most 200."""
    body = {
        "query": {"term": {"story_id": story_id}},
        "size": MOST_SIGHTINGS,
        "sort": [{"@timestamp": "asc"}, {"first_seen": "asc"}],
        "_source": {"excludes": ["body", "copy_body", "teasers", "related", "keywords"]},
    }
    return tuple(map(sighting, index.ask(index.names.everything, body)["hits"]["hits"]))


def editions(index: Index, fields: Mapping[str, Any]) -> Editions | None:
    """Returns the editions of the template that a document is one of, oldest first; None when there is no other."""
    first = fields.get("edition_of") or fields["story_id"]
    chain = {"bool": {"should": [{"term": {"edition_of": first}}, {"term": {"story_id": first}}]}}
    body = {
        "query": chain,
        "size": MOST_EDITIONS,
        "sort": [{"@timestamp": "desc"}, {"story_id": "asc"}],
        "collapse": {"field": "story_id"},
        "_source": ["title", "body", "@timestamp", "story_id"],
    }
    hits = index.ask(index.names.articles, body)["hits"]["hits"][::-1]
    if len(hits) < 2:
        return None
    found = [hit["_source"] for hit in hits]
    return Editions(
        editions=tuple(
            Edition(id=hit["_id"], title=one.get("title") or "", timestamp=one["@timestamp"])
            for hit, one in zip(hits, found, strict=True)
        ),
        series=changing_numbers([f"{one.get('body') or ''}" for one in found]),
    )


def sighting(hit: Mapping[str, Any]) -> Sighting:
    """Returns the document of a hit as one sighting of its story."""
    fields = hit["_source"]
    return Sighting(
        id=hit["_id"],
        kind=fields["kind"],
        role=fields.get("role") or "main",
        title=title_of(fields),
        source=fields.get("source") or "",
        url=fields.get("url"),
        country=fields.get("country"),
        published_at=fields.get("published_at"),
        modified_at=fields.get("modified_at"),
        first_seen=fields["first_seen"],
        word_count=fields.get("word_count"),
        likeness=fields.get("containment") or fields.get("jaccard"),
    )


def title_of(fields: Mapping[str, Any]) -> str:
    """Returns the title, which a copy keeps under another name."""
    return fields.get("title") or fields.get("copy_title") or ""


def text_of(fields: Mapping[str, Any]) -> str:
    """Returns the body, which a copy keeps under another name."""
    return fields.get("body") or fields.get("copy_body") or ""


def page_stretches(page: Page, rules: SourceRules | None) -> tuple[Stretch, ...]:
    """Returns the whole text of a page, cut as the splitter cuts it; the space between two segments goes with the second."""
    out: list[Stretch] = []
    end = 0
    for segment in split(page, rules).segments:
        out.append(Stretch(text=page.text[end : segment.end], kind=segment.kind, rule=segment.reason))
        end = segment.end
    return tuple(out)


def _hit(index: Index, doc_id: str) -> dict[str, Any]:
    hit = index.document(doc_id)
    if hit is None:
        raise NotFound(f"no article has the id {doc_id!r}")
    return hit


def _page_stretches(pages: PageLog, rules: Rules, hit: Mapping[str, Any]) -> tuple[Stretch, ...]:
    """Returns the page of a main article, when its topic still has it as it was indexed; nothing otherwise."""
    fields = hit["_source"]
    if fields.get("role") != "main" or "_version" not in hit:
        return ()
    page = pages.find(fields["page_id"], hit["_version"])
    return page_stretches(page, rules.get(page.source)) if page is not None else ()


def _related_titles(fields: Mapping[str, Any]) -> Iterator[Related]:
    for entry in fields.get("teasers", ()):
        yield Related(title=entry["title"], kind="teaser", url=entry.get("url"))
    for entry in fields.get("related", ()):
        yield Related(title=entry["title"], kind=entry.get("kind") or "similar", url=entry.get("url"))


def _similar(index: Index, story_id: str) -> tuple[Story, ...]:
    """Returns stories like this one, found by its first article; none when that one is not in the index."""
    if not index.ask(index.names.articles, {"query": {"ids": {"values": [story_id]}}, "size": 1, "_source": False})["hits"][
        "hits"
    ]:
        return ()
    found = find_related(index.client, index.names.articles, index.names.everything, story_id, SIMILAR)
    return tuple(msgspec.structs.replace(story_of_hit(hit), snippets=()) for hit in found.hits)
