"""A page while it is being cut: its lines, the headings among them, and what each line has been found to be."""

from __future__ import annotations

import dataclasses

from streams.records import Page
from streams.split import evidence, layout
from streams.split.evidence import LONGEST_HEADLINE, LONGEST_VERBAL_HEADLINE, inner_sentences
from streams.split.layout import PageLine
from streams.split.markers import Found
from streams.split.segments import DraftKind, Rule

_REPEATED = 40  # code points that a line and the page's lead share when one repeats the other; chosen by reading


@dataclasses.dataclass(slots=True)
class Draft:
    """`kinds[i]` says what line i is; only `decide` and `overrule` write it, with the reason.

    `placed` is the text in plain spelling, as `spelling.placed` gives it.
    `headings` are the lines that begin with a marker that counts, `linked` those that lie within links, with the address;
    `lead_text` is the text of the first paragraphs, `paragraphs_end_closed` whether they end as sentences on this page.
    """

    page: Page
    lines: list[PageLine]
    headings: dict[int, Found]
    placed: str
    text: str = ""
    kinds: list[DraftKind] = dataclasses.field(default_factory=list)
    reasons: list[tuple[Rule, str]] = dataclasses.field(default_factory=list)
    contents: list[str] = dataclasses.field(default_factory=list)
    linked: dict[int, str] = dataclasses.field(default_factory=dict)
    lead_text: str = ""
    paragraphs_end_closed: bool = True

    def __post_init__(self) -> None:
        self.text = self.page.text
        self.kinds = [""] * len(self.lines)
        self.reasons = [("no marker", "")] * len(self.lines)

    def decide(self, i: int, kind: DraftKind, rule: Rule, marker: str = "") -> None:
        """Decides what line i is, unless a pass before did."""
        if not self.kinds[i]:
            self.overrule(i, kind, rule, marker)

    def overrule(self, i: int, kind: DraftKind, rule: Rule, marker: str = "") -> None:
        """Decides what line i is, whatever a pass before decided."""
        self.kinds[i] = kind
        self.reasons[i] = (rule, marker)

    def content(self, i: int) -> str:
        """Returns the text of line i; the passes ask for it again and again."""
        if not self.contents:
            text = self.text
            self.contents = [text[start:end] for start, end, _, _ in self.lines]
        return self.contents[i]

    def is_headline(self, content: str) -> bool:
        """Tells whether the text has the shape of a headline on this page."""
        return evidence.is_headline(content, self._longest_headline())

    def is_list_entry(self, i: int) -> bool:
        """Tells whether line i can be an entry of a list of other stories: a title, an address, a date."""
        content = self.content(i)
        bare = layout.without_bullet(content)
        if bare is not content and len(bare) <= LONGEST_HEADLINE and not inner_sentences(bare):
            return True
        return self.is_address(i) or self.is_headline(bare)

    def is_address(self, i: int) -> bool:
        """Tells whether line i is what stands beside a title in a list: an address, a date."""
        bare = layout.without_bullet(self.content(i))
        return layout.is_url(bare) or layout.is_date(bare)

    def is_bulleted(self, i: int) -> bool:
        """Tells whether line i is an item with a bullet."""
        return i not in self.headings and layout.is_bullet(self.content(i))

    def is_short_and_open(self, i: int) -> bool:
        """Tells whether line i is short and not closed: no sentence, though perhaps no headline either."""
        content = self.content(i)
        return (len(content) <= self._longest_headline() and not layout.is_closed(content)) or self.is_address(i)

    def is_link(self, i: int) -> bool:
        """Tells whether line i lies wholly within links."""
        return i in self.linked

    def repeats_lead(self, content: str) -> bool:
        """Tells whether the line repeats the page's first paragraphs, as sites do with their own standfirst."""
        head = content[:_REPEATED]
        return len(head) == _REPEATED and head in self.lead_text

    def _longest_headline(self) -> int:
        """Returns code points; where paragraphs are left open, only what is short is told from them."""
        return LONGEST_HEADLINE if self.paragraphs_end_closed else LONGEST_VERBAL_HEADLINE
