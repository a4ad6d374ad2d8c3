"""One article of one site, under one number in its address: the newest text takes the place of the older."""

from __future__ import annotations

import pytest

from tests.unit.streams.dedup.messages import HOUR, Log, beside, bulletin, key, message, text

SITE = beside(source=1, address=88_123, title=(1, 2, 3))
RENAMED = beside(source=1, address=88_123, title=(1, 2, 4))


@pytest.fixture
def log() -> Log:
    return Log()


def test_a_toll_under_a_new_headline_takes_the_document_over(log: Log) -> None:
    before = log.verdict(message("old", bulletin(3, 11), metadata=SITE))

    verdict = log.verdict(message("new", bulletin(9, 24), at=3 * HOUR, metadata=RENAMED))

    assert (verdict.kind, verdict.doc_id, verdict.story_id) == ("update", before.doc_id, before.story_id)
    assert (verdict.month, verdict.first_seen) == (before.month, before.first_seen)
    assert verdict.version > before.version


def test_other_numbers_of_another_day_stay_an_edition_under_any_number(log: Log) -> None:
    log.verdict(message("monday", bulletin(3, 11), metadata=SITE))

    assert log.verdict(message("tuesday", bulletin(9, 24), at=24 * HOUR, metadata=RENAMED)).kind == "edition"


def test_a_flash_that_became_a_report_is_one_document_and_searchable_by_the_report(log: Log) -> None:
    log.verdict(message("flash", text(1, 30), metadata=SITE))

    report = log.verdict(message("report", text(1, 300), at=HOUR, metadata=RENAMED))

    assert (report.kind, report.doc_id) == ("update", key("flash").hex())


def test_a_third_headline_takes_the_same_document_over(log: Log) -> None:
    log.verdict(message("first", text(1, 100), metadata=SITE))
    second = log.verdict(message("second", text(1, 110), at=HOUR, metadata=RENAMED))

    third = log.verdict(message("third", text(1, 120), at=2 * HOUR, metadata=SITE))

    assert (third.kind, third.doc_id) == ("update", key("first").hex())
    assert third.version > second.version


def test_a_copy_on_another_site_joins_the_story_of_the_newest_text(log: Log) -> None:
    log.verdict(message("first", text(1, 100), metadata=SITE))
    log.verdict(message("second", text(2, 60) + " " + text(1, 100), at=HOUR, metadata=RENAMED))

    copy = log.verdict(message("copy", text(2, 60) + " " + text(1, 100), at=2 * HOUR, metadata=beside(source=2)))

    assert (copy.kind, copy.story_id) == ("copy", key("first").hex())


def test_one_number_with_nothing_in_common_is_two_stories(log: Log) -> None:
    log.verdict(message("one", text(1, 100), metadata=SITE))

    other = beside(source=1, address=88_123, title=(7, 8, 9))

    assert log.verdict(message("other", text(2, 100), at=HOUR, metadata=other)).kind == "new"


def test_an_old_page_that_is_sent_again_leaves_the_newer_one_in_place(log: Log) -> None:
    newer = log.verdict(message("page", text(1), at=2 * HOUR))
    before = dict(log.store)

    verdict = log.verdict(message("page", text(2), at=HOUR, origin=(0, 3 * HOUR), is_replayed=True))

    assert (verdict.kind, verdict.version) == ("unchanged", newer.version)
    assert log.store == before


def test_an_old_page_that_is_sent_again_before_any_other_is_new_and_as_old_as_it_was(log: Log) -> None:
    log.verdict(message("another", text(3), at=2 * HOUR))

    verdict = log.verdict(message("page", text(2), at=HOUR, is_replayed=True))

    assert (verdict.kind, verdict.version) == ("new", log.verdict(message("other", text(4), at=HOUR)).version)


def test_a_page_that_comes_after_a_clock_went_back_is_newer_all_the_same(log: Log) -> None:
    before = log.verdict(message("page", text(1), at=2 * HOUR))

    verdict = log.verdict(message("page", text(2), at=HOUR, origin=(0, 3 * HOUR)))

    assert (verdict.kind, verdict.version) == ("update", before.version + 1)


def test_an_old_page_under_another_address_does_not_take_over_the_newer_text(log: Log) -> None:
    log.verdict(message("renamed", text(1, 110), at=2 * HOUR, metadata=RENAMED))

    verdict = log.verdict(message("first", text(1, 100), at=HOUR, metadata=SITE, is_replayed=True))

    assert (verdict.kind, verdict.doc_id) == ("copy", key("first").hex())
