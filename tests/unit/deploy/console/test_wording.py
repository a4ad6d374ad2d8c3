"""Arabic and English say the same things, each as its readers would."""

from __future__ import annotations

import re
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from deploy.console.reads.answers import Count
from deploy.console.views.drawing import bars, day_bars, line
from deploy.console.views.wording import Wording, texts

ARABIC = Wording("ar", "latn", UTC)
FIELD = re.compile(r"\{\w+\}")


def test_both_languages_have_the_same_words_with_the_same_fields() -> None:
    ar, en = texts()["ar"], texts()["en"]
    fields: Any = lambda text: set(FIELD.findall(text)) if isinstance(text, str) else None  # noqa: E731

    assert ar.keys() == en.keys()
    assert ar["plural"].keys() == en["plural"].keys()
    assert [key for key in ar if fields(ar[key]) != fields(en[key])] == []


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "لا قصص"), (1, "قصة واحدة"), (2, "قصتان"), (3, "3 قصص"), (11, "11 قصة"), (100, "100 قصة"), (1103, "1,103 قصص")],
)
def test_a_count_has_the_form_that_arabic_asks_for(count: int, text: str) -> None:
    assert ARABIC.plural("stories", count) == text


def test_dates_are_said_in_both_digit_shapes_and_in_the_readers_zone() -> None:
    when = "2026-11-18T23:40:00Z"

    assert ARABIC.moment(when) == "18 نوفمبر 2026، 23:40"
    assert Wording("ar", "arab", ZoneInfo("Asia/Beirut")).moment(when) == "١٩ نوفمبر ٢٠٢٦، ٠١:٤٠"
    assert Wording("en", "latn", UTC).moment(when) == "18 November 2026, 23:40"


def test_a_page_without_a_time_of_day_shows_its_day_in_every_zone() -> None:
    assert Wording("en", "latn", ZoneInfo("America/New_York")).moment("2026-11-18T00:00:00Z") == "18 November 2026"


def test_many_days_share_a_bar_and_none_is_lost() -> None:
    days = [Count(value=f"20{year:02}-11-18", count=3) for year in range(10, 26)]

    drawn = day_bars(days, 600, 60)

    assert len(drawn) <= 60
    assert sum(bar.value for bar in drawn) == 48
    assert (drawn[0].first, drawn[-1].last) == ("2010-11-18", "2025-11-18")


def test_a_small_value_is_still_seen() -> None:
    assert bars([1, 100_000], 100, 30)[0].height == 1


def test_a_line_has_a_gap_where_there_is_no_value() -> None:
    assert line([1, None, 3], 100, 10).path.count("M") == 2
