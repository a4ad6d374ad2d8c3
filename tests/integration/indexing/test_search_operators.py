"""What a reader may type beside words: quotes, minus, star; and what is marked then."""

from __future__ import annotations

import pytest

from indexing.search.highlights import CLOSE, OPEN
from streams.identity import digest
from tests.integration.indexing.newsroom import Newsroom, ids


@pytest.mark.parametrize(
    "text",
    [
        "الميناء -إضراب",
        "الميناء \u2212الإضراب",
        "الميناء بدون إضراب",
        'الميناء -"عمال الميناء"',
        "الميناء -احتجاج*",
        "توسع* -عمال",
    ],
)
def test_what_is_excluded_is_not_found(newsroom: Newsroom, text: str) -> None:
    found = ids(newsroom.ask(text))

    assert found
    assert digest("strike") in ids(newsroom.ask("الميناء"))
    assert digest("strike") not in found


def test_without_any_word_to_find_everything_else_is_found(newsroom: Newsroom) -> None:
    found = ids(newsroom.ask("-الميناء"))

    assert digest("match") in found
    assert digest("strike") not in found


@pytest.mark.parametrize(
    ("text", "story"),
    [("توس* عمال", "strike"), ("إضر*", "strike"), ("ضيف*", "match"), ("Bre*", "english")],
)
def test_a_prefix_finds_the_words_that_begin_so(newsroom: Newsroom, text: str, story: str) -> None:
    assert ids(newsroom.ask(text))[:1] == [digest(story)]


def test_every_prefix_must_be_there(newsroom: Newsroom) -> None:
    assert ids(newsroom.ask("الريا* المنتخ*")) == []


@pytest.mark.parametrize("text", ['"من إلى" الميناء', '"ما بعد" الميناء', "«هو وهي» المباراة"])
def test_a_quoted_phrase_of_stop_words_empties_no_search(newsroom: Newsroom, text: str) -> None:
    assert ids(newsroom.ask(text))


def test_a_phrase_in_a_title_is_exact_in_its_stop_words(newsroom: Newsroom) -> None:
    assert ids(newsroom.ask('"وزير النقل يعلن"')) == [digest("harbour")]
    assert ids(newsroom.ask('"وزير من النقل"')) == []


@pytest.mark.parametrize(
    "text",
    [
        "الميناء",
        "توسع*",
        "ضيف*",
        "من*",
        '"وقف إطلاق النار"',
        "من إلى",
        "المدربون",
        "brent",
        "وزير -إضراب",
        "4.2",
        "الميناء AND (توسعة OR",
    ],
)
def test_every_hit_has_a_mark(newsroom: Newsroom, text: str) -> None:
    hits = newsroom.ask(text).hits

    assert hits
    for hit in hits:
        marks = "".join((hit.title, *hit.snippets))
        assert OPEN in marks, hit.fields["title"]
        assert marks.count(OPEN) == marks.count(CLOSE)
