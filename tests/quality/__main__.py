"""`python -m tests.quality`: every figure of splitting and of telling copies, and each error with its text, on one page."""

from __future__ import annotations

import gzip
from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple

import click
import orjson
from rich.console import Console

from streams.split.splitter import split
from streams.trials import gold
from streams.trials.quality_report import Error, Piece, Section, Table, html, section_of_pages, show
from streams.trials.try_dedup import Judged, judged
from tests.conftest import SHARED
from tests.quality.unknown_words import section_of_unknown_words

PAGES = ("dev", "dev2", "composed_dev", "composed_dev2")
# Collection -> its judged pairs.
PAIRS = {"saudinewsnet": ("pairs.dev.tsv", "pairs.dev2.saudi.tsv"), "egypt2013": ("pairs.dev2.egypt.tsv",)}
LABELS = {
    "D": "copy",
    "S": "abridged",
    "E": "same event, written anew",
    "R": "round-up",
    "T": "template of another day",
    "N": "other",
}
COPIES = ("D", "S")


class Pair(NamedTuple):
    """A judged pair: its label, the two articles, and whether the register joined them."""

    label: str
    first: Judged
    second: Judged

    @property
    def is_joined(self) -> bool:
        """Whether both are of one story."""
        return self.first.canonical == self.second.canonical

    @property
    def is_right(self) -> bool:
        """Whether they are of one story just when they should be."""
        return self.is_joined == (self.label in COPIES)


def section_of_pairs(collection: str) -> Section:
    """The figures of one collection's pairs by label and by rule, and each pair that came out wrong."""
    with gzip.open(SHARED / f"dedup/{collection}.jsonl.gz") as lines:
        articles = sorted(map(orjson.loads, lines), key=lambda article: article["date_extracted"])
    found = {str(one.id): one for one in judged(map(orjson.dumps, articles))}
    rows = (
        row.split("\t")
        for name in PAIRS[collection]
        for row in (SHARED / "dedup" / name).read_text(encoding="utf-8").splitlines()
    )
    pairs = [Pair(label, found[first], found[second]) for first, second, label in rows if first in found and second in found]
    texts = {
        str(article.get("id") or article["url"]): article.get("content") or article.get("text") or "" for article in articles
    }
    joined = [pair for pair in pairs if pair.is_joined]
    copies = [pair for pair in pairs if pair.label in COPIES]
    right = sum(pair.is_right for pair in joined)
    figures = Table(
        "all pairs",
        ("collection", "pairs", "precision", "recall"),
        [(collection, str(len(pairs)), f"{right / len(joined):.3f}", f"{right / len(copies):.3f}")],
    )
    errors = [_error(pair, texts) for pair in pairs if not pair.is_right]
    return Section(f"pairs of {collection}", [figures, _by_label(pairs), _by_rule(joined)], errors)


def _by_label(pairs: list[Pair]) -> Table:
    counts: dict[str, Counter[bool]] = defaultdict(Counter)
    for pair in pairs:
        counts[pair.label][pair.is_joined] += 1
    rows = [(LABELS[label], str(count.total()), str(count[True])) for label in LABELS if (count := counts[label])]
    return Table("by what a person said of the pair", ("label", "pairs", "joined"), rows)


def _by_rule(joined: list[Pair]) -> Table:
    counts: dict[str, Counter[bool]] = defaultdict(Counter)
    for pair in joined:
        counts[_rule(pair)][pair.is_right] += 1
    rows = [(rule, str(count.total()), str(count[False])) for rule, count in sorted(counts.items())]
    return Table("by the rule that joined the later one", ("rule", "pairs", "wrong"), rows)


def _rule(pair: Pair) -> str:
    return pair.second.verdict.rule or pair.first.verdict.rule or "-"


def _error(pair: Pair, texts: dict[str, str]) -> Error:
    wrong = "joined" if pair.is_joined else "kept apart"
    pieces = [
        Piece(f"{one.title}\n{texts.get(str(one.id), '')[:600]}", f"{one.id} \u00b7 {one.verdict.kind} {one.verdict.rule or ''}")
        for one in (pair.first, pair.second)
    ]
    return Error(f"{LABELS[pair.label]}, {wrong} ({_rule(pair)})", pieces)


def labelled(name: str) -> list[gold.LabelledPage]:
    """The pages of one labelled file."""
    with (SHARED / f"readalso/{name}.jsonl").open("rb") as lines:
        return list(gold.read_gold(lines))


def section_of_labelled(name: str) -> Section:
    """The figures of one file of labelled pages."""
    pages = [gold.compare(one, split(one.page()).segments) for one in labelled(name)]
    return section_of_pages(f"pages of {name}", pages)


@click.command()
@click.option("--html", "to", type=click.Path(dir_okay=False, path_type=Path), default=Path("quality.html"), show_default=True)
def main(to: Path) -> None:
    """Print the figures, and write them with the text of every error to an HTML page."""
    if not SHARED.is_dir():
        raise click.ClickException(f"no labelled data in {SHARED}; `rafid try split --gold FILE` takes your own")
    sites = [(name, labelled(name)) for name in PAGES[:2]]
    sections = [*map(section_of_labelled, PAGES), section_of_unknown_words(sites), *map(section_of_pairs, PAIRS)]
    show(Console(), sections)
    to.write_text(html("rafid: quality", sections), encoding="utf-8")
    click.echo(f"with the text of every error: {to}")


if __name__ == "__main__":
    main()
