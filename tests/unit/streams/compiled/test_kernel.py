from __future__ import annotations

import shutil
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streams import compiled
from streams.arabic import folding, words
from streams.dedup import metadata, overlap, sketch
from streams.dedup.sketch import title_and_body
from streams.records import Article
from streams.split import spelling
from tests.support.strategies import arabic

CALLERS = (folding, words, spelling, sketch, metadata, overlap)
any_text = st.one_of(arabic, st.text())


@contextmanager
def uncompiled() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for module in CALLERS:
            patch.setattr(module, "kernel", None)
        yield


def both(function: Callable[..., Any], *arguments: Any) -> tuple[Any, Any]:
    with uncompiled():
        plain = function(*arguments)
    return function(*arguments), plain


def columns(found: words.Words) -> list[list[int]]:
    return [column.tolist() for column in found]


def test_an_installation_from_a_checkout_has_compiled_the_kernel() -> None:
    if not shutil.which("cc") or not Path(sysconfig.get_paths()["include"], "Python.h").exists():
        pytest.skip("no C compiler, or no headers of Python, on this machine")

    assert compiled.kernel


@given(any_text)
@example("كـتـابٌ \u200f﷽ ﻻ")
def test_a_text_is_folded_alike(text: str) -> None:
    with_c, plain = both(folding.aligned, text)

    assert [units.tolist() for units in with_c] == [units.tolist() for units in plain]


@given(any_text)
@example("كوفيد19 24/10")
def test_words_are_found_alike(text: str) -> None:
    with_c, plain = both(words.words, folding.units(text))

    assert columns(with_c) == columns(plain)


@given(st.lists(st.sampled_from(["نفط", "غزة", "بنك", "24", "وزير", "قال"]) | any_text, max_size=200).map(" ".join))
@example("نفط " * 30_000)
def test_a_body_has_one_sketch(body: str) -> None:
    with_c, plain = both(sketch.sketch, body)

    assert with_c == plain


FEW_WORDS = st.lists(st.sampled_from(["نفط", "غزة", "بنك", "قطر", "في", "24"]), max_size=60).map(" ".join)


@given(any_text | FEW_WORDS, any_text | FEW_WORDS)
def test_title_words_stand_in_a_body_at_the_same_places(title: str, body: str) -> None:
    found, whole = title_and_body(title, body)

    its_article = Article(
        id="0" * 32, page_id="0" * 32, role="main", title=title, body=body, source="a.example", fetched_at="2026-11-22T18:25:43Z"
    )

    with_c, plain = both(metadata.metadata_sketch, its_article, found, whole.words)

    assert with_c == plain


# Few different shingles, so that two texts share some; the first of each stays.
shingles = st.lists(st.integers(0, 300) | st.integers(0, 65_535), min_size=1, max_size=400, unique=True).map(
    lambda numbers: np.array(numbers, "<u2")
)


@given(shingles, shingles)
@example(np.arange(58, dtype="<u2"), np.arange(57, dtype="<u2"))
def test_two_texts_share_the_same(one: sketch.U16, other: sketch.U16) -> None:
    packed = one.tobytes(), other.tobytes()

    with_c, plain = both(overlap.overlap, *packed)

    assert with_c == plain
    assert both(overlap.shared, *packed) == (len({*one.tolist()} & {*other.tolist()}),) * 2
