"""A benchmark's figures are those of its seconds."""

from __future__ import annotations

import io
from pathlib import Path

import orjson
import pytest
from rich.console import Console

from tests.bench.__main__ import parts
from tests.bench.report import Row, paired, remember, table, this_machine

ROW = Row("produce", "rafid produce files", 20_000, wall_s=4.0, cpu_s=3.0, ratio=0.5, against="kafka-python alone")


def test_rates_and_cpu_time_are_derived_from_the_seconds() -> None:
    assert ROW.rate == pytest.approx(5_000)
    assert ROW.cpu_ms == pytest.approx(0.15)
    assert Row("a", "b", 0, 0.0, 0.0).to_dict() | {"stage": ""} == {
        **dict.fromkeys(("stage", "against"), ""),
        **dict.fromkeys(("count", "wall_s", "cpu_s", "rate", "cpu_ms"), 0),
        "what": "b",
        "ratio": None,
    }


def test_a_ratio_is_the_median_of_rounds_measured_side_by_side() -> None:
    assert paired([4.0, 8.0, 6.0], [5.0, 10.0, 4.0]) == pytest.approx(0.8)


def test_the_table_names_a_stage_once() -> None:
    shown = io.StringIO()
    Console(width=110, file=shown).print(table([ROW, ROW, Row("split", "worker", 10, 1.0, 1.0)]))
    lines = shown.getvalue().splitlines()

    assert [line.split()[0] for line in lines if line.startswith(("produce", "split"))] == ["produce", "split"]
    assert sum(" ".join(line.split()).endswith("20,000 5,000 0.150 0.50 kafka-python alone") for line in lines) == 2


def test_every_part_that_measures_is_found_in_the_order_of_the_path() -> None:
    assert parts()[0] == "produce"
    assert {"__main__", "report"} & set(parts()) == set()


def test_the_history_says_when_where_and_at_which_commit_each_row_was_measured(tmp_path: Path) -> None:
    history = tmp_path / "history.jsonl"
    for _ in range(2):
        remember(history, this_machine(), [ROW])

    first, second = map(orjson.loads, history.read_bytes().splitlines())
    assert {"at", "commit"} <= first.keys()
    assert first["machine"]["cores"] >= 1
    assert (second["rate"], second["stage"]) == (5_000, "produce")
