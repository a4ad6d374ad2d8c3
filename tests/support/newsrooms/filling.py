"""Markup filled with stories: each page with the answer that is right for it."""

from __future__ import annotations

import dataclasses
import datetime
import re
import zlib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import jinja2

from tests.support.newsrooms.stories import STORIES, Part, Story, spelled

_HERE = Path(__file__).parent
_LAYOUT = re.compile(r"^=== (\S+)(?: ([^\n]+))?\n", re.MULTILINE)
_LIST = {
    "p": "<p>%s</p>",
    "h": "<h2>%s</h2>",
    "q": "<blockquote><p>%s</p></blockquote>",
    "li": "<li>%s</li>",
    "ul": "<ul>%s</ul>",
}
FAMILIES = (
    "broadcasters",
    "gulf",
    "egypt",
    "levant",
    "maghreb",
    "agencies",
    "systems",
    "old",
    "apps",
    "shapes",
    "later",
)
OTHERS = "no_articles"


@dataclasses.dataclass(frozen=True)
class Answer:
    """What is right for an article's page; `may` is text that belongs to it or not, as one sees it. A day alone has no hour."""

    title: str
    paragraphs: tuple[str, ...]
    may: tuple[str, ...]
    published_at: str | None
    modified_at: str | None
    author: str | None


@dataclasses.dataclass(frozen=True)
class NewsroomPage:
    """A page in one layout; `right` is None where it is no article."""

    layout: str
    name: str
    data: bytes
    url: str
    right: Answer | None


@cache
def newsroom_pages() -> tuple[NewsroomPage, ...]:
    """Return each layout of an article with two stories, or with the one that it is made for."""
    found = []
    for family in FAMILIES:
        for number, (layout, flags, markup) in enumerate(layouts(family)):
            at = zlib.crc32(layout.encode()) + number
            only = [story for story in STORIES if story.slug in flags]
            for story in only or (STORIES[at % len(STORIES)], STORIES[(at + 3) % len(STORIES)]):
                found.append(_page(layout, story, flags, markup))
    return tuple(found)


@cache
def other_pages() -> tuple[NewsroomPage, ...]:
    """Return each page that is no article."""
    found = []
    for layout, flags, markup in layouts(OTHERS):
        page = _page(layout, STORIES[zlib.crc32(layout.encode()) % len(STORIES)], flags, markup)
        found.append(dataclasses.replace(page, right=None))
    return tuple(found)


def layouts(family: str) -> Iterator[tuple[str, frozenset[str], str]]:
    """Yield name, flags and markup of each layout of a family.

    `day`: the page tells the day alone; `undated`; `modified` and `author`: it tells them; `windows-1256`; a story's name.
    """
    parts = _LAYOUT.split((_HERE / f"{family}.html").read_text(encoding="utf-8"))[1:]
    for name, flags, markup in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        yield name, frozenset((flags or "").split()), markup


def _page(layout: str, story: Story, flags: frozenset[str], markup: str) -> NewsroomPage:
    url = f"https://{layout}.example/news/2026/11/{story.slug}-4471{len(layout)}"
    filled = _Filled(story)
    html = filled.render(markup, url)
    published = None if "undated" in flags else story.when.strftime("%Y-%m-%d" if "day" in flags else "%Y-%m-%dT%H:%M:%SZ")
    modified = story.changed.strftime("%Y-%m-%dT%H:%M:%SZ") if "modified" in flags else None
    author = story.author if "author" in flags else None
    right = Answer(story.title, tuple(filled.paragraphs), tuple(filled.may), published, modified, author)
    data = html.encode("windows-1256" if "windows-1256" in flags else "utf-8", "xmlcharrefreplace")
    return NewsroomPage(layout, f"{layout}-{story.slug}", data, url, right)


class _Filled:
    """One template with one story; what the template says is the story's is remembered as its right answer."""

    def __init__(self, story: Story) -> None:
        self.story, self.paragraphs, self.may = story, list[str](), list[str]()

    def render(self, markup: str, url: str) -> str:
        at = STORIES.index(self.story)
        names = {"s": self.story, "o": [*STORIES[at + 1 :], *STORIES[:at]], "url": url, "flow": self._flow}
        names |= {"body": self._body, "optional": self._optional, "iso": self._iso, "spelled": self._spelled}
        return jinja2.Environment(autoescape=False).from_string(markup).render(**names)

    def _body(self, text: str) -> str:
        self.paragraphs.append(text)
        return text

    def _optional(self, text: str) -> str:
        self.may.append(text)
        return text

    def _iso(self, hours: int = 0, changed: bool = False) -> str:
        moment = self.story.changed if changed else self.story.when
        zone = datetime.timezone(datetime.timedelta(hours=hours))
        return moment.astimezone(zone).isoformat()

    def _spelled(self, form: str, months: str = "egypt", changed: bool = False) -> str:
        return spelled(self.story.changed if changed else self.story.when, form, months)

    def _flow(self, after: Mapping[int, str] | None = None, *, first: str = "", tables: bool = True, **forms: str) -> str:
        """The parts in the markup given; `after` is what stands after the part of that number, `first` before the text."""
        out, items = [], list[str]()
        for number, part in enumerate(self.story.parts):
            if part.kind == "li":
                items.append((_LIST | forms)["li"] % self._body(part.text))
            if items and part.kind != "li":
                out.append((_LIST | forms)["ul"] % "".join(items))
                items.clear()
            out.append(self._part(part, first if number == 0 else "", tables=tables, forms=_LIST | forms))
            out.append((after or {}).get(number + 1, ""))
        return "".join(out)

    def _part(self, part: Part, first: str, *, tables: bool, forms: Mapping[str, str]) -> str:
        match part.kind:
            case "li":
                return ""
            case "row":
                cells = "".join(f"<td>{self._optional(cell.strip())}</td>" for cell in part.text.split("|"))
                return f"<table><tr>{cells}</tr></table>" if tables else ""
            case _:
                return forms[part.kind] % (first + self._body(part.text))
