"""Other stories that no word announces: playlists before the text, rows between paragraphs, lists and whole stories below.

Every rule looks at shape and position only, and at several lines together: one short line alone is a subheading as likely as a
title. The figures were chosen by reading; they are lengths in code points unless their names say otherwise.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

from streams.split import layout
from streams.split.draft import Draft
from streams.split.evidence import begins, goes_on, restates, sentences
from streams.split.segments import Rule
from streams.split.spelling import folded

_SHORTEST_PARAGRAPH = 90
_SHORTEST_TITLE, _LONGEST_TITLE, _LONGEST_CUT_TITLE = 34, 140, 260
_LONGEST_HEADING = 45
_FEWEST_CLOCKS, _FEWEST_DATES, _FEWEST_IN_ROW, _FEWEST_AFTER = 2, 2, 2, 5
_MOST_IN_ROW = 4
_MOST_ROWS = 4  # a page with more rows between its paragraphs is made of them: an interview, a digest
_CLOCK = re.compile(r"(?<!\d)\d{1,2}:\d{2}(?!:)")
_CLOCK_WITHIN = 24  # how far into a line its running time may stand
_AGE = re.compile(r"(?:قبل|منذ)\s+\S+(?:\s+\S+)?")
_ITEM = re.compile(r"[*•●▪■◾✓✔\-–—_+»0-9٠-٩]")
# Subheadings of a report hardly ever have a colon, a question mark or two dots within.
_SAYS_HEADLINE = re.compile(r"[؟?]|\.\.|\S: ?\S")
_BREADCRUMB = re.compile(r"الرئيسية\s*[»>/›|\\]")
_BYLINE = re.compile(r"(?:كتب|كتبت|بقلم|تحرير|إعداد)\s*[:/-]?\s*\S+")
# Words near the end of a paragraph that announce a list of the story's own, folded; code points that are searched for them.
_ANNOUNCING = frozenset(["يلي", "كالتالي", "كالاتي", "التاليه", "الاتيه", "التالي", "الاتي", "ادناه", "الجدول", "الترتيب"])
_LAST_SENTENCE = 60
# Of the lines in a row so many, and three at least, show the same thing when they are a table; marks that part its columns.
_MOST_ALIKE, _FEWEST_FACTS = 0.5, 3
_PARTING = (":", " - ", " – ", "|", "\t")
_WORD = re.compile(r"[^\W\d_]+")
_LONGEST_BYLINE, _HEAD_LINES = 40, 4  # lines from a headline to the story's first paragraph
_UNDECIDED = frozenset(("", "body", "read_also_body"))


def mark_unannounced(draft: Draft) -> None:
    """Marks the lines that the markers leave open and that stand as other stories' titles stand."""
    paragraphs = [i for i in range(len(draft.lines)) if _is_paragraph(draft, i)]
    if not paragraphs:
        return
    _mark_following_stories(draft, paragraphs)
    _mark_playlist(draft, paragraphs[0])
    if draft.paragraphs_end_closed:
        _mark_rows(draft, paragraphs)
        _mark_after(draft, paragraphs[-1] + 1)


def has_unannounced(draft: Draft) -> bool:
    """Tells whether two lines one below the other are short and open, as titles are."""
    before = False
    for line in draft.lines:
        short = line.end - line.start <= _LONGEST_CUT_TITLE and draft.text[line.end - 1] not in ".،:؛"
        if short and before:
            return True
        before = short
    return False


def _is_paragraph(draft: Draft, i: int) -> bool:
    line = draft.lines[i]
    if line.end - line.start < _SHORTEST_PARAGRAPH or draft.kinds[i] not in _UNDECIDED:
        return False
    content = draft.content(i)
    return layout.is_closed(content) or bool(sentences(content)) or goes_on(content)


def _is_title(draft: Draft, i: int) -> bool:
    """Tells whether line i is undecided, and one open phrase of a title's length, without a bullet or a number before it."""
    line = draft.lines[i]
    if not _SHORTEST_TITLE <= line.end - line.start <= _LONGEST_TITLE or draft.kinds[i] not in _UNDECIDED or i in draft.headings:
        return False
    content = draft.content(i)
    return draft.is_headline(content) and not begins(content) and not _ITEM.match(content) and content != draft.page.title


def _is_open(draft: Draft, i: int) -> bool:
    """Tells whether line i is no sentence: short, or a title that its site cut off."""
    content = draft.content(i)
    return len(content) <= _LONGEST_CUT_TITLE and not layout.is_closed(content) and not goes_on(content)


def _is_dated(draft: Draft, i: int) -> bool:
    content = draft.content(i)
    return len(content) <= _LONGEST_HEADING and (layout.is_date(content) or _AGE.fullmatch(content) is not None)


def _mark(draft: Draft, i: int, rule: Rule) -> None:
    if draft.kinds[i] in _UNDECIDED:
        draft.overrule(i, "related", rule)


def _mark_following_stories(draft: Draft, paragraphs: list[int]) -> None:
    """Marks whole stories that a page loads below its own: a breadcrumb, a headline, a by-line or date, then the text."""
    starts = [
        i
        for i in range(paragraphs[0] + 1, len(draft.lines) - 2)
        if draft.kinds[i] in _UNDECIDED and len(draft.content(i)) <= _LONGEST_BYLINE and _BREADCRUMB.match(draft.content(i))
    ]
    for start in starts:
        body = next((k for k in paragraphs if k > start), len(draft.lines))
        head = range(start + 2, body)
        if body - start > _HEAD_LINES + 1 or not head or not any(_is_dated(draft, k) or _is_byline(draft, k) for k in head):
            continue
        if not restates(draft.content(start + 1), draft.content(body)):
            continue
        rule: Rule = "a breadcrumb and a headline begin another story"
        draft.overrule(start + 1, "read_also_title", rule)
        for k in (start, *head):
            draft.overrule(k, "other_boilerplate", rule)
        for k in range(body, len(draft.lines)):
            if draft.kinds[k] in ("", "body"):
                draft.overrule(k, "read_also_body", "below an appended title")


def _is_byline(draft: Draft, i: int) -> bool:
    content = draft.content(i)
    return len(content) <= _LONGEST_BYLINE and _BYLINE.match(content) is not None


def _mark_playlist(draft: Draft, first: int) -> None:
    """Marks titles with their running times before the first paragraph, and the heading above them."""
    timed = [i for i in range(first) if _has_clock(draft, i)]
    if len(timed) < _FEWEST_CLOCKS:
        return
    for i in timed:
        _mark(draft, i, "titles with running times before the text")
    for i in range(timed[0]):
        if len(draft.content(i)) <= _LONGEST_HEADING and _is_open(draft, i):
            _mark(draft, i, "above titles with running times")


def _has_clock(draft: Draft, i: int) -> bool:
    content = draft.content(i)
    match = _CLOCK.search(content, 0, _CLOCK_WITHIN + 5)
    return (
        match is not None
        and not layout.is_date(content)
        and len(content) - match.end() >= _SHORTEST_TITLE // 2
        and _is_open(draft, i)
    )


def _mark_rows(draft: Draft, paragraphs: list[int]) -> None:
    """Marks two to four titles one below the other between two paragraphs; not on pages that are made of such rows.

    One title alone counts where the page is known to carry other stories between its paragraphs.
    """
    rows, single = [], []
    for before, after in pairwise(paragraphs):
        row = range(before + 1, after)
        if not row:
            continue
        titles = [i for i in row if _is_title(draft, i)]
        if (
            _FEWEST_IN_ROW <= len(titles) <= _MOST_IN_ROW
            and titles[-1] - titles[0] < len(titles)
            and _stands_apart(draft, titles)
        ):
            rows.append(titles)
        elif len(titles) == len(row) == 1 and _SAYS_HEADLINE.search(draft.content(row[0])) and _stands_apart(draft, titles):
            single.append(titles)
    if any(kind == "related" for kind in draft.kinds[paragraphs[0] : paragraphs[-1]]) or rows:
        rows += single
    if len(rows) <= _MOST_ROWS:
        for titles in rows:
            for i in titles:
                _mark(draft, i, "titles in a row between paragraphs")


def _stands_apart(draft: Draft, titles: list[int]) -> bool:
    """Tells whether the text before the titles ends as a sentence and does not announce them."""
    before = draft.content(titles[0] - 1)
    return layout.is_closed(before) and not _announces(before) and not _are_facts(draft, titles)


def _announces(content: str) -> bool:
    """Tells whether the line promises what follows it: with a colon or a comma, or with words such as "as follows"."""
    if content.rstrip("-–— ")[-1:] in (":", "،", ",", "؛"):
        return True
    return not _ANNOUNCING.isdisjoint(_WORD.findall(folded(content[-_LAST_SENTENCE:])))


def _are_facts(draft: Draft, titles: list[int]) -> bool:
    """Tells whether the lines are entries of one table: most have a figure, or begin with one word, or are parted alike.

    Headlines of other stories differ in all of that.
    """
    contents = [draft.content(i) for i in titles]
    most = max(_FEWEST_FACTS, _MOST_ALIKE * len(contents))
    firsts = Counter(content.split(maxsplit=1)[0] for content in contents)
    return (
        sum(any(map(str.isdigit, content)) for content in contents) >= most
        or max(firsts.values()) >= most
        or any(sum(mark in content for content in contents) >= most for mark in _PARTING)
    )


def _mark_after(draft: Draft, start: int) -> None:
    """Marks the list below the last paragraph: dated titles, or a long row of titles, with the lines between them."""
    tail = range(start, len(draft.lines))
    if any(layout.is_url(draft.content(i)) for i in tail):
        return  # addresses that the story gives
    titles = [i for i in tail if _is_title(draft, i)]
    rule: Rule
    dated = [i for i in tail if _is_dated(draft, i)]
    if len(dated) >= _FEWEST_DATES and len(titles) + len(dated) > _FEWEST_DATES + 1:
        first = min(dated[0], *titles) if titles else dated[0]
        rule = "dated titles below the text"
    elif len(titles) >= _FEWEST_AFTER and 2 * len(titles) >= len(tail):
        first, rule = titles[0], "a row of titles below the text"
    else:
        return
    if draft.kinds[first - 1] in _UNDECIDED and _announces(draft.content(first - 1)):
        return
    if rule == "a row of titles below the text" and _are_facts(draft, titles):
        return
    while first > start and len(draft.content(first - 1)) <= _LONGEST_HEADING and _is_open(draft, first - 1):
        first -= 1
    for i in range(first, len(draft.lines)):
        if _is_open(draft, i):
            _mark(draft, i, rule)
