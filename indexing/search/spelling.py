"""Words as articles spell them: the index knows them folded. Pure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from indexing.schema.reading import folded
from indexing.schema.stemming import normalised
from indexing.search.highlights import CLOSE, OPEN

WORD_FIELDS: Final = ("title.norm", "body.norm")
_MARKED = re.compile(f"{OPEN}(.*?){CLOSE}")


def example(words: Iterable[str]) -> dict[str, Any]:
    """Returns the aggregation for a document of each bucket, with these folded words marked as they stand there."""
    marks = {"pre_tags": [OPEN], "post_tags": [CLOSE], "highlight_query": _any_of(" ".join(words))}
    fields = {"title.norm": {"number_of_fragments": 0}, "body.norm": {"number_of_fragments": 1}}
    return {"top_hits": {"size": 1, "_source": ["title"], "highlight": marks | {"fields": fields}}}


def with_each_word(words: Iterable[str]) -> dict[str, Any]:
    """Returns the aggregation that has a bucket of documents for each folded word."""
    return {"filters": {"filters": {word: _any_of(word) for word in words}}}


def as_written(word: str, hits: Sequence[Mapping[str, Any]]) -> str:
    """Returns the word as the example among these hits spells it; folded when there is none."""
    texts = itertools.chain.from_iterable(hit.get("highlight", {}).values() for hit in hits)
    marked = itertools.chain.from_iterable(map(marked_words, itertools.chain.from_iterable(texts)))
    return next((written for written in marked if normalised(folded(written)) == word), word)


def marked_words(text: str) -> list[str]:
    """Returns the words that are marked in a highlighted text, as they stand there."""
    return _MARKED.findall(text)


def _any_of(words: str) -> dict[str, Any]:
    return {"multi_match": {"query": words, "fields": list(WORD_FIELDS)}}
