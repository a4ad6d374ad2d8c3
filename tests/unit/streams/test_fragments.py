"""A fragment stays where it is the page or a post on it, and goes where it is a spot, a directive or a trace."""

from __future__ import annotations

import pytest

from streams.identity import canonical_url

PAGE = "https://k.example/news/7"


@pytest.mark.parametrize(
    "fragment",
    [
        "!/article/77",
        "/article/77",
        "!article-77",
        "article/77",
        "article/77/a-title",
        "news/2026/77",
        "?id=77",
        "id=77",
        "p_12",
        "p12345",
        "post77",
        "entry_77",
        "liveblog-entry-64f0a1",
        "live-blog-post-77",
        "block-64f0a1b28f08c",
        "update-2026-11-22T10-00",
        "liveblog-550e8400-e29b-41d4-a716-446655440000",
        "550e8400-e29b-41d4-a716-446655440000",
        "key-event-77",
        "2d53",
    ],
)
def test_a_fragment_that_is_the_page_stays(fragment: str) -> None:
    assert canonical_url(f"{PAGE}#{fragment}") == f"{PAGE}#{fragment}"


@pytest.mark.parametrize("fragment", ["خبر/77", "تحديث-77", "الخبر:7"])
def test_a_post_may_be_named_in_arabic(fragment: str) -> None:
    found = canonical_url(f"{PAGE}#{fragment}")

    assert found not in (PAGE, canonical_url(f"{PAGE}#{fragment.replace('7', '8')}"))
    assert found == canonical_url(found)


@pytest.mark.parametrize(
    "fragment",
    [
        "",
        "!",
        "/",
        "top",
        "comments",
        "comment-12",
        "comments/3",
        "respond",
        "التعليقات",
        "تعليق-12",
        ":~:text=%D8%A3",
        "main:~:text=a,b",
        "utm_source=rss",
        "xtor=RSS-1",
        "Echobox=1699",
        ".Vq3xZ9",
        "ixzz3abcDEF",
        "t=35",
        "photo-3",
        "gallery/3",
        "section-2",
        "footnote-3",
        "cite_note-5",
        "_ftn1",
        "h-2",
        "more-123",
        "google_vignette",
        "story-comments-3",
    ],
)
def test_a_fragment_that_is_no_page_goes(fragment: str) -> None:
    assert canonical_url(f"{PAGE}#{fragment}") == PAGE


def test_tracking_and_directives_leave_a_fragment_that_stays() -> None:
    assert canonical_url(f"{PAGE}#article=77&utm_source=x") == f"{PAGE}#article=77"
    assert canonical_url(f"{PAGE}#/77?utm_source=x:~:text=a") == f"{PAGE}#/77"
