from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given

from streams.arabic.folding import fold
from streams.dedup.sketch import ANCHORS, HEADER, MAX_WORDS, Sketch, sketch
from tests.support.strategies import arabic
from tests.unit.streams.dedup.messages import text


def test_two_spellings_of_a_text_have_one_sketch() -> None:
    assert sketch("أعلنت المدرسةُ يوم ٢٥ ـ العطلة") == sketch("اعلنت المدرسه يوم 25 العطله")


def test_another_text_has_another_sketch() -> None:
    one, other = sketch(text(1)), sketch(text(2))

    assert one.body_hash != other.body_hash
    assert set(one.anchors.tolist()).isdisjoint(other.anchors.tolist())


def test_a_sketch_says_how_long_the_body_is() -> None:
    assert (sketch(text(1, 57)).word_count, sketch("").word_count) == (57, 0)


def test_a_text_keeps_sixteen_anchors_and_a_shingle_for_each_three_words() -> None:
    found = sketch(text(1, 100))

    assert len(found.anchors) == ANCHORS
    assert len(found.shingles) == 98


@pytest.mark.parametrize(("words", "expected"), [(0, 0), (1, 1), (2, 2), (3, 1), (10, 8), (18, 16), (19, 16)])
def test_a_short_text_has_as_many_anchors_as_shingles(words: int, expected: int) -> None:
    assert len(sketch(text(1, words)).anchors) == expected


def test_shingles_are_distinct_and_in_order() -> None:
    once, twice = sketch(text(1, 30)), sketch(f"{text(1, 30)} {text(1, 30)}")

    assert twice.shingles.tolist()[:28] == once.shingles.tolist()
    assert len(set(twice.shingles.tolist())) == len(twice.shingles) == 30


def test_anchors_are_those_of_the_smallest_shingles_and_so_are_often_shared() -> None:
    whole, part = sketch(text(1, 120)), sketch(text(1, 110))

    assert len({*whole.anchors.tolist()} & {*part.anchors.tolist()}) >= 12


def test_only_the_first_words_of_an_endless_text_are_compared() -> None:
    endless = "واحد اثنان ثلاثة " * 10 + " ".join(str(number) for number in range(30_000))
    found = sketch(endless)

    assert found.word_count == 30_030
    assert len(found.shingles) <= MAX_WORDS
    assert found.body_hash != sketch(endless + " زيادة").body_hash
    assert found.shingles.tolist() == sketch(endless + " زيادة").shingles.tolist()


def test_the_binary_form_is_the_sketch() -> None:
    found = sketch(f"{text(1, 40)} بلغ السعر 25 جنيها")

    assert Sketch(found.data) == found
    assert len(found.data) == HEADER.size + 4 * 16 + 4 * len(found.slots) + 2 * len(found.shingles)
    assert len(found.slots) == 1


@pytest.mark.parametrize(
    "data",
    [b"", b"\x01", b"\x02" + sketch("خبر").data[1:], sketch("خبر").data[:-1], sketch("خبر").data + b"\x00"],
    ids=["empty", "too short", "another version", "cut off", "too long"],
)
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="sketch"):
        Sketch(data)


@given(arabic)
def test_a_sketch_is_that_of_the_folded_text(body: str) -> None:
    """Points between digits are all that folding loses and a sketch does not."""
    plain = body.translate(dict.fromkeys(map(ord, ".,٫٬،ر"), " "))

    assert sketch(plain) == sketch(fold(plain))


def test_a_sketch_depends_on_no_hash_seed() -> None:
    code = f"from streams.dedup.sketch import sketch; print(sketch({text(1)!r} + ' سعر 25 ثم 30').data.hex())"
    root = Path(__file__).parents[4]
    answers = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }

    assert answers == {sketch(text(1) + " سعر 25 ثم 30").data.hex().encode() + b"\n"}
