"""What the requests for trends ask of the server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from indexing.search.trends import Among, Period, significant_words_request


@pytest.mark.parametrize(("days", "articles"), [(1, 1000), (90, 1000), (360, 384), (6000, 50)])
def test_of_many_months_fewer_articles_each_are_looked_at(days: int, articles: int) -> None:
    period = Period(datetime(2026, 11, 1, tzinfo=UTC), timedelta(days=days))

    request = significant_words_request(period, None, Among())

    assert request["aggs"]["sample"]["sampler"] == {"shard_size": articles}
