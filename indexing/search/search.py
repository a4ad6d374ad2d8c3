"""Search in Elasticsearch: stories that answer a request, each once, and who else carried them."""

from __future__ import annotations

import base64
import binascii
import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from elastic_transport import ConnectionTimeout, TlsError
from elasticsearch import ApiError, Elasticsearch, NotFoundError, TransportError

from indexing.search.highlights import CLOSE, OPEN, marked_as_words
from indexing.search.query import FACETS, SearchRequest, carriers, query, related, search_body
from indexing.search.query_text import QueryText, query_text, visible
from indexing.search.spelling import as_written
from indexing.search.suggestions import (
    FEW_DOCUMENTS,
    counts_of,
    counts_request,
    is_any_rare,
    is_hardly_shown,
    near_words_request,
    replaced,
    replacements,
    spelling_request,
)
from streams.errors import RafidError

OVERFETCH = 1  # hits beyond the page: some stories have a second article


class SearchFailed(RafidError):
    """A search that the server could not answer, with the reason in one line."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One story: its best article, and how many other sources carried it (`other_sources`, the first ten by name)."""

    id: str
    index: str
    score: float | None
    fields: Mapping[str, Any]
    title: str
    snippets: tuple[str, ...]
    others: int
    other_sources: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Returns the hit for a program: highlighted words between <em> and </em> in text that is escaped for HTML."""
        return {
            "id": self.id,
            "score": self.score,
            **self.fields,
            "highlights": [_html(text) for text in (self.title, *self.snippets) if OPEN in text],
            "others": self.others,
            "other_sources": list(self.other_sources),
        }


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    """A page of stories; `documents` and `stories` (approximate above 10,000) count all, on the first page only.

    Without facets stories are not counted, and documents up to 1,000: `documents_exact` says whether those are all.
    `did_you_mean` is the text with words of the index, where the search found little and that text finds something.

    `next_page` continues behind this page, None when it was the last. `cut` says that the request was too long to be used whole.
    """

    hits: tuple[Hit, ...]
    documents: int | None
    documents_exact: bool
    stories: int | None
    facets: Mapping[str, tuple[tuple[str, int], ...]]
    next_page: str | None
    took_ms: int
    cut: bool = False
    did_you_mean: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Returns the page for a program: counts, facets and hits."""
        names = ("documents", "documents_exact", "stories", "next_page", "took_ms", "cut", "did_you_mean")
        out = {name: getattr(self, name) for name in names}
        facets = {name: [{"value": value, "count": count} for value, count in counts] for name, counts in self.facets.items()}
        return out | {"facets": facets, "hits": [hit.as_json() for hit in self.hits]}


def search(client: Elasticsearch, index: str, everything: str, request: SearchRequest) -> SearchPage:
    """Returns the page of stories in `index` that answers the request; `everything` is the alias that knows the copies too.

    Raises RafidError when there is nothing to search for, when there is no such index, and when the server cannot answer.
    """
    text = query_text(request.text)
    if text.empty:
        raise RafidError("there is no word to search for: type letters or digits")
    body = search_body(dataclasses.replace(request, size=request.size + OVERFETCH))
    response = execute(client, index, body)
    page = _page(client, everything, request, response, text.cut)
    if request.after or text.cut or ((page.documents or 0) > FEW_DOCUMENTS and not _hardly_shown(request, text, page)):
        return page
    return dataclasses.replace(page, did_you_mean=_did_you_mean(client, index, request))


def _hardly_shown(request: SearchRequest, text: QueryText, page: SearchPage) -> bool:
    """Tells whether a word of the text stands in few of the hits; without highlights nothing tells, and it is False."""
    return request.highlight and is_hardly_shown(text.loose, [" ".join([hit.title, *hit.snippets]) for hit in page.hits])


def _did_you_mean(client: Elasticsearch, index: str, request: SearchRequest) -> str | None:
    """Returns the text with words of the index as articles spell them.

    Returns None where that text would find nothing, and where there are no such words.
    """
    text = visible(request.text)
    counts = counts_of(execute(client, index, counts_request(text)))
    if not is_any_rare(counts):
        return None
    words = replacements(text, counts, execute(client, index, near_words_request(text, counts)))
    if not words:
        return None
    corrected = dataclasses.replace(request, text=replaced(text, words))
    response = execute(client, index, spelling_request([word.word for word in words], query(corrected)))
    if not response["hits"]["total"]["value"]:
        return None
    examples = response["aggregations"]["all"]["word"]["buckets"]
    spelled = [word._replace(word=as_written(word.word, examples[word.word]["example"]["hits"]["hits"])) for word in words]
    return replaced(text, spelled)


def find_related(client: Elasticsearch, index: str, everything: str, doc_id: str, size: int = 10) -> SearchPage:
    """Returns the page of stories about the same as the document with this id. Raises RafidError when no document has the id."""
    found = execute(client, index, {"query": {"ids": {"values": [doc_id]}}, "size": 1, "_source": ["story_id"]})["hits"]["hits"]
    if not found:
        raise RafidError(f"no article has the id {doc_id!r} in {index}: take one from `rafid search --json`")
    story = found[0]["_source"].get("story_id")
    response = execute(client, index, related(found[0]["_index"], doc_id, story, size + OVERFETCH))
    return dataclasses.replace(_page(client, everything, SearchRequest(text="", size=size), response, cut=False), next_page=None)


def after_page(request: SearchRequest, page: str) -> SearchRequest:
    """Returns the request for the page behind the one that gave this `next_page`. Raises RafidError for any other text."""
    try:
        after, shown = orjson.loads(base64.urlsafe_b64decode(page.encode()))
        good = isinstance(after, list) and isinstance(shown, list) and all(isinstance(story, str) for story in shown)
    except (ValueError, TypeError, binascii.Error):
        good = False
    if not good:
        raise RafidError("this is not the end of a page: give --after what `next_page` said")
    return dataclasses.replace(request, after=tuple(after), shown=tuple(shown))


def _page(client: Elasticsearch, everything: str, request: SearchRequest, response: Mapping[str, Any], cut: bool) -> SearchPage:
    found = response["hits"]["hits"]
    kept = list(_first_of_each_story(found))
    page = kept[: request.size]
    stories = _carriers(client, everything, [_story(hit) for hit in page])
    more = len(found) >= request.size + OVERFETCH or len(kept) > len(page)
    aggregations = response.get("aggregations", {})
    total = response["hits"].get("total", {}) if not request.after else {}
    return SearchPage(
        hits=tuple(_hit(hit, stories.get(_story(hit))) for hit in page),
        documents=total["value"] if total else None,
        documents_exact=bool(total) and total["relation"] == "eq",
        stories=aggregations["stories"]["value"] if "stories" in aggregations else None,
        facets=dict(_facets(aggregations)),
        next_page=_next_page(page, stories, request.shown) if page and more else None,
        took_ms=response["took"],
        cut=cut,
    )


def _first_of_each_story(hits: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yields the best hit of each story.

    Elasticsearch's own `collapse` cannot be paged by search_after in this order.
    """
    seen: set[str] = set()
    for hit in hits:
        if _story(hit) not in seen:
            seen.add(_story(hit))
            yield hit


def _story(hit: Mapping[str, Any]) -> str:
    return str(hit["_source"].get("story_id") or hit["_id"])


def _carriers(client: Elasticsearch, everything: str, stories: list[str]) -> dict[str, Mapping[str, Any]]:
    if not stories:
        return {}
    buckets = execute(client, everything, carriers(stories))["aggregations"]["story"]["buckets"]
    return {bucket["key"]: bucket for bucket in buckets}


def _hit(hit: Mapping[str, Any], story: Mapping[str, Any] | None) -> Hit:
    fields = hit["_source"]
    sources = [bucket["key"] for bucket in story["source"]["buckets"]] if story else []
    others = sorted(set(sources) - {fields.get("source")})
    highlighted = hit.get("highlight", {})
    return Hit(
        id=hit["_id"],
        index=hit["_index"],
        score=hit.get("_score"),
        fields=fields,
        title=marked_as_words(highlighted.get("title", [fields.get("title") or ""])[0]),
        snippets=tuple(map(marked_as_words, highlighted.get("body", ()))),
        others=len(others),
        other_sources=tuple(others[:10]),
    )


def _facets(aggregations: Mapping[str, Any]) -> Iterator[tuple[str, tuple[tuple[str, int], ...]]]:
    for name in (*FACETS, "day"):
        if name in aggregations:
            buckets = aggregations[name]["buckets"]
            yield name, tuple((bucket.get("key_as_string", bucket["key"])[:256], bucket["doc_count"]) for bucket in buckets)


def _next_page(page: list[dict[str, Any]], stories: Mapping[str, Mapping[str, Any]], shown: tuple[str, ...]) -> str:
    """Returns the text that continues behind the last hit.

    That text names the stories shown that have a second article, which must not come again.
    """
    several = [story for story in map(_story, page) if stories.get(story, {}).get("articles", {}).get("doc_count", 1) > 1]
    return base64.urlsafe_b64encode(orjson.dumps([page[-1]["sort"], [*shown, *several]])).decode()


_HINTS = {
    401: ": check --elasticsearch-api-key, or --elasticsearch-user and its password",
    403: ": give this user or key the rights of a reader",
}


def execute(client: Elasticsearch, index: str, body: dict[str, Any]) -> dict[str, Any]:
    """Returns the response of the server to a search request. Raises SearchFailed, in one line, when there is none."""
    try:
        answer: dict[str, Any] = client.search(index=index, **_arguments(body)).body
    except NotFoundError:
        raise SearchFailed(
            f"there is no index {index}: nothing is indexed yet, or another --namespace or --index is meant"
        ) from None
    except ApiError as exc:
        raise SearchFailed(f"Elasticsearch cannot answer: {_reason(exc)}{_HINTS.get(exc.status_code, '')}") from None
    except TlsError as exc:
        raise SearchFailed(f"no trusted connection to Elasticsearch ({exc.message}): check --elasticsearch-ca") from None
    except ConnectionTimeout:
        raise SearchFailed("Elasticsearch gave no answer in time: it is busy, or ask for less") from None
    except TransportError as exc:
        raise SearchFailed(f"Elasticsearch is out of reach: {exc.message}") from None
    return answer


def _arguments(body: dict[str, Any]) -> dict[str, Any]:
    return {("source" if key == "_source" else key): value for key, value in body.items()}


def _reason(exc: ApiError) -> str:
    """Returns the innermost cause that the server names, on one line of at most 300 characters."""
    try:
        cause = exc.body["error"]["root_cause"][0]
        reason = f"{cause['type']}: {cause['reason']}"
    except (KeyError, IndexError, TypeError):
        reason = str(exc)
    return " ".join(reason.split())[:300]


def _html(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace(OPEN, "<em>").replace(CLOSE, "</em>")
