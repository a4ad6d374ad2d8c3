"""The splitter on labelled pages: the floors that it may not fall below."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from itertools import islice
from typing import Any

import pytest
from click.testing import CliRunner

from streams.commands import try_split
from streams.identity import page_id
from streams.records import Article, Page
from streams.split.splitter import split
from streams.split.stories import articles
from tests.conftest import SHARED
from tests.quality.__main__ import labelled
from tests.quality.unknown_words import cut_without_own_words, figures

SCORER = SHARED.parent / "tools/score_split.py"
LABELLED = SHARED / "readalso"
SEEDS = SHARED / "seeds"

pytestmark = pytest.mark.skipif(not LABELLED.is_dir(), reason=f"no labelled pages in {LABELLED}")


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dict[str, Any]]:
    """The scorer's figures for a labelled file: F1 by kind, and by class the pages, right, damaged and leaked ones."""

    def score(name: str) -> dict[str, Any]:
        predicted = tmp_path_factory.mktemp("split") / name
        ended = CliRunner().invoke(try_split, [str(LABELLED / name)])
        assert ended.exit_code == 0, ended.stderr
        predicted.write_text(ended.stdout, encoding="utf-8")
        said = subprocess.run(
            [sys.executable, SCORER, LABELLED / name, predicted], capture_output=True, text=True, check=True
        ).stdout
        kinds = {m[1]: float(m[2]) for m in re.finditer(r"^(\w+)(?: +\d\.\d+){2} +(\d\.\d+) +\d+$", said, re.MULTILINE)}
        classes = {
            m[1]: tuple(map(int, m.groups()[1:])) for m in re.finditer(r"^(\w+) +(\d+) +(\d+) +(\d+) +(\d+)$", said, re.MULTILINE)
        }
        return {"f1": kinds, "classes": classes}

    return score


def test_real_pages_are_cut_right(scored: Callable[[str], dict[str, Any]]) -> None:
    figures = scored("dev.jsonl")

    pages, right, _, _ = figures["classes"]["related"]
    assert (pages, right >= 86) == (90, True), figures
    damaged = {name: row[2] for name, row in figures["classes"].items() if name != "related"}
    assert damaged == {"boilerplate": 0, "negative": 0, "trap": 0}
    floors = {
        "body": 0.99,
        "list": 0.93,
        "teaser": 0.94,
        "credit": 0.95,
        "keywords": 0.93,  # a page with a glued tag keeps its body whole, and the tag in it
        "second_title": 1.0,
        "second_body": 1.0,
    }
    assert {kind: f1 for kind, f1 in figures["f1"].items() if f1 < floors.get(kind, 0)} == {}


def test_pages_of_other_sites_are_cut_right(scored: Callable[[str], dict[str, Any]]) -> None:
    classes = scored("dev2.jsonl")["classes"]

    pages, right, _, _ = classes["related"]
    assert (pages, right >= 58) == (67, True), classes
    assert {name: row[2] for name, row in classes.items() if name != "related"} == {"boilerplate": 0, "negative": 0, "trap": 0}


def test_pages_of_sites_whose_words_are_unknown_are_cut_right() -> None:
    pages = labelled("dev2")
    cut = islice(cut_without_own_words([*pages, *labelled("dev")], "only"), len(pages))  # the others attest words

    related, right, others, damaged = figures(cut)
    assert (related, right >= 55) == (67, True), right
    assert (others, damaged) == (52, 0)


@pytest.mark.parametrize(("name", "count"), [("composed_dev.jsonl", 29), ("composed_dev2.jsonl", 20)])
def test_pages_of_aggregators_are_cut_right(scored: Callable[[str], dict[str, Any]], name: str, count: int) -> None:
    figures = scored(name)

    pages, right, _, _ = figures["classes"]["composed"]
    assert (pages, right) == (count, count), figures
    assert figures["f1"]["second_body"] >= 0.98


def seed(name: str) -> tuple[Page, tuple[Article, ...]]:
    text = next(SEEDS.glob(f"{name}_*.txt")).read_text(encoding="utf-8")
    page = Page(id=page_id(None, "seed", None, text), source="seed", text=text, fetched_at="2026-11-22T00:00:00Z")
    return page, articles(split(page))


@pytest.mark.parametrize("name", ["000", "002"])
def test_the_seeds_are_wholly_right(name: str) -> None:
    page, found = seed(name)
    labelled = (LABELLED / "dev.jsonl").read_text(encoding="utf-8").splitlines()
    gold = next(record for record in map(json.loads, labelled) if record["text"] == page.text)

    cut = split(page)
    assert [(s.start, s.end, s.kind) for s in cut.segments] == [(s["start"], s["end"], s["kind"]) for s in gold["segments"]]

    main, other = found
    spans = {
        kind: [page.text[s["start"] : s["end"]] for s in gold["segments"] if s["kind"] == kind]
        for kind in ("body", "read_also_body")
    }
    assert main.body == "\n\n".join(spans["body"])
    assert other.body == "\n\n".join(spans["read_also_body"])
    assert main.credit == "الحرة"
    assert main.keywords is not None
    assert main.keywords.startswith("الخارجية الأميركي الولايات المتحدة")
    assert main.tags == ()
    assert other.title == gold_title(gold)
    assert [title["kind"] for title in main.related] == ["read_also"] + ["similar"] * 9  # the list names it too
    assert [len(article.teasers) for article in found] == ([1, 0] if name == "000" else [0, 1])


def gold_title(gold: dict[str, Any]) -> str:
    segment = next(s for s in gold["segments"] if s["kind"] == "read_also_title")
    text: str = gold["text"][segment["marker"][1] : segment["end"]]
    return text.strip()
