"""Feeds as sites really publish them: each odd one is read as its author meant it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.feeds.cleaning import NotAFeed
from producers.feeds.identity import Story, stories
from producers.feeds.parse import Feed, Item, parse, text_of, title_of
from tests.unit.producers.feeds.exchanges import exchanges

URL = "https://site.example/rss"
TITLE = "بلدية العين الزرقاء تفتتح سوق الخضار"
PLAIN = f'<rss version="2.0"><channel><title>x</title><item><title>{TITLE}</title><link>https://site.example/n/1</link></item></channel></rss>'


def declared(encoding: str) -> str:
    return f'<?xml version="1.0" encoding="{encoding}"?>{PLAIN}'


def parsed(kind: str) -> list[Feed]:
    return [parse(found["body"], found["url"], found["headers"].get("content-type", "")) for found in exchanges(kind)]


def rss(items: str, head: str = '<?xml version="1.0"?>') -> bytes:
    return f'{head}<rss version="2.0"><channel><title>x</title>{items}</channel></rss>'.encode()


def titles(data: bytes, content_type: str = "") -> list[str | None]:
    return [item.title for item in parse(data, URL, content_type).items]


def test_header_and_declaration_may_disagree() -> None:
    assert [feed.items[0].title for feed in parsed("F01")] == [
        "بلدية العين الزرقاء تفتتح سوق الخضار اليوم",
        "إعادة فتح طريق السهل اليوم",
        "بلدية العين الزرقاء تفتتح سوق الخضار اليوم",
    ]


def test_undeclared_prefixes_entities_ampersands_and_control_characters_lose_nothing() -> None:
    [feed] = parsed("F02")

    assert [(item.title, item.link) for item in feed.items] == [
        ("وزير النقل: ‘لا زيادة’ في الأسعار", "https://madar.example/n/1?a=1&b=2"),
        ("شركة النفط & الغاز تعلن أرباحها", "https://madar.example/n/2"),
        ("أمطار على الساحل غدا", "https://madar.example/n/3"),
    ]
    assert feed.items[1].author == "هند العلي"
    assert feed.is_damaged
    assert "\0" not in str(feed)


def test_each_level_of_escaping_is_undone_once() -> None:
    [feed] = parsed("F03")

    assert [item.text for item in feed.items] == [
        "بدأت البلدية تنظيف مجرى الوادي قبل موسم الأمطار.",
        "يعود المهرجان في أكتوبر.",
        "إذا كان أ < ب فإن ب > أ.",
    ]


def test_bad_guids_and_shared_links_are_six_stories_that_stay_the_same() -> None:
    feeds = parsed("F05")
    found = [story for feed in feeds for story in stories(feed, "s")]

    assert len({story.key for story in found}) == 6
    assert [story.url for story in found] == [
        "https://x.example/a",
        "https://x.example/b",
        "https://x.example/c",
        None,
        None,
        None,
    ]
    assert [story.address for story in found[3:]] == [f"https://y.example/live#{mark}" for mark in ("2d53", "9b1c", "77aa")]
    assert found == [story for feed in parsed("F05") for story in stories(feed, "s")]


@pytest.mark.parametrize("index", [0, 1])
def test_a_page_in_place_of_a_feed_is_named(index: int) -> None:
    found = exchanges("F11")[index]

    with pytest.raises(NotAFeed, match="HTML page"):
        parse(found["body"], found["url"])


@pytest.mark.parametrize(
    ("reference", "shown"), [("&#1114112;", "\ufffd"), ("&#xD800;", "\ufffd"), ("&#0;", ""), ("&#x1f;", ""), ("&#1576;", "ب")]
)
def test_a_reference_to_no_character_ends_no_reading(reference: str, shown: str) -> None:
    feed = (
        f"<rss version='2.0'><channel><item><title>أ{reference}ج</title><link>https://a.example/1</link></item></channel></rss>"
    )

    assert parse(feed.encode(), "https://a.example/").items[0].title == f"أ{shown}ج"


ODD = {
    "windows-1256, declared": (declared("windows-1256").encode("windows-1256"), ""),
    "windows-1256, not declared": (PLAIN.encode("windows-1256"), ""),
    "windows-1256, declared UTF-8": (declared("utf-8").encode("windows-1256"), "text/xml; charset=utf-8"),
    "UTF-8, declared windows-1256": (declared("windows-1256").encode(), ""),
    "windows-1256 under the name of latin1": (PLAIN.encode("windows-1256"), "text/xml; charset=iso-8859-1"),
    "iso-8859-6": (PLAIN.encode("iso-8859-6"), "text/xml; charset=arabic"),
    "UTF-16": (declared("utf-16").encode("utf-16"), ""),
    "UTF-16 without a mark": (declared("utf-16").encode("utf-16-le"), ""),
    "a mark and blanks first": ("\ufeff \n\n ".encode() + PLAIN.encode(), ""),
    "blanks before the declaration": (b"\n\n<?xml version='1.0'?>" + PLAIN.encode(), ""),
    "junk behind": (PLAIN.encode() + b"\n<!-- 0.3 s --><script>track()</script>", ""),
    "an undeclared prefix": (PLAIN.replace("<link>", '<media:thumbnail url="x"/><link>').encode(), ""),
    "control characters": (PLAIN.replace("العين", "ال\x0bعين\x00").encode(), ""),
    "a stylesheet and a DOCTYPE": (
        b'<?xml version="1.0"?><?xml-stylesheet href="a.xsl"?><!DOCTYPE rss PUBLIC "-//x//DTD RSS 0.91" "http://x/dtd">'
        + PLAIN.encode(),
        "",
    ),
    "CDATA with tags": (PLAIN.replace(TITLE, f"<![CDATA[<b>{TITLE}</b>]]>").encode(), ""),
    "RDF": (
        (
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
            f'<item rdf:about="https://site.example/n/1"><title>{TITLE}</title><link>https://site.example/n/1</link></item></rdf:RDF>'
        ).encode(), "",
    ),
    "Atom with xml:base and several links": (
        (
            '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://site.example/"><entry><id>x</id>'
            f'<title>{TITLE}</title><link rel="self" href="/self"/><link rel="alternate" href="n/1"/></entry></feed>'
        ).encode(), "",
    ),
    "JSON Feed": (
        f'{{"version":"https://jsonfeed.org/version/1.1","items":[{{"id":7,"url":"/n/1","title":"{TITLE}"}}]}}'.encode(),
        "application/feed+json",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", ODD)
def test_odd_feeds_are_read_as_they_are_meant(kind: str) -> None:
    data, content_type = ODD[kind]

    [item] = parse(data, URL, content_type).items

    assert (item.title, item.link) == (TITLE, "https://site.example/n/1")


def test_one_letter_cut_in_two_spoils_that_letter_only() -> None:
    data = rss("".join(f"<item><title>{TITLE} {number}</title></item>" for number in range(3)))
    cut = data.index("الزرقاء".encode())

    found = titles(data[: cut + 1] + data[cut + 2 :])

    assert found[1:] == [f"{TITLE} 1", f"{TITLE} 2"]
    assert found[0] is not None
    assert found[0].startswith("بلدية العين")


def test_a_feed_cut_in_the_middle_gives_the_items_before_the_cut() -> None:
    data = rss(
        "".join(f"<item><title>{TITLE} {number}</title><link>https://s.example/{number}</link></item>" for number in range(20))
    )

    assert titles(data[: len(data) * 6 // 10])[:11] == [f"{TITLE} {number}" for number in range(11)]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("AT&T &laquo;خبر&raquo;&nbsp;عاجل", "AT&T «خبر» عاجل"),
        ("&amp;quot;خبر&amp;quot;", '"خبر"'),
        ("<![CDATA[الربع &amp; <b>النصف</b>]]>", "الربع & النصف"),
        ("&#1571;&#x628;", "أب"),
        ("خبر &unknown; هنا", "خبر &unknown; هنا"),
    ],
)
def test_titles_are_as_a_reader_sees_them(written: str, read: str) -> None:
    assert titles(rss(f"<item><title>{written}</title></item>")) == [read]


def test_dates_stay_as_they_are_written() -> None:
    items = "".join(
        f"<item><title>{n}</title><pubDate>{date}</pubDate></item>"
        for n, date in enumerate(["٢٧ تشرين الثاني", "05/11/2026", "0000-00-00"])
    )

    assert [item.published for item in parse(rss(items), URL).items] == ["٢٧ تشرين الثاني", "05/11/2026", "0000-00-00"]


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
FILE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("doctype", [BOMB, FILE, BOMB.lower().replace("doctype", "DOCTYPE").replace("entity", "ENTITY")])
def test_entities_of_ones_own_are_refused(doctype: str) -> None:
    with pytest.raises(NotAFeed, match="entities"):
        parse(doctype.encode() + PLAIN.encode(), URL)


def test_deep_nesting_is_refused_at_once() -> None:
    began = time.process_time()

    with pytest.raises(NotAFeed, match="nested"):
        parse(rss("<a>" * 20_000), URL)

    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "data", [b"", b"   ", b"not a feed", b"{}", b'{"version":"1","items":[]}', b"[1]", b"<urlset></urlset>", b"%PDF-1.7"]
)
def test_what_is_no_feed_is_refused(data: bytes) -> None:
    with pytest.raises(NotAFeed):
        parse(data, URL)


def test_a_story_keeps_its_key_when_its_title_is_corrected() -> None:
    def story(title: str) -> Story:
        [found] = stories(
            parse(rss(f"<item><title>{title}</title><link>https://s.example/1?utm_source=rss</link></item>"), URL), "s"
        )
        return found

    before, after = story("خبر"), story("خبر مصحح")

    assert before.key == after.key
    assert before.version != after.version


@pytest.mark.parametrize("name", ["links", "tags", "content", "authors"])
def test_an_element_called_as_a_field_of_ours_is_passed_over(name: str) -> None:
    item = f"<item><title>خبر</title><guid isPermaLink='false'>https://y.example/1</guid><{name}>x</{name}></item>"

    found = parse(f'<rss version="2.0"><channel>{item}</channel></rss>'.encode(), "https://y.example/rss", "")

    assert [(item.title, item.link) for item in found.items] == [("خبر", "https://y.example/1")]


@pytest.mark.parametrize(
    "link", ["http\t://y.example/1", "\n http://y.exa\nmple/1 ", "http://y.example\r\n/1", "&#9;http://y.example/1"]
)
def test_line_breaks_and_tabs_in_a_link_are_no_part_of_its_address(link: str) -> None:
    (story,) = stories(parse(rss(f"<item><title>خبر</title><link>{link}</link></item>"), URL), "y")

    assert story.url == "http://y.example/1"


@pytest.mark.parametrize("address", ["http://[y.example/live#2d53", "//]y.example#2d53"])
def test_an_item_whose_guid_is_no_address_is_a_story_like_the_others(address: str) -> None:
    items = (Item(link="https://y.example/1", guid=address, title="خبر"), Item(link="https://y.example/2", guid="2", title="خبر"))

    found = stories(Feed(title=None, link=None, items=items, is_damaged=False), "y")

    assert [story.url for story in found] == ["https://y.example/1", "https://y.example/2"]


def test_items_that_all_link_to_the_front_page_are_stories_of_their_own() -> None:
    items = "".join(f"<item><title>خبر {n}</title><link>https://s.example/</link><guid>g</guid></item>" for n in range(3))

    assert len({story.key for story in stories(parse(rss(items), URL), "s")}) == 3


@given(st.one_of(st.binary(max_size=400), st.text(max_size=200).map(lambda text: rss(f"<item><title>{text}</title></item>"))))
def test_whatever_comes_is_read_or_refused_by_name(data: bytes) -> None:
    try:
        feed = parse(data, URL)
    except NotAFeed:
        return
    for item in feed.items:
        assert "\0" not in f"{item.title}{item.text}"


@given(st.text(alphabet=st.characters(exclude_characters="<>&", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=80))
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert title_of(text) == (" ".join(text.split()) or None)
    assert (text_of(text) or "").split() == text.split()
