from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from indexing.schema import lexicon
from indexing.schema.stemming import current_lexicon, stem
from streams.errors import RafidError


def test_a_final_nun_is_radical_when_the_adjective_occurs() -> None:
    texts = ["زعفران زعفراني زعفرانية " * 5, "وبزعفران " * 5]

    rules = lexicon.derived(lexicon.counted(texts), least=5)

    assert rules["زعفران"] == "زعفران"
    assert stem("زعفران", rules) == stem("الزعفران", rules)


def test_a_first_waw_is_radical_when_it_follows_the_article() -> None:
    rules = lexicon.derived(lexicon.counted(["وشاح الوشاح " * 5]), least=5)

    assert rules == {"وشاح": "وشاح"}


def test_a_hamza_and_lam_are_no_article_when_they_follow_one() -> None:
    rules = lexicon.derived(lexicon.counted(["ألغام الألغام " * 5]), least=5)

    assert rules["الغام"] == "الغام"


def test_what_is_seen_too_rarely_proves_nothing() -> None:
    assert lexicon.derived(lexicon.counted(["وشاح الوشاح " * 4]), least=5) == {}


def test_the_order_of_the_texts_changes_nothing() -> None:
    texts = ["ألغام الألغام " * 5, "وشاح الوشاح " * 5, "زعفران زعفراني زعفرانية " * 5]

    assert lexicon.derived(lexicon.counted(texts)) == lexicon.derived(lexicon.counted(texts[::-1]))


def test_a_rebuilt_lexicon_adds_and_never_overrules() -> None:
    counts = lexicon.counted(["وشاح الوشاح " * 5, "ولايات الولايات " * 5])

    rules = lexicon.rebuilt(counts)

    assert rules["وشاح"] == "وشاح"
    assert rules.items() >= current_lexicon().items()


def test_the_comparison_says_what_is_new_and_what_is_disputed() -> None:
    found = lexicon.compared(lexicon.counted(["وشاح الوشاح " * 5, "ولايات الولايات " * 5, "وزير الوزير " * 5]))

    assert found["added"] == {"وشاح": "وشاح"}
    assert found["disputed"] == {"ولايات": ("ولايه", "ولا")}
    assert found["confirmed"] == 1


def test_a_corpus_may_be_gzipped(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl.gz"
    path.write_bytes(gzip.compress('{"title": "خبر", "text": "وشاح"}\n'.encode()))

    assert list(lexicon.texts([path])) == ["خبر\nوشاح"]


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text('{"text": "a"}\n[1]\n')

    with pytest.raises(RafidError, match=r"corpus\.jsonl:2: an object"):
        list(lexicon.texts([path]))
