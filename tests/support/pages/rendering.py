"""Layouts filled with stories: each page with its right answer beside it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

import jinja2

from tests.support.pages.stories import STORIES, Story

_HERE = Path(__file__).parent
_LAYOUT = re.compile(r"^=== (\S+)(?: (\S+))?\n", re.MULTILINE)
_DATELINE = "العين الزرقاء 3 جمادى الآخرة 1448 هـ الموافق 12 نوفمبر 2026 م واس"
_ENCODINGS = {"old-table": "windows-1256"}


@dataclasses.dataclass(frozen=True)
class ArticlePage:
    """An article's page; `paragraphs` is its right text, `published_at` its right time."""

    name: str
    data: bytes
    url: str
    title: str
    paragraphs: tuple[str, ...]
    published_at: str


@dataclasses.dataclass(frozen=True)
class OtherPage:
    """A page that is no article, and the reason with which it is to be refused."""

    name: str
    data: bytes
    reason: str


def article_pages() -> Iterator[ArticlePage]:
    """Yield each layout of an article with each story."""
    for family in ("cms", "newsrooms", "apps"):
        for layout, flag, markup in _layouts(family):
            for story in STORIES:
                url = f"https://{layout}.example/news/{story.slug}"
                data = _filled(markup, story, url).encode(_ENCODINGS.get(layout, "utf-8"))
                before = {"standfirst": [story.lead], "dateline": [_DATELINE]}.get(flag, [])
                paragraphs = (*before, *story.paragraphs)
                yield ArticlePage(f"{layout}-{story.slug}", data, url, story.title, paragraphs, story.iso)


def other_pages() -> Iterator[OtherPage]:
    """Yield each page that is no article."""
    for layout, reason, markup in _layouts("refused"):
        yield OtherPage(layout, _filled(markup, STORIES[0], f"https://{layout}.example/").encode(), reason)


def _layouts(family: str) -> Iterator[tuple[str, str, str]]:
    parts = _LAYOUT.split((_HERE / f"{family}.html").read_text(encoding="utf-8"))[1:]
    for name, flag, markup in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        yield name, flag or "", markup


def _filled(markup: str, story: Story, url: str) -> str:
    others = [other for other in STORIES if other is not story]
    return jinja2.Environment(autoescape=False).from_string(markup).render(s=story, others=others, url=url)
