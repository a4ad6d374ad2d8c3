"""What is asked, and the requests that ask it well. Pure.

The query is that of the measurements with Arabic questions and news headlines: the stem fields bound what is found, 4-grams of
the stem and the unstemmed words rank it (in titles, which are short, the stems do as well as their 4-grams). Each was worth two
to seven points of MRR over the stock `arabic` analyzer.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from typing import Any, Final

from indexing.schema.reading import folded, stop_words
from indexing.search.highlights import highlight

MAX_WORDS: Final = 100  # more add nothing to a ranking and come near the limit of clauses
MAX_LETTERS: Final = 64
MAX_PHRASES: Final = 10
EVERY_WORD: Final = "ar_words"  # the analyzer that leaves nothing out
SEARCHED: Final = ("title", "body")
RANKING: Final = (("body.ng", "body.norm"), ("title^0.6", "title.norm^0.6"))
MUST_MATCH: Final = "30%"  # of the words, in title or body: with all of them, half of the right answers are lost
BOUND_WEIGHT: Final = 0.3
TIE_BREAKER: Final = 0.3
TITLE_PHRASE_WEIGHT: Final = 3  # chosen by reading
# field of the index -> what `Question` calls it
FILTERS: Final = {"source": "sources", "country": "countries", "section.fold": "sections", "language": "languages"}
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
_QUOTED = re.compile(r'"([^"]*)"|“([^”]*)”|«([^»]*)»|„([^“”]*)[“”]')
_WORD = re.compile(r"\w+")
_NOT_TEXT = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a reader wants: words, and "phrases" that must stand there as they are; filters; an order.

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


@dataclasses.dataclass(frozen=True, slots=True)
class Words:
    """A question's text, taken apart: `loose` words (those of the phrases too, for ranking) and exact `phrases`."""

    loose: str
    phrases: tuple[str, ...] = ()
    cut: bool = False

    @property
    def empty(self) -> bool:
        """Whether there is nothing to search for: no letter and no digit."""
        return not self.loose

    @property
    def exact_phrases(self) -> tuple[str, ...]:
        """The phrases that can be asked for in every text: the index holds stop words in titles only."""
        return tuple(phrase for phrase in self.phrases if not _only_stop_words(phrase))

    @property
    def title_phrases(self) -> tuple[str, ...]:
        """The phrases of nothing but stop words: titles that have them come first."""
        return tuple(phrase for phrase in self.phrases if _only_stop_words(phrase))

    @property
    def only_stop_words(self) -> bool:
        """Whether every word is one that the index leaves out."""
        return _only_stop_words(self.loose)


def _only_stop_words(text: str) -> bool:
    return all(word in stop_words() for word in _WORD.findall(folded(text)))


def words(text: str) -> Words:
    """The words and quoted phrases of any text at all; wildcards, operators and invisible characters mean nothing here.

    `cut` says that something was left out: words after the first 100, letters of a word after 64, phrases after 10.
    A quote without its partner is no quote.
    """
    visible = "".join(" " if unicodedata.category(char) in _NOT_TEXT else char for char in text)
    loose, cut = _shortened(visible)
    quoted = (next(filter(None, found.groups()), "") for found in _QUOTED.finditer(visible))
    phrases = [phrase for phrase in map(_shortened, quoted) if phrase[0]]
    cut = cut or len(phrases) > MAX_PHRASES
    return Words(loose, tuple(phrase for phrase, _ in phrases[:MAX_PHRASES]), cut)


def _shortened(text: str) -> tuple[str, bool]:
    """The text, or nothing when it holds no word, or its first words when it is beyond the limits; whether it was cut."""
    found = _WORD.findall(folded(text))
    if not found:
        return "", False
    if len(found) <= MAX_WORDS and max(map(len, found)) <= MAX_LETTERS:
        return text.strip(), False
    return " ".join(word[:MAX_LETTERS] for word in found[:MAX_WORDS]), True


def request(question: Question) -> dict[str, Any]:
    """The body of the search request for the page of hits that the question asks for, without collapsing."""
    body: dict[str, Any] = {
        "query": query(question),
        "size": question.size,
        "sort": ORDER[question.order],
        "track_scores": True,
        "_source": list(SHOWN),
    }
    if question.after:
        body["search_after"] = list(question.after)
    else:
        body["track_total_hits"] = True
        body["aggs"] = {"stories": {"cardinality": {"field": "story_id", "precision_threshold": 10000}}}
        if question.facets:
            body["aggs"] |= {name: {"terms": {"field": name, "size": 10}} for name in FACETS}
            body["aggs"]["day"] = {"date_histogram": {"field": "@timestamp", "calendar_interval": "day", "min_doc_count": 1}}
    if question.highlight:
        body["highlight"] = highlight()
    return body


def query(question: Question) -> dict[str, Any]:
    """The query alone: what must match, what ranks, what filters."""
    asked = words(question.text)
    clauses: dict[str, Any] = {"must": _must(asked), "should": [], "filter": _filters(question)}
    if question.order == "relevance":
        if not asked.only_stop_words:
            clauses["should"] += _ranking(asked.loose)
        clauses["should"] += [
            {"match_phrase": {"title.norm": {"query": phrase, "analyzer": EVERY_WORD, "boost": TITLE_PHRASE_WEIGHT}}}
            for phrase in asked.title_phrases
        ]
        if question.recency is not None:
            pivot = f"{max(1, round(question.recency * 24))}h"
            clauses["should"].append({"distance_feature": {"field": "@timestamp", "origin": "now", "pivot": pivot, "boost": 2}})
    if question.shown:
        clauses["must_not"] = [{"terms": {"story_id": list(question.shown)}}]
    return {"bool": {name: clause for name, clause in clauses.items() if clause}}


def _must(asked: Words) -> list[dict[str, Any]]:
    if asked.only_stop_words:  # the index knows them in titles only
        return [{"match": {"title.norm": {"query": asked.loose, "operator": "and", "analyzer": EVERY_WORD}}}]
    must: list[dict[str, Any]] = [
        {
            "multi_match": {
                "query": asked.loose,
                "type": "cross_fields",
                "fields": list(SEARCHED),
                "minimum_should_match": MUST_MATCH,
                "boost": BOUND_WEIGHT,
            }
        }
    ]
    exact = ["title.norm", "body.norm"]
    must += [{"multi_match": {"query": phrase, "type": "phrase", "fields": exact}} for phrase in asked.exact_phrases]
    return must


def _ranking(loose: str) -> list[dict[str, Any]]:
    """The better of grams and unstemmed words for the body, of stems and unstemmed words for the title (less), added up."""
    best = {"query": loose, "type": "best_fields", "tie_breaker": TIE_BREAKER}
    return [{"multi_match": best | {"fields": list(fields)}} for fields in RANKING]


def _filters(question: Question) -> list[dict[str, Any]]:
    wanted: list[dict[str, Any]] = [
        {"terms": {field: list(values)}} for field, name in FILTERS.items() if (values := getattr(question, name))
    ]
    bounds = {name: value for name, value in (("gte", question.since), ("lt", question.until)) if value}
    if bounds:
        wanted.append({"range": {"@timestamp": bounds}})
    return wanted


def carriers(stories: list[str]) -> dict[str, Any]:
    """The request for who carried these stories, over all documents: sources by story, and how many are articles."""
    article = {"bool": {"must_not": {"terms": {"kind": ["copy", "abridged"]}}}}
    return {
        "size": 0,
        "query": {"terms": {"story_id": stories}},
        "aggs": {
            "story": {
                "terms": {"field": "story_id", "size": len(stories)},
                "aggs": {"source": {"terms": {"field": "source", "size": 1000}}, "articles": {"filter": article}},
            }
        },
    }


def related(index: str, doc_id: str, story_id: str | None, size: int) -> dict[str, Any]:
    """The request for stories about the same, without the story itself."""
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
