"""Words that readers take for one must share a stem on the real server, and words that they tell apart must not.

The pairs were chosen by how often news uses the words, before the rules of the schema were read.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import NamedTuple

import pytest

from deploy.local import stack as stacks
from indexing.elastic.settings import ElasticSettings
from indexing.generations.template import plain_index
from indexing.schema.stemming import stem

FILE = Path(__file__).with_name("word_pairs.tsv")
LEAST_RIGHT = 0.96  # 590 of 612: a floor, not the aim of .975


class Pair(NamedTuple):
    """Two words, and whether a search for one has to find the other."""

    meet: bool
    one: str
    other: str


@pytest.fixture(scope="module")
def pairs() -> list[Pair]:
    rows = [line.split("\t") for line in FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return [Pair(expected == "meet", one, other) for expected, one, other in rows]


@pytest.fixture(scope="module")
def stems(stack: stacks.Addresses, pairs: list[Pair]) -> dict[str, str]:
    """The stem that the server gives for each word of the pairs that is no stop word."""
    words = sorted({word for pair in pairs for word in pair[1:]})
    index = f"words-{uuid.uuid4().hex[:8]}"
    with ElasticSettings(stack.elasticsearch).client() as client:
        client.indices.create(index=index, **plain_index())
        tokens = client.indices.analyze(index=index, analyzer="ar_stem", text="\n".join(words))["tokens"]
        client.indices.delete(index=index)
    starts, at = {}, 0
    for word in words:
        starts[at] = word
        at += len(word) + 1
    return {starts[token["start_offset"]]: token["token"] for token in tokens}


def test_pairs_are_enough_of_both_kinds(pairs: list[Pair]) -> None:
    assert min(sum(pair.meet for pair in pairs), sum(not pair.meet for pair in pairs)) >= 200


def test_words_meet_and_stay_apart_as_readers_take_them(pairs: list[Pair], stems: dict[str, str]) -> None:
    wrong = [pair for pair in pairs if (stems.get(pair.one) == stems.get(pair.other)) != pair.meet]

    assert 1 - len(wrong) / len(pairs) >= LEAST_RIGHT, wrong


def test_stems_computed_without_a_server_are_those_of_the_server(stems: dict[str, str]) -> None:
    assert {word: stem(word) for word in stems} == stems
