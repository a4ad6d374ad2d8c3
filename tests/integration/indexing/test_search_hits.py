"""Which stories answer a question, each once, and what is shown of them."""

from __future__ import annotations

from indexing.generations.names import names
from indexing.search.highlights import CLOSE, OPEN
from indexing.search.search import find_related
from streams.identity import digest
from tests.integration.indexing.newsroom import Newsroom, ids


def test_a_story_is_one_hit_with_the_number_of_its_other_sources(newsroom: Newsroom) -> None:
    answer = newsroom.ask("توسعة ميناء", facets=True)

    about_it = [hit for hit in answer.hits if hit.fields["story_id"] == digest("harbour")]
    assert len(about_it) == 1
    assert about_it[0].others == 3
    assert {"harbour-copy.example", "harbour-other-copy.example"} < set(about_it[0].other_sources)
    assert (answer.stories, answer.documents) == (2, 3)


def test_a_phrase_in_quotes_must_stand_there_exactly(newsroom: Newsroom) -> None:
    loose, exact = newsroom.ask("وقف إطلاق النار"), newsroom.ask('"وقف إطلاق النار"')

    assert set(ids(loose)) >= {digest("truce"), digest("fire")}
    assert ids(exact) == [digest("truce")]


def test_decimal_separators_are_one(newsroom: Newsroom) -> None:
    assert digest("harbour") in ids(newsroom.ask("4.2")) or digest("harbour-fuller") in ids(newsroom.ask("4.2"))


def test_stop_words_alone_find_titles(newsroom: Newsroom) -> None:
    assert ids(newsroom.ask("من إلى")) == [digest("from-to")]


def test_words_are_highlighted_by_stem_and_never_by_gram(newsroom: Newsroom) -> None:
    (hit,) = newsroom.ask("الوزارة وزير", sources=("harbour.example",)).hits

    assert f"{OPEN}وزير{CLOSE} النقل" in hit.title
    marked = [piece.split(CLOSE)[0] for piece in hit.snippets[0].split(OPEN)[1:]]
    assert marked == ["وزير"]


def test_related_stories_leave_out_the_story_itself(newsroom: Newsroom) -> None:
    called = names(newsroom.namespace)

    answer = find_related(newsroom.client, called.articles, called.everything, digest("harbour"))

    assert digest("strike") in ids(answer)
    assert not {digest("harbour"), digest("harbour-fuller")} & set(ids(answer))
