"""Blocks of other stories under a heading: lists, teasers, and whole stories that a site appends."""

from __future__ import annotations

from streams.split import layout
from streams.split.appended import closes_page, is_appended, is_lede, title_of
from streams.split.draft import Draft
from streams.split.evidence import continues_report, is_title_and_lede
from streams.split.markers import Found, runs_on_as_prose, tells_what_someone_did
from streams.split.segments import Kind
from streams.split.spelling import dense

# Chosen by reading; code points.
_LONGEST_CLOSED_TITLE, _SHORTEST_OWN_TITLE, _LONGEST_LEDE, _LONGEST_SUBHEADING = 120, 15, 300, 40
_COMPARED = 1500  # code points before a heading that are compared with it
_LONGEST_NAME, _TITLES_BELOW = 4, 2  # words of a named heading; lines; chosen by reading
_CREDIT_REACH = 2  # lines between the credit and the list; chosen by reading
_NO_TITLE = ".:|؛!؟?،-–—*•<>«»()[]… "


def accepts_heading(draft: Draft, i: int, found: Found) -> bool:
    """Tells whether the marker that line i begins with is a heading, or the words of a sentence."""
    marker, line = found.marker, draft.lines[i]
    rest = draft.text[found.content_start : min(line.end, found.content_start + marker.limit)]
    if line.end - line.start > marker.limit or (not found.has_colon and layout.is_quoted(draft.content(i))):
        return False
    if not rest.strip(_NO_TITLE):
        # One common word alone on a line is a heading only with a colon.
        return found.has_colon or not marker.tail
    if marker.form == "alone" or (marker.tail and i == 0):  # "watch:" on the first line is the page's own
        return False
    if found.has_colon:
        return not layout.is_closed(rest) or (len(rest) < _LONGEST_CLOSED_TITLE and not marker.tail)
    if marker.tail or (marker.opens == "list" and runs_on_as_prose(draft.text, found)) or _is_narrative(draft, i, found, rest):
        return False
    return (
        found.content_start == found.end
        or not (layout.is_closed(rest) or continues_report(rest))
        or _is_after_stop(draft, found, rest)
    )


def _is_narrative(draft: Draft, i: int, found: Found, rest: str) -> bool:
    start = draft.lines[i].start
    return i not in draft.linked and tells_what_someone_did(found, rest, draft.text[max(0, start - _COMPARED) : start])


def accepts_named_heading(draft: Draft, i: int, found: Found) -> bool:
    """Tells whether the line is a heading with a name in it, "more from the world": short, and two titles or the last one below.

    Subheadings of a report say the same, but a paragraph stands below those.
    """
    line, last = draft.lines[i], len(draft.lines) - 1
    name = draft.text[found.content_start : line.end]
    if line.end - line.start > found.marker.limit or len(name.split()) > _LONGEST_NAME or layout.is_closed(name) or i == last:
        return False
    below = range(i + 1, min(i + 1 + _TITLES_BELOW, last + 1))
    return len(name) > 1 and all(draft.is_list_entry(k) for k in below)


def _is_after_stop(draft: Draft, found: Found, rest: str) -> bool:
    """Tells whether a title that ends with a stop follows a heading that ends with one: "read also . a title."."""
    return "." in draft.text[found.end : found.content_start] and _is_closed_title(draft, rest)


def mark_blocks(draft: Draft) -> None:
    """Marks every heading's block, from the top; what follows an appended story's title is that story."""
    if not draft.headings:
        return
    loose = _loose_from(draft)
    story: Kind = "body"
    i = 0
    while i < len(draft.lines):
        found = draft.headings.get(i)
        if found is None or found.marker.opens not in ("story", "list") or draft.kinds[i]:
            if story != "body":
                draft.decide(i, story, "below an appended title")
            i += 1
            continue
        i, story = _mark_block(draft, i, found, story, loose)


def _mark_block(draft: Draft, i: int, found: Found, story: Kind, loose: int) -> tuple[int, Kind]:
    """Marks the block that line i heads; returns where it ends and which story the text after it belongs to."""
    words = found.marker.words
    if _is_attribution(draft, i, found):
        draft.decide(i, "other_boilerplate", "the page's own title under a heading")
        return i + 1, story
    titles = [] if _is_bare_heading(draft, i) else [i]
    j = i + 1
    while j < len(draft.lines) and _continues_block(draft, i, j, titles, loose):
        if not _is_bare_heading(draft, j):
            titles.append(j)
        j += 1
    text_follows = j < len(draft.lines) and not draft.kinds[j] and j not in draft.headings
    named = _once(draft, i, titles)
    if text_follows and titles and _may_append(draft, i, named, j) and is_appended(draft, i, named, j):
        last = titles[-1] if len(named) == 1 else titles[0]
        for k in range(i, last + 1):
            draft.decide(k, "read_also_title", "heading", words)
        return last + 1, "read_also_body"
    if text_follows and titles and is_lede(draft, i, titles, j):
        j += 1
    for k in range(i, j):
        draft.decide(k, "related", "heading", words)
    return j, story


def _may_append(draft: Draft, i: int, titles: list[int], after: int) -> bool:
    """Tells whether the heading can have a whole story below it: one of lists has where the page's own story was closed."""
    if draft.headings[i].marker.opens == "story":
        return True
    return len(titles) == 1 and closes_page(draft, i, title_of(draft, i, titles[0]), after)


def _once(draft: Draft, i: int, titles: list[int]) -> list[int]:
    """Returns the block's titles, each once: scrapers write them twice."""
    out: dict[str, int] = {}
    for k in titles:
        out.setdefault(dense(title_of(draft, i, k)), k)
    return list(out.values())


def _is_attribution(draft: Draft, i: int, found: Found) -> bool:
    """Tells whether the line names the page itself, as what sites add to copied text does."""
    rest = draft.text[found.content_start : draft.lines[i].end]
    own = dense(draft.page.title or "")
    return "#ixzz" in rest or (len(own) >= _SHORTEST_OWN_TITLE and own in dense(rest))


def _continues_block(draft: Draft, i: int, j: int, titles: list[int], loose: int) -> bool:
    """Tells whether line j still belongs to the block that line i heads."""
    other = draft.headings.get(j)
    if draft.kinds[j] or draft.lines[j].continues_line or draft.repeats_lead(draft.content(j)):
        return False
    if other is not None:
        return other.marker.opens == draft.headings[i].marker.opens and (not titles or _is_bare_heading(draft, j))
    if titles and _asks_on(draft, titles[-1], j):
        return False
    if j >= loose or draft.is_link(j) or draft.is_address(j):
        return True
    if titles and (
        # A title on the heading's line stands for itself, with its address.
        (titles[0] == i and all(map(draft.is_address, titles[1:])) and not _has_address(draft, j))
        or draft.is_link(titles[-1])
        or (draft.is_bulleted(titles[-1]) and not draft.is_bulleted(j))
        or (draft.is_bulleted(j) and _is_closed_or_asks(draft.content(j)) and not draft.is_bulleted(titles[-1]))
    ):
        return False
    return (
        draft.is_list_entry(j)
        or _is_lede_below_credit(draft, i, j)
        or _is_subheading(draft, j)
        or (not titles and (_is_closed_title(draft, draft.content(j)) or is_title_and_lede(draft.content(j))))
        or (draft.headings[i].marker.opens == "list" and _are_closed_titles(draft, i, j))
    )


def _is_lede_below_credit(draft: Draft, i: int, j: int) -> bool:
    """Tells whether line j, in a list below the page's credit, is the first sentence of the story titled above it."""
    content = draft.content(j)
    return bool(
        draft.headings[i].marker.opens == "list"
        and "source_credit" in draft.kinds[max(0, i - _CREDIT_REACH) : i]
        and i < j - 1
        and len(content) <= _LONGEST_LEDE
        and draft.is_headline(draft.content(j - 1))
        and not continues_report(content)
    )


def _is_closed_or_asks(content: str) -> bool:
    """Tells whether the line is a sentence or a question: below a title without a bullet, an interview goes on with one."""
    return layout.is_closed(content) or content[-1] in "؟?"


def _asks_on(draft: Draft, title: int, j: int) -> bool:
    """Tells whether line j is a question with a bullet below a title without one: an interview goes on."""
    return draft.content(j)[-1] in "؟?" and draft.is_bulleted(j) and not draft.is_bulleted(title)


def _has_address(draft: Draft, j: int) -> bool:
    """Tells whether an address stands below line j, as below a title of a list."""
    return j + 1 < len(draft.lines) and draft.is_address(j + 1)


def _is_closed_title(draft: Draft, content: str) -> bool:
    """Tells whether the line, right after a heading, is a title that ends with a stop: short, and not opened as a sentence."""
    return len(content) < _LONGEST_CLOSED_TITLE and content[-1] == "." and draft.is_headline(content[:-1].rstrip())


def _are_closed_titles(draft: Draft, i: int, j: int) -> bool:
    """Tells whether every line from the heading to the end of the page, j among them, is a title that ends with a stop."""
    return all(_is_closed_title(draft, draft.content(k)) for k in range(min(i + 1, j), len(draft.lines)))


def _is_bare_heading(draft: Draft, j: int) -> bool:
    """Tells whether line j is a heading with nothing after it but ornaments."""
    other = draft.headings.get(j)
    return other is not None and not any(map(str.isalnum, draft.text[other.content_start : draft.lines[j].end]))


def _is_subheading(draft: Draft, j: int) -> bool:
    """Tells whether line j names a part of a list, "the first episode:", with an item below it."""
    content = draft.content(j)
    return len(content) <= _LONGEST_SUBHEADING and content[-1] == ":" and j + 1 < len(draft.lines) and draft.is_list_entry(j + 1)


def _loose_from(draft: Draft) -> int:
    """Returns the line from which on nothing looks like a sentence: below a heading, all of that is its list."""
    last = len(draft.lines)
    if not draft.paragraphs_end_closed:
        return last
    while last and (last - 1 in draft.headings or draft.kinds[last - 1] or draft.is_short_and_open(last - 1)):
        last -= 1
    return last
