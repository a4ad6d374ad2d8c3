"""The words that stand out now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from indexing.generations.names import names
from indexing.search.trends import trends
from tests.integration.indexing.newsroom import Newsroom


def test_trends_are_words_of_now_as_they_are_written(own_newsroom: Newsroom) -> None:
    called = names(own_newsroom.namespace)
    operations: list[dict[str, Any]] = []
    for number in range(40):
        hours = 1 if number < 8 else 60 + number * 2
        at = (datetime.now(UTC) - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
        event = f"ضرب إعصار عنيف الساحل رقم{number}" if number < 8 else f"اجتمع المجلس البلدي لبحث الميزانية رقم{number}"
        body = f"{event} وقال شهود إن كلمة{number * 7} كانت حاضرة في موقع{number * 3} أمس."
        fields = {
            "title": f"خبر إعصار {number}",
            "body": body,
            "source": f"s{number % 4}.example",
            "kind": "new",
            "@timestamp": at,
        }
        operations += [{"index": {"_id": f"trend-{number}"}}, fields | {"story_id": f"trend-{number}"}]
    own_newsroom.client.bulk(index=called.index("2026-11"), operations=operations, refresh=True)

    found = {trend.word: trend for trend in trends(own_newsroom.client, called.articles, "24h")}

    assert "إعصار" in found
    assert "المجلس" not in found
    assert (found["إعصار"].articles, found["إعصار"].sources) == (8, 4)
    assert (len(found["إعصار"].history), sum(found["إعصار"].history[-1:])) == (24, 8)
    assert found["إعصار"].headline.startswith("خبر إعصار")
