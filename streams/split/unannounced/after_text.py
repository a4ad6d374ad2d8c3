"""Lists of other stories below the last paragraph that no word announces. The figures were chosen by reading."""

from __future__ import annotations

import re
from itertools import combinations, pairwise

from streams.split import layout
from streams.split.draft import Draft
from streams.split.evidence import continues_report, opens_report, word_prefixes
from streams.split.segments import STORY_ENDS, Rule
from streams.split.unannounced.lines import (
    LONGEST_CUT_TITLE,
    LONGEST_HEADING,
    SHORTEST_ITEM,
    SHORTEST_TITLE,
    UNDECIDED,
    announces_list,
    are_table_entries,
    has_title_shape,
    is_chronology,
    is_counter,
    is_dated,
    is_heading,
    is_open,
    is_title,
    mark,
    sounds_like_headline,
)
from streams.split.unannounced.signs import are_own_lines
from streams.split.unannounced.subject import Subject
from streams.split.unannounced.weighing import is_doubtful

# Lines: dates, titles of a long list, titles about something else, those of a heading's list, those that are counted.
_FEWEST_DATES, _FEWEST_AFTER, _FEWEST_STRANGE, _FEWEST_BELOW_HEADING, _FEWEST_NUMBERED = 2, 5, 3, 3, 3
# Of the words of a list of titles its page has at most so many on average, of a title alone below a heading; chosen by reading
# the ends of 84,453 pages. The lines are mostly of a title's length: verses and signatures are shorter.
_SHARED_LIST, _SHARED_ALONE, _MOST_LONG = 0.3, 0.2, 0.6
_NUMBERED = re.compile(r"\(?\d{1,2}\s?[-–.)ـ]\s*(?=\D)")
_TIMED = re.compile(r"(\d{1,2}):(\d{2})(?!:|\d)\s*[-–|]?\s*(?=\D)")
# A few words and a colon or a bar, without a figure or Latin letter: what a site puts before a title of its own.
_OPENING = re.compile(r"([^\W\d_a-zA-Z][^:|.،()@\da-zA-Z]{4,36}?)\s*[:|]\s+(?=\S)")
_OPENING_WORDS = range(2, 7)
# A month on a line of its own, without a year: a chronology's.
_MONTH = re.compile(
    r"(?:كانون|شباط|آذار|نيسان|أيار|حزيران|تموز|آب|أيلول|تشرين|يناير|فبراير|مارس|أبريل|مايو|يونيو|يوليو|أغسطس|سبتمبر|أكتوبر|"
    r"نوفمبر|ديسمبر)\b[^\d\n]{0,16}$"
)


def mark_after(draft: Draft, start: int, subject: Subject) -> None:
    """Marks the list below the last paragraph: the titles, with the lines between them and the heading above."""
    tail = range(start, len(draft.lines))
    if any(layout.is_url(draft.content(i)) and draft.kinds[i] in UNDECIDED for i in tail):
        return  # addresses that the story gives
    _mark_numbered(draft, tail, subject)
    _mark_below_end(draft, tail, subject)
    _mark_opened_end(draft, tail, subject)
    titles = [i for i in tail if is_title(draft, i, SHORTEST_ITEM)]
    found = _list(draft, tail, titles, subject)
    if found is None:
        return
    first, rule = found
    if first > 0 and draft.kinds[first - 1] in UNDECIDED and announces_list(draft.content(first - 1)):
        return
    if rule != "dated titles below the text" and _are_own(draft, first, titles, subject):
        return
    while first > start and len(draft.content(first - 1)) <= LONGEST_HEADING and is_open(draft, first - 1):
        first -= 1
    for i in range(first, len(draft.lines)):
        if is_open(draft, i):
            mark(draft, i, rule)


def _are_own(draft: Draft, first: int, titles: list[int], subject: Subject) -> bool:
    """Tells whether the lines from `first` on are verse, steps, a table, or stand below a heading that speaks of the page."""
    heading = next((draft.content(i) for i in (first - 1, first) if is_heading(draft, i)), "")
    if len(heading.split()) > 1 and subject.share(heading) > 0:
        return True
    contents = [draft.content(i) for i in titles]
    months = sum(_MONTH.match(draft.content(i)) is not None for i in range(first, titles[-1]))
    if months > 1 or are_table_entries(contents) or are_own_lines(contents):
        return True
    return is_doubtful(draft, range(first, len(draft.lines)), subject)


def mark_dated_end(draft: Draft) -> None:
    """Marks titles that alternate with dates or ages to the end of the page, where paragraphs are left open as titles are."""
    first = len(draft.lines)
    while first > 1 and (_is_dated(draft, first - 1) or _is_beside_date(draft, first - 1)):
        first -= 1
    below = range(first, len(draft.lines))
    titles = [i for i in below if is_title(draft, i, SHORTEST_ITEM)]
    dated = [i for i in below if i not in titles]
    if min(len(titles), len(dated)) < _FEWEST_DATES or is_chronology(draft, dated):
        return
    subject = Subject(draft, range(first))
    if 2 * sum(map(subject.is_strange, titles)) >= len(titles):
        for i in below:
            mark(draft, i, "dated titles below the text")


def _is_dated(draft: Draft, i: int) -> bool:
    return draft.kinds[i] in UNDECIDED and is_dated(draft, i)


def _is_beside_date(draft: Draft, i: int) -> bool:
    """Tells whether line i is a title with a date on the line below it."""
    return is_title(draft, i, SHORTEST_ITEM) and i + 1 < len(draft.lines) and _is_dated(draft, i + 1)


def _list(draft: Draft, tail: range, titles: list[int], subject: Subject) -> tuple[int, Rule] | None:
    """Returns the first line of the list below the text and what shows it; None when nothing does."""
    dated = [i for i in tail if is_dated(draft, i)]
    long = [i for i in titles if is_title(draft, i)]
    strange = sum(map(subject.is_strange, titles))
    if len(dated) >= _FEWEST_DATES and len(long) + len(dated) > _FEWEST_DATES + 1 and not is_chronology(draft, dated):
        return min(dated[0], *titles) if titles else dated[0], "dated titles below the text"
    if not long:
        return None
    counters = sum(is_counter(draft, i) for i in tail)
    others = _are_strange(draft, titles, strange) or _are_others(draft, titles, long, subject)
    if 2 * len(titles) >= len(tail) - counters and (_is_long_list(draft, long) or others):
        return titles[0], "a row of titles below the text"
    if _is_list_heading(draft, titles, strange, subject):
        return titles[0], "a heading and titles below the text"
    return None


def _is_long_list(draft: Draft, long: list[int]) -> bool:
    """Tells whether there are many titles and no sentence below the last one, as there is below the verses of a poem."""
    below = range(long[-1] + 1, len(draft.lines))
    return len(long) >= _FEWEST_AFTER and all(draft.kinds[k] not in UNDECIDED or is_open(draft, k) for k in below)


def _are_strange(draft: Draft, titles: list[int], strange: int) -> bool:
    """Tells whether three titles or more, most of them headlines about something else, go on to the end of the page."""
    return (
        len(titles) >= _FEWEST_STRANGE
        and 2 * strange >= len(titles)
        and 2 * sum(sounds_like_headline(draft.content(k)) for k in titles) >= len(titles)
        and _goes_to_end(draft, titles)
    )


def _are_others(draft: Draft, titles: list[int], long: list[int], subject: Subject) -> bool:
    """Tells whether three titles or more, together, say little of the page, and go on to its end."""
    if len(titles) < _FEWEST_STRANGE or len(long) < _MOST_LONG * len(titles) or not _goes_to_end(draft, titles):
        return False
    contents = [draft.content(k) for k in titles]
    if all(content[-1] in "؟?" for content in contents) or 2 * sum(map(sounds_like_headline, contents)) < len(titles):
        return False
    return sum(map(subject.share, contents)) <= _SHARED_LIST * len(titles)


def _goes_to_end(draft: Draft, titles: list[int]) -> bool:
    return all(draft.kinds[k] not in UNDECIDED or is_open(draft, k) for k in range(titles[0], len(draft.lines)))


def _is_list_heading(draft: Draft, titles: list[int], strange: int, subject: Subject) -> bool:
    """Tells whether the line above the titles heads them, whatever its words, and the titles go on to the end of the page.

    At least half of the titles have a verb or a mark of headlines. A heading without a colon counts above three titles, or two of
    which one speaks of something else, or one of which the page says next to nothing.
    """
    i = titles[0] - 1
    if titles[-1] - titles[0] + 1 != len(titles) or titles[-1] + 1 < len(draft.lines) or i < 1 or not is_heading(draft, i):
        return False
    above = i - 1
    doubled = draft.content(above) == draft.content(i)
    open_above = announces_list(draft.content(above)) or not layout.is_closed(draft.content(above))
    if draft.kinds[above] in UNDECIDED and not doubled and open_above:
        return False
    speaking = sum(sounds_like_headline(draft.content(k)) for k in titles)
    if 2 * speaking < len(titles) and not (strange == len(titles) and speaking):
        return False
    if doubled or draft.content(i)[-1] == ":" or len(titles) >= _FEWEST_BELOW_HEADING or (len(titles) > 1 and strange > 0):
        return True
    title = draft.content(titles[0])
    return title[0] != "(" and title[-1] not in "؟?" and subject.share(title) <= _SHARED_ALONE


def _mark_numbered(draft: Draft, tail: range, subject: Subject) -> None:
    """Marks titles with numbers or falling clock times before them, of which most speak of something else."""
    for pattern in (_NUMBERED, _TIMED):
        found = {i: match.end() for i in tail if draft.kinds[i] in UNDECIDED and (match := pattern.match(draft.content(i)))}
        if len(found) < _FEWEST_NUMBERED:
            continue
        contents = [draft.content(i)[end:] for i, end in found.items()]
        shaped = all(len(text) >= SHORTEST_ITEM and has_title_shape(draft, text) for text in contents)
        strange, speaking = sum(map(subject.is_other, contents)), sum(map(sounds_like_headline, contents))
        above = draft.content(tail[0] - 1)
        if not shaped or 2 * strange < len(contents) or 2 * speaking < len(contents) or announces_list(above):
            continue
        if pattern is _TIMED and (_are_one_event(contents) or not _falls([_minutes(draft.content(i)) for i in found])):
            continue
        for i in found:
            mark(draft, i, "titles that are counted")


def has_opened_end(draft: Draft) -> bool:
    """Tells whether the last line begins with a few words and a colon or bar, and is open."""
    start, end, _, _ = draft.lines[-1]
    return (
        end - start <= LONGEST_CUT_TITLE and draft.text[end - 1] not in ".،:؛" and _OPENING.match(draft.text, start) is not None
    )


def _mark_opened_end(draft: Draft, tail: range, subject: Subject) -> None:
    """Marks the one line below the text that is a title behind a few words and a colon, both of which the page never says."""
    if len(tail) != 1 or draft.kinds[tail[0]] not in UNDECIDED or tail[0] in draft.headings or not tail[0]:
        return
    content = draft.content(tail[0])
    match = _OPENING.match(content)
    if match is None or len(match[1].split()) not in _OPENING_WORDS or opens_report(match[1]) or continues_report(match[1]):
        return
    title = content[match.end() :]
    is_plain = len(title) >= SHORTEST_TITLE and title[-1] not in "؟?" and has_title_shape(draft, title)
    is_other = subject.share(title) <= _SHARED_ALONE and not subject.share(match[1])
    if is_plain and is_other and sounds_like_headline(title) and not announces_list(draft.content(tail[0] - 1)):
        mark(draft, tail[0], "a title behind words and a colon below the text")


def _mark_below_end(draft: Draft, tail: range, subject: Subject) -> None:
    """Marks open titles below the credit, tags or rights that close the page's own story, to the end of the page."""
    ends = [i for i in tail if draft.kinds[i] in STORY_ENDS]
    if not ends:
        return
    below = [i for i in range(ends[-1] + 1, len(draft.lines)) if draft.kinds[i] in UNDECIDED]
    titles = [i for i in below if is_title(draft, i)]
    strange = sum(map(subject.is_strange, titles))
    if not titles or not all(is_open(draft, i) for i in below) or (len(titles) == 1 and not strange):
        return
    if 2 * len(titles) < len(below) or not (
        strange or 2 * sum(sounds_like_headline(draft.content(i)) for i in titles) >= len(titles)
    ):
        return
    for i in below:
        mark(draft, i, "below the end of the page's own story")


def _are_one_event(contents: list[str]) -> bool:
    """Tells whether half of the titles' pairs share a word: one event, told as it went on."""
    pairs = list(combinations(map(word_prefixes, contents), 2))
    return 2 * sum(not a.isdisjoint(b) for a, b in pairs) >= len(pairs)


def _minutes(content: str) -> int:
    match = _TIMED.match(content)
    return int(match[1]) * 60 + int(match[2]) if match else 0


def _falls(times: list[int]) -> bool:
    """Tells whether no time is later than the one before it."""
    return all(later >= earlier for later, earlier in pairwise(times))
