"""Pages put together from invented stories in layouts that sites use, and what the splitter makes of them.

`layouts/` has the stories, the layouts, and pages that are body alone. A layout is filled with several choices of stories, so
that no rule can lean on the words of one. Those that are `held` are not read when a rule is made.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from streams.records import Page
from streams.split.segments import RELATED
from streams.split.splitter import split

HERE = Path(__file__).parent / "layouts"
FILLINGS = 6
SLACK = 12  # code points of a body that may be lost, as the scorer of labelled pages allows
TOKEN = re.compile(r"\{(\d+)\.([tqrlc]|[1-3]?h|[1-3])\}")
CUT_WORDS = 9
JOINTS = {"+": "", "&": " "}  # what stands between a line and the one above that it goes on from
LINK, HEADLINE = "@", "h"
LAYOUTS = ("layouts", "later", "endings", "fresh")


class Story(NamedTuple):
    """A title, two titles on the same subject, and four paragraphs."""

    title: str
    others: tuple[str, str]
    paragraphs: tuple[str, ...]


class Invented(NamedTuple):
    """A page and which of its code points are body, and which other stories."""

    name: str
    is_held: bool
    page: Page
    body: frozenset[int]
    others: frozenset[int]


@cache
def stories(file: str = "") -> tuple[Story, ...]:
    """Returns the invented stories that the layouts of a file are filled with: of its own where it has some."""
    if file.startswith("fresh"):
        own = (HERE / "fresh_stories.txt").read_text(encoding="utf-8").rstrip().split("\n\n")
        return tuple(Story(a, (b, c), tuple(rest)) for a, b, c, *rest in (block.split("\n") for block in own))
    blocks = (HERE / "stories.txt").read_text(encoding="utf-8").strip().split("\n\n")
    related = (HERE / "related.txt").read_text(encoding="utf-8").splitlines()
    parts = zip(blocks, zip(related[::2], related[1::2], strict=True), strict=True)
    return tuple(Story(block.split("\n")[0], pair, tuple(block.split("\n")[1:])) for block, pair in parts)


def token(story: Story, what: str) -> str:
    """Returns the piece of the story that a token of a layout names."""
    if what == "t":
        return story.title
    if what in "qr":
        return story.others["qr".index(what)]
    if what == "c":
        return " ".join(story.paragraphs[0].split()[:CUT_WORDS])
    paragraph = story.paragraphs[int(what[0]) if what[0].isdigit() else 0]
    return paragraph.rstrip(".") if what[-1] == "h" else paragraph


def read(name: str) -> Iterator[tuple[str, list[str]]]:
    """Yields the layouts of a file, each with its lines."""
    text = (HERE / f"{name}.txt").read_text(encoding="utf-8")
    for block in text.split("## ")[1:]:
        head, *lines = block.rstrip("\n").split("\n")
        yield head, lines


def fill(name: str, lines: list[str], chosen: list[Story]) -> Invented:
    """Returns the page that the layout makes of the chosen stories."""
    text, title = "", chosen[0].title
    links: list[tuple[int, int, str]] = []
    marked: dict[str, set[int]] = {"b": set(), "t": set()}
    for line in lines:
        sign, _, content = line.partition("|")
        kind, joint = sign[:1], sign[1:].replace(LINK, "")
        content = TOKEN.sub(lambda match: token(chosen[int(match[1])], match[2]), content)
        if kind == HEADLINE:
            title = content
            continue
        text = text.removesuffix("\n") + JOINTS[joint] if joint else text
        start = len(text)
        text += content
        if LINK in sign:
            links.append((start, len(text), f"https://news.example/{len(links)}"))
        if kind in ("b", "t", "s", "S"):
            kept = {start + i for i, char in enumerate(content) if not char.isspace()}
            marked["b" if kind == "b" else "t"] |= kept
        text += "\n"
    text = text.rstrip("\n")
    fetched_at = "2026-11-22T00:00:00Z"
    page = Page(id="0" * 32, source="news.example", title=title, text=text, links=tuple(links), fetched_at=fetched_at)
    return Invented(name.removesuffix(" @held"), name.endswith("@held"), page, frozenset(marked["b"]), frozenset(marked["t"]))


def pages(file: str) -> Iterator[Invented]:
    """Yields the pages of a file; layouts with other stories each time, traps with their own first."""
    everything = stories(file)
    for name, lines in read(file):
        for filling in range(FILLINGS if file in LAYOUTS else 1):
            chosen = list(everything)
            if file in LAYOUTS:
                random.Random(f"{name} {filling}").shuffle(chosen)
            yield fill(name, lines, chosen)


def is_right(one: Invented) -> tuple[bool, bool]:
    """Tells whether nothing of other stories is left in the body, and whether the body is whole."""
    body = {i for s in split(one.page).segments if s.kind not in RELATED and s.kind == "body" for i in range(s.start, s.end)}
    return not one.others & body, len(one.body - body) <= SLACK
