"""Labelled pages against what the splitter finds: what is right, what was lost, what was left, and which rule did it."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from streams.commands import try_split
from streams.errors import RafidError
from streams.records import MalformedRecord
from streams.split.segments import Kind, Segment
from streams.trials import gold

PARAGRAPH = "وقال رئيس البلدية إن المكتبة تضم أكثر من ثلاثين ألف كتاب وقاعات مفتوحة طوال الأسبوع."
TITLE = "مزارعو الوادي يطالبون بخفض أسعار مياه الري"
TEXT = f"{PARAGRAPH}\nمقالات مشابهة\n• {TITLE}"
CUT = len(PARAGRAPH)


def labelled(*marks: tuple[int, int, str], text: str = TEXT, **fields: Any) -> gold.LabelledPage:
    row = {"id": 1, "text": text, "segments": [{"start": a, "end": b, "kind": kind} for a, b, kind in marks], **fields}
    return next(gold.read_gold([orjson.dumps(row)]))


def segment(start: int, end: int, kind: Kind) -> Segment:
    return Segment(start, end, kind, "no marker" if kind == "body" else "heading")


RIGHT = labelled((0, CUT, "body"), (CUT + 1, len(TEXT), "similar_list"))
CUT_RIGHT = (segment(0, CUT, "body"), segment(CUT + 1, len(TEXT), "similar_list"))


def test_a_page_cut_as_it_was_marked_is_right() -> None:
    compared = gold.compare(RIGHT, CUT_RIGHT)

    assert (compared.is_right, compared.lost_chars, compared.left_chars) == (True, 0, 0)


def test_a_list_left_in_the_body_is_counted_and_the_rule_named() -> None:
    compared = gold.compare(RIGHT, [segment(0, len(TEXT), "body")])

    left = len("".join(TEXT[CUT:].split()))
    assert (compared.is_right, compared.is_damaged, compared.left_chars) == (False, False, left)
    assert gold.rules([compared])["no marker"].left == left


def test_a_body_that_lost_a_word_at_its_boundary_is_right_and_one_that_lost_more_is_damaged() -> None:
    word = gold.compare(RIGHT, [segment(0, CUT - 9, "body"), segment(CUT - 9, len(TEXT), "similar_list")])
    more = gold.compare(RIGHT, [segment(0, CUT - 30, "body"), segment(CUT - 30, len(TEXT), "similar_list")])

    assert (word.is_right, more.is_right, more.is_damaged) == (True, False, True)


def _spans(edges: list[int]) -> list[tuple[int, int, Kind]]:
    return [(first, last, "body" if first % 2 else "similar_list") for first, last in itertools.pairwise(edges)]


@given(st.lists(st.integers(0, 60), max_size=8), st.lists(st.integers(0, 60), max_size=8))
def test_every_character_is_in_one_stretch_whatever_was_marked_and_found(marks: list[int], finds: list[int]) -> None:
    text = "كلمة أخرى " * 6
    spans = [sorted({*edges, 0, len(text)}) for edges in (marks, finds)]
    marked, found = (_spans(e) for e in spans)

    compared = gold.compare(labelled(*marked, text=text), [segment(*one) for one in found])

    assert sum(stretch.chars for stretch in compared.stretches) == len("".join(text.split()))
    assert gold.UNCOVERED not in {stretch.found for stretch in compared.stretches}


@pytest.mark.parametrize(
    ("segment", "says"),
    [
        ({"start": 0, "end": 9_999, "kind": "body"}, "outside the text's"),
        ({"start": 0, "end": 1, "kind": "story"}, "'story' is no kind"),
        ({"start": 0, "kind": "body"}, "`end`"),
    ],
)
def test_a_line_that_is_no_labelled_page_is_named(segment: dict[str, Any], says: str) -> None:
    with pytest.raises(MalformedRecord, match="line 2") as caught:
        list(gold.read_gold([b"\n", orjson.dumps({"id": 1, "text": TEXT, "segments": [segment]})]))

    assert says in str(caught.value)


def test_the_command_prints_the_figures_and_writes_the_page(tmp_path: Path) -> None:
    file, report = tmp_path / "gold.jsonl", tmp_path / "report.html"
    wrong = {"id": "<b>", "text": TEXT, "segments": [{"start": 0, "end": len(TEXT), "kind": "body"}], "site": "wadi.example"}
    file.write_bytes(orjson.dumps(wrong) + b"\n")

    ended = CliRunner().invoke(try_split, [str(file), "--gold", "--report", str(report)])

    assert ended.exit_code == 0, ended.output
    assert "wadi.example" in ended.stdout
    page = report.read_text(encoding="utf-8")
    assert 'dir="rtl"' in page
    assert TITLE in page
    assert "&lt;b&gt;" in page


def test_a_file_without_labels_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "pages.jsonl"
    file.write_bytes(orjson.dumps({"id": 1, "text": TEXT}) + b"\n")

    ended = CliRunner().invoke(try_split, [str(file), "--gold"])

    assert isinstance(ended.exception, RafidError)
    assert "line 1" in str(ended.exception)
    assert "segments" in str(ended.exception)
