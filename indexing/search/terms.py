"""How a word, a phrase and a prefix are found in the fields of the index. Pure."""

from __future__ import annotations

from typing import Any, Final, Literal

from indexing.schema.reading import folded
from indexing.schema.stemming import normalised, without_prefixes
from indexing.search.query_text import Term

EVERY_WORD: Final = "ar_words"  # the analyzer that leaves nothing out
SEARCHED: Final = ("title", "body")
TITLE_WEIGHT: Final = 3  # of a phrase or prefix; chosen by reading


def found(term: Term) -> dict[str, Any]:
    """Returns the query for the documents that have the term in their title or body."""
    if term.kind == "prefix":
        return prefix(term.text)
    if term.kind == "word":
        return {"multi_match": {"query": term.text, "type": "phrase", "fields": list(SEARCHED)}}
    in_title = phrase_in_title(term.text)
    if term.only_stop_words:
        return in_title
    return {"dis_max": {"queries": [in_title, {"match_phrase": {"body.norm": {"query": term.text}}}]}}


def phrase_in_title(phrase: str, weight: float = 1) -> dict[str, Any]:
    """Returns the query for titles that have the phrase: exactly, because titles keep their stop words."""
    return {"match_phrase": {"title.norm": {"query": phrase, "analyzer": EVERY_WORD, "boost": weight}}}


def prefix(letters: str, query: Literal["prefix", "wildcard"] = "prefix") -> dict[str, Any]:
    """Returns the query for words that begin so as they stand, or without article and preposition; titles first.

    A `prefix` of two or three letters in titles is looked up among the indexed prefixes, which are fast and mark nothing. A
    `wildcard` marks every word.
    """
    whole = normalised(folded(letters))
    bare = without_prefixes(whole)
    fields = (("title.norm", whole, TITLE_WEIGHT), ("body.norm", whole, 1), ("title", bare, TITLE_WEIGHT), ("body", bare, 1))
    end = "*" if query == "wildcard" else ""
    return {
        "dis_max": {"queries": [{query: {field: {"value": value + end, "boost": weight}}} for field, value, weight in fields]}
    }
