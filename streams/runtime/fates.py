"""What may become of each thing that a stage takes in: a closed list by stage, on which logs and metrics hang. Pure.

What a stage has taken in is the sum of its fates: a process in which it is not has lost something.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Mapping
from typing import Literal, get_args

from streams.dead_letters.envelope import Reason
from streams.records import KINDS, Stage

Part = Stage | Literal["dashboards", "console"]  # the stages, and the processes beside the path


class Fate(enum.StrEnum):
    """The end of one item in one stage. The verdicts of dedup are fates of their own, by the names of `records.Kind`."""

    SENT = "sent"  # produce: a page is on its topic
    SKIPPED = "skipped"  # produce: seen before, or no article
    SPLIT = "split"  # split: a page became one article or more
    NEW = "new"
    COPY = "copy"
    ABRIDGED = "abridged"
    FULLER = "fuller"
    EDITION = "edition"
    HOME = "home"
    UPDATE = "update"
    UNCHANGED = "unchanged"  # dedup: nothing new; index: a verdict without an effect
    ALREADY_OUT = "already_out"  # dedup: a newer message of the same page has been judged
    INDEXED = "indexed"  # index, dashboards: a document was written
    ALREADY_THERE = "already_there"  # index: the document, or a newer one, was there
    DEAD_LETTER = "dead_letter"  # any stage


FATES: Mapping[Part, frozenset[Fate]] = {
    "produce": frozenset({Fate.SENT, Fate.SKIPPED, Fate.DEAD_LETTER}),
    "split": frozenset({Fate.SPLIT, Fate.DEAD_LETTER}),
    "dedup": frozenset({*map(Fate, KINDS), Fate.ALREADY_OUT, Fate.DEAD_LETTER}),
    "index": frozenset({Fate.INDEXED, Fate.ALREADY_THERE, Fate.UNCHANGED, Fate.DEAD_LETTER}),
    "dashboards": frozenset({Fate.INDEXED}),
    "console": frozenset(),
}
# What a stage takes in, and what split makes of it.
TAKEN_IN: Mapping[Part, str] = {
    "produce": "pages",
    "split": "pages",
    "dedup": "articles",
    "index": "verdicts",
    "dashboards": "dead letters",
    "console": "requests",
}
STAGES: tuple[Stage, ...] = get_args(Stage)
PARTS: tuple[Part, ...] = tuple(FATES)


class Counts:
    """The fates that one process has dealt out since its start, and the articles that split has made.

    One thread counts; any thread may read.
    """

    def __init__(self, stage: Part) -> None:
        self.stage = stage
        self.fates: Counter[str] = Counter()  # keyed by the values of Fate
        self.dead_letters: Counter[str] = Counter()  # keyed by the values of Reason; together those of Fate.DEAD_LETTER
        self.articles_made = 0

    def add(self, fate: Fate, number: int = 1) -> None:
        """Counts `number` items of this fate; raises ValueError for a fate that this stage does not have."""
        if fate not in FATES[self.stage]:
            raise ValueError(f"{self.stage} has no fate {fate}")
        if number:
            self.fates[fate] += number

    def add_dead_letter(self, reason: Reason) -> None:
        """Counts an item that became a dead letter for this reason."""
        self.add(Fate.DEAD_LETTER)
        self.dead_letters[reason] += 1

    @property
    def taken_in(self) -> int:
        """The items that have found their fate."""
        return self.fates.total()

    def copy(self) -> Counts:
        """Returns the counts as they are now."""
        copied = Counts(self.stage)
        copied.fates, copied.dead_letters, copied.articles_made = self.fates.copy(), self.dead_letters.copy(), self.articles_made
        return copied

    def since(self, before: Counts) -> Counts:
        """Returns what was counted after `before` was copied."""
        later = Counts(self.stage)
        later.fates, later.dead_letters = self.fates - before.fates, self.dead_letters - before.dead_letters
        later.articles_made = self.articles_made - before.articles_made
        return later

    def summary(self) -> str:
        """Returns one line for a log, such as `5 pages: 4 split, 1 dead letter; 7 articles`; empty when nothing came."""
        if not self.fates:
            return ""
        fates = ", ".join(f"{number:,} {fate.replace('_', ' ')}" for fate, number in self.fates.items() if number)
        made = f"; {self.articles_made:,} articles" if self.articles_made else ""
        return f"{self.taken_in:,} {TAKEN_IN[self.stage]}: {fates}{made}"
