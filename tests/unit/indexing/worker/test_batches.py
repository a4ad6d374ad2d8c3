from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from indexing.worker.batches import Accumulator, Batch, Limits, Message, Progress


def message(offset: int, partition: int = 0, size: int = 10) -> Message:
    return Message("news.deduplicated", partition, offset, b"k", b"x" * size, ())


def batch(*messages: Message) -> Batch:
    return Batch(messages, sum(len(m.value or b"") for m in messages))


def offsets(of: Batch | None) -> list[int]:
    assert of is not None
    return [m.offset for m in of.messages]


def test_a_batch_closes_when_it_holds_as_many_messages_as_it_may() -> None:
    accumulator = Accumulator(Limits(messages=3))

    closed = [accumulator.add(message(n), now=0.0) for n in range(4)]

    assert [c is not None for c in closed] == [False, False, True, False]
    assert offsets(closed[2]) == [0, 1, 2]


def test_a_message_that_would_pass_the_bytes_opens_the_next_batch() -> None:
    accumulator = Accumulator(Limits(size_bytes=100))

    assert accumulator.add(message(0, size=60), now=0.0) is None
    closed = accumulator.add(message(1, size=60), now=0.0)

    assert offsets(closed) == [0]
    assert offsets(accumulator.flush()) == [1]


def test_a_message_above_the_bytes_is_a_batch_of_its_own() -> None:
    accumulator = Accumulator(Limits(size_bytes=100))

    accumulator.add(message(0), now=0.0)
    first = accumulator.add(message(1, size=500), now=0.0)
    second = accumulator.due(now=0.0)

    assert (offsets(first), offsets(second)) == ([0], [1])


def test_a_message_waits_no_longer_than_the_age() -> None:
    accumulator = Accumulator(Limits(age_s=0.5))
    accumulator.add(message(0), now=10.0)
    accumulator.add(message(1), now=10.4)

    assert accumulator.due(now=10.49) is None
    assert offsets(accumulator.due(now=10.5)) == [0, 1]
    assert accumulator.due(now=99.0) is None


@given(
    st.lists(st.tuples(st.integers(0, 300), st.floats(0, 1))),
    st.integers(1, 5),
    st.integers(1, 500),
)
def test_batches_hold_every_message_once_in_order_and_within_their_bounds(
    arrivals: list[tuple[int, float]], count: int, size: int
) -> None:
    limits = Limits(messages=count, size_bytes=size, age_s=0.5)
    accumulator, now = Accumulator(limits), 0.0
    out: list[Batch | None] = []

    for offset, (length, after) in enumerate(arrivals):
        now += after
        out += [accumulator.due(now), accumulator.add(message(offset, size=length), now)]
    out.append(accumulator.flush())

    closed = [b for b in out if b is not None]
    assert [m.offset for b in closed for m in b.messages] == list(range(len(arrivals)))
    assert all(len(b.messages) <= count and (b.size_bytes <= size or len(b.messages) == 1) for b in closed)
    assert all(b.size_bytes == sum(len(m.value or b"") for m in b.messages) for b in closed)


def test_an_offset_moves_only_over_an_unbroken_run() -> None:
    progress = Progress()
    first = progress.begin(batch(message(5), message(6)))
    second = progress.begin(batch(message(7)))
    third = progress.begin(batch(message(8), message(0, partition=1)))
    key, other = ("news.deduplicated", 0), ("news.deduplicated", 1)

    assert progress.settle(third) == {other: 1}
    assert progress.settle(first) == {key: 7}
    assert progress.settle(second) == {key: 9}


@given(st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=5), max_size=12), st.randoms(use_true_random=False))
def test_whatever_the_order_of_settling_no_unsettled_message_is_passed(shape: list[list[int]], random: object) -> None:
    progress, next_offset = Progress(), dict.fromkeys(range(4), 0)
    tickets, ends = [], []
    for partitions in shape:
        messages = []
        for partition in partitions:
            messages.append(message(next_offset[partition], partition))
            next_offset[partition] += 1
        tickets.append(progress.begin(batch(*messages)))
        ends.append({m.partition: m.offset for m in messages})
    order = list(range(len(tickets)))
    random.shuffle(order)  # type: ignore[attr-defined]
    committed: dict[int, int] = {}

    for done, place in enumerate(order):
        committed |= {partition: offset for (_, partition), offset in progress.settle(tickets[place]).items()}
        open_places = order[done + 1 :]
        for partition, offset in committed.items():
            firsts = [shape_first(shape, ends, p, partition) for p in open_places if partition in ends[p]]
            assert all(offset <= first for first in firsts)

    assert committed == {partition: offset for partition, offset in next_offset.items() if offset}


def shape_first(shape: list[list[int]], ends: list[dict[int, int]], place: int, partition: int) -> int:
    """The first offset of a partition in the batch at this place."""
    return ends[place][partition] - shape[place].count(partition) + 1
