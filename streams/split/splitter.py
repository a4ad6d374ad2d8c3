"""A page becomes segments: what each stretch of its text is, and which rule says so. README.md has the passes as a table."""

from __future__ import annotations

from streams.records import Page
from streams.split.blocks import accepts_heading, accepts_named_heading, mark_blocks
from streams.split.draft import Draft
from streams.split.inline_markers import cut_lines
from streams.split.layout import is_closed
from streams.split.links import mark_linked_titles, note_links
from streams.split.markers import Found, Markers, general
from streams.split.rules import SourceRules
from streams.split.segments import Cut, Kind, Segment
from streams.split.trailers import accepts_trailer, begins_with_agency, is_furniture, mark_edges, mark_trailers
from streams.split.unannounced.after_text import has_opened_end, mark_after, mark_dated_end
from streams.split.unannounced.before_text import mark_before_text
from streams.split.unannounced.closed_titles import mark_closed_titles, may_hold_closed
from streams.split.unannounced.following import mark_following_stories, mark_share_bars, mark_strange_stories
from streams.split.unannounced.lines import is_paragraph
from streams.split.unannounced.marked_titles import mark_marked_titles, mark_named_again
from streams.split.unannounced.pairs import mark_pairs
from streams.split.unannounced.rows import has_unannounced, mark_repeated, mark_rows
from streams.split.unannounced.subject import Subject
from streams.split.unannounced.weighing import mark_weighed
from streams.split.unmarked import has_unmarked, mark_unmarked

# Chosen by reading: so many lines show whether a page closes its paragraphs, which have so many code points at the least.
_JUDGED_LINES, _SHORTEST_PARAGRAPH = 30, 60
_LEAD_LINES, _LONGEST_LEAD = 3, 1500  # lines, code points


def split(page: Page, rules: SourceRules | None = None) -> Cut:
    """Returns the page with its segments, which begin and end on a non-space character and cover every one of the text.

    A function of the page and the rules alone; whatever the text, it raises nothing. Where the evidence that a stretch is
    something else is weak, it is body.
    """
    draft = draft_of(page, rules.markers if rules else general())
    if draft.lines and _may_hold_others(draft):
        mark_announced(draft)
        _mark_unannounced(draft)  # 9. what nothing announces
        _resolve_related(draft)  # 10. other stories' titles are teasers or lists
    return Cut(page, _segments(draft) if draft.lines else ())


def draft_of(page: Page, table: Markers) -> Draft:
    """Returns the lines of a page and the headings among them, of which none is decided by its words."""
    draft = _draft(page, table)  # 1. the lines, cut where a marker stands inside one
    if draft.lines:
        note_links(draft)  # 2. the lines that lie within links
        _note_headings(draft, table)  # 3. the lines that a marker heads
        draft.lead_text = _lead_text(draft)
    return draft


def mark_announced(draft: Draft) -> None:
    """Marks what words, links and bullets show."""
    draft.paragraphs_end_closed = _paragraphs_end_closed(draft)
    mark_trailers(draft)  # 4. credits and tags
    mark_blocks(draft)  # 5. lists, teasers and whole stories below a heading
    mark_linked_titles(draft)  # 6. titles that are links
    mark_unmarked(draft)  # 7. teasers without a heading
    mark_edges(draft)  # 8. what counts only before the first paragraph and after the last


def _mark_unannounced(draft: Draft) -> None:
    """Marks what no word announces: stories loaded below, playlists before the text, rows and lists of titles."""
    if not draft.paragraphs_end_closed:
        mark_dated_end(draft)
    paragraphs = paragraphs_of(draft)
    if not paragraphs:
        return
    mark_share_bars(draft)
    mark_following_stories(draft, paragraphs)
    mark_before_text(draft, paragraphs)
    mark_repeated(draft)
    if draft.paragraphs_end_closed:
        mark_strange_stories(draft, paragraphs)
        if mark_pairs(draft, paragraphs) | mark_closed_titles(draft, paragraphs):
            paragraphs = paragraphs_of(draft)
        if paragraphs:
            subject = Subject(draft, paragraphs)
            mark_marked_titles(draft, subject)
            mark_after(draft, paragraphs[-1] + 1, subject)
            mark_rows(draft, paragraphs, subject)
            mark_weighed(draft, subject)
            mark_named_again(draft)


def paragraphs_of(draft: Draft) -> list[int]:
    """Returns the lines that are undecided and look like paragraphs."""
    return [i for i in range(len(draft.lines)) if is_paragraph(draft, i)]


def _draft(page: Page, table: Markers) -> Draft:
    lines = cut_lines(page.text, table)
    draft = Draft(page, lines.lines, lines.headings, lines.placed)
    for i, words in lines.tails.items():
        draft.decide(i, "other_boilerplate", "line ends", words)
    for i in lines.tags:
        draft.decide(i, "keywords", "phrases of a flattened page at its end")
    if lines.has_ticker:
        draft.decide(0, "related", "headlines in a row before the first paragraph")
    return draft


def _note_headings(draft: Draft, table: Markers) -> None:
    text, may_hold_marker = draft.text, table.openings.may_hold_marker
    for i, line in enumerate(draft.lines):
        # An ornament may stand before the marker.
        if i not in draft.headings and (may_hold_marker(draft.placed, line.start) or not text[line.start].isalnum()):
            found = table.heading(text, line.start, line.end)
            if found is not None and _accepts(draft, i, found):
                draft.headings[i] = found._replace(content_start=line.end) if found.marker.form == "named" else found


def _accepts(draft: Draft, i: int, found: Found) -> bool:
    if found.marker.form in ("credit", "tags"):
        return accepts_trailer(draft, i, found)
    if found.marker.form == "ask":
        return False
    if found.marker.form == "line":
        return is_furniture(draft.content(i), found)
    if found.marker.form == "named":
        return accepts_named_heading(draft, i, found)
    return accepts_heading(draft, i, found)


def _may_hold_others(draft: Draft) -> bool:
    """Tells whether the page may hold anything but its body: most hold nothing, and end here."""
    known = draft.headings or any(draft.kinds) or begins_with_agency(draft)
    return bool(known or has_unmarked(draft) or has_unannounced(draft) or may_hold_closed(draft) or has_opened_end(draft))


def _lead_text(draft: Draft) -> str:
    """Returns the first paragraphs, as far as the first heading."""
    first = min(draft.headings, default=len(draft.lines))
    return draft.text[: min(draft.lines[min(_LEAD_LINES, first) - 1].end, _LONGEST_LEAD)] if first else ""


def _paragraphs_end_closed(draft: Draft) -> bool:
    """Tells whether the paragraphs are closed as sentences: where they are not, only what is short looks like a title."""
    first = min(draft.headings, default=len(draft.lines))
    # A page that begins with a heading is judged by what follows.
    judged = range(min(first or len(draft.lines), _JUDGED_LINES))
    paragraphs = [i for i in judged if draft.lines[i].end - draft.lines[i].start >= _SHORTEST_PARAGRAPH]
    return 2 * sum(is_closed(draft.content(i)) for i in paragraphs) >= len(paragraphs)


def _resolve_related(draft: Draft) -> None:
    """Makes other stories' titles teasers where text of the same story comes after them, else a list."""
    followed = False
    for i in range(len(draft.lines) - 1, -1, -1):
        kind = draft.kinds[i]
        if kind == "related":
            draft.overrule(i, "inline_teaser" if followed else "similar_list", *draft.reasons[i])
        elif kind in ("", "body", "read_also_body"):
            followed = True
        elif kind == "read_also_title":
            followed = False


def _segments(draft: Draft) -> tuple[Segment, ...]:
    out: list[Segment] = []
    begin = 0
    for i in range(1, len(draft.lines) + 1):
        if i == len(draft.lines) or draft.kinds[i] != draft.kinds[begin] or _is_new_block(draft, i):
            out.append(_segment(draft, begin, i))
            begin = i
    return tuple(out)


def _segment(draft: Draft, begin: int, end: int) -> Segment:
    start, stop, rule = draft.lines[begin].start, draft.lines[end - 1].end, draft.reasons[begin]
    kind = _final(draft, begin)
    if kind in ("body", "read_also_body"):
        return Segment(start, stop, kind, *rule)
    return Segment(start, stop, kind, *rule, tuple(_content_span(draft, i) for i in range(begin, end)))


def _final(draft: Draft, i: int) -> Kind:
    kind = draft.kinds[i]
    assert kind != "related", "a pass marked a line after the last pass"
    return kind or "body"


def _content_span(draft: Draft, i: int) -> tuple[int, int]:
    """Returns where the content of line i stands: after the words of the heading that it begins with, if it has one."""
    line, found = draft.lines[i], draft.headings.get(i)
    return (line.start if found is None or found.marker.form == "line" else found.content_start), line.end


def _is_new_block(draft: Draft, i: int) -> bool:
    """Tells whether line i begins a segment of its own although the one before it is of the same kind."""
    return draft.kinds[i] in ("read_also_title", "source_credit", "keywords") and i in draft.headings
