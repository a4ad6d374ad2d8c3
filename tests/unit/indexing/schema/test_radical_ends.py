"""Ends of words that look like a dual or plural, and belong to the word; words and counts invented."""

from __future__ import annotations

from collections import Counter

import pytest

from indexing.schema.radical_ends import has_radical_end


@pytest.mark.parametrize(
    "counts",
    [
        {"زعفران": 9, "زعفرانيه": 5},
        {"زعفران": 50, "زعفر": 50},
        {"كزبرين": 50, "كزبر": 5},
        {"توزيه": 9, "توزيهات": 5},
    ],
)
def test_an_end_belongs_to_a_word_that_has_forms_of_its_own_or_lacks_another_case(counts: dict[str, int]) -> None:
    assert has_radical_end(next(iter(counts)), Counter(counts))


@pytest.mark.parametrize(
    "counts",
    [
        {"زعفران": 50, "زعفرين": 20, "زعفر": 50},
        {"كزبرين": 50, "كزبرون": 2, "كزبر": 5},
        {"كزبرين": 50, "كزبر": 20},
        {"يزعفران": 50},
        {"زعفران": 19, "زعفر": 50},
    ],
)
def test_a_dual_or_plural_has_its_other_case_or_its_singular(counts: dict[str, int]) -> None:
    assert not has_radical_end(next(iter(counts)), Counter(counts))
