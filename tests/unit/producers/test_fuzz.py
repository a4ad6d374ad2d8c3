"""Feeds, sitemaps, archives and pages that chance has damaged are read or refused by name, and nothing else happens."""

from __future__ import annotations

import functools
import io
import os
import random
from collections.abc import Callable
from datetime import UTC

import pytest

from producers.archive.records import PackedWhole, read_records
from producers.extract.extract import extract
from producers.extract.results import Extracted
from producers.feeds.cleaning import NotAFeed
from producers.feeds.listing import Listing, listing_of_feed, listing_of_sitemap
from tests.support.newsrooms.filling import newsroom_pages
from tests.support.pages.rendering import article_pages, other_pages
from tests.unit.producers.archive.test_records import PACKED, WARC
from tests.unit.producers.feeds.exchanges import exchanges

INPUTS = int(os.environ.get("RAFID_FUZZ", "1000000"))  # of each kind, in `make soak`
URL = "https://n.example/1"
LONGEST = 40_000
PIECES = (
    *(
        b"<![CDATA[",
        b"]]>",
        b"&#x0;",
        b"&#1114112;",
        b"&lt;",
        b"\xff\xfe",
        b"\x00",
        b"<!DOCTYPE x [<!ENTITY a 'b'>]>",
        b"<?xml?>",
    ),
    *(b"<a href='http://[::1'>", b"<base href='//'>", b"<p>" * 50, b"<div>" * 300, b"<table><tr>", b"</", b"<svg:", b"xmlns=''"),
    *(b"<script type='application/ld+json'>{", b"[" * 200, b'"@graph":', b"9" * 400, b"0000-00-00", b"\xd9", b"\xed\xa0\xbd"),
    *(
        b"\r\n\r\n",
        b"WARC/1.0\r\n",
        b"Content-Length: 99999999999\r\n",
        b"\x1f\x8b\x08",
        b"<loc>",
        b"<item>",
        b"<link>",
        b"<meta ",
    ),
)


def damaged(seeds: list[bytes], number: int) -> bytes:
    """One of the seeds, damaged in up to eight places; the same for the same number."""
    chance = random.Random(number)
    data = bytearray(chance.choice(seeds)[:LONGEST])
    for _ in range(chance.randint(1, 8)):
        at = chance.randint(0, len(data))
        match chance.randrange(6):
            case 0:
                data[at:at] = chance.choice(PIECES)
            case 1:
                del data[at : at + chance.choice((1, 7, 300))]
            case 2:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case 3:
                data[at:at] = data[max(0, at - 200) : at]
            case 4:
                other = chance.choice(seeds)[:LONGEST]
                begin = chance.randint(0, len(other))
                data[at:] = other[begin:]
            case _:
                del data[at + chance.choice((0, 1_000)) :]
    return bytes(data)


@functools.cache
def feeds() -> list[bytes]:
    return [found["body"] for kind in ("F01", "F02", "F03", "F05", "F10", "F11") for found in exchanges(kind)]


@functools.cache
def sitemaps() -> list[bytes]:
    return [found["body"] for kind in ("F07", "F08") for found in exchanges(kind)]


@functools.cache
def pages() -> list[bytes]:
    return [page.data for found in (article_pages(), other_pages(), newsroom_pages()) for page in found]


def check_feed(data: bytes) -> None:
    _check_listing(lambda: listing_of_feed(data, URL, "", "n", "UTC"))


def check_sitemap(data: bytes) -> None:
    _check_listing(lambda: listing_of_sitemap(data, URL, "", "n", "UTC"))


def _check_listing(read: Callable[[], Listing]) -> None:
    try:
        stories = read().stories
    except NotAFeed:
        return
    assert len({story.key for story in stories}) == len(stories)
    assert all(story.url is None or story.url.startswith(("http://", "https://")) for story in stories)


def check_archive(data: bytes) -> None:
    try:
        ends = [found.end for found in read_records(io.BytesIO(data), 0)]
    except PackedWhole:
        return
    assert ends == sorted(ends)
    assert all(0 <= end <= len(data) for end in ends)


def check_page(data: bytes) -> None:
    found = extract(data, url=URL, zone=UTC)
    if not isinstance(found, Extracted):
        assert found.detail
        return
    assert found.text.strip()
    assert "\0" not in found.text
    assert all(0 <= start < end <= len(found.text) for start, end, _ in found.links)


KINDS: dict[str, tuple[Callable[[], list[bytes]], Callable[[bytes], None]]] = {
    "feed": (feeds, check_feed),
    "sitemap": (sitemaps, check_sitemap),
    "archive": (lambda: [WARC, PACKED], check_archive),
    "page": (pages, check_page),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("inputs", [100, pytest.param(INPUTS, marks=[pytest.mark.soak, pytest.mark.timeout(0)])])
def test_what_chance_has_damaged_is_read_or_refused_by_name(kind: str, inputs: int) -> None:
    seeds, check = KINDS[kind]
    for number in range(inputs):
        data = damaged(seeds(), number)
        try:
            check(data)
        except Exception as exc:
            exc.add_note(f"{kind} number {number}: {data[:200]!r} ...")
            raise
