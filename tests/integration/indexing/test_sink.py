"""Verdicts become documents, each effect exactly once."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from kafka import KafkaConsumer
from kafka.errors import CommitFailedError
from msgspec.structs import replace

from indexing.generations.names import names
from indexing.worker.batches import Limits
from indexing.worker.loop import IndexerSettings
from streams.identity import digest
from streams.records import Article, Verdict
from tests.integration.indexing.sink import DEADLINE_S, Sink, eventually
from tests.support.raw import send_raw
from tests.support.servers import Worker
from tests.unit.indexing.stories import article, verdict

ONE_BY_ONE = IndexerSettings(limits=Limits(messages=1, age_s=0))


def some(count: int, prefix: str = "story") -> list[tuple[Article, Verdict]]:
    made = [article(f"{prefix}-{n}") for n in range(count)]
    return [(a, verdict(a, version=1_000 + n)) for n, a in enumerate(made)]


def test_every_verdict_has_its_effect(sink: Sink) -> None:
    copied = article("copy")
    unchanged = article("unchanged")
    sink.feed(
        *some(120),
        (copied, verdict(copied, kind="copy", story_id=digest("story-1"), jaccard=0.9)),
        (unchanged, verdict(unchanged, kind="unchanged")),
    )

    counts = sink.index()

    assert counts == {"indexed": 121, "unchanged": 1}
    assert set(sink.documents(sink.names.articles)) == {digest(f"story-{n}") for n in range(120)}
    assert set(sink.documents(sink.names.sightings)) == {copied.id}
    assert sink.dead_letters() == []


def test_an_update_overwrites_and_an_older_verdict_does_not(sink: Sink) -> None:
    first, second, late = (article("story", body=f"النص {word} للخبر") for word in ("الأول", "الثاني", "المتأخر"))
    sink.feed((first, verdict(first, version=10)))
    sink.index()
    sink.feed((second, verdict(second, kind="update", known=True, version=20)))
    sink.feed((late, verdict(late, kind="update", known=True, version=15)))
    sink.index()

    (document,) = sink.documents().values()

    assert (document.version, document.source["body"], document.source["kind"]) == (20, second.body, "update")


def test_versions_of_one_id_in_one_batch_end_with_the_newest(sink: Sink) -> None:
    versions = [article("story", body=f"نسخة {n}") for n in range(10)]
    sink.feed(*((a, verdict(a, kind="update", known=True, version=100 + n)) for n, a in enumerate(versions)))

    sink.index()

    (document,) = sink.documents().values()
    assert (document.version, document.source["body"]) == (109, "نسخة 9")


def test_a_text_that_was_changed_and_changed_back_ends_as_it_began(sink: Sink) -> None:
    before, between = article("story"), article("story", body="نص مؤقت")
    sink.feed((before, verdict(before, version=10)))
    sink.index()
    sink.client.indices.refresh(index=sink.names.everything)
    sink.feed((between, verdict(between, version=20)), (before, verdict(before, version=30)))

    sink.index(ONE_BY_ONE)

    (document,) = sink.documents().values()
    assert document.source["body"] == before.body


def test_a_replay_of_everything_changes_nothing(sink: Sink) -> None:
    stories = some(100)
    changed = [replace(a, body=a.body + " تحديث.") for a, _ in stories[:10]]
    copied = [article(f"copy-{n}") for n in range(10)]
    log = [
        *stories,
        *((a, verdict(a, kind="update", known=True, version=5_000 + n)) for n, a in enumerate(changed)),
        *((a, verdict(a, kind="copy", story_id=stories[0][0].id)) for a in copied),
    ]
    sink.feed(*log)
    sink.index()
    before = sink.documents()
    sequence = sequence_numbers(sink)

    sink.feed(*log)
    counts = sink.index()

    assert sink.documents() == before
    assert sequence_numbers(sink) == sequence
    assert counts["indexed"] == 0


def sequence_numbers(sink: Sink) -> list[int]:
    """The last operation of every index: equal means that nothing was written between."""
    stats = sink.client.indices.stats(index=sink.names.everything, level="shards").body["indices"]
    return sorted(
        shard["seq_no"]["max_seq_no"] for index in stats.values() for shards in index["shards"].values() for shard in shards
    )


def test_an_id_stays_in_the_month_where_it_was_first_stored(sink: Sink) -> None:
    october = article("undated", published_at=None, fetched_at="2026-10-31T23:00:00Z", body="نص أول")
    november = article("undated", published_at=None, fetched_at="2026-11-12T08:00:00Z", body="نص ثان")
    corrected = article("undated", published_at=None, fetched_at="2026-11-13T08:00:00Z", body="نص ثالث")
    sink.feed((october, verdict(october, version=10)))
    sink.index()
    sink.feed((november, verdict(november, version=20)))
    sink.index()
    # The register has the month from the second message: it cannot know of the first, whose entry has expired.
    sink.feed((corrected, verdict(corrected, kind="update", known=True, month="2026-11", version=30)))
    sink.index()

    (document,) = sink.documents().values()

    assert document.stored_in == sink.names.index("2026-10")
    assert (document.version, document.source["body"]) == (30, "نص ثالث")


def test_months_may_change_within_seconds_of_catching_up(sink: Sink) -> None:
    """A backlog holds both messages: the second look-up comes before the index is refreshed."""
    october = article("undated", published_at=None, fetched_at="2026-10-31T23:00:00Z", body="نص أول")
    november = article("undated", published_at=None, fetched_at="2026-11-12T08:00:00Z", body="نص ثان")
    sink.feed((october, verdict(october, version=10)), (november, verdict(november, version=20)))

    sink.index(ONE_BY_ONE)

    (document,) = sink.documents().values()
    assert (document.stored_in, document.version) == (sink.names.index("2026-10"), 20)


def test_a_page_that_comes_home_takes_over_the_document_of_its_story(sink: Sink) -> None:
    appended = article("appended", role="read_also", url=None, published_at="2026-10-30T08:00:00Z", page_id=digest("other"))
    home = article("home", published_at="2026-11-02T08:00:00Z")
    sink.feed((appended, verdict(appended, version=10, month="2026-10")))
    sink.index()
    sink.feed(
        (home, verdict(home, kind="home", known=True, doc_id=appended.id, story_id=appended.id, month="2026-10", version=20))
    )
    sink.index()

    (found,) = sink.documents().items()

    assert (found[0], found[1].stored_in) == (appended.id, sink.names.index("2026-10"))
    assert (found[1].source["url"], found[1].source["role"], found[1].source["kind"]) == (home.url, "main", "home")


def test_a_batch_does_not_wait_for_its_age_when_nothing_more_comes(sink: Sink) -> None:
    few = some(3)
    sink.feed(*few)

    sink.index(IndexerSettings(limits=Limits(age_s=10 * DEADLINE_S)))

    assert set(sink.documents()) == {a.id for a, _ in few}


def test_poison_of_each_kind_becomes_a_dead_letter_and_the_rest_is_indexed(sink: Sink) -> None:
    good = some(30)
    impossible_date = article("impossible", published_at="2026-11-22T10:00:00Z")
    body = impossible_date.to_bytes().replace(b"2026-11-22T10:00:00Z", b"2026-99-22T10:00:00Z")
    lone = article("lone")
    key, line = bytes.fromhex(lone.id), lone.to_bytes()
    sink.feed(*good[:15])
    sink.send(
        (key, b"not json", verdict(lone).to_bytes()),
        (key, b"", verdict(lone).to_bytes()),
        (bytes(16), line, verdict(lone).to_bytes()),
        (key, line, None),
        (key, line, b"{}"),
        (key, line, verdict(lone, version=-1).to_bytes()),
        (bytes.fromhex(impossible_date.id), body, verdict(impossible_date).to_bytes()),
    )
    sink.feed(*good[15:])

    counts = sink.index()

    letters = sink.dead_letters()
    assert set(sink.documents()) == {a.id for a, _ in good}
    assert counts["dead_letter"] == len(letters) == 7
    assert sorted(letter.reason for _, _, letter in letters) == ["malformed_article"] * 4 + ["malformed_verdict"] * 3
    assert {letter.stage for _, _, letter in letters} == {"index"}
    assert sink.lag() == 0


def test_messages_of_nothing_and_headers_of_null_become_dead_letters_too(sink: Sink) -> None:
    topic = sink.topics.deduplicated.name
    send_raw(sink.kafka, topic, None, None, [("verdict", None)])
    send_raw(sink.kafka, topic, None, None, [])
    send_raw(sink.kafka, topic, b"k", b"{}", [("trace", None)])

    assert sink.index() == {"dead_letter": 3}

    assert sorted((key or b"", value) for key, value, _ in sink.dead_letters()) == [(b"", b"")] * 2 + [(b"k", b"{}")]
    assert sink.lag() == 0


def test_a_commit_that_a_rebalance_refuses_at_the_end_is_no_failure(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise CommitFailedError

    def refused_later(_: object, offsets: object, callback: Callable[[object, object], None]) -> None:
        callback(offsets, CommitFailedError())

    sink.feed(*some(1))
    with monkeypatch.context() as patched:
        patched.setattr(KafkaConsumer, "commit", refused)
        patched.setattr(KafkaConsumer, "commit_async", refused_later)
        with sink.worker() as worker:
            eventually(lambda: worker.counts["indexed"] == 1, "the story is indexed")

    assert (len(sink.documents()), sink.lag()) == (1, 1)
    sink.index()
    assert (len(sink.documents()), sink.lag()) == (1, 0)


def test_a_mistyped_namespace_leaves_no_template_behind(sink: Sink, tmp_path: Path) -> None:
    mistyped = f"{sink.kafka.namespace}-mistyped"
    settings = dataclasses.replace(sink.kafka, namespace=mistyped)

    worker = Worker("index", settings, tmp_path, RAFID_ELASTICSEARCH=sink.elastic.urls)

    assert worker.process.wait(60) == 1
    assert f"there is no topic {mistyped}.deduplicated" in worker.said()
    assert not sink.client.indices.exists_index_template(name=names(mistyped).template)
