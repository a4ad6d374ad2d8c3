"""What dedup makes of one's own articles, with no server: JSON Lines in, verdicts out, and clusters for the eye."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson
from rich.markup import escape
from rich.table import Table

from streams.dedup.entry import rfc3339_of_ms
from streams.dedup.notice import notice
from streams.dedup.register import Register
from streams.errors import RafidError
from streams.identity import NotAUrl, canonical_url, digest
from streams.records import Article, Page, Verdict
from streams.split.splitter import split
from streams.split.stories import articles

SHOWN_TITLE = 90  # characters


class Judged(NamedTuple):
    """An article of the file: its id as the file gives it, that of its story's founder, and the verdict."""

    id: str | int
    canonical: str | int
    title: str
    verdict: Verdict

    def json_line(self) -> str:
        """Returns one JSON object on one line."""
        verdict = self.verdict
        fields = {
            "id": self.id,
            "canonical": self.canonical,
            "kind": verdict.kind,
            "jaccard": verdict.jaccard,
            "containment": verdict.containment,
            "rule": verdict.rule,
        }
        return orjson.dumps({key: value for key, value in fields.items() if value is not None}).decode()


def judged(lines: Iterable[bytes]) -> Iterator[Judged]:
    """Yields the verdicts on the articles of JSON Lines, in order, as a fresh register says them.

    A line has `id` or `url`, an arrival time under `fetched_at` or `date_extracted` (RFC 3339; naive is UTC), and the article
    under `body` or `content`, or a page under `text`, which is split first: a story appended to it is an article of its own,
    called after its page with `#2`, `#3`. Raises RafidError that names the line.
    """
    register = Register({})
    spelled: dict[str, str | int] = {}
    offset = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        name, found, at = _articles(line, number)
        for index, article in enumerate(found, 1):
            own = name if index == 1 else f"{name}#{index}"
            spelled.setdefault(article.id, own)
            verdict = register.judge(notice(article, at, (0, number)), offset)
            offset += 1
            if verdict is not None:  # of lines in their own order none is superseded
                yield Judged(own, spelled[verdict.story_id], article.title or "", verdict)


def _articles(line: bytes, number: int) -> tuple[str | int, tuple[Article, ...], int]:
    """Returns the id as the line gives it, the line's articles, and its arrival in ms since 1970."""
    try:
        fields = orjson.loads(line)
    except orjson.JSONDecodeError as exc:
        raise RafidError(f"line {number} is not JSON ({exc})") from None
    if not isinstance(fields, dict):
        raise RafidError(f"line {number} is not a JSON object")
    url, title = _text(fields, "url", number), _text(fields, "title", number)
    given = fields.get("id")
    name = given if type(given) is int else _text(fields, "id", number) or url
    if name is None or name == "":
        raise RafidError(f"line {number} has neither `id` nor `url`")
    at = _arrival(fields, number)
    source = _text(fields, "source", number) or "file"
    page: dict[str, Any] = {
        "source": source,
        "url": url,
        "title": title,
        "fetched_at": rfc3339_of_ms(at),
    }
    id_ = _identity(url, str(name))
    body = _text(fields, "body", number) or _text(fields, "content", number)
    text = _text(fields, "text", number)
    if body is None and text is not None:
        whole = Page(id=id_, text=text, **page)
        return name, articles(split(whole)), at
    return name, (Article(id=id_, page_id=id_, role="main", body=body or "", **page),), at


def _identity(url: str | None, name: str) -> str:
    try:
        return digest("url", canonical_url(url or name))
    except NotAUrl:
        return digest("name", name)


def _text(fields: dict[str, Any], key: str, number: int) -> str | None:
    value = fields.get(key)
    if value is None or isinstance(value, str):
        return value
    raise RafidError(f"line {number}: `{key}` is not a text")


def _arrival(fields: dict[str, Any], number: int) -> int:
    raw = _text(fields, "fetched_at", number) or _text(fields, "date_extracted", number)
    if not raw:
        raise RafidError(f"line {number} has no arrival time: give `fetched_at` or `date_extracted`, like 2026-11-22T18:25:43Z")
    try:
        moment = datetime.fromisoformat(raw)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise RafidError(f"line {number}: {raw[:40]!r} is no time; 2026-11-22T18:25:43Z is one") from None
    return max(0, int(moment.timestamp() * 1000))


def clusters(every: Iterable[Judged]) -> Iterator[list[Judged]]:
    """Yields the stories that have more than one article, largest first, each in order of arrival."""
    stories: dict[str | int, list[Judged]] = defaultdict(list)
    for one in every:
        if one.verdict.kind != "unchanged":
            stories[one.canonical].append(one)
    yield from sorted((members for members in stories.values() if len(members) > 1), key=len, reverse=True)


def table(found: Iterable[list[Judged]]) -> Table:
    """Returns the clusters: how each article joined its story, and what it is called."""
    out = Table(box=None, pad_edge=False, title="stories told more than once", title_justify="left")
    for column in ("articles", "kind", "why", "J", "C", "id"):
        out.add_column(column, no_wrap=True, overflow="ellipsis", max_width=48)
    out.add_column("title", justify="right", overflow="ellipsis", no_wrap=True)
    for members in found:
        for index, one in enumerate(members):
            verdict = one.verdict
            out.add_row(
                str(len(members)) if index == 0 else "",
                verdict.kind,
                verdict.rule or "",
                "" if verdict.jaccard is None else f"{verdict.jaccard:.2f}",
                "" if verdict.containment is None else f"{verdict.containment:.2f}",
                escape(str(one.id)),
                escape(" ".join(one.title.split())[:SHOWN_TITLE]),
                end_section=index == len(members) - 1,
            )
    return out
