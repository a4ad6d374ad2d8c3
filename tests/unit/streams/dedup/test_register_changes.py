"""An article that the register knows comes again: as it was, or changed."""

from __future__ import annotations

from streams.dedup.live import RegisterLimits
from tests.unit.streams.dedup.messages import DAY, HOUR, START, Log, key, message, text

LIMITS = RegisterLimits()


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
    log.verdict(message("a", text(1), at=HOUR), after=LIMITS.window_offsets // 7 + 1)

    copy = log.verdict(message("b", text(1), at=2 * HOUR), after=LIMITS.window_offsets)

    assert copy.kind == "copy"


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
