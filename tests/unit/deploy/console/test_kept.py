"""Answers that readers share for a few seconds."""

from __future__ import annotations

import itertools

from deploy.console.reads.kept import MOST_KEPT, Kept


def test_an_answer_is_read_once_while_it_is_young_and_again_when_it_is_old() -> None:
    now, answers = [0.0], itertools.count()
    kept = Kept[int](5, lambda: now[0])

    first = [kept.get(b"a", lambda: next(answers)) for _ in range(3)]
    now[0] = 5.0
    later = kept.get(b"a", lambda: next(answers))

    assert first == [0, 0, 0]
    assert later == 1


def test_the_answer_used_longest_ago_is_forgotten_first() -> None:
    kept = Kept[int](5, lambda: 0.0)
    for number in range(MOST_KEPT):
        kept.get(b"%d" % number, lambda: 1)
    kept.get(b"0", lambda: 2)
    kept.get(b"new", lambda: 1)

    assert kept.get(b"0", lambda: 2) == 1
    assert kept.get(b"1", lambda: 2) == 2
