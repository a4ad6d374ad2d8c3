"""Addresses as people and programs write them are the page's address; what is none is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.identity import NotAUrl, canonical_url

PAGE = "https://k.example/news/7"
ARABIC = "https://k.example/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/5"


@pytest.mark.parametrize(
    "spelling",
    [
        "//k.example/news/7",
        "k.example/news/7",
        "K.Example:443/news/7",
        "https:/k.example/news/7",
        "https:k.example/news/7",
        "https:////k.example/news/7",
        "https//k.example/news/7",
        "https;//k.example/news/7",
        "https:\\\\k.example\\news\\7",
        r"https:\/\/k.example\/news\/7",
        '"https://k.example/news/7"',
        "'https://k.example/news/7'",
        "«https://k.example/news/7»",
        "<URL: https://k.example/news/7>",
        "\u201chttps://k.example/news/7\u201d",
        "(https://k.example/news/7)",
        "[https://k.example/news/7]",
        "`https://k.example/news/7`",
        'https://k.example/news/7"',
        "VIEW-SOURCE:https://k.example/news/7",
        "feed://k.example/news/7",
        "https://k.example/ne\nws/7",
        "https://k.example/news/7;jsessionid=A1B2",
        "https://k.example/news/7?PHPSESSID=a1b2",
    ],
)
def test_an_address_is_known_however_it_is_written(spelling: str) -> None:
    assert canonical_url(spelling) == PAGE


@pytest.mark.parametrize(
    "spelling",
    [
        "https://k.example/%u0623%u062E%u0628%u0627%u0631/5",
        "https://k.example/%25u0623%25u062E%25u0628%25u0627%25u0631/5",
        r"https://k.example/\u0623\u062e\u0628\u0627\u0631/5",
        "https://k.example/&#1571;&#1582;&#1576;&#x627;&#x631;/5",
        "«//k.example/%u0623خبار/5»",
        "k.example\\أخبار\\5",
    ],
)
def test_letters_are_known_however_they_are_escaped(spelling: str) -> None:
    assert canonical_url(spelling) == ARABIC


def test_a_pair_of_surrogates_is_one_letter() -> None:
    assert canonical_url("https://k.example/%uD83D%uDD25") == canonical_url("https://k.example/\U0001f525")


@pytest.mark.parametrize(
    "text",
    [
        "index.html",
        "news/7.html",
        "article.php?id=7",
        "../news/7",
        "#top",
        "a@k.example",
        "mailto:a@k.example",
        "tel:+123",
        "urn:uuid:1",
        "about:blank",
        "v1.2/3",
        "12.5",
        "2026.11.22/1",
        "localhost/x",
        "s3://b.example/x",
        "file:///etc/passwd",
        "https:/path",
        "وقال الوزير. ثم",
        "null",
    ],
)
def test_what_is_no_address_of_a_page_is_refused(text: str) -> None:
    with pytest.raises(NotAUrl):
        canonical_url(text)


@pytest.mark.parametrize("url", ["https://k.example/wiki/A_(b)", "https://k.example/?q=it's", "https://k.example/a;b/c"])
def test_signs_that_belong_to_an_address_stay(url: str) -> None:
    assert canonical_url(url) == url


# fmt: off
pieces = st.sampled_from([
    "https:", "http", "//", "/", "\\", "k.example", "k", ".", ":", ";", "view-source:", "feed:", '"', "«", "»", "(", ")", "'",
    "%u0623", "%25", r"\u0623", "&#1571;", "&amp;", "?", "#", "a=1", "utm_source=x", "ref=rss", "!/7", ":~:", "entry-7", " ", "أ",
])
# fmt: on


@given(st.lists(pieces, max_size=9).map("".join))
def test_whatever_is_read_as_an_address_is_read_as_itself_again(text: str) -> None:
    try:
        once = canonical_url(text)
    except NotAUrl:
        return

    assert canonical_url(once) == once
