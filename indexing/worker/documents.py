"""What is written of an article: its document, its line in a bulk request, and whether anything is written at all. Pure."""

from __future__ import annotations

import re
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec
import orjson

from indexing.elastic.writes import Write
from streams.arabic.folding import units
from streams.arabic.words import words
from streams.identity import content_hash
from streams.records import SIGHTINGS, Article, ArticleHead, Verdict

# What an article says of itself and the index takes over by the same name.
COPIED_FIELDS = (
    "role",
    "page_id",
    "source",
    "source_id",
    "url",
    "language",
    "country",
    "section",
    "author",
    "tags",
    "keywords",
    "credit",
    "published_at",
    "modified_at",
    "fetched_at",
    "teasers",
    "related",
)
# Most hosts; the others, and what is no URL at all, are left to the library, which takes ten times as long.
_PLAIN_HOST = re.compile(r"https?://([a-z0-9-]+(?:\.[a-z0-9-]+)*)(?=[/?#]|\Z)")


class ArticleWithRawBody(ArticleHead, frozen=True, kw_only=True):
    """An article whose body is still the JSON that it came as.

    The body is most of a message and goes into the index as it came: to decode it and encode it again took an eighth of the
    index worker's CPU time (measured).
    """

    body: msgspec.Raw = msgspec.Raw(b'""')


class StoredDocument(NamedTuple):
    """What a look-up found of a document: where it is, at which version, and the hash of its content."""

    period: str
    version: int
    content_hash: str | None
    first_seen: str | None


class Content(NamedTuple):
    """What an article amounts to: the hash of all that a reader would see change, and the words of its body."""

    hash: str
    words: int


def measure_article(article: Article) -> Content:
    """Computes the hash and the number of words. Normally the verdict carries both (`streams.dedup.notice`)."""
    return Content(content_hash(article), len(words(units(article.body)).hashes))


def plan_write(
    article: Article | ArticleWithRawBody,
    verdict: Verdict,
    stored: StoredDocument | None,
    *,
    indexed_at: str,
    content: Content,
    lookup_is_current: bool = True,
) -> Write | None:
    """Returns the write that brings the index to this verdict, or None when the index is there already.

    `content` is the article's own. Where the stored document lies it stays, so that an id never lies in two indices; the
    register's verdict can only guess it. `lookup_is_current` is False if this id was written since the last refresh: the look-up
    may be stale then, so equal content is no proof. A higher stored version always is, because versions only grow.
    """
    if stored is None:
        return Write(verdict.doc_id, verdict.month, verdict.version, document(article, verdict, indexed_at, content))
    same_content = stored.content_hash == content.hash
    if stored.version > verdict.version or (stored.version == verdict.version and same_content):
        return None
    # To the register this article is new, or its entry has expired. A read_also is identified by its own folded text.
    if lookup_is_current and not verdict.known and (same_content or article.role == "read_also"):
        return None
    if stored.first_seen and stored.first_seen < verdict.first_seen:
        verdict = msgspec.structs.replace(verdict, first_seen=stored.first_seen)
    return Write(verdict.doc_id, stored.period, verdict.version, document(article, verdict, indexed_at, content))


def document(article: Article | ArticleWithRawBody, verdict: Verdict, indexed_at: str, content: Content) -> bytes:
    """Returns the document as JSON: every field of the mapping that has a value, and what is kept without being searched.

    A copy has no `title` and `body`: it keeps them as `copy_title` and `copy_body`, which the mapping does not know, so a
    search finds a story once and the text is there.
    """
    fields: dict[str, Any] = {"kind": verdict.kind, "story_id": verdict.story_id, "first_seen": verdict.first_seen}
    for name in COPIED_FIELDS:
        value = getattr(article, name)
        if value is not None and value != ():
            fields[name] = value
    host = url_host(article.url)
    if host:
        fields["url_host"] = host
    for name in ("edition_of", "jaccard", "containment"):
        value = getattr(verdict, name)
        if value is not None:
            fields[name] = value
    title_field, body_field = ("copy_title", "copy_body") if verdict.kind in SIGHTINGS else ("title", "body")
    if article.title:
        fields[title_field] = article.title
    if isinstance(article, Article):
        if article.body:
            fields[body_field] = article.body
    elif (body := bytes(article.body)) != b'""':
        fields[body_field] = orjson.Fragment(body)
    fields["@timestamp"] = article.published_at or article.fetched_at
    fields["indexed_at"] = indexed_at
    fields["word_count"] = content.words
    fields["content_hash"] = content.hash
    return orjson.dumps(fields)


def url_host(url: str | None) -> str | None:
    """Returns the host of a URL in lower case, or None."""
    if url and (plain := _PLAIN_HOST.match(url)):
        return plain[1]
    try:
        return urlsplit(url).hostname if url else None
    except ValueError:
        return None
