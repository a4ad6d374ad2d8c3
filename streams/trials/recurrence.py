"""What comes again on the pages of one source: lines, ends of paragraphs, words above the titles of other pages. Pure.

Counted are stories, not pages: a page under the title or with the first paragraph of another one is the same story again.
Only lines that the splitter leaves in the body are looked at; what it knows already needs no rule.
"""

from __future__ import annotations

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from streams.records import Page
from streams.split import layout
from streams.split.evidence import word_prefixes
from streams.split.rules import SourceRules
from streams.split.spelling import dense, dense_letters
from streams.split.splitter import split

# Chosen by reading; code points where nothing else is said.
LONGEST_LINE = 300  # a longer line is a paragraph, of which only the end is looked at
LONGEST_HEADING, MOST_HEADING_WORDS = 45, 6
_FEWEST_TITLE_LETTERS = 16  # a shorter title is a phrase that stands in texts too
SHORTEST_PARAGRAPH = 60
_STORY_LETTERS = 60  # so many of a title or a first paragraph tell a story
FEWEST_OPENING_LETTERS = 4
_LIST_REACH = 12  # lines from a known title up to the heading of its list
_LONGEST_ENTRY = 190
_TAIL_WORDS = range(3, 26)
_SAMPLED_PAGES, _MOST_WORDS = 200, 40
_SUBJECT = 600  # code points of a page that tell its subject


@dataclasses.dataclass(frozen=True, slots=True)
class BodyLine:
    """A line that the splitter leaves in the body: its text, and the letters that it is known again by."""

    text: str
    letters: str


@dataclasses.dataclass(frozen=True, slots=True)
class Read:
    """A page as it is learned from: its title, its story as two keys, its body's lines."""

    title: str
    title_key: str
    lede_key: str
    lines: tuple[BodyLine, ...]

    def subject(self, but: frozenset[str]) -> frozenset[str]:
        """Returns the words of its title and its first lines, those lines left out whose letters are in `but`."""
        parts, length = [self.title], 0
        for line in self.lines:
            if length >= _SUBJECT:
                break
            if line.letters not in but:
                parts.append(line.text[:_SUBJECT])
                length += len(line.text)
        return word_prefixes("\n".join(parts))


@dataclasses.dataclass(slots=True)
class Stories:
    """The pages on which something was seen, by number, and the titles of others that stood with it."""

    pages: list[int] = dataclasses.field(default_factory=list)
    titles: dict[str, str] = dataclasses.field(default_factory=dict)

    def count(self, reads: Sequence[Read]) -> int:
        """Returns the number of different stories among the pages: by title or by first paragraph, whichever are fewer."""
        return min(len({reads[i].title_key for i in self.pages}), len({reads[i].lede_key for i in self.pages}))


def read_page(page: Page, rules: SourceRules | None) -> Read:
    """Returns the page as it is learned from, cut by the general markers and these rules."""
    lines = tuple(BodyLine(text, dense(text)) for text in _body_lines(page, rules))
    title = page.title or ""
    lede = next((line for line in lines if len(line.text) >= SHORTEST_PARAGRAPH), lines[0] if lines else BodyLine("", ""))
    title_key = dense(title)
    # Pages without a title are told apart by their first paragraph alone.
    return Read(title, title_key[:_STORY_LETTERS] or lede.letters[:_STORY_LETTERS], lede.letters[:_STORY_LETTERS], lines)


def _body_lines(page: Page, rules: SourceRules | None) -> Iterator[str]:
    for segment in split(page, rules).segments:
        if segment.kind == "body":
            text = page.text[segment.start : segment.end]
            yield from (text[line.start : line.end] for line in layout.lines(text))


def titles_of(pages: Iterable[Page]) -> dict[str, str]:
    """Returns the registry of titles: each that is long enough to be no phrase, by its letters."""
    found = {dense(page.title): page.title for page in pages if page.title}
    return {letters: title for letters, title in found.items() if len(letters) >= _FEWEST_TITLE_LETTERS}


def lines_that_recur(reads: Sequence[Read], fewest: int) -> dict[str, Stories]:
    """Returns the lines that stand in the bodies of so many stories at least, by their letters."""
    found: defaultdict[str, Stories] = defaultdict(Stories)
    for i, one in enumerate(reads):
        for letters in {line.letters for line in one.lines if len(line.text) <= LONGEST_LINE}:
            found[letters].pages.append(i)
    return {
        letters: stories
        for letters, stories in found.items()
        if len(stories.pages) >= fewest and sum(map(str.isalpha, letters)) > 1 and stories.count(reads) >= fewest
    }


def tails_that_recur(reads: Sequence[Read], lines: frozenset[str], fewest: int) -> dict[str, Stories]:
    """Returns the ends, of three words or more, of the last lines of so many stories, each as long as it recurs whole.

    A last line is the last that is none of `lines`. An end that stands in hardly more stories than a longer one is a part of
    that; one that the same words stand before everywhere is none.
    """
    found: defaultdict[str, Stories] = defaultdict(Stories)
    for i, one in enumerate(reads):
        last = next((line.text for line in reversed(one.lines) if line.letters not in lines), "")
        words = last.split()
        for count in _TAIL_WORDS:
            if len(words) > count:
                found[" ".join(words[-count:])].pages.append(i)
    kept = {words: stories for words, stories in found.items() if len(stories.pages) >= fewest}
    counted = {words: stories.count(reads) for words, stories in kept.items()}
    parts = {
        longer.split(" ", 1)[1] for longer, count in counted.items() if count >= 0.8 * counted.get(longer.split(" ", 1)[1], 0)
    }
    return {words: stories for words, stories in kept.items() if counted[words] >= fewest and words not in parts}


def headings_above_titles(reads: Sequence[Read], titles: dict[str, str]) -> dict[str, Stories]:
    """Returns the short lines that head lists in which a title of another page stands, by their letters."""
    found: defaultdict[str, Stories] = defaultdict(Stories)
    for i, one in enumerate(reads):
        for k, line in enumerate(one.lines):
            if not _is_of_other(one, line.letters, titles):
                continue
            heading = _heading(one, k, titles)
            if heading is not None:
                stories = found[heading.letters]
                stories.pages += [i] * (i not in stories.pages[-1:])
                stories.titles[line.letters] = titles[line.letters]
    return dict(found)


def _heading(one: Read, k: int, titles: dict[str, str]) -> BodyLine | None:
    """Returns the line that heads the list in which line k stands: the first short one above that is no title."""
    for line in reversed(one.lines[max(0, k - _LIST_REACH) : k]):
        if len(line.text) > _LONGEST_ENTRY or line.text.endswith((".", "،", "؛")):
            return None
        if line.letters in titles or layout.is_date(line.text) or layout.is_url(line.text):
            continue
        if len(line.text) <= LONGEST_HEADING and len(line.text.split()) <= MOST_HEADING_WORDS:
            return line
    return None


def openings_before_titles(reads: Sequence[Read], titles: dict[str, str]) -> dict[str, Stories]:
    """Returns the words with which lines begin that go on with a title of another page, as they stand there."""
    found: defaultdict[str, Stories] = defaultdict(Stories)
    for i, one in enumerate(reads):
        for line in one.lines:
            if len(line.text) > LONGEST_LINE:
                continue
            for at in range(FEWEST_OPENING_LETTERS, min(LONGEST_HEADING, len(line.letters) - _FEWEST_TITLE_LETTERS) + 1):
                rest = line.letters[at:]
                if _is_of_other(one, rest, titles):
                    stories = found[_raw_prefix(line.text, at)]
                    stories.pages += [i] * (i not in stories.pages[-1:])
                    stories.titles[rest] = titles[rest]
                    break
    return dict(found)


def _raw_prefix(text: str, letters: int) -> str:
    """Returns the beginning of the text as far as its next letter after so many."""
    end = next(islice(dense_letters(text), letters, None))[0]
    return text[:end]


def _is_of_other(one: Read, letters: str, titles: dict[str, str]) -> bool:
    return letters in titles and not letters.startswith(one.title_key)


def shared_word(stories: Stories, reads: Sequence[Read], but: frozenset[str], everywhere: Counter[str]) -> str:
    """Returns the word that most of these pages share and few others have: they are of one subject. Empty when there is none.

    Where hardly any page is without these lines, nothing tells a subject from the source's own.

    `everywhere` counts the pages of the source by the words of their subjects; `but` are the lines that recur.
    """
    sample = stories.pages[:: max(1, len(stories.pages) // _SAMPLED_PAGES)]
    words = Counter(word for i in sample for word in reads[i].subject(but))
    others = len(reads) - len(stories.pages)
    for word, count in sorted(words.items(), key=lambda item: (-item[1], item[0]))[:_MOST_WORDS]:  # no order of a set
        share = count / len(sample)
        if share < ONE_SUBJECT:
            return ""
        with_word = max(0, everywhere[word] - share * len(stories.pages))
        if share >= LIFT * (with_word + 1) / (others + 2):  # smoothed: of few other pages little can be said
            return word
    return ""


# A line is of one subject when so many of its pages share a word that stands there so many times as often as elsewhere.
ONE_SUBJECT, LIFT = 0.6, 3
