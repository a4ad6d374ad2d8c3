"""Feeds, sitemaps, archives and pages that chance has damaged are read or refused by name, and nothing else happens."""

from __future__ import annotations

import functools
import io
import os
import random
import re
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
    return _damaged(chance.choice(seeds)[:LONGEST], seeds, chance, chance.randint(1, 8))


def _damaged(seed: bytes, seeds: list[bytes], chance: random.Random, places: int) -> bytes:
    data = bytearray(seed)
    for _ in range(places):
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


def damaged_page(seeds: list[bytes], number: int) -> bytes:
    """A small page of elements of all the seeds, nested and closed by chance; one in sixteen is a whole one."""
    if number % 16 == 0:
        return damaged(seeds, number)
    chance = random.Random(number)
    heads, boxes, elements = parts()
    out = [b"<html><head>", *chance.choices(heads, k=chance.randint(0, 3)), b"</head><body>"]
    opened: list[bytes] = []
    for _ in range(chance.randint(2, 10)):
        match chance.randrange(8):
            case 0 | 1:
                out.append(chance.choice(boxes))
                opened.append(out[-1].split()[0].strip(b"<>"))
            case 2 if opened:
                out.append(b"</%s>" % opened.pop(chance.choice((-1, -1, -1, 0))))
            case _:
                out.append(chance.choice(elements))
    out += [b"</%s>" % tag for tag in reversed(opened[chance.randint(0, 1) :])]
    return _damaged(b"".join(out), elements, chance, chance.choice((0, 0, 1, 2, 4)))


@functools.cache
def parts() -> tuple[list[bytes], list[bytes], list[bytes]]:
    """What stands in the heads of the pages, tags that open a box, and small whole elements; each once, in a fixed order."""
    whole = b"\n".join(pages())
    heads = re.findall(rb"<meta\b[^>]*>|<title\b[^>]*>[^<]*</title>|<script\b[^>]*json[^>]*>[^<]{1,4000}</script>", whole)
    boxes = re.findall(
        rb"<(?:div|section|article|main|aside|header|footer|ul|table|td|form|blockquote|figure|dl|nav)\b[^>]*>", whole
    )
    inner = rb"<(p|h[1-4]|li|a|span|time|div|figcaption|td|b|blockquote|button|pre|font)\b[^>]*>(?:(?!</?\1\b).){1,900}?</\1>"
    elements = [found.group() for found in re.finditer(inner, whole, re.DOTALL)]
    return tuple(list(dict.fromkeys(found)) for found in (heads, boxes, [*elements, b"<br>", b"<hr>", b"<br><br>"]))  # type: ignore[return-value]


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


Damage = Callable[[list[bytes], int], bytes]
KINDS: dict[str, tuple[Callable[[], list[bytes]], Damage, Callable[[bytes], None]]] = {
    "feed": (feeds, damaged, check_feed),
    "sitemap": (sitemaps, damaged, check_sitemap),
    "archive": (lambda: [WARC, PACKED], damaged, check_archive),
    "page": (pages, damaged_page, check_page),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("inputs", [100, pytest.param(INPUTS, marks=[pytest.mark.soak, pytest.mark.timeout(0)])])
def test_what_chance_has_damaged_is_read_or_refused_by_name(kind: str, inputs: int) -> None:
    seeds, damage, check = KINDS[kind]
    for number in range(inputs):
        data = damage(seeds(), number)
        try:
            check(data)
        except Exception as exc:
            exc.add_note(f"{kind} number {number}: {data[:200]!r} ...")
            raise
