"""Learning what is true of one site: from its pages, without labels, to rules that a person reads and accepts. Pure.

A body is kept unless the evidence is strong. Three things are proposed:

- words that stand above or before the titles of *other* pages of the source open a list (the registry of titles is the
  strongest evidence there is);
- a line below the text, and the end of a last line, that come again in stories of every subject are the site's own;
- nothing else: what comes again in stories of one subject is a template's prose, what is short and stands above the text is
  a by-line or a dateline, what stands between paragraphs is a subheading as likely as not. Those are listed with the reason.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from typing import Literal, NamedTuple

from streams.records import Page
from streams.split.evidence import continues_report, is_headline, opens_report
from streams.split.rules import FEWEST_TAIL_LETTERS, SourceRules
from streams.split.spelling import dense, one_spelling
from streams.split.splitter import split
from streams.trials import recurrence
from streams.trials.recurrence import SHORTEST_PARAGRAPH, Read, Stories

# Read are so many pages at most, and of them so many code points of text: about 150 MB of memory. The newest count.
MAX_PAGES, MAX_CODE_POINTS = 20_000, 25_000_000

# Chosen by reading: stories, and shares of the source's.
FEWEST_STORIES, FEWEST_TITLES = 5, 3
FEWEST_HEADED = 3
_SHARE, _SHARE_SHORT = 0.02, 0.05
_ONE_PLACE, _LIST_SHAPED = 0.8, 0.7
_SHORT_WORDS = 6
_LISTED = 12
_EXAMPLES = 3
_NAMES = frozenset(
    "كتب كتبت بقلم تصوير ترجمه ترجمها نقله نقلها نقلته اعداد اعد تحرير مراسل مراسلنا وكالات رويترز متابعات".split()  # noqa: SIM905
)
_TRIMMED = " \t\u00a0:：|؛>»←▼.…-–—*•"

_ENDS, _QUOTES = (".", "!", "؟", "?", "…"), "\"'»”’)] "

Sort = Literal["heading", "opening", "line", "tail"]


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """Words that come again on a source's pages: in how many stories, with examples, and how they are to be cut.

    `has_colon` when a colon follows them everywhere, `is_glued` when a title does, without a space. `why_not` says why they
    are left alone; empty when they are proposed.
    """

    sort: Sort
    words: str
    stories: int
    examples: tuple[str, ...] = ()
    titles: int = 0
    has_colon: bool = False
    is_glued: bool = False
    why_not: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Learned:
    """What the pages of one source showed: rules to accept, and what comes again too but is left alone."""

    source: str
    pages: int
    stories: int
    titles: int
    proposed: tuple[Found, ...]
    left_alone: tuple[Found, ...]


class _Source(NamedTuple):
    """All pages of a source as they are read, how many stories they are, and the lines that recur on them."""

    reads: Sequence[Read]
    stories: int
    recurring: frozenset[str]


def learn(source: str, pages: Sequence[Page], rules: SourceRules | None = None) -> Learned:
    """Returns what the pages of the source show beyond the general markers and the `rules` that hold there already."""
    reads = [recurrence.read_page(page, rules) for page in pages]
    titles = recurrence.titles_of(pages)
    stories = len({one.title_key for one in reads})
    headed = _distinct(_openings(reads, titles), _headings(reads, titles))
    known = frozenset(dense(found.words) for found in headed)
    furniture = _lines_and_tails(reads, known, stories)
    proposed = [*headed, *(found for found in furniture if not found.why_not)]
    left_alone = sorted((found for found in furniture if found.why_not), key=lambda found: (-found.stories, found.words))
    return Learned(source, len(pages), stories, len(titles), tuple(proposed), tuple(left_alone[:_LISTED]))


def _distinct(openings: list[Found], headings: list[Found]) -> list[Found]:
    """Returns both, words that do both once: they need no colon then."""
    alone = {dense(found.words) for found in headings}
    begun = {dense(found.words) for found in openings}
    openings = [dataclasses.replace(one, has_colon=one.has_colon and dense(one.words) not in alone) for one in openings]
    return openings + [one for one in headings if dense(one.words) not in begun]


def changed(pages: Sequence[Page], before: SourceRules | None, after: SourceRules) -> tuple[int, int]:
    """Returns on how many of the pages the rules `after` take words out of a body that `before` leaves, and how many words."""
    count = words = 0
    for page in pages:
        lost = _body_words(page, before) - _body_words(page, after)
        count += lost > 0
        words += max(0, lost)
    return count, words


def _body_words(page: Page, rules: SourceRules | None) -> int:
    return sum(len(page.text[one.start : one.end].split()) for one in split(page, rules).segments if one.kind == "body")


def _headings(reads: Sequence[Read], titles: dict[str, str]) -> list[Found]:
    found = []
    for letters, stories in recurrence.headings_above_titles(reads, titles).items():
        count = stories.count(reads)
        is_word = len(letters.strip(_TRIMMED)) >= recurrence.FEWEST_OPENING_LETTERS
        if is_word and count >= FEWEST_HEADED and len(stories.titles) >= FEWEST_TITLES and _heads_lists(reads, letters):
            text = next(line.text for line in reads[stories.pages[0]].lines if line.letters == letters)
            found.append(_found("heading", text.strip(_TRIMMED), count, stories))
    return sorted(found, key=lambda one: (-one.stories, one.words))


def _heads_lists(reads: Sequence[Read], letters: str) -> bool:
    """Tells whether what stands below the line looks like a title nearly everywhere, also where the title is not known."""
    seen = shaped = 0
    for one in reads:
        for k, line in enumerate(one.lines):
            if line.letters == letters:
                seen += 1
                shaped += k + 1 == len(one.lines) or is_headline(one.lines[k + 1].text)
    return shaped >= _LIST_SHAPED * seen


def _openings(reads: Sequence[Read], titles: dict[str, str]) -> list[Found]:
    groups: dict[str, Stories] = {}
    raws: dict[str, list[str]] = {}
    for raw, stories in recurrence.openings_before_titles(reads, titles).items():
        words = raw.strip(_TRIMMED)
        if len(dense(words)) >= recurrence.FEWEST_OPENING_LETTERS:
            group = groups.setdefault(dense(words), Stories())
            group.pages += stories.pages
            group.titles |= stories.titles
            raws.setdefault(dense(words), []).append(raw)
    found = []
    for letters, stories in groups.items():
        count = stories.count(reads)
        shaped = [is_headline(line.text) for one in reads for line in one.lines if line.letters.startswith(letters)]
        if count >= FEWEST_HEADED and len(stories.titles) >= FEWEST_TITLES and sum(shaped) >= _LIST_SHAPED * len(shaped):
            forms = raws[letters]
            one = _found("opening", forms[0].strip(_TRIMMED), count, stories)
            has_colon = all(":" in raw for raw in forms)
            found.append(dataclasses.replace(one, has_colon=has_colon, is_glued=any(raw[-1].isalpha() for raw in forms)))
    return sorted(found, key=lambda one: (-one.stories, one.words))


def _found(sort: Sort, words: str, count: int, stories: Stories) -> Found:
    return Found(sort, words, count, tuple(list(stories.titles.values())[:_EXAMPLES]), len(stories.titles))


def _lines_and_tails(reads: Sequence[Read], known: frozenset[str], stories: int) -> list[Found]:
    lines = recurrence.lines_that_recur(reads, FEWEST_STORIES)
    source = _Source(reads, stories, frozenset(lines))
    everywhere = Counter(word for one in reads for word in one.subject(source.recurring))
    texts = {line.letters: line.text for one in reads for line in one.lines if line.letters in source.recurring}
    out = []
    for letters, seen in lines.items():
        if letters.strip(_TRIMMED) not in known:
            why = _why_no_line(texts[letters], letters, seen, source) or _why_one_subject(seen, source, everywhere)
            out.append(_furniture("line", texts[letters], seen, source, why))
    for words, seen in recurrence.tails_that_recur(reads, source.recurring, FEWEST_STORIES).items():
        why = _why_no_tail(words, seen, source) or _why_one_subject(seen, source, everywhere)
        out.append(_furniture("tail", words, seen, source, why))
    return sorted(out, key=lambda one: (-one.stories, one.words))


def _furniture(sort: Sort, words: str, seen: Stories, source: _Source, why_not: str) -> Found:
    titles = dict.fromkeys(source.reads[i].title for i in seen.pages if source.reads[i].title)
    return Found(sort, words, seen.count(source.reads), tuple(titles)[:_EXAMPLES], why_not=why_not)


def _why_one_subject(seen: Stories, source: _Source, everywhere: Counter[str]) -> str:
    word = recurrence.shared_word(seen, source.reads, source.recurring, everywhere)
    return f"its stories are of one subject: they share the word {word}" if word else ""


def _why_no_line(text: str, letters: str, seen: Stories, source: _Source) -> str:
    places = Counter(_place(source.reads[i], letters, source.recurring) for i in seen.pages)
    place, count = places.most_common(1)[0]
    is_short = len(text.split()) <= _SHORT_WORDS
    if count < _ONE_PLACE * len(seen.pages) or place == "between":
        return "it stands between paragraphs: a subheading or a part of the text"
    if place == "above" and (is_short or any(map(str.isdigit, text))):
        return "above the text, and short or with a figure: a by-line, a dateline, a section or a caption"
    if continues_report(text) or opens_report(text):
        return "it begins as a sentence of a report does"
    if is_short and _names_somebody(text):
        return "it names an author or an agency"
    return _why_too_few(seen, source, _SHARE_SHORT if is_short else _SHARE)


def _why_too_few(seen: Stories, source: _Source, share: float) -> str:
    few = seen.count(source.reads) < share * source.stories
    return f"in less than {share:.0%} of the stories: an author's, not the site's" if few else ""


def _place(one: Read, letters: str, recurring: frozenset[str]) -> str:
    """Returns whether the line stands above the page's own paragraphs, those that do not come again, below or between them."""
    own = [k for k, line in enumerate(one.lines) if line.letters not in recurring and len(line.text) >= SHORTEST_PARAGRAPH]
    k = next(k for k, line in enumerate(one.lines) if line.letters == letters)
    if not own:
        return "between"
    return "above" if k < own[0] else "below" if k > own[-1] else "between"


def _why_no_tail(words: str, seen: Stories, source: _Source) -> str:
    if len(dense(words)) < FEWEST_TAIL_LETTERS:
        return "too short to be told from the end of a sentence"
    if continues_report(words) or opens_report(words):
        return "it begins as a sentence of a report does"
    before = [_before(source.reads[i], words) for i in seen.pages]
    if sum(text.rstrip(_QUOTES)[-1:] in _ENDS for text in before) < _ONE_PLACE * len(before):
        return "it is the end of a sentence"
    return _why_too_few(seen, source, _SHARE)


def _before(one: Read, words: str) -> str:
    """Returns the text before the tail on this page."""
    for line in reversed(one.lines):
        text = " ".join(line.text.split())
        if text.endswith(words):
            return text.removesuffix(words).rstrip()
    return ""


def _names_somebody(text: str) -> bool:
    words = {word.strip("():/-–—،.*") for word in one_spelling(text).split()}
    return not _NAMES.isdisjoint(words)
