"""A page while it is being cut: its lines, the headings among them, and what each line has been found to be."""

from __future__ import annotations

import dataclasses

from streams.records import Page
from streams.split import layout
from streams.split.layout import Line
from streams.split.markers import Found
from streams.split.openers import LONGEST_HEADLINE, begins, goes_on, sentences

# A headline may begin with a verb in the past when it is short; a first sentence is longer.
_LONGEST_VERBAL = 110
_MOST_COMMAS = 3


@dataclasses.dataclass(slots=True)
class Draft:
    """`kinds[i]` and `rules[i]` say what line i is; an empty kind is not decided and stays body.

    `headings` are the lines that begin with a marker that counts, `linked` those that lie within links, with the address;
    `opening` is the text of the first paragraphs, `closes` whether paragraphs end as sentences on this page.
    """

    page: Page
    text: str
    lines: list[Line]
    headings: dict[int, Found] = dataclasses.field(default_factory=dict)
    kinds: list[str] = dataclasses.field(default_factory=list)
    rules: list[str] = dataclasses.field(default_factory=list)
    linked: dict[int, str] = dataclasses.field(default_factory=dict)
    opening: str = ""
    closes: bool = True

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
            2 < len(content) <= (LONGEST_HEADLINE if self.closes else _LONGEST_VERBAL)
            and content.count("،") <= _MOST_COMMAS
            and not layout.is_closed(content)
            and not goes_on(content)
            and not (len(content) > _LONGEST_VERBAL and begins(content))
            and not sentences(content)
        )

    def is_item(self, i: int) -> bool:
        """Whether line i can be an entry of a list of other stories: a title, an address, a date."""
        content = self.content(i)
        bare = layout.without_bullet(content)
        if bare is not content and len(bare) <= LONGEST_HEADLINE and not sentences(bare):
            return True
        return self.is_address(i) or self.is_headline(bare)

    def is_address(self, i: int) -> bool:
        """Whether line i is what stands beside a title in a list: an address, a date."""
        bare = layout.without_bullet(self.content(i))
        return layout.is_url(bare) or layout.is_date(bare)

    def is_bulleted(self, i: int) -> bool:
        """Whether line i is an item with a bullet."""
        return i not in self.headings and layout.is_bullet(self.content(i))

    def is_loose(self, i: int) -> bool:
        """Whether line i is short and not closed: no sentence, though perhaps no headline either."""
        content = self.content(i)
        short = len(content) <= (LONGEST_HEADLINE if self.closes else _LONGEST_VERBAL)
        return (short and not layout.is_closed(content)) or self.is_address(i)

    def is_link(self, i: int) -> bool:
        """Whether line i lies wholly within links."""
        return i in self.linked

    def is_own(self, content: str) -> bool:
        """Whether the line repeats the page's first paragraphs, as sites do with their own standfirst."""
        head = content[:40]
        return len(head) == 40 and head in self.opening
