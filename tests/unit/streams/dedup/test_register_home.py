"""A page comes home to the story that was appended to other pages before it came."""

from __future__ import annotations

import pytest

from streams.dedup.notice import Notice
from tests.unit.streams.dedup.messages import DAY, HOUR, START, Log, key, message, text


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
