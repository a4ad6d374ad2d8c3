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
from streams.split.evidence import begins, first_words, goes_on, sentences
from streams.split.segments import Rule
from streams.split.spelling import folded

_SHORTEST_PARAGRAPH = 90
SHORTEST_TITLE, _LONGEST_TITLE, _LONGEST_CUT_TITLE = 34, 140, 260
LONGEST_HEADING = 45
_FEWEST_DATES, _FEWEST_IN_ROW, _FEWEST_AFTER, _FEWEST_BELOW_HEADING = 2, 2, 5, 3
_MOST_IN_ROW = 4
_MOST_ROWS = 4  # a page with more rows between its paragraphs is made of them: an interview, a digest
_AGE = re.compile(r"(?:قبل|منذ)\s+\S+(?:\s+\S+)?")
_QUOTES = "\"'«»“”"
_COUNTER = re.compile(r"\D{0,12}\d{1,2}\s*(?:من|of|/)\s*\d{1,2}(?:\s+\w+)?")
_ITEM = re.compile(r"[*•●▪■◾✓✔\-–—_+»0-9٠-٩]")
# Subheadings of a report hardly ever have a colon, a question mark or two dots within.
_SAYS_HEADLINE = re.compile(r"[؟?]|\.\.|\S: ?\S")
# Words near the end of a paragraph that announce a list of the story's own, folded; code points that are searched for them.
_LONGEST_BLOCK = 10  # lines between a line and its repetition
_ANNOUNCING = frozenset(["يلي", "كالتالي", "كالاتي", "التاليه", "الاتيه", "التالي", "الاتي", "ادناه", "الجدول", "الترتيب"])
_LAST_SENTENCE = 60
# Of the lines in a row so many, and three at least, show the same thing when they are a table; marks that part its columns.
_MOST_ALIKE, _FEWEST_FACTS = 0.5, 3
# Words of a heading above titles, words from the start of a title that can hold its verb, letters of a verb.
_LONGEST_COLON_HEADING, _VERB_WITHIN, _SHORTEST_VERB = 4, 4, 3
_PARTING = (":", " - ", " – ", "|", "\t")
_WORD = re.compile(r"[^\W\d_]+")
UNDECIDED = frozenset(("", "body", "read_also_body"))


def mark_unannounced(draft: Draft, paragraphs: list[int]) -> None:
    """Marks the lines that the markers leave open and that stand as other stories' titles stand."""
    _mark_repeated(draft)
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


def is_paragraph(draft: Draft, i: int) -> bool:
    """Tells whether line i is undecided, and long and closed as a paragraph is."""
    line = draft.lines[i]
    if line.end - line.start < _SHORTEST_PARAGRAPH or draft.kinds[i] not in UNDECIDED:
        return False
    content = draft.content(i)
    return layout.is_closed(content) or bool(sentences(content)) or goes_on(content)


def is_title(draft: Draft, i: int) -> bool:
    """Tells whether line i is undecided, and one open phrase of a title's length, without a bullet or a number before it."""
    line = draft.lines[i]
    if not SHORTEST_TITLE <= line.end - line.start <= _LONGEST_TITLE or draft.kinds[i] not in UNDECIDED or i in draft.headings:
        return False
    content = draft.content(i)
    return (
        draft.is_headline(content)
        and not begins(content)
        and not _ITEM.match(content)
        and not (content[0] in _QUOTES and content[-1] in _QUOTES)  # somebody is quoted
        and content != draft.page.title
    )


def is_open(draft: Draft, i: int) -> bool:
    """Tells whether line i is no sentence: short, or a title that its site cut off."""
    content = draft.content(i)
    return len(content) <= _LONGEST_CUT_TITLE and not layout.is_closed(content) and not goes_on(content)


def is_dated(draft: Draft, i: int) -> bool:
    """Tells whether line i is a date or an age, with little around it."""
    content = draft.content(i)
    return len(content) <= LONGEST_HEADING and (layout.is_date(content) or _AGE.fullmatch(content) is not None)


def mark(draft: Draft, i: int, rule: Rule) -> None:
    """Marks line i as another story's title, where no pass before decided that it is something else."""
    if draft.kinds[i] in UNDECIDED:
        draft.overrule(i, "related", rule)


def _mark_rows(draft: Draft, paragraphs: list[int]) -> None:
    """Marks two to four titles one below the other between two paragraphs; not on pages that are made of such rows.

    One title alone counts where the page is known to carry other stories between its paragraphs.
    """
    rows, single = [], []
    for before, after in pairwise(paragraphs):
        row = range(before + 1, after)
        if not row:
            continue
        titles = [i for i in row if is_title(draft, i)]
        if sum(_is_counter(draft, i) for i in row) >= _FEWEST_IN_ROW and titles:
            _mark_counted(draft, row)
        elif (
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
                mark(draft, i, "titles in a row between paragraphs")


def _is_counter(draft: Draft, i: int) -> bool:
    content = draft.content(i)
    return len(content) <= LONGEST_HEADING and _COUNTER.fullmatch(content) is not None


def _mark_counted(draft: Draft, row: range) -> None:
    """Marks titles that are counted, "list 1 of 3", with the lines that count them."""
    for i in row:
        if is_open(draft, i):
            mark(draft, i, "titles that are counted")


def _mark_repeated(draft: Draft) -> None:
    """Marks titles below a short line that the lines before and after the block say again: "skip X", "X", ..., "end of X"."""
    for i in range(1, len(draft.lines) - _FEWEST_IN_ROW - 1):
        line, above = draft.lines[i], draft.lines[i - 1]
        length = line.end - line.start
        if not 6 <= length <= LONGEST_HEADING or not length < above.end - above.start <= 2 * LONGEST_HEADING:
            continue
        name = draft.content(i)
        if name not in draft.content(i - 1) or draft.kinds[i] not in UNDECIDED:
            continue
        last = min(i + _LONGEST_BLOCK, len(draft.lines))
        end = next((k for k in range(i + 2, last) if name in draft.content(k) and is_short(draft, k)), 0)
        if end and all(is_open(draft, k) for k in range(i + 1, end)) and any(is_title(draft, k) for k in range(i + 1, end)):
            for k in range(i, end):
                mark(draft, k, "titles below a line that closes the block too")


def is_short(draft: Draft, i: int) -> bool:
    """Tells whether line i is no longer than a heading."""
    return draft.lines[i].end - draft.lines[i].start <= LONGEST_HEADING


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
    titles = [i for i in tail if is_title(draft, i)]
    rule: Rule
    dated = [i for i in tail if is_dated(draft, i)]
    if len(dated) >= _FEWEST_DATES and len(titles) + len(dated) > _FEWEST_DATES + 1:
        first = min(dated[0], *titles) if titles else dated[0]
        rule = "dated titles below the text"
    elif len(titles) >= _FEWEST_AFTER and 2 * len(titles) >= len(tail):
        first, rule = titles[0], "a row of titles below the text"
    elif titles and _is_list_heading(draft, titles):
        first, rule = titles[0], "a heading and titles below the text"
    else:
        return
    if draft.kinds[first - 1] in UNDECIDED and _announces(draft.content(first - 1)):
        return
    if rule != "dated titles below the text" and _are_facts(draft, titles):
        return
    while first > start and len(draft.content(first - 1)) <= LONGEST_HEADING and is_open(draft, first - 1):
        first -= 1
    for i in range(first, len(draft.lines)):
        if is_open(draft, i):
            mark(draft, i, rule)


def _is_list_heading(draft: Draft, titles: list[int]) -> bool:
    """Tells whether the line above the titles heads them, whatever its words, and the titles go on to the end of the page.

    At least half of the titles have a verb or a mark of headlines. A heading without a colon counts above three titles.
    """
    i = titles[0] - 1
    content, last = draft.content(i), draft.kinds[i - 1]
    if (
        titles[-1] - titles[0] + 1 != len(titles)
        or titles[-1] + 1 < len(draft.lines)
        or draft.kinds[i] not in UNDECIDED
        or not 4 < len(content) <= LONGEST_HEADING
        or any(map(str.isdigit, content))
        or begins(content)
        or goes_on(content)
        or _announces(draft.content(i - 1))
        or not (layout.is_closed(draft.content(i - 1)) or last not in UNDECIDED)
    ):
        return False
    speaking = sum(_says_headline(draft.content(k)) for k in titles)
    if 2 * speaking < len(titles):
        return False
    words = len(content.split())
    if content[-1] == ":":
        return words <= _LONGEST_COLON_HEADING
    return words <= _LONGEST_COLON_HEADING and len(titles) >= _FEWEST_BELOW_HEADING


def _says_headline(content: str) -> bool:
    """Tells whether the line has a mark of headlines, or one of its first words may be a verb in the present."""
    words = first_words(content, _VERB_WITHIN)
    return _SAYS_HEADLINE.search(content) is not None or any(word[0] in "يت" and len(word) > _SHORTEST_VERB for word in words)
