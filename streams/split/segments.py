"""What a stretch of a page can be, which rule can say so, and what the splitter returns."""

from __future__ import annotations

import dataclasses
from typing import Literal, get_args

from streams.records import Page

Kind = Literal[
    "body",
    "inline_teaser",
    "similar_list",
    "read_also_title",
    "read_also_body",
    "source_credit",
    "keywords",
    "social",
    "copyright",
    "other_boilerplate",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
# What closes a page's own story: whatever stands open below it is of the site, or another story.
STORY_ENDS: frozenset[str] = frozenset({"source_credit", "keywords", "copyright", "social"})
# Other stories: teasers have body after them, a list has none; an appended story has a title and a text of its own.
RELATED: tuple[Kind, ...] = ("inline_teaser", "similar_list", "read_also_title", "read_also_body")
# A line while its page is being cut: "" is not decided and stays body, "related" becomes a teaser or a list in the last pass.
Provisional = Literal["", "related"]
DraftKind = Kind | Provisional

Rule = Literal[
    "no marker",
    # with the words of a marker
    "heading",
    "line begins",
    "line ends",
    "at the edge:",
    # below or beside a heading
    "below an appended title",
    "below its heading",
    "the page's own title under a heading",
    # without a heading
    "agency on the first line",
    "phrases of a flattened page at its end",
    "headlines in a row before the first paragraph",
    "the line is a link",
    "titles with bullets between paragraphs",
    "a title that a list of the page names too",
    "titles run together",
    "a title and its first sentence",
    "a headline and a by-line begin another story",
    "names of networks",
    "titles of other subjects before the text",
    "titles that are counted",
    "titles below a line that closes the block too",
    "a heading and titles below the text",
    "titles with running times before the text",
    "above titles with running times",
    "titles in a row between paragraphs",
    "a title that stands twice",
    "a title behind an arrow",
    "an opening that several titles share",
    "titles and first sentences of other stories",
    "titles on one line",
    "below the end of the page's own story",
    "dated titles below the text",
    "a row of titles below the text",
    "titles that are closed as sentences",
    "titles by the sum of their signs",
    "a title behind words and a colon below the text",
]
RULES: tuple[Rule, ...] = get_args(Rule)


@dataclasses.dataclass(frozen=True, slots=True)
class Segment:
    """Code points `start` to `end` (exclusive) of a page's text are of this kind.

    `rule` and the words of its `marker`, if it has one, say what decided it. `contents` are the segment's lines, each as start
    and end, without the words of the heading that it begins with; a body has none, its text is all of it.
    """

    start: int
    end: int
    kind: Kind
    rule: Rule
    marker: str = ""
    contents: tuple[tuple[int, int], ...] = ()

    @property
    def reason(self) -> str:
        """The rule for a person to read, with the marker's words."""
        return f"{self.rule} {self.marker}" if self.marker else self.rule


@dataclasses.dataclass(frozen=True, slots=True)
class Cut:
    """A page and its segments: in order, without overlap, covering every character of the text that is no space."""

    page: Page
    segments: tuple[Segment, ...]
