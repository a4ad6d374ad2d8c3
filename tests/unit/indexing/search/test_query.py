from __future__ import annotations

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexing.search.query import MAX_LETTERS, MAX_PHRASES, MAX_WORDS, Question, query, request, words


def clauses(question: Question) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = query(question)["bool"]
    return found


@pytest.mark.parametrize("quoted", ['"وقف إطلاق النار"', "«وقف إطلاق النار»", "“وقف إطلاق النار”", "„وقف إطلاق النار“"])
def test_a_phrase_in_any_quotes_must_stand_there_exactly(quoted: str) -> None:
    must = clauses(Question(text=f"غزة {quoted}"))["must"]

    assert [clause["multi_match"] for clause in must][1:] == [
        {"query": "وقف إطلاق النار", "type": "phrase", "fields": ["title.norm", "body.norm"]}
    ]


@pytest.mark.parametrize("text", ['غزة "هدنة', "غزة «هدنة", 'غزة"', '"" غزة', "» غزة «"])
def test_a_quote_without_its_partner_or_content_is_no_phrase(text: str) -> None:
    assert words(text).phrases == ()


@pytest.mark.parametrize("text", ["", "   ", "*", "?*؟", '""', "\u200f\u202e", "\x00\x07", "ـــ", "..."])
def test_a_text_without_a_letter_or_digit_is_empty(text: str) -> None:
    assert words(text).empty


def test_words_beyond_the_limits_are_cut_and_said_to_be() -> None:
    many, long = words("سلام " * 2_000), words("س" * 10_000)

    assert (len(many.loose.split()), many.cut) == (MAX_WORDS, True)
    assert (len(long.loose), long.cut) == (MAX_LETTERS, True)


def test_words_within_the_limits_reach_the_server_as_they_were_typed() -> None:
    asked = words("  أسعار النفط 4،2٪ (برنت)  ")

    assert asked.loose == "أسعار النفط 4،2٪ (برنت)"
    assert not asked.cut


def test_control_characters_separate_words() -> None:
    assert words("غزة\x00هدنة\nاليوم").loose == "غزة هدنة اليوم"


def test_stop_words_alone_are_looked_for_in_titles() -> None:
    found = clauses(Question(text="من إلى"))

    assert found == {"must": [{"match": {"title.norm": {"query": "من إلى", "operator": "and", "analyzer": "ar_words"}}}]}


def test_a_stop_word_among_others_changes_nothing() -> None:
    assert not words("من غزة").only_stop_words


def test_every_filter_narrows_its_own_field() -> None:
    question = Question(
        text="غزة",
        sources=("a.example", "b.example"),
        countries=("مصر",),
        sections=("رياضة",),
        languages=("ar",),
        since="now-7d",
        until="2026-11-22",
    )

    assert clauses(question)["filter"] == [
        {"terms": {"source": ["a.example", "b.example"]}},
        {"terms": {"country": ["مصر"]}},
        {"terms": {"section.fold": ["رياضة"]}},
        {"terms": {"language": ["ar"]}},
        {"range": {"@timestamp": {"gte": "now-7d", "lt": "2026-11-22"}}},
    ]


def test_recency_is_a_bonus_and_no_bound() -> None:
    with_bonus, without = clauses(Question(text="غزة", recency=7)), clauses(Question(text="غزة"))

    added = [clause for clause in with_bonus["should"] if clause not in without["should"]]
    assert added == [{"distance_feature": {"field": "@timestamp", "origin": "now", "pivot": "168h", "boost": 2}}]
    assert with_bonus["must"] == without["must"]


def test_the_newest_first_needs_no_ranking() -> None:
    assert set(clauses(Question(text="غزة", order="newest"))) == {"must"}


def test_a_further_page_counts_nothing_again_and_leaves_out_what_was_shown() -> None:
    body = request(Question(text="غزة", after=(1.5, 3, "x"), shown=("story",), facets=True))

    assert body["search_after"] == [1.5, 3, "x"]
    assert "aggs" not in body
    assert body["query"]["bool"]["must_not"] == [{"terms": {"story_id": ["story"]}}]


def test_grams_are_never_highlighted() -> None:
    fields = request(Question(text="غزة"))["highlight"]["fields"]

    assert {name for field in fields.values() for name in field["matched_fields"]} == {
        "title",
        "title.norm",
        "body",
        "body.norm",
    }


@given(st.text(max_size=300))
@example('"' * 50)
@example("«" * 20 + "غزة" + "»" * 20)
@example("\u202e\ud800")
def test_any_text_gives_a_bounded_request_that_is_json(text: str) -> None:
    asked = words(text)

    assert len(asked.loose) <= max(len(text), MAX_WORDS * (MAX_LETTERS + 1))
    assert len(asked.phrases) <= MAX_PHRASES
    assert all(asked.phrases)
    if not asked.empty:
        orjson.dumps(request(Question(text=text)))
