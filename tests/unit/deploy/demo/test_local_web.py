"""The local web of the demonstration: what its feeds list is what its pages say, and stories go on coming out."""

from __future__ import annotations

import asyncio
import itertools
from datetime import UTC, datetime

import pytest
from aiohttp.test_utils import TestClient, TestServer

from deploy.demo.following import _SOURCE
from deploy.demo.web.pages import address, feed, page
from deploy.demo.web.press import LISTED, SITES, STORIES, Press, Story
from deploy.demo.web.serve import app
from producers.extract.extract import extract
from producers.extract.results import Extracted
from producers.feeds.parse import parse
from producers.sources import parse_sources

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
BASE = "http://127.0.0.1:8000"


def told() -> list[Story]:
    """All invented stories and some bulletins, as each was when it came out."""
    press = Press()
    return [press.publish(NOW) for _ in range(len(STORIES.read_bytes().splitlines()) + 5)]


@pytest.mark.parametrize("story", told(), ids=lambda story: f"{story.site}/{story.path}")
def test_a_page_is_read_as_the_story_that_it_is(story: Story) -> None:
    others = [other for other in told() if other.site == story.site]

    found = extract(page(story, others, BASE).encode(), url=address(story, BASE))

    assert isinstance(found, Extracted)
    assert found.title == story.title
    assert found.published_at == "2026-11-22T09:30:00Z"
    assert all(paragraph in found.text for paragraph in story.text.split("\n\n"))


@pytest.mark.parametrize("site", SITES)
def test_a_feed_lists_the_newest_stories_of_its_site(site: str) -> None:
    press = Press()
    for _ in range(60):
        press.publish(NOW)

    found = parse(feed(SITES[site], press.newest(site), BASE).encode(), f"{BASE}/{site}/rss.xml")

    assert [item.title for item in found.items] == [story.title for story in press.newest(site)]
    assert 0 < len(found.items) <= LISTED


def test_a_correction_stays_at_its_address() -> None:
    stories = told()
    corrected = [story for story in stories if story.modified]

    assert corrected
    for story in corrected:
        first = next(other for other in stories if (other.site, other.path) == (story.site, story.path))
        assert first.title != story.title


def test_bulletins_have_other_numbers_each_time() -> None:
    press = Press()
    titles = [press.publish(NOW).title for _ in range(200)]

    assert all(earlier != later for earlier, later in itertools.pairwise(titles[-150:]))


def test_the_sources_file_is_right() -> None:
    text = "contact = 'https://x.example/'\n" + "".join(_SOURCE.format(base=BASE, name=name) for name in SITES)

    sources, mistakes = parse_sources(text)

    assert not mistakes
    assert sources is not None
    assert [source.feeds for source in sources.sources] == [(f"{BASE}/{name}/rss.xml",) for name in SITES]


def test_stories_come_out_by_themselves_when_told_to() -> None:
    async def watch() -> None:
        async with TestClient(TestServer(app())) as client:

            async def listed() -> int:
                pages = [await (await client.get(f"/{site}/rss.xml")).text() for site in SITES]
                return sum(text.count("<item>") for text in pages)

            before = await listed()
            await client.post("/go-on?every_s=0.01")
            async with asyncio.timeout(20):
                while await listed() < before + 3:
                    await asyncio.sleep(0.01)

    asyncio.run(watch())
