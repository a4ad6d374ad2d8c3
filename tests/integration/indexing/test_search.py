"""Search, trends and collections on a real index under the real template."""

from __future__ import annotations

import dataclasses
import gzip
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result
from elasticsearch import Elasticsearch

from indexing.documents import document
from indexing.elastic import ElasticSettings
from indexing.index_file import index_file
from indexing.names import names
from indexing.provision import provision
from indexing.query import CLOSE, OPEN, Question
from indexing.runs import Topic, run_lines
from indexing.search import Answer, continued, find_related, search
from indexing.stemming import current_lexicon, stem
from indexing.template import VERSION, index_template, stop_words
from indexing.trends import trends
from rafid import cli
from streams.errors import RafidError
from streams.identity import digest
from tests.unit.indexing.stories import article, verdict

NOW = datetime.now(UTC).replace(microsecond=0)


@dataclasses.dataclass(frozen=True)
class Newsroom:
    client: Elasticsearch
    elastic: ElasticSettings
    namespace: str

    def ask(self, text: str, **fields: Any) -> Answer:
        called = names(self.namespace)
        return search(self.client, called.articles, called.everything, Question(text=text, **fields))


def stories() -> Iterator[tuple[str, bytes]]:
    """A story with two copies and a fuller version, and others about this and that."""

    def one(
        name: str, title: str, body: str, kind: str = "new", story: str = "", hours: int = 1, **fields: Any
    ) -> tuple[str, bytes]:
        at = (NOW - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
        known = {"source": f"{name}.example", "language": "ar"}
        written = article(name, title=title, body=body, published_at=at, **(known | fields))
        return written.id, document(written, verdict(written, kind=kind, story_id=digest(story or name)), at)

    port = "قال وزير النقل إن توسعة ميناء الشرق ستبدأ الشهر المقبل وإن كلفتها تبلغ 4،2 مليون دولار."
    yield one("harbour", "وزير النقل يعلن توسعة الميناء", port, country="لبنان", section="اقتصاد", hours=2)
    yield one("harbour-copy", "توسعة الميناء", port, kind="copy", story="harbour", hours=2)
    yield one("harbour-other-copy", "توسعة الميناء", port, kind="abridged", story="harbour", hours=1)
    yield one("harbour-fuller", "تفاصيل توسعة الميناء", port + " " + port.replace("وزير", "رئيس"), kind="fuller", story="harbour")
    yield one("strike", "إضراب عمال الميناء", "بدأ عمال الميناء إضرابا احتجاجا على توسعة يرون أنها تهدد وظائفهم.", hours=60)
    yield one(
        "match",
        "المنتخب يفوز في المباراة",
        "فاز المنتخب الوطني على ضيفه بهدفين، وقال المدرب إن اللاعبين أدوا ما عليهم.",
        section="رياضة",
    )
    yield one("truce", "وقف إطلاق النار", "دخل وقف إطلاق النار حيز التنفيذ صباح اليوم بعد وساطة استمرت أسابيع.", hours=3)
    yield one("fire", "إطلاق حملة", "أعلنت البلدية إطلاق حملة للتوعية من النار، وقال رئيسها إن وقف الحرائق ممكن.", hours=3)
    yield one("english", "Oil price", "The price of Brent rose to 90 dollars, OPEC said.", language="en")
    yield one("from-to", "من إلى", "عنوان قصير لقصة عن السفر والرحلات الطويلة بين المدن.")


@pytest.fixture
def newsroom(elastic: ElasticSettings, namespace: str) -> Iterator[Newsroom]:
    called = names(namespace)
    with elastic.client() as client:
        client.indices.put_index_template(name=called.template, **index_template(namespace))
        operations = [line for doc_id, body in stories() for line in ({"index": {"_id": doc_id}}, orjson.loads(body))]
        answer = client.bulk(index=called.index("2026-11"), operations=operations, refresh=True)
        assert not answer["errors"]
        yield Newsroom(client, elastic, namespace)


def ids(answer: Answer) -> list[str]:
    return [hit.id for hit in answer.hits]


def test_a_new_month_has_version_aliases_and_fields(newsroom: Newsroom) -> None:
    called = names(newsroom.namespace)
    made = newsroom.client.indices.get(index=called.everything).body

    assert list(made) == [called.index("2026-11")]
    (month,) = made.values()
    assert month["mappings"]["_meta"]["version"] == VERSION
    assert set(month["aliases"]) == {called.everything, called.articles, called.sightings}
    assert newsroom.client.count(index=called.articles)["count"] == 8
    assert newsroom.client.count(index=called.sightings)["count"] == 2


def test_a_story_is_one_hit_with_the_number_of_its_other_sources(newsroom: Newsroom) -> None:
    answer = newsroom.ask("توسعة ميناء")

    about_it = [hit for hit in answer.hits if hit.fields["story_id"] == digest("harbour")]
    assert len(about_it) == 1
    assert about_it[0].others == 3
    assert {"harbour-copy.example", "harbour-other-copy.example"} < set(about_it[0].other_sources)
    assert (answer.stories, answer.documents) == (2, 3)


def test_pages_follow_one_another_without_repeating_a_story(newsroom: Newsroom) -> None:
    whole = newsroom.ask("توسعة ميناء وزير عمال المنتخب", size=10)
    question = Question(text="توسعة ميناء وزير عمال المنتخب", size=1)
    called = names(newsroom.namespace)

    paged, after = [], None
    for _ in range(20):
        page = search(newsroom.client, called.articles, called.everything, continued(question, after) if after else question)
        paged += [hit.fields["story_id"] for hit in page.hits]
        after = page.next_page
        if after is None:
            break

    assert len(whole.hits) > 2
    assert paged == [hit.fields["story_id"] for hit in whole.hits]


def test_a_phrase_in_quotes_must_stand_there_exactly(newsroom: Newsroom) -> None:
    loose, exact = newsroom.ask("وقف إطلاق النار"), newsroom.ask('"وقف إطلاق النار"')

    assert set(ids(loose)) >= {digest("truce"), digest("fire")}
    assert ids(exact) == [digest("truce")]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"sources": ("strike.example",)}, {"strike"}),
        ({"countries": ("لبنان",)}, {"harbour"}),
        ({"sections": ("الأقتصاد", "إقتصاد")}, {"harbour"}),
        ({"languages": ("en",)}, set[str]()),
        ({"until": "now-24h"}, {"strike"}),
        ({"since": "now-90m"}, {"harbour-fuller"}),
    ],
)
def test_filters_narrow_what_is_found(newsroom: Newsroom, filters: dict[str, Any], expected: set[str]) -> None:
    assert set(ids(newsroom.ask("توسعة الميناء", **filters))) == {digest(name) for name in expected}


def test_the_newest_come_first_when_asked_to(newsroom: Newsroom) -> None:
    times = [hit.fields["@timestamp"] for hit in newsroom.ask("الميناء توسعة", order="newest").hits]

    assert len(times) == 2
    assert times == sorted(times, reverse=True)


def test_recency_lifts_what_is_new(newsroom: Newsroom) -> None:
    def score(hit_id: str, recency: float | None) -> float:
        return next(hit.score or 0 for hit in newsroom.ask("إضراب الميناء", recency=recency).hits if hit.id == hit_id)

    old = digest("strike")
    new = next(hit.id for hit in newsroom.ask("إضراب الميناء").hits if hit.id != old)

    assert score(new, 1) - score(new, None) > score(old, 1) - score(old, None) > 0


def test_facets_count_what_was_found(newsroom: Newsroom) -> None:
    facets = newsroom.ask("توسعة الميناء", facets=True).facets

    assert dict(facets["country"]) == {"لبنان": 1}
    assert dict(facets["language"]) == {"ar": 3}
    assert sum(count for _, count in facets["day"]) == 3


def test_words_are_highlighted_by_stem_and_never_by_gram(newsroom: Newsroom) -> None:
    (hit,) = newsroom.ask("الوزارة وزير", sources=("harbour.example",)).hits

    assert f"{OPEN}وزير{CLOSE} النقل" in hit.title
    marked = [piece.split(CLOSE)[0] for piece in hit.snippets[0].split(OPEN)[1:]]
    assert marked == ["وزير"]


def test_decimal_separators_are_one(newsroom: Newsroom) -> None:
    assert digest("harbour") in ids(newsroom.ask("4.2")) or digest("harbour-fuller") in ids(newsroom.ask("4.2"))


def test_related_stories_leave_out_the_story_itself(newsroom: Newsroom) -> None:
    called = names(newsroom.namespace)

    answer = find_related(newsroom.client, called.articles, called.everything, digest("harbour"))

    assert digest("strike") in ids(answer)
    assert not {digest("harbour"), digest("harbour-fuller")} & set(ids(answer))


def test_related_to_nothing_is_one_line(newsroom: Newsroom) -> None:
    called = names(newsroom.namespace)

    with pytest.raises(RafidError, match="no article has the id 'nowhere'"):
        find_related(newsroom.client, called.articles, called.everything, "nowhere")


def test_stop_words_alone_find_titles(newsroom: Newsroom) -> None:
    assert ids(newsroom.ask("من إلى")) == [digest("from-to")]


@pytest.mark.parametrize(
    "hostile",
    [
        "سلام " * 2_000,
        "س" * 10_000,
        "a,b;" * 2_500,
        '"' * 99 + "غزة",
        "الميناء AND (توسعة OR",
        "توسع* ميناء? ~2 ^9",
        "\u202e\u2066الميناء\u0007\x00",
        "😀 الميناء 🇱🇧",
        "field:value _id:*",
        "{}[]/\\<script>",
        "\ud800الميناء",
    ],
)
def test_hostile_questions_get_an_answer(newsroom: Newsroom, hostile: str) -> None:
    assert newsroom.ask(hostile).took_ms >= 0


@pytest.mark.parametrize("empty", ["", "  ", "***", '""', "\u200f"])
def test_a_question_without_words_gets_one_line(newsroom: Newsroom, empty: str) -> None:
    with pytest.raises(RafidError, match="there is no word to search for"):
        newsroom.ask(empty)


def test_a_missing_index_is_one_line(newsroom: Newsroom) -> None:
    with pytest.raises(RafidError, match="there is no index nowhere"):
        search(newsroom.client, "nowhere", "nowhere", Question(text="غزة"))


@pytest.mark.parametrize("page", ["x", "e30=", "W10=", "\u202e"])
def test_a_made_up_page_is_one_line(page: str) -> None:
    with pytest.raises(RafidError, match="this is not the end of a page"):
        continued(Question(text="غزة"), page)


def test_titles_complete_a_word_that_is_being_typed(newsroom: Newsroom) -> None:
    typed = {"match_bool_prefix": {"title.suggest": {"query": "توسعة المين", "operator": "and"}}}

    found = newsroom.client.search(index=names(newsroom.namespace).articles, query=typed)["hits"]["hits"]

    assert {hit["_id"] for hit in found} == {digest("harbour"), digest("harbour-fuller")}


def test_stems_computed_here_are_those_of_the_server(newsroom: Newsroom) -> None:
    written = " ".join(orjson.loads(body).get("body", "") for _, body in stories())
    words = {*re.findall(r"[^\W\d_]+", written), *list(current_lexicon())[::40]} - stop_words()
    words |= {"حكومتهم", "وللكتاب", "عبد", "مدرستنا", "الوسيط", "الألمانية", "قضيتين", "والده"}
    index = names(newsroom.namespace).index("2026-11")

    differing = {}
    for word in sorted(words):
        tokens = newsroom.client.indices.analyze(index=index, analyzer="ar_stem", text=word)["tokens"]
        if [token["token"] for token in tokens] != [stem(word)]:
            differing[word] = (tokens, stem(word))

    assert differing == {}


def test_trends_are_words_of_now_as_they_are_written(newsroom: Newsroom) -> None:
    called = names(newsroom.namespace)
    operations: list[dict[str, Any]] = []
    for number in range(40):
        hours = 1 if number < 8 else 60 + number * 2
        at = (NOW - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
        event = f"ضرب زلزال عنيف الساحل رقم{number}" if number < 8 else f"اجتمع المجلس البلدي لبحث الميزانية رقم{number}"
        body = f"{event} وقال شهود إن كلمة{number * 7} كانت حاضرة في موقع{number * 3} أمس."
        fields = {
            "title": f"خبر الزلزال {number}",
            "body": body,
            "source": f"s{number % 4}.example",
            "kind": "new",
            "@timestamp": at,
        }
        operations += [{"index": {"_id": f"trend-{number}"}}, fields | {"story_id": f"trend-{number}"}]
    newsroom.client.bulk(index=called.index("2026-11"), operations=operations, refresh=True)

    found = {trend.word: trend for trend in trends(newsroom.client, called.articles, "24h")}

    assert "زلزال" in found
    assert "المجلس" not in found
    assert (found["زلزال"].articles, found["زلزال"].sources) == (8, 4)
    assert (len(found["زلزال"].history), sum(found["زلزال"].history[-1:])) == (24, 8)
    assert found["زلزال"].headline.startswith("خبر الزلزال")


def run(newsroom: Newsroom, *arguments: str) -> Result:
    environment = {"RAFID_ELASTICSEARCH": newsroom.elastic.urls, "RAFID_NAMESPACE": newsroom.namespace}
    return CliRunner().invoke(cli, arguments, env=environment)


def test_the_command_speaks_json(newsroom: Newsroom) -> None:
    result = run(newsroom, "search", "--json", "--facets", "توسعة", "الميناء")

    answer = json.loads(result.output)
    assert result.exit_code == 0
    assert [hit["others"] for hit in answer["hits"] if hit["story_id"] == digest("harbour")] == [3]
    assert any("<em>" in text for text in answer["hits"][0]["highlights"])


def test_the_command_prints_plain_lines_into_a_pipe(newsroom: Newsroom) -> None:
    result = run(newsroom, "search", "توسعة الميناء")

    assert result.output.startswith("2 stories in 3 articles (")
    assert "+3 sources" in result.output
    assert not set(result.output) & set("\u2066\u2067\u2068\u2069\x1b")


OUT_OF_RANGE = (
    ("search", "x", "--since", "2026-02-31"),
    ("search", "x", "--since", "99999d"),
    ("search", "x", "--recency", "1e300"),
    ("trends", "--since", "99999d"),
)


@pytest.mark.parametrize(
    "arguments",
    [
        ("search",),
        ("search", "x", "--related", "y"),
        ("search", "x", "--since", "soon"),
        ("trends", "--since", "soon"),
        *OUT_OF_RANGE,
    ],
)
def test_wrong_usage_exits_with_2(newsroom: Newsroom, arguments: tuple[str, ...]) -> None:
    assert run(newsroom, *arguments).exit_code == 2


def test_a_plain_collection_is_loaded_and_ranked(newsroom: Newsroom, tmp_path: Path) -> None:
    collection, queries, ranking = tmp_path / "docs.jsonl", tmp_path / "queries.jsonl", tmp_path / "run.txt"
    texts = {"d1": "أعلن وزير الطاقة خطة جديدة", "d2": "فاز الفريق بالمباراة", "d3": "خطة الطاقة الشمسية"}
    collection.write_text("".join(json.dumps({"id": key, "title": "", "text": text}) + "\n" for key, text in texts.items()))
    queries.write_text('{"id": "q1", "query": "خطط الطاقة"}\n\n{"id": "q2", "query": "***"}\n{"id": "q3", "query": "الفريق"}\n')
    index = names(newsroom.namespace).index("2020-01")

    loaded = run(newsroom, "index-file", str(collection), "--index", index)
    ranked = run(newsroom, "search", "--queries", str(queries), "--index", index, "--run", str(ranking))

    assert (loaded.exit_code, ranked.exit_code) == (0, 0)
    rows = [line.split(" ") for line in ranking.read_text().splitlines()]
    assert {(row[0], row[2]) for row in rows} == {("q1", "d1"), ("q1", "d3"), ("q3", "d2")}
    assert [row[3] for row in rows if row[0] == "q1"] == ["1", "2"]
    assert all(row[1] == "Q0" and row[5] == "rafid" and float(row[4]) > 0 for row in rows)


def test_an_index_is_not_loaded_twice(newsroom: Newsroom, tmp_path: Path) -> None:
    path = tmp_path / "docs.jsonl"
    path.write_text('{"id": "1", "text": "خبر"}\n')
    index = names(newsroom.namespace).index("2020-01")
    index_file(newsroom.client, path, index)

    with pytest.raises(RafidError, match="exists: give another --index"):
        index_file(newsroom.client, path, index)


def test_a_broken_line_of_a_collection_is_named(newsroom: Newsroom, tmp_path: Path) -> None:
    path = tmp_path / "docs.jsonl"
    path.write_text('{"id": "1", "text": "خبر"}\n{"id": "2", "text": 5}\n')

    with pytest.raises(RafidError, match=r"docs\.jsonl:2: `text`"):
        index_file(newsroom.client, path, names(newsroom.namespace).index("2020-01"))


@pytest.mark.parametrize("wrong", ['{"id": "2", "text": 5}', '{"id": "2", "text": "خبر", "published_at": "soon"}'])
def test_a_collection_that_fails_leaves_no_index_behind(newsroom: Newsroom, tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "docs.jsonl"
    index = names(newsroom.namespace).index("2020-01")
    path.write_text('{"id": "1", "text": "خبر"}\n' + wrong)
    with pytest.raises(RafidError):
        index_file(newsroom.client, path, index)

    path.write_text('{"id": "1", "text": "خبر"}\n')

    assert index_file(newsroom.client, path, index) == 1


def test_a_gzipped_collection_is_unpacked_and_a_torn_one_told(newsroom: Newsroom, tmp_path: Path) -> None:
    path = tmp_path / "docs.jsonl.gz"
    packed = gzip.compress('{"id": "1", "text": "خبر"}\n'.encode())
    index = names(newsroom.namespace).index("2020-01")
    path.write_bytes(packed[:-4])
    with pytest.raises(RafidError, match="no whole gzip"):
        index_file(newsroom.client, path, index)
    path.write_bytes(packed)

    assert index_file(newsroom.client, path, index) == 1


@pytest.mark.parametrize("kind", ["search", "index-file"])
def test_a_server_that_is_down_is_one_line(tmp_path: Path, kind: str) -> None:
    queries, docs, ranking = tmp_path / "queries.jsonl", tmp_path / "docs.jsonl", tmp_path / "run.txt"
    queries.write_text('{"id": "q1", "query": "غزة"}\n')
    docs.write_text('{"id": "1", "text": "خبر"}\n')
    arguments = {
        "search": ("--queries", str(queries), "--run", str(ranking)),
        "index-file": (str(docs), "--index", "nowhere"),
    }

    result = CliRunner().invoke(cli, [kind, *arguments[kind], "--elasticsearch", "http://127.0.0.1:1"])

    assert isinstance(result.exception, RafidError)
    assert "out of reach" in str(result.exception)


def test_a_run_that_cannot_be_written_is_wrong_usage(newsroom: Newsroom, tmp_path: Path) -> None:
    queries = tmp_path / "queries.jsonl"
    queries.write_text('{"id": "q1", "query": "غزة"}\n')

    assert run(newsroom, "search", "--queries", str(queries), "--run", str(tmp_path / "none" / "run.txt")).exit_code == 2


def test_before_the_first_document_search_says_that_nothing_is_indexed(elastic: ElasticSettings, namespace: str) -> None:
    with elastic.client() as client:
        provision(client, namespace)
        called = names(namespace)
        with pytest.raises(RafidError, match="nothing is indexed yet"):
            search(client, called.articles, called.everything, Question(text="غزة"))


@pytest.mark.parametrize("command", [("search", "غزة"), ("trends",), ("reindex",)])
@pytest.mark.parametrize("namespace", ["a,b*", "bad ns", ""])
def test_a_namespace_that_is_none_never_reaches_the_server(command: tuple[str, ...], namespace: str) -> None:
    result = CliRunner().invoke(cli, [*command, "--namespace", namespace, "--elasticsearch", "http://127.0.0.1:1"])

    assert isinstance(result.exception, RafidError)
    assert "is no namespace" in str(result.exception)


def test_a_run_names_the_query_that_failed(newsroom: Newsroom) -> None:
    with pytest.raises(RafidError, match="query q1 failed"):
        list(run_lines(newsroom.client, "nowhere", [Topic("q1", "غزة")]))
