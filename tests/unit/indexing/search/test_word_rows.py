"""Words of the same articles are one row."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from indexing.search.word_rows import Rising, word_rows

TEMPLATE = range(40)


def told(articles: Mapping[str, Collection[int]], least: float = 3) -> dict[str, list[str]]:
    """The rows of words that have these articles, the most frequent first."""
    sets = {word: set(numbers) for word, numbers in articles.items()}
    rising = [Rising(word, len(numbers), len(numbers), least) for word, numbers in sets.items()]
    return {row.word: row.together for row in word_rows(rising, lambda one, other: len(sets[one] & sets[other]))}


def test_the_words_of_a_template_are_one_row_and_leave_room_for_others() -> None:
    articles = {"bulletin": TEMPLATE, "wholesale": TEMPLATE, "kilo": range(1, 40), "storm": range(100, 112)}

    assert told(articles) == {"bulletin": ["wholesale", "kilo"], "storm": []}


def test_a_common_word_that_rises_by_a_template_alone_is_told_with_it() -> None:
    articles = {"bulletin": TEMPLATE, "prices": range(20, 50)}

    assert told(articles, least=11) == {"bulletin": ["prices"]}
    assert told(articles, least=10) == {"bulletin": [], "prices": []}


def test_an_event_within_a_larger_one_has_a_row_of_its_own() -> None:
    articles = {"war": range(300), "ceasefire": range(100, 130)}

    assert told(articles) == {"war": [], "ceasefire": []}


def test_two_words_that_meet_now_and_then_stay_apart() -> None:
    articles = {"harbour": range(20), "strike": range(12, 32)}

    assert told(articles) == {"harbour": [], "strike": []}


def test_a_word_goes_to_the_row_that_it_shares_most_with() -> None:
    articles = {"storm": range(30), "quake": range(30, 60), "rescue": range(28, 58)}

    assert told(articles) == {"storm": [], "quake": ["rescue"]}


def test_no_words_are_no_rows() -> None:
    assert told({}) == {}
