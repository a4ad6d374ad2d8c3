"""What the template makes of a month, and what its analysis makes of words, on the real server."""

from __future__ import annotations

import re

import orjson

from indexing.generations.names import names
from indexing.schema.reading import stop_words, template_version
from indexing.schema.stemming import current_lexicon, stem
from streams.identity import digest
from tests.integration.indexing.newsroom import Newsroom, stories


def test_a_new_month_has_version_aliases_and_fields(newsroom: Newsroom) -> None:
    called = names(newsroom.namespace)
    made = newsroom.client.indices.get(index=called.everything).body

    assert list(made) == [called.index("2026-11")]
    (month,) = made.values()
    assert month["mappings"]["_meta"]["version"] == template_version()
    assert set(month["aliases"]) == {called.everything, called.articles, called.sightings}
    assert newsroom.client.count(index=called.articles)["count"] == 8
    assert newsroom.client.count(index=called.sightings)["count"] == 2


def test_stems_computed_here_are_those_of_the_server(newsroom: Newsroom) -> None:
    written = " ".join(orjson.loads(body).get("body", "") for _, body in stories())
    words = {*re.findall(r"[^\W\d_]+", written), *list(current_lexicon())[::80]} - stop_words()
    words |= {"حكومتهم", "وللكتاب", "عبد", "مدرستنا", "الوسيط", "الألمانية", "قضيتين", "والده"}
    index = names(newsroom.namespace).index("2026-11")

    differing = {}
    for word in sorted(words):
        tokens = newsroom.client.indices.analyze(index=index, analyzer="ar_stem", text=word)["tokens"]
        if [token["token"] for token in tokens] != [stem(word)]:
            differing[word] = (tokens, stem(word))

    assert differing == {}


def test_titles_complete_a_word_that_is_being_typed(newsroom: Newsroom) -> None:
    typed = {"match_bool_prefix": {"title.norm": {"query": "توسعة المين", "operator": "and", "analyzer": "ar_words"}}}

    found = newsroom.client.search(index=names(newsroom.namespace).articles, query=typed)["hits"]["hits"]

    assert {hit["_id"] for hit in found} == {digest("harbour"), digest("harbour-fuller")}
