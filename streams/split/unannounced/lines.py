"""What a line that no marker decides looks like: a paragraph, a title, a date, a heading; and what announces a list."""

from __future__ import annotations

import functools
import re
from collections import Counter
from itertools import pairwise

from streams.split import layout
from streams.split.draft import Draft
from streams.split.evidence import continues_report, first_words, inner_sentences, opens_report
from streams.split.segments import Rule
from streams.split.spelling import one_spelling

# The figures were chosen by reading; they are lengths in code points unless their names say otherwise.
_SHORTEST_PARAGRAPH, _SHORTEST_SENTENCE, _SHORTEST_CONTINUATION = 90, 45, 25
SHORTEST_TITLE, _LONGEST_TITLE, LONGEST_CUT_TITLE = 34, 140, 260
_LONGEST_CRY = 80
SHORTEST_ITEM = 20  # a title that others stand beside
LONGEST_HEADING, _SHORTEST_HEADING, _LONGEST_HEADING_WORDS = 45, 4, 4
_AGE = re.compile(r"(?:قبل|منذ)\s+\S+(?:\s+\S+)?|أمس|اليوم")
_WITHIN = ("،", ",", ".", "؛")
_COUNTER = re.compile(r"\D{0,12}\d{1,2}\s*(?:من|of|/)\s*\d{1,2}(?:\s+\w+)?")
_NUMBER = re.compile(r"[(\[]?\d{1,2}[)\].\-]?")
_ITEM = re.compile(r"[*•●▪■◾✓✔\-–—_+»0-9٠-٩]")
# Subheadings of a report hardly ever have a question mark, two dots or a colon within.
_SAYS_HEADLINE = re.compile(r"[؟?]|\.\.|\S: ?\S")
# Words near the end of a paragraph that announce a list of the story's own, folded; code points that are searched for them.
_ANNOUNCING = frozenset(
    ["يلي", "كالتالي", "كالاتي", "التاليه", "الاتيه", "التالي", "الاتي", "ادناه", "الجدول", "الترتيب", "ياتي"]
)
_LAST_SENTENCE = 60
# Of the lines in a row so many, and three at least, show the same thing when they are a table; marks that part its columns.
_MOST_ALIKE, _FEWEST_FACTS = 0.5, 3
_PARTING = (":", " - ", " – ", "|", "\t")
# Words from the start of a title that can hold its verb, letters of a verb.
_VERB_WITHIN, _SHORTEST_VERB = 4, 3
_YEAR, _CLOCK = re.compile(r"\d{4}"), re.compile(r"\d{1,2}:\d{2}")
_WORD = re.compile(r"[^\W\d_]+")
_REMEMBERED = 4096  # short lines that several passes look at
UNDECIDED = frozenset(("", "body", "read_also_body"))


def is_paragraph(draft: Draft, i: int) -> bool:
    """Tells whether line i is undecided, and long and closed as a paragraph is, or a full sentence of a middle length."""
    line = draft.lines[i]
    length = line.end - line.start
    if length < _SHORTEST_CONTINUATION or draft.kinds[i] not in UNDECIDED:
        return False
    content = draft.content(i)
    if length < _SHORTEST_PARAGRAPH:
        whole = content[-1] == "." and content[-2] != "." and i not in draft.headings
        return whole and (length >= _SHORTEST_SENTENCE or continues_report(content))
    return layout.is_closed(content) or bool(inner_sentences(content)) or continues_report(content)


def is_title(draft: Draft, i: int, shortest: int = SHORTEST_TITLE) -> bool:
    """Tells whether line i is undecided, and one open phrase of a title's length, without a bullet or a number before it."""
    line = draft.lines[i]
    if not shortest <= line.end - line.start <= _LONGEST_TITLE or draft.kinds[i] not in UNDECIDED or i in draft.headings:
        return False
    content = draft.content(i)
    return has_title_shape(draft, content) and not _ITEM.match(content)


def has_title_shape(draft: Draft, content: str) -> bool:
    """Tells whether a text is a headline that opens no report, quotes nobody, and is not the page's own."""
    return (
        draft.is_headline(content)
        and not opens_report(content)
        and not _ends_as_prose(content)
        and not layout.is_quoted(content)  # somebody is quoted
        and content != draft.page.title
    )


def _ends_as_prose(content: str) -> bool:
    """Tells whether a text trails off with two dots, or is long and cries out: titles do neither."""
    return (content.endswith("..") and content[-3] != ".") or (content[-1] == "!" and len(content) > _LONGEST_CRY)


def is_open(draft: Draft, i: int) -> bool:
    """Tells whether line i is no sentence: short, or a title that its site cut off."""
    content = draft.content(i)
    return len(content) <= LONGEST_CUT_TITLE and not layout.is_closed(content) and not continues_report(content)


def is_dated(draft: Draft, i: int) -> bool:
    """Tells whether line i is a date or an age, with little around it."""
    content = draft.content(i)
    return len(content) <= LONGEST_HEADING and _is_date_or_age(content)


@functools.lru_cache(maxsize=_REMEMBERED)
def _is_date_or_age(content: str) -> bool:
    return layout.is_date(content) or _AGE.fullmatch(content) is not None


def is_counter(draft: Draft, i: int) -> bool:
    """Tells whether line i counts what stands beside it, "list 1 of 3", or is a number alone."""
    content = draft.content(i)
    return len(content) <= LONGEST_HEADING and _counts(content)


@functools.lru_cache(maxsize=_REMEMBERED)
def _counts(content: str) -> bool:
    return (_COUNTER.fullmatch(content) or _NUMBER.fullmatch(content)) is not None


def is_short(draft: Draft, i: int) -> bool:
    """Tells whether line i is no longer than a heading."""
    return draft.lines[i].end - draft.lines[i].start <= LONGEST_HEADING


def is_heading(draft: Draft, i: int) -> bool:
    """Tells whether line i is undecided and can be a heading whatever its words: a few, open or with a colon, and no figure."""
    content = draft.content(i)
    return (
        draft.kinds[i] in UNDECIDED
        and _SHORTEST_HEADING < len(content) <= LONGEST_HEADING
        and len(_WORD.findall(content)) <= _LONGEST_HEADING_WORDS
        and not any(map(str.isdigit, content))
        and (content[-1] == ":" or not (layout.is_closed(content) or opens_report(content)))
        and not continues_report(content)
    )


def mark(draft: Draft, i: int, rule: Rule) -> None:
    """Marks line i as another story's title, where no pass before decided that it is something else."""
    if draft.kinds[i] in UNDECIDED:
        draft.overrule(i, "related", rule)


def stands_apart(draft: Draft, titles: list[int]) -> bool:
    """Tells whether the text before the titles ends as a sentence and does not announce them, nor goes on in the midst of one."""
    before = draft.content(titles[0] - 1)
    if titles[-1] + 1 < len(draft.lines) and draft.text[draft.lines[titles[-1] + 1].start] in _WITHIN:
        return False
    return layout.is_closed(before) and not announces_list(before) and not are_table_entries([draft.content(i) for i in titles])


def announces_list(content: str) -> bool:
    """Tells whether the line promises what follows it: with a colon or a comma, or with words such as "as follows"."""
    if content.rstrip("-–— ")[-1:] in (":", "،", ",", "؛"):
        return True
    return not _ANNOUNCING.isdisjoint(_WORD.findall(one_spelling(content[-_LAST_SENTENCE:])))


def are_table_entries(contents: list[str]) -> bool:
    """Tells whether the lines are entries of one table: most have a figure, or begin with one word, or are parted alike.

    Headlines of other stories differ in all of that.
    """
    most = max(_FEWEST_FACTS, _MOST_ALIKE * len(contents))
    firsts = Counter(content.split(maxsplit=1)[0] for content in contents)
    return (
        sum(any(map(str.isdigit, content)) for content in contents) >= most
        or max(firsts.values()) >= most
        or any(sum(mark in content for content in contents) >= most for mark in _PARTING)
    )


def parts_columns(content: str) -> bool:
    """Tells whether the line has a mark that parts columns of a table: a colon, a dash, a bar."""
    return any(mark in content for mark in _PARTING)


def sounds_like_headline(content: str) -> bool:
    """Tells whether the line has a mark of headlines, or one of its first words may be a verb in the present."""
    words = first_words(content, _VERB_WITHIN)
    return has_headline_mark(content) or any(word[0] in "يت" and len(word) > _SHORTEST_VERB for word in words)


def has_headline_mark(content: str) -> bool:
    """Tells whether the line has a question mark, two dots, or a colon within."""
    return _SAYS_HEADLINE.search(content) is not None


def is_chronology(draft: Draft, dated: list[int]) -> bool:
    """Tells whether the years or clock times of the lines rise, as those of a chronology do; a list has the newest first."""
    for pattern in (_YEAR, _CLOCK):
        found = [match.group() for i in dated if (match := pattern.search(draft.content(i)))]
        if len(found) == len(dated):
            numbers = [int(text.replace(":", "")) for text in found]
            return numbers[0] < numbers[-1] and all(a <= b for a, b in pairwise(numbers))
    return False


def is_one_of_many(draft: Draft, i: int, fewest: int = 2) -> bool:
    """Tells whether so many other lines begin with the first word of line i: "the fifth clause:" is one of a report's own."""
    word = draft.content(i).split(maxsplit=1)[0]
    return sum(draft.text.startswith(word, line.start) for line in draft.lines) > fewest
