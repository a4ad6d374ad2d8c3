from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from unittest import mock

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from streams.compiled import kernel
from streams.dedup import postings
from streams.dedup.postings import Postings

# Keys that begin in the same few places of the array, and one that spills over its end.
KEYS = [0, 1, 2, 3, 2**22, 2**22 + 1, 2**31, 2**32 - 2, 2**32 - 1]


class AgainstADictionary(RuleBasedStateMachine):
    """Additions and removals in any order, with crowds and growth, of the C or of the Python that it stands for."""

    kernel = kernel

    def __init__(self) -> None:
        super().__init__()
        self.patch = mock.patch.multiple(postings, MAX_INLINE_SLOTS=4, kernel=self.kernel)
        self.patch.start()
        self.postings = Postings()
        self.model: dict[int, list[int]] = defaultdict(list)
        self.slot = 0

    def teardown(self) -> None:
        self.patch.stop()

    @rule(keys=st.sets(st.sampled_from(KEYS), min_size=1))
    def add(self, keys: set[int]) -> None:
        self.postings.add(array("I", keys), self.slot)
        for key in keys:
            self.model[key].append(self.slot)
        self.slot += 1

    @rule(first=st.integers(0, 2**32 - 1), count=st.integers(100, 700))
    def add_many(self, first: int, count: int) -> None:
        keys = [(first + number * 2_654_435_761) % 2**32 for number in range(count)]
        self.add(set(keys))

    @precondition(lambda self: any(self.model.values()))
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(key for key, slots in self.model.items() if slots)))
        slot = data.draw(st.sampled_from(self.model[key]))
        self.postings.remove(key, slot)
        self.model[key].remove(slot)

    @invariant()
    def every_key_has_its_slots(self) -> None:
        assert {key: sorted(self.postings.find(key)) for key in self.model} == self.model
        assert len(self.postings) == sum(map(len, self.model.values()))

    @rule(keys=st.sets(st.sampled_from(KEYS)), sufficient=st.sets(st.sampled_from(KEYS)), most=st.integers(4, 8))
    def find_what_has_two(self, keys: set[int], sufficient: set[int], most: int) -> None:
        is_common = lambda slots: len(slots) > most  # noqa: E731
        found = self.postings.of_two(array("I", keys - sufficient), array("I", sufficient), is_common)

        of_keys = Counter(slot for key in keys - sufficient if len(self.model[key]) <= most for slot in self.model[key])
        enough = {slot for key in sufficient for slot in self.model[key]}
        assert found == sorted({slot for slot, count in of_keys.items() if count > 1} | enough)


class PlainAgainstADictionary(AgainstADictionary):
    kernel = None


@pytest.mark.parametrize("machine", [AgainstADictionary, PlainAgainstADictionary])
def test_postings_are_a_dictionary_of_lists(machine: type[AgainstADictionary]) -> None:
    run_state_machine_as_test(machine, settings=settings(max_examples=30, stateful_step_count=30, deadline=None))


def test_a_crowd_keeps_the_order_of_its_additions() -> None:
    found = Postings()
    for slot in range(200):
        found.add(array("I", (7,)), slot)

    assert list(found.find(7)) == list(range(200))


def test_a_pair_that_is_not_there_cannot_be_removed() -> None:
    found = Postings()
    found.add(array("I", (7,)), 1)

    with pytest.raises(KeyError):
        found.remove(7, 2)


def test_a_pair_takes_some_bytes_and_no_more() -> None:
    found = Postings()
    for slot in range(50_000):
        found.add(array("I", ((slot * 2_654_435_761) % 2**32, (slot * 40_503 + 77) * 65_537 % 2**32)), slot)

    assert found.nbytes / len(found) < 8 / postings.MAX_LOAD * postings.GROWTH + 1
