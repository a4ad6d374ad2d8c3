"""Feeds and sitemaps as single systems and their faults make them, each read as its author meant it."""

from __future__ import annotations

import json
from datetime import UTC
from typing import Any

import msgspec
import pytest

from producers.feeds.pages import fields_of_story
from producers.feeds.parse import Feed, parse
from producers.feeds.sitemap import parse_sitemap
from producers.feeds.store import StoryRow
from producers.sources import Source

FIRST = "أعلنت بلدية العين الزرقاء افتتاح جسر المشاة الجديد أمام المدرسة الثانوية صباح الأحد المقبل."
SECOND = "وقال رئيس البلدية سامر الحداد إن الجسر يخدم ألفي طالب كل يوم."
TEXT = f"{FIRST}\n{SECOND}"
MARKUP = f"<p>{FIRST}</p><p>{SECOND}</p>"
ESCAPED = MARKUP.replace("<", "&lt;")
TITLE = "افتتاح جسر المشاة"
URL = "https://site.example/n/1"
TIME = "2026-11-20T06:15:00Z"
ITEM = f"<item><title>{TITLE}</title><link>{URL}</link><description>{FIRST}</description></item>"
NAMES = (
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"'
)


def rss(items: str, encoding: str = "utf-8") -> str:
    return (
        f'<?xml version="1.0" encoding="{encoding}"?><rss version="2.0" {NAMES}><channel><title>x</title>{items}</channel></rss>'
    )


def read(feed: str | bytes, content_type: str = "") -> Feed:
    return parse(feed if isinstance(feed, bytes) else feed.encode(), "https://site.example/rss", content_type)


ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://site.example/ar/"><title>x</title><entry xml:base="n/">
<id>urn:1</id><link rel="enclosure" type="image/jpeg" href="/i.jpg"/><link rel="replies" href="/c/1"/>
<link rel="alternate" type="text/html" href="1"/><title>{TITLE}</title><updated>{TIME}</updated>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">{MARKUP}</div></content></entry></feed>"""
ATOM_03 = f"""<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>x</title><entry><title mode="escaped">{TITLE}</title>
<link rel="alternate" type="text/html" href="{URL}"/><id>tag:1</id><issued>{TIME}</issued>
<modified>2026-11-21T00:00:00Z</modified><content type="text/html" mode="escaped">{ESCAPED}</content></entry></feed>"""
RDF = f"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://site.example/"><title>x</title></channel>
<item rdf:about="{URL}"><title>{TITLE}</title><dc:date>2026-11-20T09:15:00+03:00</dc:date><dc:creator>هند العلي</dc:creator>
<dc:subject>جسور</dc:subject></item></rdf:RDF>"""
JSON = {
    "version": "https://jsonfeed.org/version/1.1",
    "items": [{"id": "7", "external_url": URL, "title": TITLE, "content_text": TEXT, "authors": [{"name": "هند العلي"}]}],
}
YOUTUBE = f"""<feed xmlns:media="http://search.yahoo.com/mrss/" xmlns="http://www.w3.org/2005/Atom"><title>x</title><entry>
<id>yt:video:abc</id><title>{TITLE}</title><link rel="alternate" href="https://video.example/watch?v=abc"/>
<published>{TIME}</published><media:group><media:title>{TITLE}</media:title><media:description>{FIRST}</media:description>
</media:group></entry></feed>"""
FEEDS: dict[str, tuple[str | bytes, list[dict[str, Any]]]] = {
    "a warning of PHP before it": (f"<br />\n<b>Warning</b>:  Undefined variable <br />\n{rss(ITEM)}", [{"title": TITLE}]),
    "a script behind it": (f"{rss(ITEM)}<!-- cached --><script>var a=1;</script></html>", [{"link": URL}]),
    "bases within bases": (ATOM, [{"link": "https://site.example/ar/n/1", "text": TEXT}]),
    "a DOCTYPE of Netscape": (
        f'<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://x.example/rss.dtd">{rss(ITEM)}',
        [{"link": URL}],
    ),
    "JSON Feed with a mark": (
        b"\xef\xbb\xbf" + json.dumps(JSON).encode(),
        [{"link": URL, "text": TEXT, "author": "هند العلي"}],
    ),
    "UTF-16": (b"\xff\xfe" + rss(ITEM, "utf-16").encode("utf-16-le"), [{"title": TITLE}]),
    "windows-1256 that calls itself Latin": (rss(ITEM, "iso-8859-1").encode("cp1256"), [{"title": TITLE, "text": FIRST}]),
    "RDF": (
        RDF,
        [{"link": URL, "published": "2026-11-20T09:15:00+03:00", "updated": None, "author": "هند العلي", "tags": ("جسور",)}],
    ),
    "a picture's title first": (
        rss(f"<item><media:content><media:title>صورة</media:title></media:content>{ITEM.removeprefix('<item>')}"),
        [{"title": TITLE, "text": FIRST}],
    ),
    "addresses without a scheme": (
        rss(
            "".join(
                f"<item><title>{at}</title><link>{link}</link></item>"
                for at, link in enumerate(
                    ("<![CDATA[\n //site.example/n/1\n]]>", "www.site.example/n/2", "/n/3?u=http://www.site.example/x")
                )
            )
        ),
        [
            {"link": URL},
            {"link": "https://www.site.example/n/2"},
            {"link": "https://site.example/n/3?u=http://www.site.example/x"},
        ],
    ),
    "a description of pixels": (
        rss(f"<item><title>{TITLE}</title><description>&lt;img/&gt;&lt;style&gt;.x{{}}&lt;/style&gt;</description></item>"),
        [{"text": None}],
    ),
    "capitals": (
        "".join(
            part.upper() if part.startswith("<") and "://" not in part else part
            for part in rss(ITEM).replace(">", ">\0").replace("<", "\0<").split("\0")
        ),
        [{"title": TITLE, "link": URL}],
    ),
    "an empty whole text": (
        rss(ITEM.replace("<description>", "<content:encoded><![CDATA[ ]]></content:encoded><description>")),
        [{"text": FIRST}],
    ),
    "the author behind an address": (
        rss(ITEM.replace("<link>", "<author>news@site.example (هند العلي)</author><link>")),
        [{"author": "هند العلي"}],
    ),
    "an author before an address": (
        rss(ITEM.replace("<link>", "<author>هند العلي &lt;news@site.example&gt;</author><link>")),
        [{"author": "هند العلي"}],
    ),
    "FeedBurner": (
        rss(
            f"<item><title>{TITLE}</title><link>http://proxy.example/~r/3</link><feedburner:origLink>{URL}</feedburner:origLink></item>"
        ),
        [{"link": URL}],
    ),
    "videos": (YOUTUBE, [{"text": FIRST, "published": TIME}]),
    "Atom 0.3": (ATOM_03, [{"text": TEXT, "published": TIME, "updated": "2026-11-21T00:00:00Z"}]),
    "a title in two pieces": (
        rss(f"<item><title>افتتاح <![CDATA[جسر]]> المشاة</title><link>{URL}</link></item>"),
        [{"title": TITLE}],
    ),
    "items outside of the channel": (f'<rss version="2.0"><channel><title>x</title></channel>{ITEM}</rss>', [{"link": URL}]),
    "two channels": (
        f'<rss version="2.0"><channel>{ITEM}</channel><channel>{ITEM.replace("n/1", "n/2")}</channel></rss>',
        [{"link": URL}, {"link": "https://site.example/n/2"}],
    ),
}


@pytest.mark.parametrize("kind", FEEDS)
def test_a_feed_is_read_as_it_was_meant(kind: str) -> None:
    feed, meant = FEEDS[kind]

    found = read(feed).items

    assert [{name: getattr(item, name) for name in right} for item, right in zip(found, meant, strict=True)] == meant


def test_the_one_time_of_an_atom_feed_is_when_its_story_was_published() -> None:
    [item] = read(ATOM).items
    story = StoryRow("k", "s", "site.example", URL, URL, "", msgspec.json.encode(item), 0.0, None)

    assert fields_of_story(story, Source(name="s"), None)["published_at"] == TIME


def test_an_address_in_a_sitemap_is_its_pages_whatever_stands_before_it() -> None:
    image = "<image:image><image:loc>https://site.example/i.jpg</image:loc></image:image>"
    alternate = '<xhtml:link rel="alternate" hreflang="en" href="https://site.example/en/1"/>'
    text = (
        f"<urlset><url>{image}{alternate}<loc><![CDATA[ {URL} ]]></loc><lastmod>2026-11-20T09:15+03:00</lastmod></url></urlset>"
    )

    found = parse_sitemap(text.encode(), "https://site.example/sitemap.xml", "application/xml", UTC)

    assert found is not None
    assert [(entry.item.link, entry.lastmod) for entry in found.entries] == [(URL, TIME)]
