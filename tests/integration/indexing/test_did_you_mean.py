"""What a reader may have meant, in words of the index, as articles spell them."""

from __future__ import annotations

import json

import pytest

from tests.integration.indexing.newsroom import Newsroom, run


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("المينار", "الميناء"),
        ("اضرلب", "إضراب"),
        ("توسعة المينار", "توسعة الميناء"),
        ("إضراب المنتحب -غزة", "إضراب المنتخب -غزة"),
        ('"وقف إطلاق الناز"', '"وقف إطلاق النار"'),
    ],
)
def test_a_misspelt_word_is_asked_back_as_articles_spell_it(newsroom: Newsroom, typed: str, meant: str) -> None:
    assert newsroom.ask(typed).did_you_mean == meant


@pytest.mark.parametrize("typed", ["الميناء", "قسطنطينية", "من إلى", "زلزال*", "غز"])
def test_what_is_known_or_like_nothing_is_not_asked_back(newsroom: Newsroom, typed: str) -> None:
    assert newsroom.ask(typed).did_you_mean is None


def test_no_text_is_asked_back_that_finds_nothing_either(newsroom: Newsroom) -> None:
    assert newsroom.ask("المينار", sources=("match.example",)).did_you_mean is None


def test_the_command_asks_back_in_text_and_in_json(newsroom: Newsroom) -> None:
    assert run(newsroom, "search", "المينار").output.splitlines() == ["no story found", "did you mean: الميناء"]
    assert json.loads(run(newsroom, "search", "--json", "المينار").output)["did_you_mean"] == "الميناء"


def test_the_command_takes_a_minus_before_arabic_for_a_word(newsroom: Newsroom) -> None:
    everything = json.loads(run(newsroom, "search", "--json", "الميناء").output)
    less, phrase = (
        json.loads(run(newsroom, "search", "--json", "الميناء", excluded).output) for excluded in ("-إضراب", "-عمال الميناء")
    )

    assert len(less["hits"]) == len(phrase["hits"]) == len(everything["hits"]) - 1
