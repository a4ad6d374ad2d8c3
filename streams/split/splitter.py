"""A page becomes segments: what each stretch of its text is, and which rule says so."""

from __future__ import annotations

from streams.records import Page
from streams.split.blocks import accepts, mark_blocks
from streams.split.draft import Draft
from streams.split.inline_markers import cut_lines
from streams.split.layout import is_closed, lines
from streams.split.links import mark_links
from streams.split.markers import Found, general
from streams.split.rules import SourceRules
from streams.split.segments import Segment
from streams.split.trailers import accepts_trailer, begins_with_agency, is_furniture, mark_edges, mark_trailers
from streams.split.unannounced import has_unannounced, mark_unannounced
from streams.split.unmarked import has_unmarked, mark_unmarked

_JUDGED, _SHORTEST_PARAGRAPH = 30, 60


def split(page: Page, rules: SourceRules | None = None) -> tuple[Segment, ...]:
    """Segments in order, without overlap, that begin and end on a non-space character and cover every one of the text.

    A function of the page and the rules alone; whatever the text, it raises nothing. Where the evidence that a stretch is
    something else is weak, it is body.
    """
    text = page.text
    draft = Draft(page, text, lines(text))
    if not draft.lines:
        return ()
    table = rules.markers if rules else general()
    cut_lines(draft, table)
    for i, line in enumerate(draft.lines):
        if i not in draft.headings:
            found = table.heading(text, line.start, line.end)
            if found is not None and _accepts(draft, i, found):
                draft.headings[i] = found
    draft.opening = _opening(draft)
    mark_links(draft)
    if draft.headings or any(draft.kinds) or begins_with_agency(draft) or has_unmarked(draft) or has_unannounced(draft):
        draft.closes = _closes(draft)
        mark_trailers(draft)
        mark_blocks(draft)
        mark_unmarked(draft)
        mark_edges(draft)
        mark_unannounced(draft)
        _settle(draft)
    return _segments(draft)


def _accepts(draft: Draft, i: int, found: Found) -> bool:
    if found.marker.form in ("credit", "tags"):
        return accepts_trailer(draft, i, found)
    if found.marker.form == "ask":
        return False
    if found.marker.form == "line":
        return is_furniture(draft.content(i), found)
    return accepts(draft, i, found)


def _opening(draft: Draft) -> str:
    """The first paragraphs, as far as the first heading."""
    first = min(draft.headings, default=len(draft.lines))
    return draft.text[: min(draft.lines[min(2, first - 1)].end, 1500)] if first else ""


def _closes(draft: Draft) -> bool:
    """Whether the page's paragraphs are closed as sentences: where they are not, only what is short looks like a title."""
    first = min(draft.headings, default=len(draft.lines))
    judged = range(min(first or len(draft.lines), _JUDGED))  # a page that begins with a heading is judged by what follows
    paragraphs = [i for i in judged if draft.lines[i].end - draft.lines[i].start >= _SHORTEST_PARAGRAPH]
    return 2 * sum(is_closed(draft.content(i)) for i in paragraphs) >= len(paragraphs)


def _settle(draft: Draft) -> None:
    """Other stories' titles are teasers where text of the same story comes after them, else a list."""
    followed = False
    for i in range(len(draft.lines) - 1, -1, -1):
        kind = draft.kinds[i]
        if kind == "related":
            draft.kinds[i] = "inline_teaser" if followed else "similar_list"
        elif kind in ("", "body", "read_also_body"):
            followed = True
        elif kind == "read_also_title":
            followed = False


def _segments(draft: Draft) -> tuple[Segment, ...]:
    out: list[Segment] = []
    begin = 0
    for i in range(1, len(draft.lines) + 1):
        if i < len(draft.lines) and draft.kinds[i] == draft.kinds[begin] and not _is_new_block(draft, i):
            continue
        kind = draft.kinds[begin] or "body"
        rule = draft.rules[begin] or ("no marker" if kind == "body" else "")
        out.append(Segment(draft.lines[begin].start, draft.lines[i - 1].end, kind, rule))
        begin = i
    return tuple(out)


def _is_new_block(draft: Draft, i: int) -> bool:
    """Whether line i begins a segment of its own although the one before it is of the same kind."""
    return draft.kinds[i] in ("read_also_title", "source_credit", "keywords") and i in draft.headings
