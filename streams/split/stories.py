"""Segments become articles: the page's own story, and each one that a site appended to it."""

from __future__ import annotations

from collections.abc import Sequence

from streams.identity import read_also_id
from streams.records import DESCRIPTIVE, Article, Page
from streams.split.segments import Segment


def articles(page: Page, segments: Sequence[Segment]) -> tuple[Article, ...]:
    """The main article, then one read_also article for each appended story with a body; their ids are distinct."""
    text = page.text
    groups: list[list[Segment]] = [[]]
    for segment in segments:
        if segment.kind == "read_also_title":
            groups.append([])
        groups[-1].append(segment)
    body = "\n\n".join(text[s.start : s.end] for s in segments if s.kind == "body")
    fields = {name: getattr(page, name) for name in DESCRIPTIVE}
    main = Article(
        id=page.id,
        page_id=page.id,
        role="main",
        title=page.title,
        body=body,
        segments=tuple({"start": s.start, "end": s.end, "kind": s.kind} for s in segments),
        **fields,
    )
    out = {main.id: main}
    for group in groups[1:]:
        heading = text[group[0].start : group[0].end]
        title = heading.split("\n")[-1].strip()
        told = "\n\n".join(text[s.start : s.end] for s in group if s.kind == "read_also_body")
        if told:
            article = Article(
                id=read_also_id(title, told),
                page_id=page.id,
                role="read_also",
                title=title,
                body=told,
                source=page.source,
                fetched_at=page.fetched_at,
                language=page.language,
                country=page.country,
            )
            out.setdefault(article.id, article)
    return tuple(out.values())
