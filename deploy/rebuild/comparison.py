"""What a rebuild makes otherwise than the live index: documents by what became of them, texts line by line. Pure."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple, get_args

from streams.records import Page
from streams.split.rules import SourceRules
from streams.split.segments import Segment
from streams.split.splitter import split

Fate = Literal["same", "text", "verdict", "only_live", "only_rebuilt", "older"]
FATES: tuple[Fate, ...] = get_args(Fate)
TITLES: dict[Fate, str] = {
    "same": "the same",
    "text": "another text",
    "verdict": "the same text, judged otherwise",
    "only_live": "in the live index alone",
    "only_rebuilt": "in the rebuild alone",
    "older": "older than the pages: carried over by the swap",
}
# The rule of a line that is body by the present rules and was not by the former.
IS_BODY_AGAIN = "body again"


class Snapshot(NamedTuple):
    """What is compared of a document: its page's time in ms, hash of the content, kind, and the story it belongs to."""

    version: int
    content: bytes
    kind: str
    story: bytes


def fates(live: Mapping[bytes, Snapshot], rebuilt: Mapping[bytes, Snapshot], pages_since_ms: int) -> dict[Fate, list[bytes]]:
    """Returns the ids of the documents by their fate, each of them once.

    A document that the rebuild lacks is `older` when its page was appended before `pages_since_ms`, the oldest page that the
    topic still holds: the rebuild cannot have it. A later page changes text and verdict of an id alike, so that live pages
    that one side has not read yet show as `text` or `only_live` for as long as they are under way.
    """
    found: dict[Fate, list[bytes]] = {fate: [] for fate in FATES}
    for id_, there in live.items():
        found[_fate(there, rebuilt.get(id_), pages_since_ms)].append(id_)
    found["only_rebuilt"] = [id_ for id_ in rebuilt if id_ not in live]
    return found


def _fate(live: Snapshot, rebuilt: Snapshot | None, pages_since_ms: int) -> Fate:
    if rebuilt is None:
        return "older" if live.version < pages_since_ms else "only_live"
    if live.content != rebuilt.content:
        return "text"
    return "same" if (live.kind, live.story) == (rebuilt.kind, rebuilt.story) else "verdict"


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """How the text of one story differs: lines that left it and lines that came, each with the rule that decided."""

    id: str
    source: str
    title: str
    gone: tuple[tuple[str, str], ...]
    come: tuple[tuple[str, str], ...]

    @property
    def rules(self) -> Counter[str]:
        """Returns how many lines each rule decided otherwise."""
        return Counter(rule for _, rule in (*self.gone, *self.come))


def change(page: Page, live: str, rebuilt: str, rules: SourceRules | None = None) -> Change:
    """Returns the difference of two bodies of a page's main story, told by the present rules.

    A line that left is told by the rule that takes it now; one that no rule takes now left with an edit of the site itself.
    """
    before, after = live.splitlines(), rebuilt.splitlines()
    segments = split(page, rules).segments
    return Change(
        id=page.id,
        source=page.source,
        title=page.title or "",
        gone=tuple((line, _rule_of(line, page.text, segments)) for line in _without(before, after)),
        come=tuple((line, IS_BODY_AGAIN) for line in _without(after, before)),
    )


def _without(lines: Sequence[str], others: Sequence[str]) -> list[str]:
    known = {line.strip() for line in others}
    return [line for line in lines if line.strip() and line.strip() not in known]


def _rule_of(line: str, text: str, segments: Sequence[Segment]) -> str:
    start = text.find(line.strip())
    while start >= 0:
        for segment in segments:
            if segment.start <= start < segment.end and segment.kind != "body":
                return f"{segment.kind}: {segment.rule}"
        start = text.find(line.strip(), start + 1)
    return "the page changed"
