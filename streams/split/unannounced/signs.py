"""The signs of a row of open lines that no marker decides: what its lines are like, and what stands around them.

A sign is a number, most of them a share from 0 to 1. `weights.toml` says what each one counts for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain, combinations
from math import log1p
from typing import NamedTuple

from streams.split import layout
from streams.split.draft import Draft
from streams.split.evidence import continues_report, first_words, opens_report, restates, word_prefixes
from streams.split.segments import STORY_ENDS
from streams.split.unannounced.lines import (
    LONGEST_CUT_TITLE,
    SHORTEST_ITEM,
    SHORTEST_TITLE,
    UNDECIDED,
    announces_list,
    are_table_entries,
    has_headline_mark,
    has_title_shape,
    is_chronology,
    is_counter,
    is_dated,
    is_heading,
    is_open,
    parts_columns,
    sounds_like_headline,
)
from streams.split.unannounced.subject import Subject

_ENDS = STORY_ENDS | {"other_boilerplate"}
_WITHIN, _CLOSED = "،,.؛)»”", "،:؛"
# Verse, signatures, addresses, sentences that trail off: no site's titles look so.
_NO_TITLE = re.compile(
    r"\.{4}|@| {4}|\d{5}|ـ.*ـ|[\u064b-\u0652].*[\u064b-\u0652].*[\u064b-\u0652]|^\(.*\)$|^[«\"“][^«»\"“”]*[»\"”]$"
)
# Lines that begin with a verb in the present tell steps or decisions, lines that begin with "and" go on from the one above.
_STEP, _FEWEST_STEPS = re.compile(r"ي(?!وم|ون|ول|وس|من)[^\W\d_]{2,}\b"), 3
_MEASURE = re.compile(r"(?:كوب|كأس|ملعق|فنجان|نصف|ربع|رشة|حب[ةت]|غرام|كيلو|لتر)")
_AND = re.compile(r"وال(?!ي\b|د)|و(?:هل|ما|من|لا|لم|هو|هي|هذا|هذه|في|على|إن|أن|كيف|لماذا|متى)\b")
_TELLS = re.compile(r"(?:تم|يتم|جرى|تحرر|إعداد)\s")  # "was done", as reports of the police say; "prepared by"
_PRESENT = re.compile(r"[يت][^\W\d_]{3,}")
_ASKS, _LATIN, _DIGIT = re.compile(r"[؟?]$"), re.compile(r"[a-zA-Z]"), re.compile(r"\d")
_COMPARED = 600  # code points of the paragraph above or below that are compared with the titles
# Code points and words that make one unit of a sign.
_LENGTH, _SPREAD, _WORDS, _SHARED_WORDS = 50, 25, 8, 4
_FEWEST_PARAGRAPHS = 2


class Row(NamedTuple):
    """Open lines in a row that no pass decided: `start` to `end`, and the titles among them."""

    start: int
    end: int
    titles: tuple[int, ...]
    is_last: bool


def rows(draft: Draft) -> Iterator[Row]:
    """Yields the rows of a page below its first line, each with a line of a title's length at the least."""
    past, count, text = 1, len(draft.lines), draft.text
    for start, (begin, end, _, _) in enumerate(draft.lines):
        # Most lines are paragraphs, which a look at their length and last letters tells.
        if end - begin > LONGEST_CUT_TITLE or text[end - 1] in _CLOSED or start < past:
            continue
        if text[end - 1] == "." != text[end - 2]:
            continue
        past = start
        while past < count and _is_free(draft, past):
            past += 1
        if titles := tuple(i for i in range(start, past) if is_titled(draft, i)):
            yield Row(start, past, titles, all(draft.kinds[i] not in UNDECIDED for i in range(past, count)))


def _is_free(draft: Draft, i: int) -> bool:
    return draft.kinds[i] in UNDECIDED and i not in draft.headings and is_open(draft, i)


def is_titled(draft: Draft, i: int) -> bool:
    """Tells whether line i has the length of a title, whatever stands before it."""
    if draft.lines[i].end - draft.lines[i].start < SHORTEST_ITEM:
        return False
    content = layout.without_bullet(draft.content(i))
    return len(content) >= SHORTEST_ITEM and " " in content and not is_dated(draft, i) and not layout.is_url(content)


def may_be_others(draft: Draft, row: Row) -> bool:
    """Tells whether nothing rules out that these are other stories: no verse, no signature, no text that breaks off above."""
    above = row.start - 1
    if draft.kinds[above] in UNDECIDED and not layout.is_closed(draft.content(above)) and draft.content(above)[-1] not in "؟?!":
        return False
    if row.end < len(draft.lines) and draft.text[draft.lines[row.end].start] in _WITHIN:
        return False
    if draft.kinds[above] in UNDECIDED and announces_list(draft.content(above)):
        return False
    dated = [i for i in range(row.start, row.end) if is_dated(draft, i)]
    if len(dated) > 1 and is_chronology(draft, dated):
        return False
    titles = _titles(draft, row)
    return (
        _sound_like_titles(draft, titles) and not are_own_lines(titles) and not any(_NO_TITLE.search(title) for title in titles)
    )


def _sound_like_titles(draft: Draft, titles: list[str]) -> bool:
    """Tells whether all of the lines have the shape of headlines, half of them sound so, and they are no table."""
    if not titles or 2 * sum(map(sounds_like_headline, titles)) < len(titles):
        return False
    if not all(has_title_shape(draft, title) and not _TELLS.match(title) for title in titles):
        return False
    return len(titles) == 1 or not are_table_entries(titles)


def are_own_lines(titles: list[str]) -> bool:
    """Tells whether the lines are all questions, measures of a recipe, or three and more of verse or of steps."""
    if all(title[-1] in "؟?" for title in titles) or sum(_MEASURE.match(title) is not None for title in titles) > 1:
        return True
    steps = sum(_STEP.match(title) is not None for title in titles)
    return len(titles) >= _FEWEST_STEPS and (2 * steps >= len(titles) or any(map(_AND.match, titles)))


# Pairs of signs that count for more, or less, where both stand; signs of the subject read the words of the whole page.
OF_SUBJECT = ("shared", "least shared", "most shared", "strange")
WITH_SUBJECT = (
    ("one", "shared"),
    ("one", "strange"),
    ("headed", "shared"),
    ("below end", "shared"),
    ("speaks", "strange"),
)
_TOGETHER = (("one", "speaks"), ("one", "headed"), ("one", "elsewhere"), ("one", "length"))


def signs(draft: Draft, row: Row, subject: Subject) -> dict[str, float] | None:
    """Returns the signs of a row beside the page's own subject; None where the page has too little text to compare with."""
    seen = signs_but_subject(draft, row)
    return None if seen is None else with_subject(seen, draft, row, subject)


def signs_but_subject(draft: Draft, row: Row) -> dict[str, float] | None:
    """Returns the signs of a row that need not the words of the whole page; None where it has too little text beside it."""
    own = sum(kind in UNDECIDED for kind in chain(draft.kinds[: row.start], draft.kinds[row.end :]))
    if own < _FEWEST_PARAGRAPHS:
        return None
    titles = _titles(draft, row)
    words = list(map(word_prefixes, titles))
    found = _signs_of_titles(titles, words) | _signs_of_place(draft, row, words)
    found["paragraphs"] = log1p(own)
    if not row.is_last:
        found |= _signs_below(draft, row, titles[-1], words)
    return found | {f"{a} & {b}": found[a] * found[b] for a, b in _TOGETHER}


def with_subject(seen: dict[str, float], draft: Draft, row: Row, subject: Subject) -> dict[str, float]:
    """Returns the signs with those of the subject: how much the page says of the titles' words."""
    words = list(map(word_prefixes, _titles(draft, row)))
    shared = list(map(subject.share_of_words, words))
    strange = sum(map(subject.are_other_words, words)) / len(words)
    of_subject = (sum(shared) / len(words), min(shared), max(shared), strange)
    found = seen | dict(zip(OF_SUBJECT, of_subject, strict=True))
    return found | {f"{a} & {b}": found[a] * found[b] for a, b in WITH_SUBJECT}


def _titles(draft: Draft, row: Row) -> list[str]:
    return [layout.without_bullet(draft.content(i)) for i in row.titles]


def _signs_of_titles(titles: list[str], words: list[frozenset[str]]) -> dict[str, float]:
    count = len(titles)

    def share(tells: Callable[[str], object]) -> float:
        return sum(bool(tells(title)) for title in titles) / count

    lengths = list(map(len, titles))
    mean = sum(lengths) / count
    firsts = Counter(title.split(maxsplit=1)[0] for title in titles)
    alike = [len(a & b) / max(1, min(len(a), len(b))) for a, b in combinations(words, 2)]
    return {
        "bias": 1,
        "one": count == 1,
        "two": count == 2,
        "three": count == 3,
        "speaks": share(sounds_like_headline),
        "marked": share(has_headline_mark),
        "asks": share(_ASKS.search),
        "figures": share(_DIGIT.search),
        "latin": share(_LATIN.search),
        "length": mean / _LENGTH,
        "shortest": min(lengths) / _LENGTH,
        "spread": (sum((length - mean) ** 2 for length in lengths) / count) ** 0.5 / _SPREAD,
        "words": sum(len(title.split()) for title in titles) / count / _WORDS,
        "long": share(lambda title: len(title) >= SHORTEST_TITLE),
        "alike": sum(alike) / len(alike) if alike else 0,
        "one first word": (max(firsts.values()) - 1) / (count - 1) if count > 1 else 0,
        "parted": share(parts_columns),
        "commas": sum(title.count("،") for title in titles) / count,
        "cries": share(lambda title: title[-1] == "!"),
        "trails": share(lambda title: title.endswith(("..", "…"))),
        "opens": share(opens_report),
        "present first": share(lambda title: any(map(_PRESENT.fullmatch, first_words(title)))),
    }


def _signs_of_place(draft: Draft, row: Row, words: list[frozenset[str]]) -> dict[str, float]:
    above, first, count = row.start - 1, row.titles[0], row.end - row.start
    headed = first > row.start and is_heading(draft, first - 1)
    lines = range(row.start, row.end)
    before = draft.content(above) if draft.kinds[above] in UNDECIDED else ""
    words_before = word_prefixes(before[-_COMPARED:])
    return {
        "others": 1 - len(words) / count,
        "headed": headed,
        "headed by a colon": headed and draft.content(first - 1)[-1] == ":",
        "dated": sum(is_dated(draft, i) for i in lines) / count,
        "counted": sum(is_counter(draft, i) for i in lines) / count,
        "bulleted": sum(draft.is_bulleted(i) for i in row.titles) / len(words),
        "announced": bool(before) and announces_list(before),
        "asked above": before[-1:] in ("؟", "?"),
        "above says": sum(len(words_before & one) / max(1, len(one)) for one in words) / len(words),
        "below end": draft.kinds[above] in _ENDS,
        "elsewhere": "related" in draft.kinds,
    }


def _signs_below(draft: Draft, row: Row, last: str, words: list[frozenset[str]]) -> dict[str, float]:
    below = draft.content(row.end)
    words_below, goes_on = word_prefixes(below[:_COMPARED]), continues_report(below)
    most_shared = max(len(words_below & one) for one in words)
    return {
        "goes on": goes_on,
        "below says": len(words_below & words[-1]) / max(1, len(words[-1])),
        "below says words": most_shared / _SHARED_WORDS,
        "restated": restates(last, below),
        "goes on past": goes_on and most_shared <= 1,
    }
