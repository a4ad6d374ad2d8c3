"""Words that stand out, for the console: a period beside the one before it, or two periods beside each other."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from deploy.console.reads.address import AskedTrends
from deploy.console.reads.answers import TrendingWord, Trends
from deploy.console.reads.index import Index
from indexing.search.trends import STEPS, Among, Period, Trend, standing_out
from streams.runtime.time_expressions import age
from streams.times import rfc_3339

WORDS: Final = 15


def trending(index: Index, wanted: AskedTrends, now: datetime | None = None) -> Trends:
    """Returns the words that stand out in the period asked for, and what stood out in one beside it. Raises RafidError."""
    length = age(wanted.period) or timedelta(days=7)
    period = Period(_end(wanted.until) if wanted.until else now or datetime.now(UTC), length)
    other = Period(_end(wanted.against), length) if wanted.against else None
    among = Among(sources=wanted.source, countries=wanted.country)
    found = standing_out(index.client, index.names.articles, period, other, among=among, size=WORDS)
    faded = standing_out(index.client, index.names.articles, other, period, among=among, size=WORDS) if other else ()
    beside = other or period.before
    return Trends(
        since=_written(period.begin),
        until=_written(period.end),
        other_since=_written(beside.begin),
        other_until=_written(beside.end),
        words=tuple(map(_word, found)),
        other_words=tuple(map(_word, faded)),
    )


def _word(trend: Trend) -> TrendingWord:
    return TrendingWord(
        word=trend.word,
        together=trend.together,
        articles=trend.articles,
        before=sum(trend.history[:STEPS]),
        sources=trend.sources,
        history=trend.history,
        headline=trend.headline,
        headline_id=trend.id,
    )


def _end(day: str) -> datetime:
    """Returns the end of a day: it is meant whole."""
    return datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(), UTC)


def _written(at: datetime) -> str:
    return rfc_3339(at.replace(microsecond=0))
