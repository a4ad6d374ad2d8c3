from __future__ import annotations

import pytest

from indexing.generations.names import names
from indexing.generations.state import interpret
from streams.errors import RafidError

LIVE = ["news", "articles", "sightings"]


def test_with_no_index_at_all_the_first_generation_is_live() -> None:
    state = interpret("news", {})

    assert (state.live, state.building, state.targets) == (names("news", 1), None, (names("news", 1),))


def test_the_generation_under_the_alias_is_live_and_the_only_target() -> None:
    state = interpret("news", {"news-g3-2026.10": LIVE, "news-g3-2026.11": LIVE, "news-g2-2026.10": []})

    assert state.live.generation == 3
    assert [t.generation for t in state.targets] == [3]
    assert state.periods(state.live) == ["2026-10", "2026-11"]


def test_while_a_generation_is_built_both_are_written() -> None:
    state = interpret("news", {"news-g1-2026.11": LIVE, "news-g2-2026.11": ["news-building"]})

    assert [t.generation for t in state.targets] == [1, 2]


def test_a_retiring_generation_is_written_no_more() -> None:
    state = interpret("news", {"news-g1-2026.11": [*LIVE, "news-retiring"], "news-g2-2026.11": ["news-building"]})

    assert (state.live.generation, [t.generation for t in state.targets]) == (1, [2])


def test_an_index_that_a_swap_missed_is_a_stray_of_the_live_generation() -> None:
    state = interpret("news", {"news-g2-2026.11": LIVE, "news-g2-2026.12": ["news-building"]})

    assert (state.live.generation, state.building, state.left_by_swap) == (2, None, ("news-g2-2026.12",))


def test_a_first_generation_that_is_only_being_built_is_not_live() -> None:
    state = interpret("news", {"news-g2-2026.11": ["news-building"]})

    assert (state.live.generation, state.building) == (1, names("news", 2))


def test_indices_of_others_are_none_of_ours() -> None:
    state = interpret("news", {"newsroom-g5-2026.11": ["newsroom"], "news-g1-2026.11": LIVE, "news-g9-notes": ["news"]})

    assert state.indices == {"news-g1-2026.11"}
    assert state.live.generation == 1


def test_an_alias_on_two_generations_is_refused() -> None:
    with pytest.raises(RafidError, match="several generations"):
        interpret("news", {"news-g1-2026.11": LIVE, "news-g2-2026.11": LIVE})
