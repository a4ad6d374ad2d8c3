from __future__ import annotations

import re
from typing import Any

import pytest

from indexing.generations import template
from indexing.generations.names import names
from indexing.schema import reading
from streams.records import SIGHTINGS


def test_a_live_template_brings_the_three_aliases_and_the_version() -> None:
    body = template.index_template("news", 2)

    assert body["index_patterns"] == ["news-g2-*"]
    assert set(body["template"]["aliases"]) == {"news", "articles", "sightings"}
    assert body["template"]["mappings"]["_meta"] == {"version": reading.template_version(), "namespace": "news", "generation": 2}


def test_a_generation_being_built_is_in_no_alias_that_is_searched() -> None:
    body = template.index_template("news", 2, live=False)

    assert set(body["template"]["aliases"]) == {names("news", 2).building}


def test_articles_and_sightings_divide_all_documents() -> None:
    found = template.aliases(["news"])

    assert (
        found["articles"]["filter"]["bool"]["must_not"] == found["sightings"]["filter"] == {"terms": {"kind": sorted(SIGHTINGS)}}
    )
    assert found["news"] == {}


def test_every_rule_of_a_character_map_is_written_in_escapes_and_digits() -> None:
    for filter_ in reading.analysis()["char_filter"].values():
        rules = filter_["mappings"].split(",")
        assert [rule for rule in rules if not re.fullmatch(r"(\\u[0-9A-F]{4}|\d)+=>(\\u[0-9A-F]{4}|\d)*", rule)] == []


def test_no_part_of_the_analysis_is_left_unfilled() -> None:
    def references(node: Any) -> list[Any]:
        if isinstance(node, dict):
            return [node] if "from" in node else [found for value in node.values() for found in references(value)]
        return []

    assert references(reading.analysis()) == []


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("الأمیرکی", "الأميركي"),
        ("كِتَاب\u200c\u200f", "كتاب"),
        ("ﻛﺘﺎﺏ", "كتاب"),
        ("شئون", "شوون"),
        ("شؤون", "شوون"),
        ("عبد الله", "عبدالله"),
        ("وعبد  الناصر", "وعبدالناصر"),
        ("معبد الأقصر", "معبد الأقصر"),
        ("بنسبة ٤،٢٪", "بنسبة 4.2٪"),
        ("3٫5", "3.5"),
        ("#غزة_تقاوم", "#غزة تقاوم"),
        ("علي، حسن", "علي، حسن"),
        ("3,7 ٣،٧ 3.7", "3.7 3.7 3.7"),
        ("1.250.000 1,250,000 ١٬٢٥٠٬٠٠٠ ١،٢٥٠ ١٫٢٥", "1250000 1250000 1250000 1250 1.25"),
        ("iPhone وОПЕК", "iphone وопек"),
    ],
)
def test_spellings_of_one_word_are_folded_together(text: str, becomes: str) -> None:
    assert reading.folded(text) == becomes


def test_folding_twice_changes_nothing() -> None:
    rules = reading.char_map("char_decimal.txt", "char_clean.txt", "char_fold.txt", "char_lower.txt")

    assert [key for key in rules if reading.folded(reading.folded(key)) != reading.folded(key)] == []


def test_the_display_form_keeps_what_readers_see() -> None:
    shown = reading.char_map("char_clean.txt")

    assert not set("أإآةىؤئپچڤگ") & set(shown)
    assert shown["ی"] == "ي"


def test_lexicon_and_synonyms_are_well_formed() -> None:
    rules = [re.fullmatch(r"[^\s,]+(?:, [^\s,]+)* => [^\s,]+", line) for line in reading.lines("lexicon.txt")]
    words = [word for line in reading.lines("lexicon.txt") for word in line.split(" => ")[0].split(", ")]

    assert all(rules)
    assert len(words) == len(set(words))
    assert all("," in line for line in reading.lines("synonyms.txt"))


def test_searching_differently_asks_for_no_reindex_and_indexing_differently_does() -> None:
    changed = reading.analysis()
    changed["filter"]["ar_syn"]["synonyms"] = ["a, b"]
    with_synonyms = reading.version_of(changed, reading.mappings())
    changed["filter"]["ar_stop"]["stopwords"] = ["a"]
    with_stop_words = reading.version_of(changed, reading.mappings())

    assert with_synonyms == reading.template_version()
    assert with_stop_words != reading.template_version()
