from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from indexing.elastic.writes import Write
from indexing.generations.copying import REQUEST_BYTES, WINDOW_SEQ_NOS, Window, chunks, windows

numbers = st.integers(-1, 20 * WINDOW_SEQ_NOS)


def test_what_is_left_is_cut_into_windows_from_where_it_was_left() -> None:
    assert list(windows({0: 99}, {0: 99 + WINDOW_SEQ_NOS + 1})) == [
        Window(0, 99, 99 + WINDOW_SEQ_NOS),
        Window(0, 99 + WINDOW_SEQ_NOS, 100 + WINDOW_SEQ_NOS),
    ]
    assert list(windows({}, {1: 0, 0: -1})) == [Window(1, -1, 0)]
    assert list(windows({0: 7}, {0: 7})) == []


@given(st.dictionaries(st.integers(0, 3), numbers), st.dictionaries(st.integers(0, 3), numbers))
def test_windows_cover_every_number_behind_the_progress_once(copied: dict[int, int], checkpoints: dict[int, int]) -> None:
    cut = list(windows(copied, checkpoints))

    for shard, checkpoint in checkpoints.items():
        covered = [n for w in cut if w.shard == shard for n in range(w.after + 1, w.last + 1)]
        assert covered == list(range(copied.get(shard, -1) + 1, checkpoint + 1))
    assert all(0 < w.last - w.after <= WINDOW_SEQ_NOS for w in cut)


@given(st.lists(st.sampled_from([1, 1_000, REQUEST_BYTES // 3, REQUEST_BYTES + 1]), max_size=12))
def test_requests_hold_every_write_once_in_order_and_within_the_bytes(sizes: list[int]) -> None:
    writes = [Write(str(n), "2026-11", n, b"x" * size) for n, size in enumerate(sizes)]

    made = list(chunks(writes))

    assert [w for chunk in made for w in chunk] == writes
    assert all(len(chunk) == 1 or sum(len(w.body) for w in chunk) <= REQUEST_BYTES for chunk in made)
