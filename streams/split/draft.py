"""A page while it is being cut: its lines, the headings among them, and what each line has been found to be."""

from __future__ import annotations

import dataclasses
import functools

from streams.records import Page
from streams.split import layout
from streams.split.layout import Line
from streams.split.markers import Found
from streams.split.openers import LONGEST_HEADLINE, begins, goes_on, sentences
from streams.split.spelling import folded

# A headline may begin with a verb in the past when it is short; a first sentence is longer.
_LONGEST_VERBAL = 110


@dataclasses.dataclass(slots=True)
class Draft:
    """`kinds[i]` and `rules[i]` say what line i is; an empty kind is not decided and stays body."""

    page: Page
    text: str
    lines: list[Line]
    headings: dict[int, Found] = dataclasses.field(default_factory=dict)
    kinds: list[str] = dataclasses.field(default_factory=list)
    rules: list[str] = dataclasses.field(default_factory=list)

    def __post_init__(self) -> None:
        self.kinds = [""] * len(self.lines)
        self.rules = [""] * len(self.lines)

    def content(self, i: int) -> str:
        """The text of line i."""
        line = self.lines[i]
        return self.text[line.start : line.end]

    def mark(self, i: int, kind: str, rule: str) -> None:
        """Line i is of this kind, because of this rule; a first decision stands."""
        if not self.kinds[i]:
            self.kinds[i] = kind
            self.rules[i] = rule

    def is_headline(self, content: str) -> bool:
        """Whether the line has the shape of a headline: one short phrase, not closed as a sentence, nor opened as one."""
        return (
            2 < len(content) <= LONGEST_HEADLINE
            and not layout.is_closed(content)
            and not goes_on(content)
            and not (len(content) > _LONGEST_VERBAL and begins(content))
            and not sentences(content)
        )

    def is_item(self, i: int) -> bool:
        """Whether line i can be an entry of a list of other stories: a title, an address, a date."""
        content = self.content(i)
        bare = layout.without_bullet(content)
        if layout.is_url(bare):
            return True
        if self.is_own(content):
            return False
        if bare is not content and len(bare) <= LONGEST_HEADLINE and not sentences(bare):
            return True
        return layout.is_date(bare) or self.is_headline(bare)

    def is_own(self, content: str) -> bool:
        """Whether the line repeats the page's first paragraphs, as sites do with their own standfirst."""
        head = content[:40]
        return len(head) == 40 and head in self.opening()

    def opening(self) -> str:
        """The first paragraphs of the page, as far as the first heading."""
        first = min(self.headings, default=len(self.lines))
        return self.text[: min(self.lines[min(2, first - 1)].end, 1500)] if first else ""


def same(a: str, b: str) -> bool:
    """Whether two lines say the same, spelling apart."""
    return _bare(a) == _bare(b)


@functools.lru_cache(maxsize=256)
def _bare(content: str) -> str:
    return "".join(char for char in folded(content) if char.isalnum())
