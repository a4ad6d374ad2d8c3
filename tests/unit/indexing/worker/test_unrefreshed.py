from __future__ import annotations

from indexing.worker.unrefreshed import UnrefreshedWrites


def test_an_id_is_here_for_the_first_time_once() -> None:
    recent = UnrefreshedWrites()

    assert recent.claim(["a", "b", "a"]) == [True, True, False]
    assert recent.claim(["b", "c"]) == [False, True]


def test_the_first_write_settles_the_month_for_those_after_it() -> None:
    recent = UnrefreshedWrites()
    recent.claim(["a", "a"])

    assert recent.period("a", "2026-10") == "2026-10"
    assert recent.period("a", "2026-11") == "2026-10"


def test_cleared_it_knows_nothing() -> None:
    recent = UnrefreshedWrites(limit=2)
    recent.claim(["a", "b"])
    recent.period("a", "2026-10")
    assert recent.full

    recent.clear()

    assert not recent.full
    assert recent.claim(["a"]) == [True]
    assert recent.period("a", "2026-11") == "2026-11"
