"""What judging leaves in the table, and the register that is rebuilt from it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from streams.dedup.entry import Entry, MalformedEntry
from streams.dedup.sketch import sketch
from tests.unit.streams.dedup.messages import DAY, Log, key, message, text


@pytest.mark.parametrize(
    "story",
    [
        lambda log: log.verdict(message("a", text(1))),
        lambda log: (log.verdict(message("a", text(1))), log.verdict(message("b", text(1), at=1))),
        lambda log: (log.verdict(message("a", text(1), role="read_also")), log.verdict(message("b", text(1), at=1))),
    ],
    ids=["new", "copy", "home"],
)
def test_judging_writes_the_entry_of_the_article_and_no_other(log: Log, story: Callable[[Log], object]) -> None:
    story(log)
    before = dict(log.store)

    log.verdict(message("last", text(1), at=2))

    assert {id_ for id_ in log.store if log.store[id_] != before.get(id_)} == {key("last")}


def test_an_entry_keeps_the_sketch_only_while_it_can_be_matched(log: Log) -> None:
    log.verdict(message("a", text(1)))
    log.verdict(message("b", text(1), at=1))

    entries = {name: Entry.from_bytes(key(name), log.store[key(name)]) for name in "ab"}

    assert entries["a"].sketch == sketch(text(1)).data
    assert entries["b"].sketch == b""


def test_an_entry_of_an_unknown_sketch_is_refused_by_its_name() -> None:
    log = Log()
    log.verdict(message("a", text(1)))
    whole = log.store[key("a")]
    place = whole.index(sketch(text(1)).data)

    with pytest.raises(MalformedEntry, match="sketch of version 9"):
        Entry.from_bytes(key("a"), whole[:place] + b"\x09" + whole[place + 1 :])


def test_a_rebuilt_register_knows_what_time_it_is(log: Log) -> None:
    log.verdict(message("a", text(1)))
    log.verdict(message("b", text(2), at=8 * DAY))

    log.rebuild()

    assert log.verdict(message("c", text(1), at=1)).kind == "new"


def test_a_rebuild_reports_its_progress_in_slices(log: Log) -> None:
    for number in range(1201):
        log.verdict(message(number, text(number, 25), at=number))

    assert list(log.register.rebuild()) == [500, 1000, 1201]


def test_an_empty_table_is_rebuilt_too(log: Log) -> None:
    assert list(log.register.rebuild()) == [0]
