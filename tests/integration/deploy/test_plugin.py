"""Our analysis parts behave as the product's of the same name do: the examples are those of its reference."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from elasticsearch import BadRequestError, Elasticsearch

from indexing.elastic.settings import ElasticSettings


@pytest.fixture
def client(elastic: ElasticSettings) -> Iterator[Elasticsearch]:
    with elastic.client() as made:
        yield made


def terms(client: Elasticsearch, text: str, tokenizer: str = "standard", **parts: Any) -> list[str]:
    return [token["token"] for token in client.indices.analyze(text=text, tokenizer=tokenizer, **parts).body["tokens"]]


def test_the_server_tells_its_version_where_clients_look(client: Elasticsearch) -> None:
    told = client.info().body
    assert told["version"]["number"].startswith("9.")
    assert told["tagline"] == "You Know, for Search"


@pytest.mark.parametrize(
    ("text", "filters", "expected"),
    [
        ("كِتَابٌ أحمد ى ة", ["arabic_normalization"], ["كتاب", "احمد", "ي", "ه"]),
        ("والكتاب", ["arabic_stem"], ["كتاب"]),
        ("والكتاب", [{"type": "stemmer", "language": "arabic"}], ["كتاب"]),
        ("٢٠٢٦ ۲۰۲۶", ["decimal_digit"], ["2026", "2026"]),
        ("a a b a", ["unique"], ["a", "b"]),
        ("abc123def", [{"type": "pattern_capture", "preserve_original": True, "patterns": ["(\\d+)"]}], ["abc123def", "123"]),
        ("كوفيد19", [{"type": "word_delimiter_graph"}], ["كوفيد", "19"]),
        ("الb1", [{"type": "word_delimiter_graph", "type_table": ["b => DIGIT"]}], ["ال", "b1"]),
        ("fox", [{"type": "ngram", "min_gram": 1, "max_gram": 2}], ["f", "fo", "o", "ox", "x"]),
        ("fox", [{"type": "edge_ngram", "min_gram": 1, "max_gram": 2}], ["f", "fo"]),
        ("foo", [{"type": "pattern_replace", "pattern": "o", "replacement": "a", "all": False}], ["fao"]),
        ("running runs", [{"type": "stemmer_override", "rules": ["running, runs => run"]}], ["run", "run"]),
    ],
)
def test_a_token_filter(client: Elasticsearch, text: str, filters: list[Any], expected: list[str]) -> None:
    assert terms(client, text, filter=filters) == expected


@pytest.mark.parametrize(
    ("text", "char_filter", "expected"),
    [
        ("a\u0640b", {"type": "mapping", "mappings": ["\\u0640=>"]}, ["ab"]),
        ("x y", {"type": "mapping", "mappings": ["\\u0020=>_"]}, ["x_y"]),
        ("=>", {"type": "mapping", "mappings": ["=\\u003e=>arrow"]}, ["arrow"]),
        ("1,5", {"type": "pattern_replace", "pattern": "(\\d),(\\d)", "replacement": "$1.$2"}, ["1.5"]),
    ],
)
def test_a_char_filter(client: Elasticsearch, text: str, char_filter: dict[str, Any], expected: list[str]) -> None:
    assert terms(client, text, char_filter=[char_filter]) == expected


def test_synonyms_run_through_the_filters_before_them(client: Elasticsearch) -> None:
    synonyms = {"type": "synonym_graph", "synonyms": ["أميركا, الولايات المتحدة"]}
    assert terms(client, "امريكا أميركا", filter=["arabic_normalization", synonyms]) == [
        "امريكا",
        "الولايات",
        "اميركا",
        "المتحده",
    ]


def test_letter_filters_serve_keyword_normalizers(client: Elasticsearch, namespace: str) -> None:
    index = f"{namespace}-g1-2026.11"
    client.indices.create(
        index=index,
        settings={"analysis": {"normalizer": {"plain": {"filter": ["trim", "arabic_normalization", "decimal_digit"]}}}},
        mappings={"properties": {"name": {"type": "keyword", "normalizer": "plain"}}},
    )
    client.index(index=index, id="1", document={"name": " أحمد ٧ "}, refresh=True)
    assert client.count(index=index, query={"term": {"name": "احمد 7"}}).body["count"] == 1


@pytest.mark.parametrize(
    "part",
    [
        {"type": "stemmer", "language": "french"},
        {"type": "synonym_graph", "synonyms_path": "elsewhere.txt"},
        {"type": "pattern_replace"},
    ],
)
def test_what_is_not_offered_here_is_refused(client: Elasticsearch, part: dict[str, Any]) -> None:
    with pytest.raises(BadRequestError):
        terms(client, "a", filter=[part])
