"""Links as evidence: a line that is nothing but a link to another page is a title of another story."""

from __future__ import annotations

from streams.records import Page
from streams.split.draft import Draft

_SHORTEST_TITLE = 20  # code points; chosen by reading, as the shares below
# A page with a larger share of its lines within links is an index or a list of its own making: its links are its content.
_INDEX_SHARE = 0.6
_COVERED = 0.9  # of a line's code points, links cover so many when the line is one


def note_links(draft: Draft) -> None:
    """Notes the lines that lie within links to other pages in `linked`, with the address; unless most lines do."""
    spans = _disjoint(draft.page)
    at = 0
    linked: dict[int, str] = {}
    for i, line in enumerate(draft.lines):
        while at < len(spans) and spans[at][1] <= line.start:
            at += 1
        covered, k = 0, at
        while k < len(spans) and spans[k][0] < line.end:
            covered += min(spans[k][1], line.end) - max(spans[k][0], line.start)
            k += 1
        if covered and covered >= _COVERED * (line.end - line.start):
            linked[i] = spans[at][2]
    if len(linked) <= _INDEX_SHARE * len(draft.lines):
        draft.linked = linked


def mark_linked_titles(draft: Draft) -> None:
    """Marks lines that are a link and have the length of a title as other stories, wherever they stand."""
    for i in draft.linked:
        if not draft.kinds[i] and draft.lines[i].end - draft.lines[i].start >= _SHORTEST_TITLE and " " in draft.content(i):
            draft.decide(i, "related", "the line is a link")
        elif draft.kinds[i] == "read_also_body" and i + 1 < len(draft.lines):
            draft.overrule(i, "related", "the line is a link")


def _disjoint(page: Page) -> list[tuple[int, int, str]]:
    """Returns the links to other pages in order, without overlap: where two do, the first one keeps the place."""
    out: list[tuple[int, int, str]] = []
    reached = 0
    for start, end, href in sorted(page.links):
        if end > max(start, reached) and _leads_away(href, page.url):
            out.append((max(start, reached), end, href))
            reached = end
    return out


def _leads_away(href: str, own: str | None) -> bool:
    return bool(href) and href[0] != "#" and not href.startswith(("mailto:", "tel:", "javascript:")) and href != own
