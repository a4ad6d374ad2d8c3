"""`python -m tests.quality.learn_weights`: learns what each sign of a row of lines counts for, and writes `weights.toml`.

Rows of pages as their sites publish them are their own; rows of titles set into the same pages are other stories'. Every site is
left out in turn: the figures and the thresholds are those of pages whose site the weights have not seen.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np
import numpy.typing as npt

from streams.records import Page
from streams.split.markers import general
from streams.split.splitter import draft_of, mark_announced, paragraphs_of
from streams.split.unannounced import signs as row_signs
from streams.split.unannounced.subject import Subject
from tests.quality.plain_pages import Published, Titles, page, published, with_titles

TARGET = Path(row_signs.__file__).with_name("weights.toml")
# Of so many pages one at most loses a row; of the rows of titles so many are not doubted. Both of pages of sites left out.
_PAGES_A_LOSS, _UNDOUBTED = 20_000, 0.97
_RIDGE, _STEPS = 1.0, 14
_HEAD = """# What each sign of a row of open lines counts for where titles of other stories are told from a page's own lines.
# Signs are of signs.py. Written by `python -m tests.quality.learn_weights` from {pages} pages of {sites} sites.
# A row whose sum is above `tells` is other stories', one below `doubts` is none, whatever a rule says.
"""
Numbers = npt.NDArray[np.float64]


class Row(NamedTuple):
    """A row's site, where it stands, its signs, and whether it was set in."""

    site: str
    is_last: bool
    signs: dict[str, float]
    is_set_in: bool
    titles: int


def rows_of(one: Page, site: str, set_in: frozenset[str]) -> Iterator[Row]:
    """Yields the rows of a page that may be other stories'; of a page with a block set in, that one alone."""
    draft = draft_of(one, general())
    if not draft.lines:
        return
    mark_announced(draft)
    if not draft.paragraphs_end_closed:
        return
    subject = Subject(draft, paragraphs_of(draft))
    for row in row_signs.rows(draft):
        inside = sum(draft.content(i) in set_in for i in range(row.start, row.end))
        if set_in and 2 * inside < row.end - row.start:
            continue
        if row_signs.may_be_others(draft, row) and (found := row_signs.signs(draft, row, subject)):
            yield Row(site, row.is_last, found, bool(set_in), len(row.titles))


def collected(sites: dict[str, list[Published]], per_site: int) -> tuple[list[Row], int]:
    """Returns the rows of so many pages of each site, and how many pages were read."""
    out, count = list[Row](), 0
    for site in sorted(sites):
        chance = random.Random(site)
        pages = list(sites[site])
        chance.shuffle(pages)
        titles = Titles(pages)
        for n, one in enumerate(pages[:per_site]):
            count += 1
            out += rows_of(page(one.title, one.text), site, frozenset())
            if titles and n % 3 == 0:
                for changed, lines in with_titles(chance, one, titles):
                    out += rows_of(changed, site, lines)
    return out, count


def fitted(signs: Numbers, is_other: Numbers) -> Numbers:
    """Returns the weights of a logistic regression, found by Newton's method."""
    weights = np.zeros(signs.shape[1])
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(signs @ weights, -30, 30)))
        slope = signs.T @ (chance - is_other) + _RIDGE * weights
        curve = (signs * (chance * (1 - chance))[:, None]).T @ signs + _RIDGE * np.eye(len(weights))
        weights -= np.linalg.solve(curve, slope)
    return weights


class Learned(NamedTuple):
    """Weights by sign, the two thresholds, and what they find on sites left out: by titles in a row, found and all."""

    weights: dict[str, float]
    tells: float
    doubts: float
    found: dict[int, tuple[int, int]]
    lost: int


def learned(rows: list[Row], pages: int) -> Learned:
    """Learns from the rows; the sums that the thresholds are chosen by are of weights that have not seen the row's site."""
    names = list(rows[0].signs)
    signs = np.array([[float(row.signs[name]) for name in names] for row in rows])
    is_other = np.array([float(row.is_set_in) for row in rows])
    site = np.array([row.site for row in rows])
    sums = np.zeros(len(rows))
    for left_out in sorted(set(site)):
        here = site == left_out
        sums[here] = signs[here] @ fitted(signs[~here], is_other[~here])
    own = np.sort(sums[is_other == 0])[::-1]
    losses = pages // _PAGES_A_LOSS
    tells = round(float(own[losses]) + 0.01, 2)
    doubts = round(float(np.quantile(sums[is_other == 1], 1 - _UNDOUBTED)), 2)
    found = {}
    for count in range(1, 6):
        those = [k for k, row in enumerate(rows) if row.is_set_in and min(row.titles, 5) == count]
        found[count] = (sum(sums[k] > tells for k in those), len(those))
    weights = {name: round(float(value), 2) for name, value in zip(names, fitted(signs, is_other), strict=True)}
    return Learned(weights, tells, min(doubts, tells), found, int((own > doubts).sum()))


def written(head: str, tables: dict[str, Learned]) -> str:
    """Returns the learned tables as TOML, the heaviest signs first."""
    out = [head]
    for name, one in tables.items():
        out.append(f"\n[{name}]\ntells = {one.tells}\ndoubts = {one.doubts}\n\n[{name}.signs]\n")
        out += [f'"{sign}" = {weight}\n' for sign, weight in sorted(one.weights.items(), key=lambda pair: -abs(pair[1]))]
    return "".join(out)


@click.command()
@click.option("--per-site", default=1000, show_default=True, help="Pages read of each site.")
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), default=TARGET, show_default=False)
def main(per_site: int, to: Path) -> None:
    """Learn the weights, print what they find on sites left out, and write them."""
    sites = published()
    if not sites:
        raise click.ClickException("no plain pages beside the checkout")
    rows, pages = collected(sites, per_site)
    tables = {}
    for name, is_last in (("below", True), ("between", False)):
        tables[name] = one = learned([row for row in rows if row.is_last == is_last], pages)
        shares = ", ".join(f"{count}: {right} of {all_}" for count, (right, all_) in one.found.items())
        click.echo(f"{name} the text, by titles in a row: {shares}; {one.lost} of {pages} pages' own rows are not doubted")
    to.write_text(written(_HEAD.format(pages=pages, sites=len(sites)), tables), encoding="utf-8")


if __name__ == "__main__":
    main()
