from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from indexing.schema import lexicon
from streams.errors import RafidError

TEXTS = ["وشاح الوشاح بالوشاح " * 5, "زعفران زعفراني زعفرانية بزعفران " * 9]


def test_the_order_of_the_texts_changes_nothing() -> None:
    assert lexicon.rebuilt(lexicon.counted(TEXTS)) == lexicon.rebuilt(lexicon.counted(TEXTS[::-1]))


def test_files_are_written_as_the_counts_ask(tmp_path: Path) -> None:
    files = lexicon.rebuilt(lexicon.counted(TEXTS))

    lexicon.write_files(tmp_path, files)

    assert {path.name: path.read_text(encoding="utf-8").splitlines() for path in tmp_path.iterdir()} == files


def test_the_difference_names_what_is_new_and_what_is_no_longer_asked_for() -> None:
    added, gone = lexicon.difference("full_forms.txt", ["# a comment", "زعفرانيات => زعفران"])

    assert added == {"زعفرانيات => زعفران"}
    assert len(gone) > 1_000


def test_a_corpus_may_be_gzipped(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl.gz"
    path.write_bytes(gzip.compress('{"title": "خبر", "text": "وشاح"}\n'.encode()))

    assert list(lexicon.texts([path])) == ["خبر\nوشاح"]


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text('{"text": "a"}\n[1]\n')

    with pytest.raises(RafidError, match=r"corpus\.jsonl:2: an object"):
        list(lexicon.texts([path]))
