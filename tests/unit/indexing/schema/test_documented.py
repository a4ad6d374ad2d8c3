"""The template asks for nothing that the full product does not document: no part, no parameter, no type of field.

It was run on a small distribution, whose parts of these names are ours. The names are those of Elasticsearch's reference of 9.x:
https://www.elastic.co/docs/reference/text-analysis and https://www.elastic.co/docs/reference/elasticsearch/mapping-reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from indexing.generations.template import index_template

TEMPLATE = index_template("news", 1)["template"]
ANALYSIS: dict[str, dict[str, dict[str, Any]]] = TEMPLATE["settings"]["index"]["analysis"]
CHAR_FILTERS = {"mapping": {"mappings", "mappings_path"}, "pattern_replace": {"pattern", "replacement", "flags"}}
FILTERS = {
    "ngram": {"min_gram", "max_gram", "preserve_original"},
    "pattern_replace": {"all", "pattern", "replacement"},
    "stemmer": {"language", "name"},
    "stemmer_override": {"rules", "rules_path"},
    "stop": {"stopwords", "stopwords_path", "ignore_case", "remove_trailing"},
    "synonym_graph": {"synonyms", "synonyms_path", "synonyms_set", "expand", "format", "lenient", "updateable"},
    "word_delimiter_graph": {
        *("adjust_offsets", "catenate_all", "catenate_numbers", "catenate_words", "generate_number_parts"),
        *("generate_word_parts", "ignore_keywords", "preserve_original", "protected_words", "protected_words_path"),
        *("split_on_case_change", "split_on_numerics", "stem_english_possessive", "type_table", "type_table_path"),
    },
}
WITHOUT_PARAMETERS = {"arabic_normalization", "trim"}
IN_NORMALIZERS = {"arabic_normalization", "decimal_digit", "lowercase", "pattern_replace", "trim"}
OF_EVERY_FIELD = {"type", "fields"}
FIELDS = {
    "date": set[str](),
    "half_float": set[str](),
    "integer": set[str](),
    "keyword": {"ignore_above", "index", "normalizer"},
    "text": {"analyzer", "search_analyzer", "index_options", "index_prefixes"},
}


def undocumented(parts: dict[str, dict[str, Any]], known: dict[str, set[str]]) -> dict[str, set[str]]:
    """What each part has beside its type and the parameters that are documented for it."""
    found = {name: set(part) - {"type"} - known[part["type"]] for name, part in parts.items()}
    return {name: more for name, more in found.items() if more}


def test_character_and_token_filters_have_documented_types_and_parameters() -> None:
    assert undocumented(ANALYSIS["char_filter"], CHAR_FILTERS) == {}
    assert undocumented(ANALYSIS["filter"], FILTERS) == {}


def test_analyzers_are_made_of_these_filters_and_of_documented_ones() -> None:
    for name, part in ANALYSIS["analyzer"].items():
        assert set(part) == {"type", "char_filter", "tokenizer", "filter"}, name
        assert part["tokenizer"] == "standard", name
        assert set(part["filter"]) <= {*ANALYSIS["filter"], *WITHOUT_PARAMETERS}, name
        assert set(part["char_filter"]) <= set(ANALYSIS["char_filter"]), name


def test_normalizers_have_filters_that_work_on_single_characters() -> None:
    for name, part in ANALYSIS["normalizer"].items():
        types = {ANALYSIS["filter"].get(each, {"type": each})["type"] for each in part["filter"]}
        assert types <= IN_NORMALIZERS, name


def test_ngrams_are_no_wider_apart_than_an_index_takes_by_default() -> None:
    grams = [part for part in ANALYSIS["filter"].values() if part["type"] == "ngram"]

    assert grams
    assert all(part["max_gram"] - part["min_gram"] <= 1 for part in grams)


def fields(properties: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every field, and those within it."""
    for field in properties.values():
        yield field
        yield from fields(field.get("fields", {}))


def test_fields_have_documented_types_and_parameters() -> None:
    every = list(fields(TEMPLATE["mappings"]["properties"]))

    assert len(every) > 30
    assert [field for field in every if set(field) - OF_EVERY_FIELD - FIELDS[field["type"]]] == []
    analyzers = {name for field in every for key, name in field.items() if key in ("analyzer", "search_analyzer")}
    assert analyzers <= set(ANALYSIS["analyzer"])
    assert {field["normalizer"] for field in every if "normalizer" in field} <= set(ANALYSIS["normalizer"])
