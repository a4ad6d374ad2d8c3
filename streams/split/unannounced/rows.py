"""Titles of other stories between two paragraphs that no word announces.

Every rule looks at shape and position, and at several lines together: one short line alone is a subheading as likely as a title.
Where it is less than a row, the titles must speak of something else than the page does. The figures were chosen by reading.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import NamedTuple

from streams.split import layout
from streams.split.draft import Draft
from streams.split.evidence import continues_report, word_prefixes
from streams.split.segments import Rule
from streams.split.unannounced.lines import (
    LONGEST_CUT_TITLE,
    LONGEST_HEADING,
    SHORTEST_ITEM,
    UNDECIDED,
    announces_list,
    has_headline_mark,
    has_title_shape,
    is_chronology,
    is_counter,
    is_dated,
    is_heading,
    is_one_of_many,
    is_open,
    is_short,
    is_title,
    mark,
    sounds_like_headline,
    stands_apart,
)
from streams.split.unannounced.subject import SHARED_TITLE, Subject
from streams.split.unannounced.weighing import is_doubtful

_FEWEST_IN_ROW, _MOST_IN_ROW = 2, 4  # titles; chosen by reading, as the next two
_MOST_ROWS = 4  # a page with more rows between its paragraphs is made of them: an interview, a digest
_LONGEST_BLOCK = 10  # lines between a line and its repetition
_SHORTEST_NAME, _LONGEST_SKIP = 6, 2 * LONGEST_HEADING  # code points of such a line, and of the one above that says it too
# What sites put before the title of a video or an album, "in pictures..".
_SHOWN = re.compile(r"(?:بالصور|بالفيديو|صور|فيديو|شاهد)[^.:|]{0,12}(?:\.\.|[:|])")
_SIGNS = (" | ", "    ", "◄", "►", "▶", "◀", ">>", "بالصور", "بالفيديو")
_ROW: Rule = "titles in a row between paragraphs"
# Measured on 20,120 pages and 2,275 with another story's title set between two paragraphs: the paragraph below 78 of 100 titles
# begins as one that goes on, and below 16 of 100 subheadings, which it says again. A third of subheadings ask.
_SHORTEST_ALONE, _LONGEST_ALONE, _MOST_RESTATED, _MOST_ALONE = 40, 110, 1, 2  # code points; words; lines of a page


class _Run(NamedTuple):
    """The lines between two paragraphs, and the titles among them."""

    lines: range
    titles: list[int]


def has_unannounced(draft: Draft) -> bool:
    """Tells whether the page may hold any: a short open line of a title's length below the first, and another beside it.

    One alone is enough where a paragraph stands below it, or where the text has a sign of teasers.
    """
    text = draft.text
    before, in_row, long = False, False, 0
    for i, (start, end, _, _) in enumerate(draft.lines):
        if end - start > LONGEST_CUT_TITLE or text[end - 1] in ".،:؛":
            if before and _may_stand_alone(draft, i - 1):
                return True
            before = False
            continue
        in_row = in_row or before
        before = True
        long += i > 0 and end - start >= SHORTEST_ITEM
    return long >= _FEWEST_IN_ROW or (long > 0 and (in_row or _shows_title(draft)))


def _may_stand_alone(draft: Draft, i: int) -> bool:
    """Tells whether line i has the length of a title that is told alone."""
    return i > 0 and _SHORTEST_ALONE <= draft.lines[i].end - draft.lines[i].start <= _LONGEST_ALONE


def _shows_title(draft: Draft) -> bool:
    """Tells whether the text has a mark that titles alone between paragraphs have: an arrow, a bar, a gap, "in pictures.."."""
    return any(sign in draft.text for sign in _SIGNS)


def mark_rows(draft: Draft, paragraphs: list[int], subject: Subject) -> None:
    """Marks the titles between paragraphs that stand as other stories' do; not on pages that are made of such rows.

    Two to four in a row count; fewer when they are dated, stand below a heading or show what they are, and speak of something
    else; one alone where the page is known to carry other stories.
    """
    rows: list[range] = []
    single: list[int] = []
    headed: list[_Run] = []
    for before, after in pairwise(paragraphs):
        lines = range(before + 1, after)
        run = _Run(lines, [i for i in lines if is_title(draft, i, SHORTEST_ITEM)])
        if not lines or not (run.titles or draft.is_bulleted(lines[-1])):
            continue
        if _is_counted(draft, run, subject) or _is_dated_row(draft, run, subject):
            rows.append(range(lines.stop, lines.stop))
            _mark_open(draft, lines)
        elif row := _row(draft, run, subject):
            rows += [] if is_doubtful(draft, row, subject) else [row]
        elif row := _bulleted(draft, lines, subject):
            rows.append(row)
        elif _is_headed(draft, run):
            headed.append(run)
        elif len(lines) == 1 and run.titles and stands_apart(draft, run.titles):
            single.append(lines[0])
    rows += _others_below_headings(draft, headed, subject)
    rows += [range(i, i + 1) for i in _other_titles_alone(draft, single, subject, known=bool(rows))]
    if len(rows) <= _MOST_ROWS:
        for i in (i for lines in rows for i in lines):
            mark(draft, i, _ROW)


def _mark_open(draft: Draft, lines: range) -> None:
    for i in lines:
        if is_open(draft, i):
            mark(draft, i, "titles that are counted")


def _row(draft: Draft, run: _Run, subject: Subject) -> range | None:
    """Returns the titles that stand in a row, with the heading above them; None when they do not, or ask about the page."""
    if len(run.titles) < _FEWEST_IN_ROW:
        return None
    titles = [i for i in run.titles if is_title(draft, i)]
    if len(titles) != len(run.titles) and len(titles) < _FEWEST_IN_ROW and len(run.titles) != len(run.lines):
        return None
    strange = sum(map(subject.is_strange, run.titles))
    if len(run.titles) == len(run.lines) and titles and 2 * strange >= len(run.titles) and _is_last_long(draft, run):
        titles = run.titles
    if not _FEWEST_IN_ROW <= len(titles) <= _MOST_IN_ROW or titles[-1] - titles[0] >= len(titles):
        return None
    speaking = sum(sounds_like_headline(draft.content(i)) for i in titles)
    if not strange and (2 * speaking < len(titles) or all(draft.content(i)[-1] in "؟?" for i in titles)):
        return None
    first = titles[0]
    has_heading = first - 1 in run.lines and is_heading(draft, first - 1)
    row = range(first - has_heading, titles[-1] + 1)
    return row if stands_apart(draft, list(row)) else None


def _bulleted(draft: Draft, lines: range, subject: Subject) -> range | None:
    """Returns the run when it is a short line with a colon and titles with bullets below it, that speak of something else."""
    items = [layout.without_bullet(draft.content(i)) for i in lines[1:] if draft.is_bulleted(i)]
    if not 0 < len(items) == len(lines) - 1 or not is_heading(draft, lines[0]) or draft.content(lines[0])[-1] != ":":
        return None
    if not all(len(item) >= SHORTEST_ITEM and has_title_shape(draft, item) for item in items):
        return None
    strange, speaking = sum(map(subject.is_other, items)), sum(map(sounds_like_headline, items))
    return lines if 2 * strange >= len(items) and speaking == len(items) else None


def _is_last_long(draft: Draft, run: _Run) -> bool:
    """Tells whether the last title is no subheading of the paragraph below it."""
    return is_title(draft, run.lines[-1])


def _other_titles_alone(draft: Draft, single: list[int], subject: Subject, *, known: bool) -> list[int]:
    """Returns the titles alone between paragraphs that are other stories': strange ones, or with a mark of headlines.

    Where the page has others only below its text, the strange ones count; where it has none, those in a video's form, and those
    below which the text goes on.
    """
    few = len(single) <= _MOST_ALONE  # with more of them, of any length, the page is parted by subheadings or captions
    single = [i for i in single if is_title(draft, i) and not is_one_of_many(draft, i)]
    strange = [i for i in single if subject.is_strange(i)]
    between = any(kind == "related" for kind in draft.kinds[: single[-1] + 1]) if single else False
    if not (known or between):
        if len(single) <= _FEWEST_IN_ROW and "related" in draft.kinds:  # a digest has more
            return strange
        passed = [i for i in single if few and _is_passed_over(draft, i, subject)]
        return sorted({*passed, *(i for i in strange if passed or _SHOWN.match(draft.content(i)))})
    marked = [i for i in single if has_headline_mark(draft.content(i)) and draft.content(i)[-1] not in "؟?"]
    return sorted({*strange, *marked}) if len(single) <= _MOST_ROWS else strange


def _is_passed_over(draft: Draft, i: int, subject: Subject) -> bool:
    """Tells whether the paragraph below line i goes on as if the line were not there, and the page says little of it."""
    content = draft.content(i)
    if not _may_stand_alone(draft, i) or "،" in content or content[-1] in "؟?" or not continues_report(draft.content(i + 1)):
        return False
    if not subject.is_strange(i) and not sounds_like_headline(content):
        return False
    return _is_hardly_restated(draft, i, i + 1) and subject.share(content) <= SHARED_TITLE


def _is_hardly_restated(draft: Draft, title: int, after: int) -> bool:
    """Tells whether a paragraph has no more than a word of the title."""
    return len(word_prefixes(draft.content(title)) & word_prefixes(draft.content(after))) <= _MOST_RESTATED


def _is_headed(draft: Draft, run: _Run) -> bool:
    """Tells whether the run is a short line and titles below it."""
    first = run.lines[0]
    return (
        0 < len(run.titles) == len(run.lines) - 1
        and run.titles[0] == first + 1
        and is_heading(draft, first)
        and draft.content(run.titles[0])[-1] not in "؟?"
        and stands_apart(draft, [first])
    )


def _others_below_headings(draft: Draft, headed: list[_Run], subject: Subject) -> list[range]:
    """Returns the runs below a heading whose titles speak of something else, and where there are some, those that look alike.

    Those too below which the text goes on as if they were not there.
    """
    firsts = Counter(draft.content(run.lines[0]).split(maxsplit=1)[0] for run in headed)
    headed = [
        run
        for run in headed
        if not is_one_of_many(draft, run.lines[0], firsts[draft.content(run.lines[0]).split(maxsplit=1)[0]] + 1)
    ]
    alike = len({draft.content(run.lines[0]) for run in headed}) == 1  # a press review has another one each time
    strange = [run for run in headed if any(map(subject.is_strange, run.titles)) or (alike and _are_passed_over(draft, run))]
    if strange:
        strange += [
            run for run in headed if run not in strange and all(sounds_like_headline(draft.content(i)) for i in run.titles)
        ]
    return [run.lines for run in strange]


def _are_passed_over(draft: Draft, run: _Run) -> bool:
    """Tells whether the paragraph below the run goes on and says little of its titles again."""
    after = run.lines.stop
    return continues_report(draft.content(after)) and all(_is_hardly_restated(draft, i, after) for i in run.titles)


def _is_counted(draft: Draft, run: _Run, subject: Subject) -> bool:
    """Tells whether the titles are counted, "list 1 of 3", or numbered on lines of their own and strange to the page."""
    counters = [i for i in run.lines if is_counter(draft, i)]
    if len(counters) < _FEWEST_IN_ROW:
        return False
    words = sum(any(map(str.isalpha, draft.content(i))) for i in counters)
    most, contents = len(run.titles) / 2, map(draft.content, run.titles)
    return words >= _FEWEST_IN_ROW or (
        sum(map(subject.is_strange, run.titles)) >= most <= sum(map(sounds_like_headline, contents))
    )


def _is_dated_row(draft: Draft, run: _Run, subject: Subject) -> bool:
    """Tells whether the titles have dates or ages beside them, and one at the least speaks of something else."""
    dated = [i for i in run.lines if is_dated(draft, i)]
    return bool(
        dated
        and len(dated) <= len(run.titles) + 1
        and len(dated) + len(run.titles) + 1 >= len(run.lines)
        and (len(run.titles) > 1 or any(is_title(draft, i) for i in run.titles))
        and any(map(subject.is_strange, run.titles))
        and not announces_list(draft.content(run.lines[0] - 1))
        and not is_chronology(draft, dated)
    )


def mark_repeated(draft: Draft) -> None:
    """Marks titles below a short line that the lines before and after the block say again: "skip X", "X", ..., "end of X"."""
    for i in range(1, len(draft.lines) - _FEWEST_IN_ROW):
        line, above = draft.lines[i], draft.lines[i - 1]
        length = line.end - line.start
        if not _SHORTEST_NAME <= length <= LONGEST_HEADING or not length < above.end - above.start <= _LONGEST_SKIP:
            continue
        name = draft.content(i)
        if name not in draft.content(i - 1) or draft.kinds[i] not in (*UNDECIDED, "related"):
            continue
        last = min(i + _LONGEST_BLOCK, len(draft.lines))
        end = next((k for k in range(i + 2, last) if name in draft.content(k) and is_short(draft, k)), 0)
        within = range(i + 1, end)
        if (
            end
            and all(draft.kinds[k] == "related" or is_open(draft, k) for k in within)
            and any(draft.kinds[k] == "related" or is_title(draft, k) for k in within)
        ):
            for k in range(i, end):
                mark(draft, k, "titles below a line that closes the block too")
            for k in (i - 1, end):
                draft.overrule(k, "other_boilerplate", "titles below a line that closes the block too")
