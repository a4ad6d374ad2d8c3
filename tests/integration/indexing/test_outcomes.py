"""What each answer of Elasticsearch leads to: row by row, by the real server where it can be made to give it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator

import msgspec
import pytest
from pytest_httpserver import HTTPServer

from indexing.elastic.requests import ElasticsearchRefused
from indexing.generations.state import ensure_index, read_generations
from indexing.worker.batches import Limits
from indexing.worker.loop import IndexerSettings
from streams.records import Article, Verdict
from tests.integration.indexing import proxy as faults
from tests.integration.indexing.proxy import Fault, Proxy
from tests.integration.indexing.sink import Sink, eventually
from tests.unit.indexing.stories import BODY, article, verdict

ONE_BATCH = IndexerSettings(limits=Limits(messages=1_000, age_s=0.2))


def some(count: int) -> list[tuple[Article, Verdict]]:
    return [(a, verdict(a)) for a in (article(f"story-{n}") for n in range(count))]


@pytest.fixture
def proxy(sink: Sink) -> Iterator[Proxy]:
    with HTTPServer(threaded=True) as server:
        proxy = Proxy(server, sink.elastic.urls)
        yield proxy
        proxy.close()


def month_of_numbers(sink: Sink) -> str:
    """The index of the month, in which an author must be a number."""
    index = sink.names.index("2026-11")
    sink.client.indices.create(
        index=index,
        aliases={sink.names.everything: {}},
        mappings={"properties": {"author": {"type": "integer"}}},
    )
    return index


def test_a_document_that_cannot_be_mapped_is_a_dead_letter_and_the_rest_is_indexed(sink: Sink) -> None:
    month_of_numbers(sink)
    good, refused = some(30), article("refused", author="سلمى حداد")
    sink.feed(*good[:15], (refused, verdict(refused)), *good[15:])

    sink.index(ONE_BATCH)

    ((key, value, letter),) = sink.dead_letters()
    assert set(sink.documents()) == {a.id for a, _ in good}
    assert (key, value) == (bytes.fromhex(refused.id), refused.to_bytes())
    assert (letter.stage, letter.reason) == ("index", "document_refused")
    assert "document_parsing_exception" in letter.error
    assert sink.lag() == 0


def test_a_body_that_is_no_utf_8_is_a_dead_letter_and_the_rest_is_indexed(sink: Sink) -> None:
    good, broken = some(30), article("broken")
    value = broken.to_bytes().replace(b'"body":"', b'"body":"\xff\xfe')
    sink.feed(*good[:15])
    told = verdict(broken, content_hash="0123456789abcdef" * 2, word_count=7)  # so that nobody looks into the body before
    sink.send((bytes.fromhex(broken.id), value, told.to_bytes()))
    sink.feed(*good[15:])

    sink.index(ONE_BATCH)

    ((_, kept, letter),) = sink.dead_letters()
    assert set(sink.documents()) == {a.id for a, _ in good}
    assert (kept, letter.stage, letter.reason) == (value, "index", "document_refused")
    assert sink.lag() == 0


def test_a_mapping_that_refuses_everything_stops_the_worker_and_empties_nothing(sink: Sink) -> None:
    month_of_numbers(sink)
    wrong = [article(f"wrong-{n}", author="سلمى حداد") for n in range(200)]
    sink.feed(*((a, verdict(a)) for a in wrong))

    with pytest.raises(ElasticsearchRefused, match="mapping"):
        sink.index(ONE_BATCH)

    assert sink.dead_letters() == []
    assert sink.lag() == 200


def test_a_newer_document_that_is_already_there_is_success(sink: Sink) -> None:
    """The look-up cannot see it yet: only Elasticsearch's own versions protect it."""
    stories = some(5)
    ensure_index(sink.client, read_generations(sink.client, sink.kafka.namespace), sink.names, "2026-11")
    sink.client.indices.put_settings(index=sink.names.pattern, settings={"refresh_interval": "-1"})
    sink.feed(*stories)
    with sink.worker() as worker:
        eventually(lambda: worker.counts["indexed"] == 5, "the first writes")
        newer = article("story-0", body="نص أحدث كتبه عامل آخر")
        sink.client.index(
            index=sink.names.index("2026-11"),
            id=newer.id,
            version=9_000,
            version_type="external_gte",
            document={"body": newer.body},
        )
        update = article("story-0", body="نص بينهما")
        sink.feed((update, verdict(update, kind="update", known=True, version=5_000)))
        eventually(lambda: sink.lag() == 0, "the update is settled")

    assert sink.documents()[newer.id].source["body"] == newer.body
    assert sink.dead_letters() == []


BLOCKS = {
    "a write block": {"index.blocks.write": True},
    "the flood stage of a full disk": {"index.blocks.read_only_allow_delete": True},
}


@pytest.mark.parametrize("block", BLOCKS)
def test_a_blocked_index_stops_the_worker_until_the_block_is_lifted(sink: Sink, block: str) -> None:
    stories = some(20)
    sink.feed(*stories[:1])
    sink.index()
    index = sink.names.index("2026-11")
    sink.client.indices.put_settings(index=index, settings=BLOCKS[block])
    sink.feed(*stories[1:])

    with pytest.raises(ElasticsearchRefused, match=r"cluster_block_exception.*nothing is lost"):
        sink.index()
    assert sink.lag() == 19
    sink.client.indices.put_settings(index=index, settings=dict.fromkeys(BLOCKS[block]))
    sink.index()

    assert set(sink.documents()) == {a.id for a, _ in stories}
    assert sink.dead_letters() == []


def test_a_closed_index_stops_the_worker_until_it_is_opened(sink: Sink) -> None:
    stories = some(20)
    sink.feed(*stories[:1])
    sink.index()
    sink.client.indices.close(index=sink.names.index("2026-11"))
    sink.feed(*stories[1:])

    with pytest.raises(ElasticsearchRefused, match="index_closed_exception"):
        sink.index()
    assert sink.lag() == 19
    sink.client.indices.open(index=sink.names.index("2026-11"))
    sink.client.cluster.health(index=sink.names.pattern, wait_for_status="yellow", timeout="30s")
    sink.index()

    assert set(sink.documents()) == {a.id for a, _ in stories}


PASSING: dict[str, list[Fault]] = {
    "429 of the request": [faults.refuses(429, "circuit_breaking_exception")] * 2,
    "502": [faults.page(502)] * 2,
    "503": [faults.refuses(503, "no_master")] * 2,
    "504": [faults.page(504)] * 2,
    "a block without a master": [faults.refuses(503, "cluster_block_exception")],
    "half an answer": [faults.torn] * 2,
    "an answer for nothing": [faults.short],
    "an answer cut off": [faults.cut_off] * 2,
    "429 of every item": faults.items(429, "es_rejected_execution_exception", times=2),
    "503 of every item": faults.items(503, "unavailable_shards_exception", times=2),
    "500 of every item": faults.items(500, "illegal_state_exception", times=2),
}


@pytest.mark.parametrize("trouble", PASSING)
def test_trouble_that_passes_is_outlasted(sink: Sink, proxy: Proxy, trouble: str) -> None:
    stories = some(30)
    sink.feed(*stories)
    proxy.faults = list(PASSING[trouble])

    sink.index(ONE_BATCH, client=type(sink.elastic)(proxy.url).client())

    assert proxy.faults == []
    assert set(sink.documents()) == {a.id for a, _ in stories}
    assert sink.dead_letters() == []


def test_an_answer_that_does_not_come_in_time_is_asked_for_again(sink: Sink, proxy: Proxy) -> None:
    stories = some(10)
    sink.feed(*stories)
    proxy.faults = [faults.late(1.5)]

    sink.index(ONE_BATCH, client=type(sink.elastic)(proxy.url).client(request_timeout=0.5))

    assert {d.version for d in sink.documents().values()} == {1_000}
    assert set(sink.documents()) == {a.id for a, _ in stories}


def test_a_bulk_that_was_given_up_and_arrives_after_newer_versions_changes_nothing(sink: Sink, proxy: Proxy) -> None:
    let_go, client = threading.Event(), type(sink.elastic)(proxy.url).client(request_timeout=0.5)
    proxy.faults = [faults.held(let_go)]
    stories = some(10)
    sink.feed(*stories)

    with sink.worker(ONE_BATCH, client=client):
        eventually(lambda: sink.lag() == 0, "the batch to be written by its second try")
        newer = [
            (msgspec.structs.replace(a, body=f"{BODY} ثم عدلت."), verdict(a, kind="update", version=2_000)) for a, _ in stories
        ]
        sink.feed(*newer)
        eventually(lambda: sink.lag() == 0, "the newer versions to be written")
        before, answered = sink.documents(), len(proxy.answers)
        let_go.set()
        eventually(lambda: len(proxy.answers) > answered, "the first try to arrive")

    late = json.loads(proxy.answers[-1].get_data())
    assert {d.version for d in before.values()} == {2_000}
    assert [item["index"]["status"] for item in late["items"]] == [409] * 10
    assert sink.documents() == before


def test_a_bulk_of_a_worker_that_is_gone_doubles_nothing_when_it_arrives_late(sink: Sink, proxy: Proxy) -> None:
    let_go = threading.Event()
    proxy.faults, proxy.standing = [faults.held(let_go)], faults.refuses(503)
    sink.feed(*some(10))
    with sink.worker(ONE_BATCH, client=type(sink.elastic)(proxy.url).client(request_timeout=0.5)):
        eventually(lambda: proxy.bulks > 1, "the first try to be given up")
    sink.index(ONE_BATCH)  # another worker writes what the first did not commit

    before = sink.documents()  # fails where an id is in two indices
    let_go.set()
    eventually(lambda: len(proxy.answers) == 1, "the first try to arrive")
    after = sink.documents()

    assert len(before) == 10
    assert {i: (d.stored_in, d.version) for i, d in after.items()} == {i: (d.stored_in, d.version) for i, d in before.items()}
    assert all(after[i].source | {"indexed_at": ""} == before[i].source | {"indexed_at": ""} for i in before)


def test_a_request_that_is_too_large_goes_in_halves(sink: Sink, proxy: Proxy) -> None:
    stories, giant = some(40), article("giant", body="كلمة " * 30_000)
    sink.feed(*stories, (giant, verdict(giant)))
    proxy.standing = faults.larger_than(20_000)

    sink.index(ONE_BATCH, client=type(sink.elastic)(proxy.url).client())

    ((key, _, letter),) = sink.dead_letters()
    assert set(sink.documents()) == {a.id for a, _ in stories}
    assert (key, letter.reason) == (bytes.fromhex(giant.id), "document_too_large")


def test_one_document_that_fails_for_ever_on_the_servers_side_does_not_hold_up_the_rest(sink: Sink, proxy: Proxy) -> None:
    stories = some(3)
    sink.feed(*stories)
    proxy.standing = faults.items(500, "illegal_state_exception", times=1)[0]

    sink.index(ONE_BATCH, client=type(sink.elastic)(proxy.url).client())

    assert [letter.reason for _, _, letter in sink.dead_letters()] == ["document_refused"] * 3
    assert sink.lag() == 0


STOPPING: dict[str, list[Fault]] = {
    "401": [faults.refuses(401, "security_exception")],
    "403": [faults.refuses(403, "security_exception")],
    "404": [faults.page(404)],
    "a 4xx that nobody knows": [faults.refuses(418, "teapot_exception")],
    "403 of every item": faults.items(403, "security_exception", times=1),
    "the limit of shards": faults.items(400, "validation_exception", times=1),
}


@pytest.mark.parametrize("trouble", STOPPING)
def test_a_refusal_that_somebody_has_to_mend_stops_the_worker_without_a_commit(sink: Sink, proxy: Proxy, trouble: str) -> None:
    sink.feed(*some(30))
    proxy.faults = list(STOPPING[trouble])

    with pytest.raises(ElasticsearchRefused, match="nothing is lost"):
        sink.index(ONE_BATCH, client=type(sink.elastic)(proxy.url).client())

    assert sink.lag() == 30
    assert sink.dead_letters() == []


def test_an_outage_is_outlasted_while_the_group_is_told_that_we_live(sink: Sink, proxy: Proxy) -> None:
    """The group's patience is far shorter than the outage: a worker that did not poll meanwhile would be put out."""
    sink.feed(*some(30))
    proxy.standing = faults.page(503)
    client = type(sink.elastic)(proxy.url).client()

    with sink.worker(ONE_BATCH, client, max_poll_interval_ms=2_000, session_timeout_ms=6_000) as worker:
        eventually(lambda: proxy.bulks >= 1, "the first attempt")
        outage_ends = time.monotonic() + 4
        eventually(lambda: time.monotonic() > outage_ends, "the outage ends")
        proxy.standing = None
        eventually(lambda: sink.lag() == 0, "the worker goes on")

    assert len(sink.documents()) == 30
    assert worker.counts["already_there"] == 0  # a rebalance would have brought the messages a second time


def test_a_stop_during_an_outage_leaves_the_rest_for_the_next_start(sink: Sink, proxy: Proxy) -> None:
    stories = some(30)
    sink.feed(*stories)
    proxy.standing = faults.page(503)

    with sink.worker(ONE_BATCH, type(sink.elastic)(proxy.url).client()):
        eventually(lambda: proxy.bulks >= 2, "some attempts")
    assert sink.lag() == 30
    sink.index()

    assert set(sink.documents()) == {a.id for a, _ in stories}
