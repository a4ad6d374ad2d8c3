"""Splitting by this checkout against another one, in one process: `python -m tests.bench.split_against DIRECTORY`.

First whether both cut every page alike; then the CPU time of each. Chunks of pages go to the two in turns, so that a busy
machine slows both alike.
"""

from __future__ import annotations

import importlib
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import click
from rich.console import Console
from rich.table import Table

from streams.records import Page
from streams.trials.gold import read_gold
from tests.bench.split import corpus
from tests.conftest import SHARED
from tests.quality.invented import pages as invented

HERE = Path(__file__).parents[2]
CHUNK = 40  # pages; some milliseconds of CPU time, which the clock tells well
LABELLED = ("dev", "dev2", "composed_dev", "composed_dev2")
Work = Callable[[bytes], object]


class Stages(NamedTuple):
    """What a page's message goes through in the split worker, its work with Kafka apart, as one checkout has it."""

    page: Callable[[bytes], Any]
    split: Callable[[Any], Any]
    articles: Callable[[Any], Any]
    notice: Callable[..., Any]

    def outcome(self, value: bytes) -> tuple[object, ...]:
        """Returns the page's segments, with the reason of each, and the bytes of its articles."""
        cut = self.split(self.page(value))
        segments = [(s.start, s.end, s.kind, s.rule, s.marker, s.contents) for s in cut.segments]
        return segments, [article.to_bytes() for article in self.articles(cut)]

    def whole(self, value: bytes) -> list[bytes]:
        """Returns all that the worker sends for the page."""
        out = []
        for article in self.articles(self.split(self.page(value))):
            out += [article.to_bytes(), self.notice(article, 0, (0, 0)).to_bytes()]
        return out


def load(checkout: Path) -> Stages:
    """Returns the stages of a checkout; its modules are kept apart from those of the others."""
    ours = {name: sys.modules.pop(name) for name in list(sys.modules) if name.split(".")[0] == "streams"}
    sys.path.insert(0, str(checkout))
    importlib.invalidate_caches()
    try:
        names = ("streams.records", "streams.split.splitter", "streams.split.stories", "streams.dedup.notice")
        records, splitter, stories, dedup = map(importlib.import_module, names)
        assert Path(splitter.__file__ or "").is_relative_to(checkout), splitter.__file__
        stages = Stages(records.Page.from_bytes, splitter.split, stories.articles, dedup.notice)
        stages.whole(Page(id="0" * 32, source="x", text="نص", fetched_at="2026-11-22T00:00:00Z").to_bytes())  # reads the tables
    finally:
        sys.path.remove(str(checkout))
        for name in [name for name in sys.modules if name.split(".")[0] == "streams"]:
            del sys.modules[name]
        sys.modules.update(ours)
    return stages


def kinds_of_pages(every: int) -> dict[str, list[bytes]]:
    """Returns the pages that are measured, by their kind: of the plain articles one in `every`."""
    plain = [page.to_bytes() for page in corpus(20_120)[::every]]
    random.Random(1).shuffle(plain)  # a chunk of each has pages of all sites
    out = {"plain articles": plain}
    if SHARED.is_dir():
        out["labelled pages"] = [page for name in LABELLED for page in labelled(name)]
    for name in ("layouts", "later", "traps"):
        out[f"invented: {name}"] = [one.page.to_bytes() for one in invented(name)]
    return out


def labelled(name: str) -> Iterator[bytes]:
    """Yields the pages of a labelled file, as messages."""
    with (SHARED / f"readalso/{name}.jsonl").open("rb") as lines:
        for page in read_gold(lines):
            yield page.page().to_bytes()


def cpu_s(one: Stages, pages: list[bytes]) -> dict[str, float]:
    """Returns the seconds of CPU time for splitting these pages into stories, and for all that the worker makes of them."""
    read = [one.page(page) for page in pages]
    began = time.process_time()
    for page in read:
        one.articles(one.split(page))
    split_s = time.process_time() - began
    began = time.process_time()
    for value in pages:
        one.whole(value)
    return {"split + stories": split_s, "whole": time.process_time() - began}


def measured(pages: list[bytes], both: list[Stages]) -> dict[tuple[str, int], float]:
    """Returns the seconds of CPU time by what is done and by checkout, each chunk in turns."""
    spent: dict[tuple[str, int], float] = defaultdict(float)
    remaining, turn = iter(pages), 0
    while chunk := list(islice(remaining, CHUNK)):
        for which in (turn, 1 - turn):
            for what, seconds in cpu_s(both[which], chunk).items():
                spent[what, which] += seconds
        turn = 1 - turn
    return spent


@click.command()
@click.argument("checkout", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--every", default=4, show_default=True, help="Of the plain articles one in so many.")
@click.option("--compare/--no-compare", default=True, show_default=True, help="First compare what both make of the pages.")
@click.option("--measure/--no-measure", default=True, show_default=True, help="Then measure the CPU time of both.")
def main(checkout: Path, every: int, compare: bool, measure: bool) -> None:
    """Compare the splitter of this checkout with that of CHECKOUT: what they make of pages, and the CPU time of each."""
    both = [load(checkout.resolve()), load(HERE)]
    pages = kinds_of_pages(every)
    if compare:
        for kind, some in pages.items():
            unlike = sum(both[0].outcome(page) != both[1].outcome(page) for page in some)
            click.echo(f"{kind}: {len(some):,} pages, {unlike} of them cut otherwise")
    if not measure:
        return
    table = Table("pages", "what", "pages/s of CPU before", "now", "CPU, now to before")
    for kind, some in pages.items():
        spent = measured(some, both)
        for what in dict.fromkeys(what for what, _ in spent):
            before, now = spent[what, 0], spent[what, 1]
            table.add_row(kind, what, f"{len(some) / before:,.0f}", f"{len(some) / now:,.0f}", f"{now / before:.3f}")
    Console().print(table)


if __name__ == "__main__":
    main()
