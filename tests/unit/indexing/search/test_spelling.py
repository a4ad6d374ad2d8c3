from __future__ import annotations

import pytest

from indexing.search.highlights import CLOSE, OPEN
from indexing.search.spelling import as_written


@pytest.mark.parametrize(
    ("title", "body", "expected"),
    [
        ("[أسعار] [القمحِ] ترتفع", "", "القمحِ"),
        ("[أسعار] الحبوب", "قال إن [القمح] شح", "القمح"),
        ("[أسعار] الحبوب", "", "القمح"),
    ],
)
def test_a_word_is_spelled_as_the_example_marks_it_among_others(title: str, body: str, expected: str) -> None:
    marks = str.maketrans({"[": OPEN, "]": CLOSE})
    hit = {"highlight": {"title.norm": [title.translate(marks)], "body.norm": [body.translate(marks)]}}

    assert as_written("القمح", [hit]) == expected


def test_without_an_example_the_word_stays_folded() -> None:
    assert as_written("اسعار", []) == "اسعار"
