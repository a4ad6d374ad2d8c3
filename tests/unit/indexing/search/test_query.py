from __future__ import annotations

import orjson
from hypothesis import example, given
from hypothesis import strategies as st

from indexing.search.query import SearchRequest, query, search_body
from indexing.search.query_text import query_text


def clauses(request: SearchRequest) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = query(request)["bool"]
    return found


def test_a_phrase_must_stand_there_exactly_with_its_stop_words_where_titles_have_them() -> None:
    phrase = clauses(SearchRequest(text='غزة "وقف إطلاق النار"'))["must"][1]

    assert phrase == {
        "dis_max": {
            "queries": [
                {"match_phrase": {"title.norm": {"query": "وقف إطلاق النار", "analyzer": "ar_words", "boost": 1}}},
                {"match_phrase": {"body.norm": {"query": "وقف إطلاق النار"}}},
            ]
        }
    }


def test_what_is_excluded_neither_ranks_nor_bounds() -> None:
    found, without = clauses(SearchRequest(text='غزة -هدنة -"وقف النار"')), clauses(SearchRequest(text="غزة"))

    assert {name: found[name] for name in ("must", "should")} == without
    assert len(found["must_not"]) == 2


def test_a_prefix_is_asked_for_as_the_index_spells_words() -> None:
    (prefix,) = clauses(SearchRequest(text="والأمْـر*"))["must"]

    fields = [field for clause in prefix["dis_max"]["queries"] for field in clause["prefix"].items()]  # type: ignore[index]
    assert {name: field["value"] for name, field in fields} == {
        "title.norm": "والامر",
        "body.norm": "والامر",
        "title": "امر",
        "body": "امر",
    }


def test_a_stop_word_beside_a_prefix_bounds_nothing() -> None:
    assert [*clauses(SearchRequest(text="من فلسطين*"))["must"][0]] == ["dis_max"]


def test_stop_words_alone_are_looked_for_in_titles() -> None:
    found = clauses(SearchRequest(text="من إلى"))

    assert found == {"must": [{"match": {"title.norm": {"query": "من إلى", "operator": "and", "analyzer": "ar_words"}}}]}


def test_a_name_with_several_spellings_is_ranked_by_the_fields_that_know_them_all() -> None:
    ranked = query(SearchRequest(text="أردوغان"))["bool"]["should"]

    assert {field for clause in ranked for field in clause["match"]} == {"title", "body"}


def test_every_filter_narrows_its_own_field() -> None:
    request = SearchRequest(
        text="غزة",
        sources=("a.example", "b.example"),
        countries=("مصر",),
        sections=("رياضة",),
        languages=("ar",),
        since="now-7d",
        until="2026-11-22",
    )

    assert clauses(request)["filter"] == [
        {"terms": {"source": ["a.example", "b.example"]}},
        {"terms": {"country": ["مصر"]}},
        {"terms": {"section.fold": ["رياضة"]}},
        {"terms": {"language": ["ar"]}},
        {"range": {"@timestamp": {"gte": "now-7d", "lt": "2026-11-22"}}},
    ]


def test_recency_is_a_bonus_and_no_bound() -> None:
    with_bonus, without = clauses(SearchRequest(text="غزة", recency=7)), clauses(SearchRequest(text="غزة"))

    added = [clause for clause in with_bonus["should"] if clause not in without["should"]]
    assert added == [{"distance_feature": {"field": "@timestamp", "origin": "now", "pivot": "168h", "boost": 2}}]
    assert with_bonus["must"] == without["must"]


def test_the_newest_first_needs_no_ranking() -> None:
    assert set(clauses(SearchRequest(text="غزة", order="newest"))) == {"must"}


def test_a_further_page_counts_nothing_again_and_leaves_out_what_was_shown() -> None:
    body = search_body(SearchRequest(text="غزة", after=(1.5, 3, "x"), shown=("story",), facets=True))

    assert body["search_after"] == [1.5, 3, "x"]
    assert "aggs" not in body
    assert body["query"]["bool"]["must_not"] == [{"terms": {"story_id": ["story"]}}]


def test_only_facets_count_every_match() -> None:
    plain, with_facets = search_body(SearchRequest(text="غزة")), search_body(SearchRequest(text="غزة", facets=True))

    assert "aggs" not in plain
    assert plain["track_total_hits"] < 10_000
    assert with_facets["track_total_hits"] is True
    assert set(with_facets["aggs"]) == {"stories", "day", "source", "section", "country", "language"}


@given(st.text(max_size=300))
@example('"' * 50)
@example("«" * 20 + "غزة" + "»" * 20)
@example("\u202e\ud800")
def test_any_text_gives_a_request_that_is_json(text: str) -> None:
    if not query_text(text).empty:
        orjson.dumps(search_body(SearchRequest(text=text)))
