"""Sitemaps as sites serve them: what they list, whatever their bytes are called."""

from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from producers.feeds.cleaning import NotAFeed
from producers.feeds.identity import Story
from producers.feeds.listing import lies, listing_of_sitemap
from producers.feeds.parse import Item
from producers.feeds.sitemap import Sitemap, parse_sitemap, unpacked
from producers.fetch.decompression import decompressed
from streams.identity import canonical_url
from tests.unit.producers.feeds.exchanges import exchanges

URL = "https://n.example/sitemap.xml"
XML = '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</urlset>'


def parsed(text: str, url: str = URL) -> Sitemap:
    found = parse_sitemap(text.encode(), url, "application/xml", UTC)
    assert found is not None
    return found


def test_a_news_sitemap_with_faults_lists_its_pages_and_nothing_else() -> None:
    [answer] = exchanges("F07")

    found = parse_sitemap(answer["body"], answer["url"], "application/xml", ZoneInfo("Africa/Cairo"))

    assert found is not None
    assert [(canonical_url(entry.item.link or ""), entry.item.title, entry.item.published) for entry in found.entries] == [
        ("https://n.example/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/101", "افتتاح «سوق السمك» & الميناء", "2026-08-16"),
        ("https://n.example/news?id=102&cat=5", None, None),
        ("https://n.example/news/103", None, None),
    ]
    assert [entry.lastmod for entry in found.entries] == [None, "2026-08-16T20:20:00Z", None]


def test_only_the_bytes_tell_what_is_packed() -> None:
    links = []
    for answer in exchanges("F08"):
        body = decompressed(answer["body"], answer["headers"].get("content-encoding", ""), 10_000)
        found = listing_of_sitemap(body, answer["url"], answer["headers"]["content-type"], "g", "UTC")
        links += [story.url for story in found.stories]

    assert links == [f"https://g.example/{number}" for number in range(1, 7)]


def test_an_index_lists_sitemaps_also_relative_ones_once() -> None:
    entry = "<sm:sitemap><sm:loc>{}</sm:loc><sm:lastmod>2026-11-22</sm:lastmod></sm:sitemap>"
    index = f"<sm:sitemapindex>{entry.format('/a.xml')}{entry.format('https://n.example/a.xml')}</sm:sitemapindex>"

    assert parsed(index).children == (("https://n.example/a.xml", "2026-11-22T00:00:00Z"),)


def test_robots_txt_names_sitemaps() -> None:
    found = parsed(
        "User-agent: *\nDisallow: /x\nSitemap: /a.xml\nSITEMAP:https://cdn.example/b.xml\n", "https://n.example/robots.txt"
    )

    assert [child.url for child in found.children] == ["https://n.example/a.xml", "https://cdn.example/b.xml"]


@pytest.mark.parametrize("line", ["\0http://n.example/2", "ht\ttp://n.example/2"])
def test_an_address_with_a_control_in_or_before_its_scheme_is_none(line: str) -> None:
    found = parse_sitemap(f"https://n.example/1\n{line}\n".encode(), URL, "text/plain", UTC)

    assert found is not None
    assert [entry.item.link for entry in found.entries] == ["https://n.example/1"]


def test_a_sitemap_that_breaks_off_lists_what_came() -> None:
    whole = XML.format("".join(f"<url><loc>https://n.example/{n}</loc></url>" for n in range(9)))

    found = parsed(whole[: whole.index("n.example/5")])

    assert [entry.item.link for entry in found.entries] == [f"https://n.example/{n}" for n in range(5)]


def test_a_feed_in_place_of_a_sitemap_is_read_as_one() -> None:
    rss = "<rss version='2.0'><channel><item><title>خبر</title><link>https://n.example/1</link></item></channel></rss>"

    [story] = listing_of_sitemap(rss.encode(), URL, "", "n", "UTC").stories

    assert (story.url, story.item.title) == ("https://n.example/1", "خبر")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", "an empty answer"),
        (b"\x1f", "an empty answer"),  # a separator of ASCII, which is white space
        (b"<!doctype html><html><body>x</body></html>", "an HTML page"),
        (b"not found", "neither XML nor a list"),
        (b"<!DOCTYPE urlset [<!ENTITY a 'b'>]><urlset/>", "entities"),
        (b"\x1f\x8b\x08" + bytes(20), "gzip"),
    ],
)
def test_what_is_no_sitemap_is_named(body: bytes, error: str) -> None:
    with pytest.raises(NotAFeed, match=error):
        listing_of_sitemap(body, URL, "", "n", "UTC")


def test_a_bomb_is_refused() -> None:
    import gzip  # noqa: PLC0415

    with pytest.raises(NotAFeed, match="more than"):
        unpacked(gzip.compress(bytes(60_000_000)))


def test_lastmods_that_all_move_are_the_time_of_the_answer() -> None:
    listed = [Story(str(n), None, None, "", Item(), "2026-11-23T00:00:00Z") for n in range(30)]
    before = dict.fromkeys(map(str, range(30)), "2026-11-22T00:00:00Z")

    assert lies(before, listed)
    assert not lies(before, listed[:10])
    assert not lies(before, [story._replace(lastmod=before["1"]) if int(story.key) % 3 else story for story in listed])
