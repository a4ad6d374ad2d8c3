"""A document that a parser stumbles over fails by name, and nothing else."""

from __future__ import annotations

import anyio
import pytest

from producers.feeds.cleaning import NotAFeed
from producers.feeds.listing import listing_of_feed
from producers.feeds.reading import ReadingFailed, in_worker


def read(function: object, *arguments: object) -> object:
    async def run() -> object:
        return await in_worker(function, *arguments, limiter=anyio.CapacityLimiter(1))  # type: ignore[arg-type]

    return anyio.run(run)


def test_what_a_document_is_instead_and_what_its_reader_stumbled_over_are_told_apart() -> None:
    with pytest.raises(NotAFeed):
        read(listing_of_feed, b"no feed", "https://a.example/", "", "n", "UTC")
    with pytest.raises(ReadingFailed, match=r"stumbled \(ValueError: chr\(\) arg not in range"):
        read(chr, 0x110000)
