"""Segments become articles: the page's own story, and each one that a site appended to it."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from streams.identity import read_also_id
from streams.records import METADATA_FIELDS, Article, Page
from streams.split import layout
from streams.split.segments import Cut, Segment

# Farsi letters that scrapers leave in Arabic tag lines.
_REPAIRED = str.maketrans({"ی": "ي", "ې": "ي", "ک": "ك", "ڪ": "ك", "ہ": "ه", "ە": "ه", "ھ": "ه"})
_TAG_SEPARATOR = re.compile(r"\s*(?:[،,;؛|#/•·\n]|\s-\s)+\s*")
_LONGEST_TAG = 60  # code points; chosen by reading
# What an appended story shares with its page; its address, its dates and its author are its own and not known.
_SHARED = ("source", "fetched_at", "language", "country")


class _PageView(NamedTuple):
    """A page's text, and its links in order."""

    text: str
    links: list[tuple[int, int, str]]


def articles(cut: Cut) -> tuple[Article, ...]:
    """Returns the main article, then one read_also article for each appended story with a body; their ids are distinct.

    The main article has the page's id, title and descriptive fields; its `segments` cover the page. Teasers are those within
    each story; `related` are the titles of lists (kind `similar`) and of appended stories (kind `read_also`); `keywords` is the
    tag line as it stands, with Arabic letters for Farsi ones, and `tags` gains its tags where the page separates them.
    """
    page, segments = cut.page, cut.segments
    if len(segments) == 1 and segments[0].kind == "body":
        return (_main(page, segments, page.text[segments[0].start : segments[0].end]),)
    view = _PageView(page.text, sorted(page.links))
    stories = _stories(segments)
    appended = [_read_also(page, story, view) for story in stories[1:]]
    by_id = {article.id: article for article in appended if article is not None}
    lists = (segment for segment in segments if segment.kind == "similar_list")
    related = [{"title": _title(view, story[0]), "kind": "read_also"} for story in stories[1:]]
    related += [{**title, "kind": "similar"} for segment in lists for title in _titles(view, segment)]
    credit = [_value(view, segment) for segment in segments if segment.kind == "source_credit"]
    keywords = [_value(view, segment).translate(_REPAIRED) for segment in segments if segment.kind == "keywords"]
    main = _main(
        page,
        segments,
        _body(page.text, stories[0], "body"),
        teasers=tuple(_teasers(view, stories[0])),
        related=tuple(_distinct(related)),
        credit="; ".join(filter(None, credit)) or None,
        keywords=" ".join(filter(None, keywords)) or None,
        tags=tuple(dict.fromkeys((*page.tags, *(tag for line in keywords for tag in _separated(line))))),
    )
    return (main, *by_id.values())


def _main(page: Page, segments: Sequence[Segment], body: str, **found: object) -> Article:
    fields = {name: getattr(page, name) for name in METADATA_FIELDS} | found
    spans = tuple({"start": s.start, "end": s.end, "kind": s.kind} for s in segments)
    return Article(id=page.id, page_id=page.id, role="main", title=page.title, body=body, segments=spans, **fields)


def _stories(segments: Sequence[Segment]) -> list[list[Segment]]:
    """Returns the segments of the page's own story, then those of each appended one, from its title on."""
    out: list[list[Segment]] = [[]]
    for segment in segments:
        if segment.kind == "read_also_title":
            out.append([])
        out[0 if segment.kind == "body" else -1].append(segment)
    return out


def _read_also(page: Page, story: Sequence[Segment], view: _PageView) -> Article | None:
    title, body = _title(view, story[0]), _body(page.text, story, "read_also_body")
    if not body:
        return None
    return Article(
        id=read_also_id(title, body),
        page_id=page.id,
        role="read_also",
        title=title or None,
        body=body,
        teasers=tuple(_teasers(view, story)),
        **{name: getattr(page, name) for name in _SHARED},
    )


def _body(text: str, segments: Sequence[Segment], kind: str) -> str:
    """Returns the text of the segments of this kind; where something was taken out between two, the line break there stays."""
    out: list[str] = []
    end = 0
    for segment in segments:
        if segment.kind == kind:
            if out:
                gap = text[end : segment.start]
                out.append("\n\n" if "\n\n" in gap else "\n" if "\n" in gap else " ")
            out.append(text[segment.start : segment.end])
            end = segment.end
    return "".join(out)


def _title(view: _PageView, segment: Segment) -> str:
    """Returns the title of an appended story, which stands after the words of its heading; once where the page has it twice."""
    titles = (" ".join(view.text[start:end].split()) for start, end in segment.contents)
    return " ".join(dict.fromkeys(filter(None, titles)))


def _value(view: _PageView, segment: Segment) -> str:
    """Returns the text of a segment without the heading that it begins with."""
    return view.text[segment.contents[0][0] : segment.end].strip()


def _teasers(view: _PageView, story: Sequence[Segment]) -> list[dict[str, str]]:
    return _distinct(title for segment in story if segment.kind == "inline_teaser" for title in _titles(view, segment))


def _titles(view: _PageView, segment: Segment) -> Iterator[dict[str, str]]:
    """Yields the titles of a list, without heading, bullets and dates; with the address that the page gives for each."""
    titles: list[dict[str, str]] = []
    for start, end in segment.contents:
        title = layout.without_bullet(view.text[start:end]).strip()
        if layout.is_url(title):
            if titles:
                titles[-1].setdefault("url", "".join(title.split()))
        elif title and not layout.is_date(title):
            url = _address(view.links, start, end)
            titles.append({"title": title, "url": url} if url else {"title": title})
    yield from titles


def _address(links: Sequence[tuple[int, int, str]], start: int, end: int) -> str | None:
    """Returns the address of the first link that reaches into the stretch."""
    at = bisect.bisect_left(links, end, key=lambda link: link[0]) - 1
    return links[at][2] if at >= 0 and links[at][1] > start else None


def _separated(keywords: str) -> list[str]:
    """Returns the tags of a tag line whose page separates them; none when it does not."""
    parts = [part for part in _TAG_SEPARATOR.split(keywords) if part]
    return parts if len(parts) > 1 and all(len(part) <= _LONGEST_TAG for part in parts) else []


def _distinct(titles: Iterator[dict[str, str]] | Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """Returns the titles, each once, with its address when any of its places had one."""
    out: dict[str, dict[str, str]] = {}
    for title in titles:
        known = out.setdefault(title["title"], title)
        if "url" in title:
            known.setdefault("url", title["url"])
    return list(out.values())
