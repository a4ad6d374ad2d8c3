"""Which pages are the same page: canonical URLs and ids."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from streams import identity
from streams.identity import NotAUrl, canonical_url, content_hash, digest, month, page_id, read_also_id
from streams.records import Article
from tests.support import strategies

ARTICLE = Article(
    id="0" * 32,
    page_id="0" * 32,
    role="main",
    title="عنوان",
    body="متن",
    source="elnahar.example",
    url="https://elnahar.example/1",
    published_at="2026-10-31T22:00:00Z",
    fetched_at="2026-11-01T01:00:00Z",
    tags=("أ", "ب"),
)


@given(strategies.urls)
@example("http://a.example/%%34%31")
@example("http://a.example/a/./b/../c/%2E%2e/")
@example("http://a.example/?utm%5Fsource=x&a=%2B+%20")
@example("http://a.example./..//..")
def test_a_canonical_url_is_its_own_canonical_url(url: str) -> None:
    once = canonical_url(url)

    assert canonical_url(once) == once


@given(strategies.hosts, strategies.paths.filter(lambda path: "%" not in path))
def test_the_raw_arabic_and_the_encoded_form_of_a_url_meet(host: str, path: str) -> None:
    encoded = quote(path, safe="!$'()*,;:@/")  # what is reserved means something else when it is encoded

    # White space around a URL is none of it, so the path ends in something else.
    assert canonical_url(f"https://{host}{encoded}/") == canonical_url(f"https://{host}{path}/")


@given(strategies.urls)
def test_a_canonical_url_is_plain_ascii_with_a_path(url: str) -> None:
    parts = urlsplit(canonical_url(url))

    assert parts.geturl().isascii()
    assert (parts.scheme in ("http", "https"), parts.path[:1], parts.fragment) == (True, "/", "")


@given(st.one_of(st.text(), strategies.texts.map("http://".__add__), st.text().map("https://a.example/".__add__)))
@example("http://.")
@example("http://a..example/")
@example("http://[::1/")
@example("http://[::1]x/")
@example("http://[v1.a]/")
@example("http://exa mple/")
@example("http://\u0660.\u200d/")
@example("http://a.example:٨٠/")
@example("http://a.example:99999/")
@example("http://\ud800/")
@example("http://" + "م" * 10_000 + ".example/")
def test_any_text_is_a_url_or_refused_as_none(text: str) -> None:
    try:
        once = canonical_url(text)
    except NotAUrl:
        return

    assert canonical_url(once) == once


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTP://News.Example/A", "http://news.example/A"),
        ("http://a.example", "http://a.example/"),
        ("http://a.example:80/", "http://a.example/"),
        ("https://a.example:443/", "https://a.example/"),
        ("http://a.example:443/", "http://a.example:443/"),
        ("http://user:pass@a.example/", "http://a.example/"),
        ("http://a.example./", "http://a.example/"),
        ("http://a.example/#comments", "http://a.example/"),
        ("  http://a.example/\n", "http://a.example/"),
        ("\u200fhttp://a.example/\u202c", "http://a.example/"),
        ("http://a.example/a/../b/./c", "http://a.example/b/c"),
        ("http://a.example/%7euser/%41", "http://a.example/~user/A"),
        ("http://a.example/a%2fb", "http://a.example/a%2Fb"),
        ("http://a.example/100%", "http://a.example/100%25"),
        ("http://a.example/?a=1+1&b=1%2B1", "http://a.example/?a=1+1&b=1%2B1"),
        ("http://a.example/?b=2&a=1", "http://a.example/?b=2&a=1"),
        ("http://a.example/?q=a=b", "http://a.example/?q=a=b"),
        ("http://[2001:DB8:0::1]:8080/", "http://[2001:db8::1]:8080/"),
        ("http://موقع.example/", "http://xn--4gbrim.example/"),
        ("http://XN--4GBRIM.example/", "http://xn--4gbrim.example/"),
        ("https://m.a.example/amp/1", "https://m.a.example/amp/1"),
    ],
)
def test_a_url_has_one_spelling(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


@pytest.mark.parametrize(
    "parameter",
    [
        "utm_source=x",
        "UTM_Campaign=y",
        "fbclid=IwAR0",
        "gclid=1",
        "_ga=2.1",
        "mc_cid=1",
        "igshid=z",
        "at_medium=rss",
        "utm%5Fterm=q",
    ],
)
def test_a_tracking_parameter_is_dropped(parameter: str) -> None:
    assert canonical_url(f"https://a.example/n?id=7&{parameter}&page=2") == "https://a.example/n?id=7&page=2"


@pytest.mark.parametrize("parameter", ["id=7", "utm=1", "ref=home", "at_risk=1", "my_fbclid=1", "p=utm_source"])
def test_a_parameter_that_may_name_the_page_stays(parameter: str) -> None:
    assert canonical_url(f"https://a.example/?{parameter}") == f"https://a.example/?{parameter}"


@pytest.mark.parametrize("text", ["", "أخبار", "/news/1", "ftp://a.example/", "javascript:alert(1)", "http://", "http:///path"])
def test_a_text_that_names_no_page_on_the_web_is_refused(text: str) -> None:
    with pytest.raises(NotAUrl):
        canonical_url(text)


def test_a_page_with_a_url_is_the_same_page_whatever_it_says() -> None:
    first = page_id("https://a.example/أخبار/1?utm_source=x", "a.example", "عنوان", "متن")

    assert page_id("https://A.example/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/1", "b.example", None, "متن آخر") == first


def test_a_page_without_a_url_is_known_by_its_source_and_folded_words() -> None:
    first = page_id(None, "a.example", "إعلان الميزانيّة", "أعلنت الوزارة ١٢ مشروعاً")

    assert page_id(None, "a.example", "اعلان الميزانيه", "اعلنت الوزارة 12 مشروعا.") == first
    assert page_id(None, "b.example", "إعلان الميزانيّة", "أعلنت الوزارة ١٢ مشروعاً") != first
    assert page_id(None, "a.example", "إعلان الميزانيّة", "أعلنت الوزارة ١٣ مشروعاً") != first


@given(strategies.texts, strategies.texts)
def test_ids_are_32_hexadecimal_digits(title: str, text: str) -> None:
    for found in (page_id(None, "a.example", title, text), read_also_id(title, text)):
        assert len(found) == 32
        assert set(found) <= set("0123456789abcdef")


@given(st.lists(strategies.texts, max_size=4), st.lists(strategies.texts, max_size=4))
def test_a_digest_tells_where_one_part_ends(first: list[str], second: list[str]) -> None:
    assert (digest(*first) == digest(*second)) == (first == second)


def test_ids_are_stable_across_versions() -> None:
    """A change here renames every document in every index: these are the hashes of the first release."""
    assert page_id("https://a.example/", "a", None, "x") == "f62a68c5c038b59f069a571387a26e5a"
    assert page_id(None, "a.example", "إعلان", "متن ١٢") == "2906f5613e579568b2ffa237491a25de"
    assert read_also_id("إعلان", "متن") == "f5e5394132891045b989300ccd0b4f25"


@given(st.sampled_from(["title", "body", "url", "published_at", "modified_at", "author", "section"]))
def test_each_field_a_reader_sees_changes_the_content_hash(field: str) -> None:
    other: dict[str, Any] = {field: "2020-01-01T00:00:00Z"}
    changed = replace(ARTICLE, **other)

    assert content_hash(changed) != content_hash(ARTICLE)


def test_a_tag_changes_the_content_hash_and_the_time_of_fetching_does_not() -> None:
    assert content_hash(replace(ARTICLE, tags=("أب",))) != content_hash(ARTICLE)
    assert content_hash(replace(ARTICLE, fetched_at="2026-11-09T00:00:00Z")) == content_hash(ARTICLE)


def test_another_spelling_of_the_url_does_not_change_the_content_hash() -> None:
    by_a_link = replace(ARTICLE, url="https://ELNAHAR.example/%31?utm_source=push#top")

    assert content_hash(by_a_link) == content_hash(ARTICLE)
    assert content_hash(replace(ARTICLE, url="http://elnahar.example/1")) != content_hash(ARTICLE)


def test_the_month_is_that_of_publication_and_else_of_fetching() -> None:
    assert month(ARTICLE) == "2026-10"
    assert month(replace(ARTICLE, published_at=None)) == "2026-11"


@pytest.mark.parametrize(
    "spellings",
    [
        [
            "https://موقع.example/أخبار/5",
            "https://xn--4gbrim.example/%d8%a3%d8%ae%d8%a8%d8%a7%d8%b1/5",
            "https://موقع.example/ا\u0654خبار/5",
            "https://موقع.example/%D8%A7%D9%94%D8%AE%D8%A8%D8%A7%D8%B1/5",
            "https://موقع.example/%25D8%25A3%25D8%25AE%25D8%25A8%25D8%25A7%25D8%25B1/5",
            "https://موقع.example/%252525D8%252525A3خبار/5",
        ],
        ["https://k.example/caf%C3%A9?q=1", "https://k.example/cafe%CC%81?q=1#xtor=RSS-1"],
        [
            "https://k.example/a?id=7&b=2",
            "https://k.example/a?id=7&amp;b=2",
            "https://k.example/a?id=7&#038;utm_source=rss&amp;amp;b=2#utm_medium=x",
            "https://https://k.example/a?id=7&b=2#sa-ns_mchannel=rss",
            "http://https//k.example/a?id=7&b=2#comment-12",
        ],
        ["https://spa.example/#!/article/77", "https://spa.example/#!/article/77?utm_source=x"],
    ],
)
def test_one_page_has_one_url_however_it_is_spelled(spellings: list[str]) -> None:
    assert {canonical_url(spelling) for spelling in spellings} == {canonical_url(spellings[0])}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://k.example/أخبار", "https://k.example/اخبار"),
        ("https://k.example/%C3%CE", "https://k.example/%D8%A3"),
        ("https://k.example/a%2520b", "https://k.example/a%20b"),
        ("https://spa.example/#!/article/77", "https://spa.example/#!/article/78"),
        ("https://spa.example/#/7", "https://spa.example/"),
        ("https://live.example/day#2d53", "https://live.example/day#9b1c"),
        ("https://live.example/day#block-64f0a1", "https://live.example/day"),
        ("https://k.example/?u=https://a.example/", "https://a.example/"),
    ],
)
def test_two_pages_have_two_urls(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


@pytest.mark.parametrize("url", ["https://https/a", "http://https", "https://https:/"])
def test_a_scheme_is_no_host(url: str) -> None:
    with pytest.raises(NotAUrl):
        canonical_url(url)


# fmt: off
pieces = st.sampled_from([
    "/", "//", "/a", "/.", "/..", "%D8%A3", "%d8", "%2F", "%41", "%25", ":", "&", "&amp;", ";",
    "?", "?id=7", "&p=2", "utm_source=x", "#top", "#!/a", "@", "http", "https:", "www.", "أخبار",
    "é", "[", "=", "+", ".", "-", "A",
    " ", "e\u0301", ":80", ":8080",
])
# fmt: on


@given(st.lists(pieces, max_size=7).map(lambda parts: "https://a.example" + "".join(parts)))
@example("https://a.example/n?id=7&page=2")
@example("https://http/a.example/")
@example("https://a.example/https://b.example/1")
def test_an_address_that_is_canonical_at_sight_is_so_at_length(url: str) -> None:
    def answer(normalise: Callable[[str], str]) -> str:
        try:
            return normalise(url)
        except NotAUrl as exc:
            return str(exc)

    assert answer(identity.canonical_url.__wrapped__) == answer(identity._normalised)
