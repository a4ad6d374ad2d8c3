"""Pages cut without the marker words of their own site: what the splitter does on a site whose words the table does not have.

Every site is left out in turn. From the table go the words that no other labelled site attests (`only`), or all that the site
uses, whoever else does (`all`); the rules stay, so what is left is the evidence that any site shows.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from streams.split import layout
from streams.split.markers import Marker, Markers, general, general_table
from streams.split.rules import SourceRules
from streams.split.segments import KINDS
from streams.split.spelling import dense
from streams.split.splitter import split
from streams.trials import gold
from streams.trials.quality_report import Section, Table, section_of_pages

Left = Literal["only", "all"]
HEADINGS = {
    "only": "words that no other labelled site uses are unknown",
    "all": "words of the page's site are unknown",
}


def attested(page: gold.LabelledPage) -> frozenset[str]:
    """Returns the marker words that stand in the page where a person marked something else than body, without spaces."""
    markers, text = general(), page.text
    other = [(mark.start, mark.end) for mark in page.segments if mark.kind != KINDS[0]]
    found = set()
    for line in layout.lines(text):
        heading = markers.heading(text, line.start, line.end)
        for one in (*([heading] if heading else ()), *markers.inside(text, line.start, line.end, flat=False)):
            if any(start <= one.start < end for start, end in other):
                found.add(dense(one.marker.words))
    return frozenset(found)


def _bare(part: str) -> str:
    """Returns a word of a marker, folded and without the article: "the topics" are the same part as "topics"."""
    return dense(part).removeprefix("ال")


def cut_without_own_words(pages: Sequence[gold.LabelledPage], left: Left) -> Iterator[gold.ComparedPage]:
    """Yields each page as it is cut by a table that lacks the words of its site."""
    sites: dict[str, set[str]] = defaultdict(set)
    parts: dict[str, set[str]] = defaultdict(set)
    for page in pages:
        for words in attested(page):
            sites[words].add(page.site)
    for marker in general_table():
        for part in marker.words.split():
            parts[_bare(part)] |= sites.get(dense(marker.words), set())

    @functools.cache
    def rules(site: str) -> SourceRules:
        lost = {words for words, users in sites.items() if users == {site} or (left == "all" and site in users)}
        strange = {part for part, users in parts.items() if users == {site}}

        def is_known(marker: Marker) -> bool:
            if marker.is_composed and left == "only":
                return strange.isdisjoint(map(_bare, marker.words.split()))
            return dense(marker.words) not in lost

        return SourceRules(Markers(filter(is_known, general_table())))

    for page in pages:
        yield gold.compare(page, split(page.page(), rules(page.site)).segments)


def figures(pages: Iterable[gold.ComparedPage]) -> tuple[int, int, int, int]:
    """Returns the related pages and how many of them are right, then the others and how many of those lost some of their body."""
    by_class = gold.tallies(pages, "cls")
    related = by_class.pop("related", gold.Tally())
    return (
        related.pages,
        related.right,
        sum(one.pages for one in by_class.values()),
        sum(one.damaged for one in by_class.values()),
    )


def section_of_unknown_words(named: Sequence[tuple[str, Sequence[gold.LabelledPage]]]) -> Section:
    """The figures of each file when the words of a page's site are unknown, and the pages that are then wrong."""
    pages = [page for _, some in named for page in some]
    rows: list[tuple[str, ...]] = []
    cut: list[gold.ComparedPage] = []
    left: Left
    for left in ("only", "all"):
        cut = list(cut_without_own_words(pages, left))
        start = 0
        for name, some in named:
            row = figures(cut[start : start + len(some)])
            rows.append((HEADINGS[left], name, *map(str, row)))
            start += len(some)
    table = Table("sites left out in turn", ("left out", "file", "related", "right", "others", "body lost"), rows)
    wrong = section_of_pages("", cut)
    return Section("pages of sites whose words are unknown", [table, *wrong.tables[1:2]], wrong.errors)
