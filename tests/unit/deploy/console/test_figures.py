"""What the pipeline page says in a sentence."""

from __future__ import annotations

from datetime import UTC

import pytest

from deploy.console.reads.pipeline_answers import Flow, Stage
from deploy.console.views.operations import live_figures
from deploy.console.views.wording import Wording


def said(*members: int, down: tuple[str, ...] = ()) -> str:
    named = zip(("pages", "articles", "deduplicated"), members, strict=True)
    flow = Flow(
        at="2026-11-22T18:25:43.000Z",
        kafka_up=True,
        elasticsearch_up=True,
        health="green",
        stages=tuple(Stage(name=name, topic=f"news.{name}", messages=7, rate=0, lag=0, members=count) for name, count in named),
        articles=7,
        sightings=0,
        dead_letters=0,
        register=7,
        down=down,
    )
    return dict(live_figures(flow, Wording("en", "latn", UTC)))["down"]


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ((1, 1, 2), "Everything is up."),
        ((1, 0, 1), "Nothing waits, but no worker runs for: Dedup."),
        ((0, 0, 0), "Nothing waits, but no worker runs for: Split, Dedup, Index."),
    ],
)
def test_it_tells_who_does_not_run_although_nothing_waits(members: tuple[int, ...], sentence: str) -> None:
    assert said(*members) == sentence


def test_what_is_down_comes_before_that() -> None:
    assert said(0, 1, 1, down=("no split worker runs, and 7 messages wait",)) == "no split worker runs, and 7 messages wait"
