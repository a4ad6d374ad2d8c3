"""What the register makes of an article that it has never seen: which story it belongs to, and as what."""

from __future__ import annotations

import pytest

from tests.unit.streams.dedup.messages import DAY, HOUR, START, Log, bulletin, key, message, text


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


def test_an_edit_of_an_edit_is_found_by_the_text_between(log: Log) -> None:
    log.verdict(message("founder", text(1, 100)))
    log.verdict(message("edited", text(1, 100, first=25), at=1))

    drifted = log.verdict(message("drifted", text(1, 100, first=50), at=2))

    assert (drifted.kind, drifted.story_id) == ("copy", key("founder").hex())  # like the copy, and not like the founder


def test_a_copy_that_shares_little_is_no_text_to_compare_with(log: Log) -> None:
    log.verdict(message("founder", text(1, 300)))
    log.verdict(message("flash", text(1, 80), at=1))  # abridged, with a Jaccard index of a quarter

    assert log.verdict(message("other", f"{text(1, 40)} {text(2, 40)}", at=2)).kind == "new"


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


@pytest.mark.parametrize(("editions", "kind"), [(95, "edition"), (110, "new")])
def test_what_more_than_a_hundred_live_texts_share_is_boilerplate(log: Log, editions: int, kind: str) -> None:
    for number in range(editions):
        log.verdict(message(number, bulletin(1000 + number, 5000 + number), at=number))

    assert log.verdict(message("next", bulletin(1, 2), at=editions)).kind == kind


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
