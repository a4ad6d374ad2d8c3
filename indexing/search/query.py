"""What is asked, and the requests that ask it well. Pure.

The query is that of the measurements with Arabic questions and news headlines: the stem fields bound what is found, 4-grams of
the stem and the unstemmed words rank it (in titles, which are short, the stems do as well as their 4-grams). Each was worth two
to seven points of MRR over the stock `arabic` analyzer. Words with several spellings are ranked by their stems alone: only the
stem fields know that the spellings are one word, the others would put first what has the typed one.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Final

from indexing.search.highlights import highlight
from indexing.search.query_text import QueryText, query_text
from indexing.search.terms import EVERY_WORD, SEARCHED, TITLE_WEIGHT, found, phrase_in_title
from indexing.search.variants import without_variants
from indexing.search.weights import current_weights

MUST_MATCH: Final = "25%"  # of the words, in title or body: with all of them, half of the right answers are lost
NEAR: Final = 30  # positions by which words may be out of place and still count as near each other
LEAST_NEAR: Final = 2  # words
# field of the index -> what `SearchRequest` calls it
FILTERS: Final = {"source": "sources", "country": "countries", "section.fold": "sections", "language": "languages"}
MAX_COUNT: Final = 1_000  # documents that are counted exactly when no facet asks for all
FACETS: Final = ("source", "section", "country", "language")
SHOWN: Final = (
    "title",
    "source",
    "url",
    "story_id",
    "kind",
    "section",
    "country",
    "language",
    "author",
    "published_at",
    "@timestamp",
)
# A score and a time may be equal; a story may not: so the order is total, story by story.
ORDER: Final = {
    "relevance": [{"_score": "desc"}, {"@timestamp": "desc"}, {"story_id": "asc"}],
    "newest": [{"@timestamp": "desc"}, {"story_id": "asc"}],
}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    """What a reader wants: a text (`query_text.py` says what it may hold); filters; an order.

    `since` is included and `until` is not (RFC 3339 or date maths); `recency` is the age in days that halves the bonus of being
    new, None for no bonus. `after` continues behind a hit's sort values, leaving out the stories in `shown`.
    """

    text: str
    sources: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    order: str = "relevance"
    recency: float | None = None
    size: int = 10
    after: tuple[Any, ...] = ()
    shown: tuple[str, ...] = ()
    facets: bool = False
    highlight: bool = True


def search_body(request: SearchRequest) -> dict[str, Any]:
    """Returns the body of the search for the page of hits that is asked for, without collapsing.

    Stories and what they are by are counted with facets only, documents up to 1,000: counting all asks every match.
    """
    body: dict[str, Any] = {
        "query": query(request),
        "size": request.size,
        "sort": ORDER[request.order],
        "track_scores": True,
        "_source": list(SHOWN),
    }
    if request.after:
        body |= {"search_after": list(request.after), "track_total_hits": False}
    elif request.facets:
        body |= {"track_total_hits": True, "aggs": _facets()}
    else:
        body["track_total_hits"] = MAX_COUNT
    text = query_text(request.text)
    if request.highlight and (text.loose or text.required):
        body["highlight"] = highlight(text)
    return body


def _facets() -> dict[str, Any]:
    return {
        "stories": {"cardinality": {"field": "story_id", "precision_threshold": 10_000}},
        "day": {"date_histogram": {"field": "@timestamp", "calendar_interval": "day", "min_doc_count": 1}},
        **{name: {"terms": {"field": name, "size": 10}} for name in FACETS},
    }


def query(request: SearchRequest) -> dict[str, Any]:
    """Returns the query alone: what must match, what ranks, what filters."""
    text = query_text(request.text)
    clauses: dict[str, Any] = {"must": _must(text), "should": [], "filter": _filters(request)}
    if request.order == "relevance":
        if text.loose and not text.only_stop_words:
            clauses["should"] += _ranking(text)
        clauses["should"] += [
            phrase_in_title(term.text, TITLE_WEIGHT) for term in text.required if term.kind == "phrase" and term.only_stop_words
        ]
        if request.recency is not None:
            pivot = f"{max(1, round(request.recency * 24))}h"
            clauses["should"].append({"distance_feature": {"field": "@timestamp", "origin": "now", "pivot": pivot, "boost": 2}})
    clauses["must_not"] = list(map(found, text.excluded))
    if request.shown:
        clauses["must_not"].append({"terms": {"story_id": list(request.shown)}})
    return {"bool": {name: clause for name, clause in clauses.items() if clause}}


def _must(text: QueryText) -> list[dict[str, Any]]:
    must = [found(term) for term in text.required if term.kind == "prefix" or not term.only_stop_words]
    if text.only_stop_words:  # the index knows them in titles only
        if must or not text.loose:
            return must
        return [{"match": {"title.norm": {"query": text.loose, "operator": "and", "analyzer": EVERY_WORD}}}]
    return [bound(text.loose, current_weights().bound), *must]


def bound(loose: str, weight: float) -> dict[str, Any]:
    """Returns the clause that bounds what is found: a share of the words (`MUST_MATCH`) must be in the title or body."""
    fields = list(SEARCHED)
    asked = {"query": loose, "type": "cross_fields", "fields": fields, "minimum_should_match": MUST_MATCH, "boost": weight}
    return {"multi_match": asked}


def near(loose: str, weight: float) -> dict[str, Any] | None:
    """Returns the clause for bodies that have all words near each other, best in their order, or None for a single word."""
    if len(loose.split()) < LEAST_NEAR:
        return None
    return {"match_phrase": {"body": {"query": loose, "slop": NEAR, "boost": weight}}}


def whole_in_title(loose: str, weight: float) -> dict[str, Any]:
    """Returns the clause for titles that have every word: a title that has all of two or three words is about them."""
    return {"match": {"title": {"query": loose, "operator": "and", "boost": weight}}}


def _ranking(text: QueryText) -> list[dict[str, Any]]:
    """Returns the clauses that rank.

    For the body the better of 4-grams and words as they stand counts, for the title the better of stems and words. Titles that
    have every word and bodies that have all words near each other count besides. Words with other spellings count by their stems.
    """
    weights = current_weights()
    body = [f"body.ng^{weights.body_grams}", f"body.norm^{weights.body_words}"]
    title = [f"title^{weights.title_stems}", f"title.norm^{weights.title_words}"]
    (in_body, varied_in_body), (in_title, varied_in_title) = map(without_variants, (text.loose, text.asked))
    clauses = [
        _best(in_body, body, weights.body_tie),
        _best(in_title, title, weights.title_tie),
        _stems("body", varied_in_body, weights.body_grams),
        _stems("title", varied_in_title, weights.title_stems),
        whole_in_title(text.loose, weights.whole_title),
        near(text.loose, weights.near),
    ]
    return [clause for clause in clauses if clause]


def _best(words: str, fields: list[str], tie_breaker: float) -> dict[str, Any] | None:
    asked = {"query": words, "type": "best_fields", "tie_breaker": tie_breaker, "fields": fields}
    return {"multi_match": asked} if words else None


def _stems(field: str, words: str, weight: float) -> dict[str, Any] | None:
    return {"match": {field: {"query": words, "boost": weight}}} if words else None


def _filters(request: SearchRequest) -> list[dict[str, Any]]:
    wanted: list[dict[str, Any]] = [
        {"terms": {field: list(values)}} for field, name in FILTERS.items() if (values := getattr(request, name))
    ]
    bounds = {name: value for name, value in (("gte", request.since), ("lt", request.until)) if value}
    if bounds:
        wanted.append({"range": {"@timestamp": bounds}})
    return wanted


def carriers(stories: list[str]) -> dict[str, Any]:
    """Returns the request for who carried these stories, over all documents: sources by story, and how many are articles.

    Few documents match, so their values are counted as they come (`map`). Otherwise each shard first numbers the values of all of
    its documents: twice the server's time over 69 months of ten segments each, and 1.2 times it over merged ones (measured).
    """
    article = {"bool": {"must_not": {"terms": {"kind": ["copy", "abridged"]}}}}
    by_source = {"terms": {"field": "source", "size": 1000, "execution_hint": "map"}}
    by_story = {"terms": {"field": "story_id", "size": len(stories), "execution_hint": "map"}}
    return {
        "size": 0,
        "track_total_hits": False,
        "query": {"bool": {"filter": {"terms": {"story_id": stories}}}},
        "aggs": {"story": by_story | {"aggs": {"source": by_source, "articles": {"filter": article}}}},
    }


def related(index: str, doc_id: str, story_id: str | None, size: int) -> dict[str, Any]:
    """Returns the request for stories about the same as this document, without its own story."""
    like = {"_index": index, "_id": doc_id}
    alike = {
        "more_like_this": {
            "fields": ["title.norm", "body"],
            "like": [like],
            "min_term_freq": 1,
            "min_doc_freq": 2,
            "max_query_terms": 25,
            "minimum_should_match": "10%",  # what shares little comes last; the request says how many are wanted
        }
    }
    own = [{"term": {"story_id": story_id}}] if story_id else []
    return {
        "query": {"bool": {"must": alike, "must_not": own}},
        "size": size,
        "sort": ORDER["relevance"],
        "track_scores": True,
        "_source": list(SHOWN),
    }
