"""The words that stand out now, and in one period against another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from indexing.generations.names import names
from indexing.search.trends import Among, Period, standing_out, trends
from tests.integration.indexing.newsroom import Newsroom

DAY = timedelta(days=1)
BULLETIN = "أسواق الجملة للخضر تسعيرة"


def publish(newsroom: Newsroom, name: str, moments: Sequence[tuple[float, str]], month: str = "2026-11") -> datetime:
    """Articles of so many hours ago with these words, each with words of its own; returns the present."""
    now = datetime.now(UTC)
    operations: list[dict[str, Any]] = []
    for number, (hours, event) in enumerate(moments):
        fields = {
            "title": f"خبر إعصار {number}",
            "body": f"{event} رقم{number} وقال شهود إن كلمة{number * 7} كانت حاضرة في موقع{number * 3} أمس.",
            "source": f"s{number % 4}.example",
            "country": ("LB", "EG")[number % 2],
            "kind": "new",
            "@timestamp": (now - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "story_id": f"{name}-{number}",
        }
        operations += [{"index": {"_id": f"{name}-{number}"}}, fields]
    newsroom.client.bulk(index=names(newsroom.namespace).index(month), operations=operations, refresh=True)
    return now


def test_trends_are_words_of_now_as_they_are_written(own_newsroom: Newsroom) -> None:
    quiet = [(60 + number * 2, "اجتمع المجلس البلدي لبحث الميزانية") for number in range(8, 40)]
    publish(own_newsroom, "trend", [(1, "ضرب إعصار عنيف الساحل")] * 8 + quiet)

    found = {trend.word: trend for trend in trends(own_newsroom.client, names(own_newsroom.namespace).articles, "24h")}

    assert "إعصار" in found
    assert "المجلس" not in found
    assert (found["إعصار"].articles, found["إعصار"].sources) == (8, 4)
    assert (len(found["إعصار"].history), sum(found["إعصار"].history[-1:])) == (24, 8)
    assert found["إعصار"].headline.startswith("خبر إعصار")


def test_what_was_usual_in_the_month_before_does_not_stand_out_early_in_this_one(own_newsroom: Newsroom) -> None:
    usual = "اجتمع المجلس البلدي"
    publish(own_newsroom, "october", [(60 + 2 * number, usual) for number in range(30)], "2026-10")
    publish(own_newsroom, "november", [(1, f"{usual} بعد إعصار")] * 8)

    found = {trend.word for trend in trends(own_newsroom.client, names(own_newsroom.namespace).articles, "24h")}

    assert "إعصار" in found
    assert found.isdisjoint({"المجلس", "البلدي"})


def test_a_word_stands_out_while_the_month_holds_nothing_but_the_period(own_newsroom: Newsroom) -> None:
    publish(own_newsroom, "october", [(60 + 2 * number, "اجتمع المجلس البلدي") for number in range(60)], "2026-10")
    publish(own_newsroom, "november", [(1, "افتتح الوزير المعرض")] * 40 + [(2, "ضرب إعصار الساحل")] * 8)

    found = trends(own_newsroom.client, names(own_newsroom.namespace).articles, "24h")

    assert found
    assert {"إعصار", "خبر"} & {word for trend in found for word in (trend.word, *trend.together)}


def test_the_words_of_a_template_are_one_trend(own_newsroom: Newsroom) -> None:
    bulletins = [(1, BULLETIN)] * 12
    quiet = [(60 + number * 2, "اجتمع المجلس البلدي لبحث الميزانية") for number in range(20)]
    publish(own_newsroom, "template", [*bulletins, *[(2, "ضرب إعصار الساحل")] * 6, *quiet])

    found = {trend.word: trend.together for trend in trends(own_newsroom.client, names(own_newsroom.namespace).articles, "24h")}

    rows = [{word, *together} for word, together in found.items()]
    assert len(rows) == 2, found
    (bulletin,) = (row for row in rows if not row & {"ضرب", "إعصار", "الساحل"})
    assert bulletin == set(BULLETIN.split())


def test_two_periods_are_told_apart_by_their_words_and_a_country_has_its_own(own_newsroom: Newsroom) -> None:
    first, second = (20.0, "اندلعت حرائق واسعة في الغابات"), (20.0 + 24 * 10, "توّج المنتخب بالبطولة")
    now = publish(own_newsroom, "periods", [first] * 12 + [second] * 12)
    periods, articles = (Period(now, DAY), Period(now - 10 * DAY, DAY)), names(own_newsroom.namespace).articles

    def words(country: str, period: Period, against: Period) -> dict[str, tuple[int, int]]:
        among = Among(countries=(country,))
        found = standing_out(own_newsroom.client, articles, period, against, among=among)
        halves = ((trend, (sum(trend.history[:12]), sum(trend.history[12:]))) for trend in found)
        return {word: counts for trend, counts in halves for word in (trend.word, *trend.together)}

    assert words("LB", *periods)["حرائق"] == (0, 6)
    assert words("LB", *reversed(periods))["المنتخب"] == (0, 6)
    assert words("SA", *periods) == {}
