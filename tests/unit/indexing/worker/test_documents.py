from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from indexing.elastic.writes import Write, action
from indexing.schema.reading import mappings
from indexing.worker.documents import StoredDocument, document, measure_article, plan_write, url_host
from streams.identity import content_hash
from streams.records import KINDS, SIGHTINGS, Article, Verdict
from tests.support.strategies import articles, texts, verdicts
from tests.unit.indexing.stories import BODY, article, verdict

AT = "2026-11-22T10:00:09Z"
KEPT_UNSEARCHED = {"copy_title", "copy_body", "teasers", "related", "content_hash", "source_id"}


def fields(of: Article, by: Verdict) -> dict[str, Any]:
    decoded: dict[str, Any] = orjson.loads(document(of, by, AT, measure_article(of)))
    return decoded


def test_a_new_story_is_written_with_everything_that_is_known_of_it() -> None:
    of = article(
        "full",
        language="ar",
        country="LB",
        section="اقتصاد",
        author="سلمى حداد",
        modified_at="2026-11-22T09:45:00Z",
        source_id="4711",
        credit="المصدر: وكالة الميناء",
        keywords="الميناء الرصيف",
        teasers=({"title": "عودة الصيادين"},),
        related=({"title": "أسعار الشحن", "url": "https://www.almina.example/2", "kind": "similar_list"},),
    )
    by = verdict(of, edition_of="ab" * 16, jaccard=0.5, containment=0.75)

    assert fields(of, by) == {
        "kind": "new",
        "role": "main",
        "story_id": of.id,
        "edition_of": "ab" * 16,
        "page_id": of.page_id,
        "source": "almina.example",
        "source_id": "4711",
        "url": "https://www.almina.example/news/full",
        "url_host": "www.almina.example",
        "country": "LB",
        "language": "ar",
        "section": "اقتصاد",
        "author": "سلمى حداد",
        "tags": ["الميناء", "اقتصاد"],
        "keywords": "الميناء الرصيف",
        "credit": "المصدر: وكالة الميناء",
        "first_seen": "2026-11-22T10:00:05Z",
        "@timestamp": "2026-11-22T09:30:00Z",
        "published_at": "2026-11-22T09:30:00Z",
        "modified_at": "2026-11-22T09:45:00Z",
        "fetched_at": "2026-11-22T10:00:00Z",
        "indexed_at": AT,
        "title": "توسعة الرصيف الشرقي تبدأ الشهر المقبل",
        "body": BODY,
        "word_count": 19,
        "jaccard": 0.5,
        "containment": 0.75,
        "teasers": [{"title": "عودة الصيادين"}],
        "related": [{"title": "أسعار الشحن", "url": "https://www.almina.example/2", "kind": "similar_list"}],
        "content_hash": content_hash(of),
    }


@pytest.mark.parametrize("kind", sorted(SIGHTINGS))
def test_a_copy_keeps_its_text_where_no_search_finds_it(kind: str) -> None:
    of = article()

    written = fields(of, verdict(of, kind=kind))

    assert written.keys() & {"title", "body"} == set()
    assert (written["copy_title"], written["copy_body"]) == (of.title, of.body)
    assert {"copy_title", "copy_body"} & mappings()["properties"].keys() == set()


def test_an_article_without_a_date_stands_at_the_time_it_was_fetched() -> None:
    of = article(published_at=None)

    assert fields(of, verdict(of))["@timestamp"] == of.fetched_at


@given(articles, verdicts)
def test_every_field_is_mapped_or_meant_to_be_only_kept(of: Article, by: Verdict) -> None:
    assert fields(of, by).keys() <= mappings()["properties"].keys() | KEPT_UNSEARCHED


@given(articles, verdicts)
def test_a_document_is_one_line_of_json(of: Article, by: Verdict) -> None:
    assert b"\n" not in document(of, by, AT, measure_article(of))


def test_the_action_overwrites_unless_a_higher_version_is_there() -> None:
    line = orjson.loads(action(Write("ab" * 16, "2026-11", 7, b"{}"), "news-g1-2026.11"))

    assert line == {"index": {"_index": "news-g1-2026.11", "_id": "ab" * 16, "version": 7, "version_type": "external_gte"}}


def there(of: Article, **fields: Any) -> StoredDocument:
    known = StoredDocument("2026-11", 1_000, content_hash(of), "2026-11-22T10:00:05Z")
    return known._replace(**fields)


def test_what_is_not_there_is_written_where_the_verdict_says() -> None:
    of = article()

    write = plan_write(of, verdict(of), None, indexed_at=AT, content=measure_article(of))

    assert write == Write(of.id, "2026-11", 1_000, document(of, verdict(of), AT, measure_article(of)))


def test_a_replay_writes_nothing() -> None:
    of = article()

    for kind in KINDS:
        assert plan_write(of, verdict(of, kind=kind, known=True), there(of), indexed_at=AT, content=measure_article(of)) is None


def test_an_older_verdict_writes_nothing_over_a_newer_one() -> None:
    of = article()
    newer = there(article(body="نص آخر"), version=1_001)

    assert plan_write(of, verdict(of), newer, indexed_at=AT, content=measure_article(of)) is None


def test_equal_content_that_the_register_has_forgotten_writes_nothing() -> None:
    of = article()

    assert (
        plan_write(of, verdict(of, version=9_000, month="2026-12"), there(of), indexed_at=AT, content=measure_article(of)) is None
    )


def test_a_story_appended_again_after_its_entry_expired_leaves_the_page_that_claimed_it() -> None:
    appended = article("appended", role="read_also")
    home = there(article("home"), version=5_000)

    assert plan_write(appended, verdict(appended, version=9_000), home, indexed_at=AT, content=measure_article(appended)) is None


def test_equal_content_is_no_proof_while_an_earlier_write_may_be_invisible() -> None:
    of = article()

    write = plan_write(
        of, verdict(of, version=9_000), there(of), indexed_at=AT, content=measure_article(of), lookup_is_current=False
    )

    assert write is not None
    assert write.version == 9_000


def test_equal_content_that_the_register_knows_to_be_a_change_is_written() -> None:
    """A headline that was changed and changed back: a look-up may still see the first of the three."""
    of = article()

    write = plan_write(
        of, verdict(of, kind="update", known=True, version=9_000), there(of), indexed_at=AT, content=measure_article(of)
    )

    assert write is not None


@pytest.mark.parametrize("known", [False, True])
def test_what_is_stored_settles_the_month(known: bool) -> None:
    of = article()
    elsewhere = there(of, period="2026-10", content_hash="other")

    write = plan_write(
        of, verdict(of, version=9_000, month="2026-12", known=known), elsewhere, indexed_at=AT, content=measure_article(of)
    )

    assert write is not None
    assert write.period == "2026-10"


def test_the_first_sight_of_an_article_is_never_moved_later() -> None:
    of = article()
    earlier = there(of, content_hash="other", first_seen="2026-11-01T08:00:00Z")

    write = plan_write(of, verdict(of, version=9_000), earlier, indexed_at=AT, content=measure_article(of))

    assert write is not None
    assert orjson.loads(write.body)["first_seen"] == "2026-11-01T08:00:00Z"


@given(articles, verdicts)
def test_an_effect_done_is_an_effect_that_needs_nothing_more(of: Article, by: Verdict) -> None:
    first = plan_write(of, by, None, indexed_at=AT, content=measure_article(of))
    assert first is not None
    decoded = orjson.loads(first.body)
    stored = StoredDocument(first.period, first.version, decoded["content_hash"], decoded["first_seen"])

    again = plan_write(of, replace(by, month="2000-01"), stored, indexed_at="2030-01-01T00:00:00Z", content=measure_article(of))

    assert again is None


@pytest.mark.parametrize(
    ("url", "host"), [(None, None), ("https://WWW.Example.org:8080/a", "www.example.org"), ("http://[bad", None), ("", None)]
)
def test_the_host_of_a_url_is_lower_case_and_without_a_port(url: str | None, host: str | None) -> None:
    assert url_host(url) == host


@given(
    st.text(st.sampled_from("htps:/?#@[]%.-a1Z\t\n \\٣ب"), max_size=20)
    | st.builds("http{}://{}{}".format, st.sampled_from(["", "s"]), st.text(st.sampled_from("ab1.-:@[]%Zب\n"), max_size=8), texts)
)
def test_a_host_is_what_the_library_says_it_is(url: str) -> None:
    try:
        host = urlsplit(url).hostname
    except ValueError:
        host = None

    assert url_host(url) == host
