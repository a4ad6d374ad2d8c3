"""Search for the console: pages of stories, the newest ones, completion, and why nothing was found."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Mapping
from typing import Any, Final

from msgspec import structs

from deploy.console.reads.address import Asked, since_bound, until_bound
from deploy.console.reads.answers import Advice, Completion, Piece, SearchPage, Story
from deploy.console.reads.counts import Counts, counts
from deploy.console.reads.index import Index
from indexing.search import search as searching
from indexing.search.highlights import CLOSE, OPEN
from indexing.search.query import FILTERS, SHOWN, SearchRequest, carriers, query
from indexing.search.query_text import query_text
from indexing.search.terms import EVERY_WORD

COMPLETIONS: Final = 8
SHORTEST_PREFIX: Final = 2  # letters; the index holds prefixes of two and three


def search_page(index: Index, asked: Asked) -> SearchPage:
    """Returns the page of stories that is asked for; the newest stories when no word is asked. Raises RafidError."""
    if query_text(asked.q).empty:
        return newest(index, asked)
    question = _question(asked)
    if asked.after:
        question = searching.after_page(question, asked.after)
    found = searching.search(index.client, index.names.articles, index.names.everything, question)
    advice = _advice(index, asked) if not found.hits and not asked.after else None
    if not found.hits and asked.filtered and advice is None and not found.did_you_mean:
        unfiltered = searching.search(index.client, index.names.articles, index.names.everything, SearchRequest(text=asked.q))
        found = dataclasses.replace(found, did_you_mean=unfiltered.did_you_mean)
    counted = counts(index, query(question)) if found.hits and not asked.after else None
    return page_of(found, counted, advice)


def newest(index: Index, asked: Asked) -> SearchPage:
    """Returns the newest stories that pass the filters; without words there is no further page."""
    chosen = {"bool": {"filter": _filters(asked)}}
    body = {
        "query": chosen,
        "size": asked.size,
        "sort": [{"@timestamp": "desc"}, {"story_id": "asc"}],
        "collapse": {"field": "story_id"},
        "_source": list(SHOWN),
        "track_total_hits": False,
    }
    response = index.ask(index.names.articles, body)
    hits = response["hits"]["hits"]
    carriers = _sources(index, [hit["_source"]["story_id"] for hit in hits])
    counted = counts(index, chosen)
    return SearchPage(
        stories=tuple(story_of(hit["_id"], hit["_source"], carriers.get(hit["_source"]["story_id"], ())) for hit in hits),
        found_documents=counted.documents,
        found_stories=counted.stories,
        facets=counted.facets,
        days=counted.days,
        next_page=None,
        took_ms=response["took"],
        cut=False,
    )


def complete(index: Index, typed: str) -> tuple[Completion, ...]:
    """Returns titles that complete what is typed, each once; none for less than two letters."""
    if sum(map(str.isalnum, typed)) < SHORTEST_PREFIX:
        return ()
    wanted = {"query": typed, "analyzer": EVERY_WORD, "operator": "and"}
    response = index.ask(
        index.names.articles,
        {
            "query": {"match_bool_prefix": {"title.norm": wanted}},
            "size": COMPLETIONS * 3,
            "_source": ["title"],
            "track_total_hits": False,
        },
    )
    titles = {hit["_source"].get("title", ""): hit["_id"] for hit in reversed(response["hits"]["hits"])}
    found = (Completion(id=doc_id, title=title) for title, doc_id in reversed(titles.items()) if title)
    return tuple(itertools.islice(found, COMPLETIONS))


def page_of(found: searching.SearchPage, counted: Counts | None, advice: Advice | None = None) -> SearchPage:
    """Returns the typed page of what a search found, and of what was counted when it is the first one."""
    nothing = found.documents == 0
    return SearchPage(
        stories=tuple(story_of_hit(hit) for hit in found.hits),
        found_documents=counted.documents if counted else 0 if nothing else None,
        found_stories=counted.stories if counted else 0 if nothing else None,
        facets=counted.facets if counted else {},
        days=counted.days if counted else (),
        next_page=found.next_page,
        took_ms=found.took_ms,
        cut=found.cut,
        did_you_mean=found.did_you_mean,
        advice=advice,
    )


def story_of_hit(hit: searching.Hit) -> Story:
    """Returns the story of a hit, with its highlights as pieces."""
    own = hit.fields.get("source")
    story = story_of(hit.id, hit.fields, (*([own] if own else []), *hit.other_sources))
    return structs.replace(
        story, title_pieces=pieces(hit.title), snippets=tuple(map(pieces, hit.snippets)), sources=hit.others + 1
    )


def story_of(doc_id: str, fields: Mapping[str, Any], sources: Iterable[str]) -> Story:
    """Returns the story of a document's fields, without highlights; `sources` are all that carried it."""
    title = fields.get("title") or ""
    own = fields.get("source") or ""
    others = sorted(set(sources) - {own})
    return Story(
        id=doc_id,
        story_id=fields.get("story_id") or doc_id,
        title=title,
        title_pieces=(Piece(text=title),),
        snippets=(),
        source=own,
        url=fields.get("url"),
        kind=fields.get("kind") or "new",
        section=fields.get("section"),
        country=fields.get("country"),
        timestamp=fields.get("@timestamp"),
        sources=len(others) + 1,
        other_sources=tuple(others[:10]),
    )


def pieces(text: str) -> tuple[Piece, ...]:
    """Returns the stretches of a text between the marks of a highlight."""
    out: list[Piece] = []
    for part in text.split(OPEN):
        marked, closed, rest = part.partition(CLOSE)
        if closed:
            out.append(Piece(text=marked, marked=True))
        else:
            rest = marked
        if rest:
            out.append(Piece(text=rest))
    return tuple(out)


def _question(asked: Asked) -> SearchRequest:
    return SearchRequest(
        text=asked.q,
        sources=asked.source,
        countries=asked.country,
        sections=asked.section,
        languages=asked.language,
        since=since_bound(asked.since),
        until=until_bound(asked.until),
        order=asked.order,
        size=asked.size,
    )


def _filters(asked: Asked) -> list[dict[str, Any]]:
    called = {"sources": asked.source, "countries": asked.country, "sections": asked.section, "languages": asked.language}
    found: list[dict[str, Any]] = [{"terms": {field: list(called[name])}} for field, name in FILTERS.items() if called[name]]
    bounds = {"gte": since_bound(asked.since), "lt": until_bound(asked.until)}
    if any(bounds.values()):
        found.append({"range": {"@timestamp": {name: value for name, value in bounds.items() if value}}})
    return found


def _sources(index: Index, stories: list[str]) -> dict[str, tuple[str, ...]]:
    """Returns the sources that carried each story, over all documents."""
    if not stories:
        return {}
    buckets = index.ask(index.names.everything, carriers(stories))["aggregations"]["story"]["buckets"]
    return {bucket["key"]: tuple(source["key"] for source in bucket["source"]["buckets"]) for bucket in buckets}


def _advice(index: Index, asked: Asked) -> Advice | None:
    """Returns what stands in the way of a search that found nothing: filters, then phrases; None when neither does."""
    if asked.filtered and (stories := _stories(index, SearchRequest(text=asked.q, size=1))):
        return Advice(without="filters", stories=stories)
    wanted = query_text(asked.q)
    if wanted.phrases:
        loose = dataclasses.replace(_question(asked), text=" ".join(filter(str.isalnum, wanted.loose.split())) or "-", size=1)
        if not query_text(loose.text).empty and (stories := _stories(index, loose)):
            return Advice(without="phrases", stories=stories)
    return None


def _stories(index: Index, question: SearchRequest) -> int:
    return counts(index, query(question)).stories
