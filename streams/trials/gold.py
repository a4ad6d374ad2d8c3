"""How the splitter's segments compare with those that a person marked, page by page. Pure.

Counted are characters that are no white space. A page is right when nothing related is left in its body and no more than
`SLACK_CHARS` of the body are lost: one word at a boundary that was placed by hand.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from streams.records import MalformedRecord, Page
from streams.split.segments import KINDS, RELATED, Segment

SLACK_CHARS = 12
# Kinds that are scored as one: what else a page has beside its story is nobody's story.
_BOILERPLATE = ("social", "copyright", "other_boilerplate")
UNCOVERED = "in no segment"


class _Mark(msgspec.Struct):
    start: int
    end: int
    kind: str


class LabelledPage(msgspec.Struct):
    """A page with the segments that a person marked: code points `start` to `end` (exclusive) are of this `kind`."""

    id: str | int
    text: str
    segments: list[_Mark]
    title: str | None = None
    url: str | None = None
    site: str = ""
    source: str = ""
    cls: str = "page"
    links: list[tuple[int, int, str]] | None = None

    def page(self) -> Page:
        """Returns the page as the splitter is given it; its time only fills the field."""
        return Page(
            id="0" * 32,
            source=self.source or self.site or "file",
            url=self.url,
            title=self.title,
            text=self.text,
            links=tuple(self.links or ()),
            fetched_at="1970-01-01T00:00:00Z",
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Stretch:
    """A run of text of which both say one thing each: what it is (`marked`), what was `found`, and by which `rule`."""

    start: int
    end: int
    marked: str
    found: str
    rule: str
    chars: int

    @property
    def is_lost(self) -> bool:
        """Whether it is body that was cut off."""
        return self.marked == "body" != self.found

    @property
    def is_left(self) -> bool:
        """Whether it is another story's text that was left in the body."""
        return self.marked in RELATED and self.found == "body"


@dataclasses.dataclass(frozen=True, slots=True)
class ComparedPage:
    """A labelled page and the stretches of its text, in order."""

    labelled: LabelledPage
    stretches: tuple[Stretch, ...]

    @property
    def lost_chars(self) -> int:
        """Characters of the body that were cut off."""
        return sum(stretch.chars for stretch in self.stretches if stretch.is_lost)

    @property
    def left_chars(self) -> int:
        """Characters of other stories that were left in the body."""
        return sum(stretch.chars for stretch in self.stretches if stretch.is_left)

    @property
    def is_damaged(self) -> bool:
        """Whether more of the body was lost than a boundary's word."""
        return self.lost_chars > SLACK_CHARS

    @property
    def is_right(self) -> bool:
        """Whether nothing was left in the body and nothing was lost from it."""
        return not self.is_damaged and not self.left_chars


@dataclasses.dataclass(slots=True)
class Tally:
    """Pages of one kind: how many, right, with a body that lost something, with something left in it."""

    pages: int = 0
    right: int = 0
    damaged: int = 0
    left: int = 0


def read_gold(lines: Iterable[bytes]) -> Iterator[LabelledPage]:
    """Yields the labelled pages of JSON Lines, blank ones left out; raises MalformedRecord that names the line."""
    decoder = msgspec.json.Decoder(LabelledPage)
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            page = decoder.decode(line)
        except msgspec.DecodeError as exc:
            raise MalformedRecord(f"line {number}", "", str(exc)) from None
        if fault := _fault(page):
            raise MalformedRecord(f"line {number}", "segments", fault)
        yield page


def _fault(page: LabelledPage) -> str:
    end = 0
    for mark in page.segments:
        if mark.kind not in KINDS:
            return f"{mark.kind!r} is no kind; kinds are {', '.join(KINDS)}"
        if not end <= mark.start <= mark.end <= len(page.text):
            return f"{mark.start} to {mark.end}: outside the text's {len(page.text)} code points, or over the one before"
        end = mark.end
    return ""


def compare(labelled: LabelledPage, found: Sequence[Segment]) -> ComparedPage:
    """Returns the page's stretches, from the marked segments and the found ones laid over each other."""
    text = labelled.text
    bounds = {0, len(text)}
    bounds.update(edge for mark in labelled.segments for edge in (mark.start, mark.end))
    bounds.update(edge for segment in found for edge in (segment.start, segment.end))
    stretches: list[Stretch] = []
    for start, end in itertools.pairwise(sorted(bounds)):
        chars = len("".join(text[start:end].split()))
        if not chars:
            continue
        marked = next((mark.kind for mark in labelled.segments if mark.start <= start < mark.end), UNCOVERED)
        over = next((segment for segment in found if segment.start <= start < segment.end), None)
        kind, rule = (over.kind, over.reason) if over else (UNCOVERED, "")
        stretches.append(Stretch(start, end, _grouped(marked), _grouped(kind), rule, chars))
    return ComparedPage(labelled, tuple(stretches))


def _grouped(kind: str) -> str:
    return "boilerplate" if kind in _BOILERPLATE else kind


def tallies(pages: Iterable[ComparedPage], field: str) -> dict[str, Tally]:
    """Returns the tallies of the pages by their `cls` or `site`, in the order of the alphabet."""
    found: dict[str, Tally] = {}
    for page in pages:
        tally = found.setdefault(str(getattr(page.labelled, field)) or "-", Tally())
        tally.pages += 1
        tally.right += page.is_right
        tally.damaged += page.is_damaged
        tally.left += page.left_chars > 0
    return dict(sorted(found.items()))


def kinds(pages: Iterable[ComparedPage]) -> dict[str, tuple[float, float, int]]:
    """Returns precision and recall of each kind, and how many characters are marked so."""
    marked: Counter[str] = Counter()
    found: Counter[str] = Counter()
    both: Counter[str] = Counter()
    for stretch in (stretch for page in pages for stretch in page.stretches):
        marked[stretch.marked] += stretch.chars
        found[stretch.found] += stretch.chars
        both[stretch.marked] += stretch.chars if stretch.marked == stretch.found else 0
    order = [kind for kind in (*dict.fromkeys(map(_grouped, KINDS)), UNCOVERED) if marked[kind] or found[kind]]
    return {
        kind: (
            both[kind] / found[kind] if found[kind] else 0.0,
            both[kind] / marked[kind] if marked[kind] else 0.0,
            marked[kind],
        )
        for kind in order
    }


@dataclasses.dataclass(slots=True)
class RuleTally:
    """What one rule decided: pages, characters, those of them as marked, body cut off, other stories left in the body."""

    pages: int = 0
    chars: int = 0
    right: int = 0
    lost: int = 0
    left: int = 0


def rules(pages: Iterable[ComparedPage]) -> dict[str, RuleTally]:
    """Returns what each rule decided, those that did most harm first."""
    found: dict[str, RuleTally] = {}
    for page in pages:
        seen = set()
        for stretch in page.stretches:
            tally = found.setdefault(stretch.rule or "-", RuleTally())
            if stretch.rule not in seen:
                seen.add(stretch.rule)
                tally.pages += 1
            tally.chars += stretch.chars
            tally.right += stretch.chars if stretch.marked == stretch.found else 0
            tally.lost += stretch.chars if stretch.is_lost else 0
            tally.left += stretch.chars if stretch.is_left else 0
    return dict(sorted(found.items(), key=lambda item: (-item[1].lost - item[1].left, -item[1].chars, item[0])))
