"""Every row of the table of verdicts, and what surrounds it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from streams.dedup import live
from streams.dedup.entry import Entry, MalformedEntry
from streams.dedup.notice import Notice
from streams.dedup.register import Register
from streams.dedup.sketch import sketch
from tests.unit.streams.dedup.messages import DAY, START, Log, key, message, text

HOUR = DAY // 24


@pytest.fixture
def log() -> Log:
    return Log()


def bulletin(first: int, second: int) -> str:
    """Sixty words of template around two prices."""
    words = text(77, 60).split()
    words[20:20] = ["بلغ", "سعر", "الذهب", str(first)]
    words[45:45] = ["بلغ", "سعر", "الدولار", str(second)]
    return " ".join(words)


def test_a_text_like_no_other_is_new(log: Log) -> None:
    log.verdict(message("a", text(1)))

    verdict = log.verdict(message("b", text(2), at=5, month="2026-10"))

    assert verdict.to_dict() == {
        "v": 1,
        "kind": "new",
        "doc_id": key("b").hex(),
        "story_id": key("b").hex(),
        "version": START + 5,
        "month": "2026-10",
        "known": False,
        "first_seen": "2025-10-09T08:53:20.005Z",
    }


def test_the_same_text_elsewhere_is_a_copy_under_its_own_id(log: Log) -> None:
    log.verdict(message("a", text(1)))

    verdict = log.verdict(message("b", text(1), at=HOUR))

    assert (verdict.kind, verdict.rule, verdict.jaccard, verdict.containment) == ("copy", "exact", 1.0, 1.0)
    assert (verdict.doc_id, verdict.story_id) == (key("b").hex(), key("a").hex())
    assert (verdict.version, verdict.known) == (START + HOUR, False)


def test_the_first_two_thirds_of_a_text_are_abridged(log: Log) -> None:
    log.verdict(message("a", text(1, 150)))

    verdict = log.verdict(message("b", text(1, 100), at=HOUR))

    assert (verdict.kind, verdict.story_id) == ("abridged", key("a").hex())
    assert verdict.containment == 1.0
    assert verdict.jaccard == pytest.approx(98 / 148, abs=1e-4)


def test_a_text_of_half_as_much_again_is_fuller_and_stays_an_article(log: Log) -> None:
    log.verdict(message("flash", text(1, 100)))

    verdict = log.verdict(message("report", text(1, 150), at=HOUR))

    assert (verdict.kind, verdict.doc_id, verdict.story_id) == ("fuller", key("report").hex(), key("flash").hex())


def test_a_little_less_than_half_as_much_again_is_a_copy(log: Log) -> None:
    log.verdict(message("flash", text(1, 100)))

    assert log.verdict(message("report", text(1, 149), at=HOUR)).kind == "copy"


def test_copies_are_compared_with_founders_and_fuller_texts_only(log: Log) -> None:
    log.verdict(message("founder", text(1, 100)))
    log.verdict(message("copy", text(1, 100, first=25), at=1))

    drifted = log.verdict(message("drifted", text(1, 100, first=50), at=2))

    assert drifted.kind == "new"  # like the copy, and not like the founder


def test_a_copy_of_the_fuller_text_joins_the_founders_story(log: Log) -> None:
    log.verdict(message("flash", text(1, 100)))
    log.verdict(message("report", text(1, 250), at=1))

    verdict = log.verdict(message("other", text(1, 200, first=50), at=2))

    assert (verdict.kind, verdict.story_id) == ("copy", key("flash").hex())


def test_the_same_template_with_other_numbers_is_an_edition(log: Log) -> None:
    log.verdict(message("sunday", bulletin(4010, 48)))

    verdict = log.verdict(message("monday", bulletin(4025, 49), at=DAY))

    assert (verdict.kind, verdict.story_id) == ("edition", key("monday").hex())
    assert verdict.edition_of == key("sunday").hex()


def test_the_same_edition_elsewhere_is_a_copy_of_that_day(log: Log) -> None:
    log.verdict(message("sunday", bulletin(4010, 48)))
    log.verdict(message("monday", bulletin(4025, 49), at=DAY))

    verdict = log.verdict(message("elsewhere", bulletin(4025, 49) + " " + text(5, 10), at=DAY + 1))

    assert (verdict.kind, verdict.story_id, verdict.edition_of) == ("copy", key("monday").hex(), None)


def test_a_page_comes_home_to_the_story_that_was_appended_elsewhere(log: Log) -> None:
    log.verdict(message("appended", text(1), role="read_also", month="2026-10"))

    verdict = log.verdict(message("page", text(1, 90), at=HOUR, month="2026-11"))

    assert (verdict.kind, verdict.doc_id, verdict.story_id) == ("home", key("appended").hex(), key("appended").hex())
    assert (verdict.month, verdict.version, verdict.known) == ("2026-10", START + HOUR, True)
    assert verdict.first_seen == "2025-10-09T08:53:20.000Z"


def test_a_page_that_comes_home_early_still_has_a_higher_version(log: Log) -> None:
    log.verdict(message("appended", text(1), role="read_also", at=HOUR))

    verdict = log.verdict(message("page", text(1), at=0))

    assert (verdict.kind, verdict.version) == ("home", START + HOUR + 1)


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        (message("page", text(1), at=1, has_url=False), "copy"),
        (message("page", text(1), at=1, role="read_also"), "copy"),
        (message("page", text(1, 79), at=1), "copy"),
    ],
    ids=["without a URL", "appended itself", "with less than .8 of the text"],
)
def test_only_a_page_with_a_url_and_the_text_comes_home(log: Log, page: Notice, kind: str) -> None:
    log.verdict(message("appended", text(1), role="read_also"))

    assert log.verdict(page).kind == kind


def test_only_one_page_comes_home(log: Log) -> None:
    log.verdict(message("appended", text(1), role="read_also"))
    log.verdict(message("first", text(1), at=1))

    second = log.verdict(message("second", text(1), at=2))

    assert (second.kind, second.doc_id, second.story_id) == ("copy", key("second").hex(), key("appended").hex())


def test_a_changed_home_updates_the_document_it_came_home_to(log: Log) -> None:
    log.verdict(message("appended", text(1), role="read_also", month="2026-10"))
    log.verdict(message("page", text(1), at=10))

    verdict = log.verdict(message("page", text(2), at=10, origin=(0, 20), month="2026-12"))

    assert (verdict.kind, verdict.doc_id, verdict.month) == ("update", key("appended").hex(), "2026-10")
    assert verdict.version == START + 11
    assert verdict.known


def test_an_appended_story_whose_page_is_home_never_overwrites_it(log: Log) -> None:
    log.verdict(message("appended", text(1), role="read_also"))
    home = log.verdict(message("page", text(1), at=6 * DAY))

    again = log.verdict(message("appended", text(1), role="read_also", at=8 * DAY))

    assert (again.kind, again.version, again.known) == ("unchanged", home.version, True)


def test_the_same_appended_story_under_another_page_is_unchanged(log: Log) -> None:
    first = log.verdict(message("appended", text(1), role="read_also", origin=(3, 4)))

    again = log.verdict(message("appended", text(1), role="read_also", origin=(5, 1), content="another page", at=HOUR))

    assert (again.kind, again.doc_id, again.version) == ("unchanged", first.doc_id, first.version)


def test_an_article_that_comes_again_as_it_was_is_unchanged_and_writes_nothing(log: Log) -> None:
    log.verdict(message("a", text(1)))
    before = dict(log.store)

    again = log.verdict(message("a", text(1), at=DAY))

    assert again.kind == "unchanged"
    assert log.store == before


def test_an_unchanged_article_lives_on_once_a_day_has_passed(log: Log) -> None:
    log.verdict(message("a", text(1)))
    log.verdict(message("a", text(1), at=DAY + 1))

    copy = log.verdict(message("b", text(1), at=8 * DAY))

    assert (copy.kind, copy.story_id) == ("copy", key("a").hex())


def test_an_unchanged_article_lives_on_once_a_seventh_of_the_offsets_has_passed(log: Log) -> None:
    log.verdict(message("a", text(1)))
    log.verdict(message("a", text(1), at=HOUR), after=live.WINDOW_OFFSETS // 7 + 1)

    copy = log.verdict(message("b", text(1), at=2 * HOUR), after=live.WINDOW_OFFSETS)

    assert copy.kind == "copy"


def test_a_message_that_comes_again_hears_the_same_verdict(log: Log) -> None:
    log.verdict(message("a", text(1)))
    first = log.verdict(message("b", text(1), at=5))
    log.verdict(message("c", text(1, 150), at=6))
    before = dict(log.store)

    assert log.judge(message("b", text(1), at=5)) == first
    assert log.store == before


def test_a_changed_article_that_comes_again_hears_the_same_verdict(log: Log) -> None:
    log.verdict(message("a", text(1)))
    update = log.verdict(message("a", text(2), at=5))

    assert log.judge(message("a", text(2), at=5)) == update


def test_a_renewed_article_that_comes_again_is_unchanged_again(log: Log) -> None:
    log.verdict(message("a", text(1)))
    renewed = log.verdict(message("a", text(1), at=2 * DAY))

    assert log.judge(message("a", text(1), at=2 * DAY)) == renewed


def test_what_came_before_on_the_same_page_partition_has_its_verdict_out_already(log: Log) -> None:
    log.verdict(message("a", text(1), origin=(4, 10)))
    log.verdict(message("a", text(2), at=9, origin=(4, 20)))

    assert log.judge(message("a", text(1), origin=(4, 10))) is None


def test_origins_of_two_partitions_are_not_compared(log: Log) -> None:
    log.verdict(message("a", text(1), origin=(4, 10)))

    assert log.verdict(message("a", text(2), at=9, origin=(3, 2))).kind == "update"


def test_an_article_with_members_is_never_demoted(log: Log) -> None:
    log.verdict(message("other", text(2)))
    log.verdict(message("a", text(1), at=1))
    log.verdict(message("copy", text(1), at=2))

    update = log.verdict(message("a", text(2), at=3, month="2027-01"))

    assert (update.kind, update.story_id, update.doc_id) == ("update", key("a").hex(), key("a").hex())
    assert (update.month, update.known) == ("2026-11", True)


def test_the_new_text_of_an_article_with_members_is_what_copies_are_compared_with(log: Log) -> None:
    log.verdict(message("a", text(1), at=1))
    log.verdict(message("copy", text(1), at=2))
    log.verdict(message("a", text(3), at=3))

    assert log.verdict(message("b", text(3), at=4)).story_id == key("a").hex()
    assert log.verdict(message("c", text(1), at=5)).kind == "new"


def test_members_that_have_expired_do_not_hold_an_article(log: Log) -> None:
    log.verdict(message("a", text(1)))
    log.verdict(message("copy", text(1), at=1))
    log.verdict(message("a", text(1), at=7 * DAY, content="only a date"))
    log.verdict(message("other", text(2), at=7 * DAY + 5))

    changed = log.verdict(message("a", text(2), at=7 * DAY + 6))

    assert (changed.kind, changed.story_id) == ("copy", key("other").hex())


def test_an_article_without_members_is_judged_again(log: Log) -> None:
    log.verdict(message("other", text(2)))
    log.verdict(message("a", text(1), at=1, month="2026-10"))

    changed = log.verdict(message("a", text(2), at=2))

    assert (changed.kind, changed.doc_id, changed.story_id) == ("copy", key("a").hex(), key("other").hex())
    assert (changed.month, changed.version, changed.known) == ("2026-10", START + 2, True)


def test_a_copy_that_becomes_a_story_of_its_own_is_an_update(log: Log) -> None:
    log.verdict(message("other", text(2)))
    log.verdict(message("a", text(2), at=1))

    changed = log.verdict(message("a", text(1), at=2))

    assert (changed.kind, changed.story_id) == ("update", key("a").hex())
    assert log.verdict(message("b", text(1), at=3)).story_id == key("a").hex()


def test_a_copy_that_becomes_fuller_is_an_update_in_the_story(log: Log) -> None:
    log.verdict(message("other", text(2)))
    log.verdict(message("a", text(2), at=1))

    changed = log.verdict(message("a", text(2, 200), at=2))

    assert (changed.kind, changed.story_id) == ("update", key("other").hex())


def test_versions_grow_where_time_stands_still(log: Log) -> None:
    first = log.verdict(message("a", text(1), origin=(0, 1)))
    second = log.verdict(message("a", text(2), origin=(0, 2)))
    third = log.verdict(message("a", text(3), origin=(0, 3)))

    assert [first.version, second.version, third.version] == [START, START + 1, START + 2]


def test_an_expired_article_is_judged_as_if_it_were_new(log: Log) -> None:
    log.verdict(message("a", text(1)))

    again = log.verdict(message("a", text(1), at=7 * DAY + 1))

    assert (again.kind, again.known, again.version) == ("new", False, START + 7 * DAY + 1)


def test_an_expired_founder_is_not_a_copy_of_its_own_story(log: Log) -> None:
    log.verdict(message("flash", text(1)))
    log.verdict(message("report", text(1, 150), at=6 * DAY))

    again = log.verdict(message("flash", text(1), at=8 * DAY))

    assert (again.kind, again.story_id) == ("new", key("flash").hex())


@pytest.mark.parametrize(
    ("at", "after", "kind"),
    [(7 * DAY, 1, "copy"), (7 * DAY + 1, 1, "new"), (1, live.WINDOW_OFFSETS, "copy"), (1, live.WINDOW_OFFSETS + 1, "new")],
)
def test_entries_live_for_seven_days_and_two_million_offsets(log: Log, at: int, after: int, kind: str) -> None:
    log.verdict(message("a", text(1)))

    assert log.verdict(message("b", text(1), at=at), after=after).kind == kind


@pytest.mark.parametrize(("editions", "kind"), [(95, "edition"), (110, "new")])
def test_what_more_than_a_hundred_live_texts_share_is_boilerplate(log: Log, editions: int, kind: str) -> None:
    for number in range(editions):
        log.verdict(message(number, bulletin(1000 + number, 5000 + number), at=number))

    assert log.verdict(message("next", bulletin(1, 2), at=editions)).kind == kind


def test_texts_that_have_expired_do_not_count_as_boilerplate(log: Log) -> None:
    for number in range(150):
        log.verdict(message(number, bulletin(1000 + number, 5000 + number), at=number))
    log.verdict(message("before", bulletin(1, 2), at=5 * DAY))

    verdict = log.verdict(message("after", bulletin(1, 2) + " " + text(3, 8), at=8 * DAY))

    assert (verdict.kind, verdict.story_id) == ("copy", key("before").hex())


def test_of_two_texts_alike_the_one_of_higher_jaccard_is_the_match(log: Log) -> None:
    log.verdict(message("far", text(1, 120)))
    log.verdict(message("near", text(2, 60) + " " + text(1, 120, first=60), at=1))

    verdict = log.verdict(message("c", text(2, 50, first=10) + " " + text(1, 120, first=60), at=2))

    assert verdict.story_id == key("near").hex()


def test_of_two_equal_texts_the_older_is_the_match(log: Log) -> None:
    log.verdict(message("first", text(1)))
    log.verdict(message("second", text(9), at=1))
    log.verdict(message("reader", text(9), at=2))  # a member, so that the second keeps its place
    log.verdict(message("second", text(1), at=3))

    assert log.verdict(message("c", text(1), at=4)).story_id == key("first").hex()


@pytest.mark.parametrize("words", [1, 2, 5, 19])
def test_a_very_short_text_needs_the_same_title(log: Log, words: int) -> None:
    log.verdict(message("a", text(1, words), title="عنوان"))

    assert log.verdict(message("b", text(1, words), at=1, title="آخر")).kind == "new"
    assert log.verdict(message("c", text(1, words), at=2, title="عنوان")).story_id == key("a").hex()


@pytest.mark.parametrize("body", ["", " \n", "… — !"])
def test_an_empty_body_is_like_nothing(log: Log, body: str) -> None:
    log.verdict(message("a", body, title="عنوان"))

    assert log.verdict(message("b", body, at=1, title="عنوان")).kind == "new"


def sweep(log: Log, at: int, limit: int = 1000) -> list[bytes]:
    """Sweeps when the messages so far cannot come again."""
    return log.register.expired(START + at, log.offset + 2 * live.UNCOMMITTED + 1, limit)


def test_what_is_swept_away_was_past_finding(log: Log) -> None:
    for number in range(5):
        log.verdict(message(number, text(number), at=number * DAY))
    log.verdict(message("late", text(50), at=9 * DAY))

    swept = sweep(log, 9 * DAY)

    assert swept == [key(0), key(1)]
    assert len(log.register) == 4
    for id_ in swept:
        del log.store[id_]
    assert log.verdict(message("copy", text(1), at=9 * DAY)).kind == "new"
    assert log.verdict(message("another", text(2), at=9 * DAY)).story_id == key(2).hex()


def test_nothing_is_swept_before_the_log_has_reached_its_time(log: Log) -> None:
    log.verdict(message("a", text(1)))
    log.verdict(message("b", text(2), at=7 * DAY))

    assert sweep(log, 100 * DAY) == []


def test_nothing_is_swept_that_a_message_which_may_come_again_has_found(log: Log) -> None:
    log.verdict(message("a", text(1)))
    log.verdict(message("late", text(2), at=9 * DAY), after=live.UNCOMMITTED)

    assert log.register.expired(START + 9 * DAY, log.offset + 2 * live.UNCOMMITTED, 1000) == []
    assert sweep(log, 9 * DAY) == [key("a")]


def test_offsets_sweep_too(log: Log) -> None:
    for number in range(5):
        log.verdict(message(number, text(number), at=number))

    offset = live.WINDOW_OFFSETS + 2 * live.UNCOMMITTED + 3
    assert log.register.expired(START, offset, 1000) == [key(0), key(1), key(2)]


def test_a_sweep_leaves_what_is_beyond_its_limit(log: Log) -> None:
    for number in range(5):
        log.verdict(message(number, text(number), at=number))
    log.verdict(message("late", text(50), at=30 * DAY))

    assert sweep(log, 30 * DAY, limit=2) == [key(0), key(1)]
    assert len(log.register) == 4


@pytest.mark.parametrize("known", [1, 2, 3, 4])
def test_messages_that_come_again_after_the_clock_ran_ahead_hear_what_they_heard(log: Log, known: int) -> None:
    messages = [
        message("a", text(1), origin=(0, 0)),
        message("b", text(1), at=DAY, origin=(0, 1)),
        message("a", text(1), at=DAY // 2, origin=(0, 2)),
        message("c", text(2), at=9 * DAY, origin=(0, 3)),
    ]
    said = []
    for offset, one in enumerate(messages):
        said.append(log.verdict(one))
        if offset + 1 == known:
            store = dict(log.store)

    after_crash = Register(store)
    list(after_crash.rebuild())

    assert [verdict.kind for verdict in said] == ["new", "copy", "unchanged", "new"]
    assert [after_crash.judge(one, offset) for offset, one in enumerate(messages)] == said
    assert store == log.store


def test_a_later_verdict_on_the_same_article_supersedes_one_of_another_page_partition(log: Log) -> None:
    log.verdict(message("a", text(1), role="read_also", origin=(1, 7)))
    log.verdict(message("a", text(1), role="read_also", at=2 * DAY, origin=(2, 5)))

    assert log.register.judge(message("a", text(1), role="read_also", origin=(1, 7)), 0) is None


def test_an_entry_of_an_unknown_sketch_is_refused_by_its_name() -> None:
    log = Log()
    log.verdict(message("a", text(1)))
    whole = log.store[key("a")]
    place = whole.index(sketch(text(1)).data)

    with pytest.raises(MalformedEntry, match="sketch of version 9"):
        Entry.from_bytes(key("a"), whole[:place] + b"\x09" + whole[place + 1 :])


def test_the_clock_of_the_log_never_goes_back(log: Log) -> None:
    log.verdict(message("a", text(1)))
    log.verdict(message("b", text(2), at=8 * DAY))

    late = log.verdict(message("c", text(1), at=1))

    assert (late.kind, late.version) == ("new", START + 1)


def test_a_late_message_that_comes_again_hears_the_same_verdict(log: Log) -> None:
    log.verdict(message("b", text(2), at=30 * DAY))
    late = log.verdict(message("c", text(1), at=1))
    log.verdict(message("d", text(1), at=2))

    assert log.judge(message("c", text(1), at=1)) == late


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
