"""Words that stand out, for the console: this period beside the one before it."""

from __future__ import annotations

from typing import Final

from deploy.console.reads.answers import TrendingWord
from deploy.console.reads.index import Index
from indexing.search.trends import BARS, trends

PERIODS: Final = ("24h", "3d", "7d", "14d", "30d")
WORDS: Final = 15


def trending(index: Index, period: str, sources: tuple[str, ...]) -> tuple[TrendingWord, ...]:
    """The words that stand out in the last period of this length, best first; any other text means a week. Raises RafidError."""
    length = period if period in PERIODS else "7d"
    found = trends(index.client, index.names.articles, length, sources, WORDS)
    return tuple(
        TrendingWord(
            word=trend.word,
            articles=trend.articles,
            before=sum(trend.history[: BARS // 2]),
            sources=trend.sources,
            history=trend.history,
            headline=trend.headline,
            headline_id=trend.id,
        )
        for trend in found
    )
