"""The next generation beside live writes: same ids, same versions, nothing lost, nobody waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from indexing.elastic.requests import Stopping
from indexing.elastic.writes import Write
from indexing.generations.names import names
from indexing.generations.provision import put_template
from indexing.generations.reindex import Reindexer
from indexing.generations.state import read_generations
from indexing.generations.targets import WriteTargets
from indexing.worker.batches import Limits
from indexing.worker.bulk_writer import Bulk
from indexing.worker.loop import IndexerSettings
from streams.errors import RafidError
from streams.records import Article, Verdict
from tests.integration.indexing.sink import Document, Sink, eventually
from tests.unit.indexing.stories import article, verdict

SMALL = IndexerSettings(limits=Limits(messages=20, age_s=0.05))


def reindexer(sink: Sink, report: Callable[[str], None] = lambda _: None, stopping: threading.Event | None = None) -> Reindexer:
    return Reindexer(sink.client, sink.kafka.namespace, stopping=stopping or threading.Event(), report=report)


def some(count: int, version: int = 1_000, suffix: str = "") -> list[tuple[Article, Verdict]]:
    made = [
        article(f"story-{n}", published_at=f"2026-{9 + n % 3:02}-05T10:00:00Z", body=f"خبر رقم {n} من الميناء {suffix}")
        for n in range(count)
    ]
    kind = "update" if suffix else "new"
    return [(a, verdict(a, version=version + n, kind=kind, known=bool(suffix))) for n, a in enumerate(made)]


def state_of(documents: dict[str, Document]) -> dict[str, tuple[str, int, object]]:
    """Month, version and text of each document: all but the generation."""
    return {doc_id: (d.stored_in[-7:], d.version, d.source) for doc_id, d in documents.items()}


def test_the_next_generation_has_the_same_documents_under_the_same_ids_and_versions(sink: Sink) -> None:
    sink.feed(*some(200), *some(20, version=5_000, suffix="محدث"))
    sink.index()
    before = state_of(sink.documents())

    swapped = reindexer(sink).run(again=True)

    after = sink.documents()
    assert state_of(after) == before
    assert {d.stored_in for d in after.values()} == {f"{sink.kafka.namespace}-g2-2026.{m:02}" for m in (9, 10, 11)}
    assert (swapped.before, swapped.after, swapped.indices, swapped.documents) == (1, 2, 3, 200)
    assert sink.client.count(index=sink.names.articles)["count"] == 200
    assert sink.client.count(index=sink.names.sightings)["count"] == 0


def test_documents_written_during_and_after_are_all_there(sink: Sink) -> None:
    """The worker never stops; the reindexing sees new stories, updates and a new month come in."""
    first, updates = some(600), some(300, version=5_000, suffix="محدث")
    late = article("late", published_at="2026-12-01T10:00:00Z")
    after = article("after")
    sink.feed(*first)
    with sink.worker(SMALL) as worker:
        eventually(lambda: worker.counts["indexed"] >= 300, "half of it")
        lines: list[str] = []

        def on(line: str) -> None:
            lines.append(line)
            if "workers write to both" in line:
                sink.feed(*updates[:150], (late, verdict(late)))
            if "takes no more writes" in line:
                sink.feed(*updates[150:])

        reindexer(sink, report=on).run(again=True)
        sink.feed((after, verdict(after)))
        eventually(lambda: sink.lag() == 0, "everything is written")

    documents = sink.documents()
    expected = {a.id: (v.version, a.body) for a, v in [*first, *updates, (late, verdict(late)), (after, verdict(after))]}
    assert {doc_id: (d.version, d.source["body"]) for doc_id, d in documents.items()} == expected
    assert {d.stored_in.split("-")[1] for d in documents.values()} == {"g2"}
    assert sink.dead_letters() == []


def test_a_worker_that_knows_of_nothing_loses_no_write(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    """It read the aliases before the building began, and slept; each of its writes is found by the last pass, or refused."""
    sink.feed(*some(50))
    sink.index()
    targets = WriteTargets(sink.client, sink.kafka.namespace)
    sleeper = Bulk(sink.client, targets, in_flight=1, stopping=threading.Event())
    targets.state()
    monkeypatch.setattr("indexing.generations.targets.MAX_AGE_S", 3_600)
    written: dict[str, int] = {}

    def write(line: str) -> None:
        doc_id = f"{len(written):032x}"
        assert sleeper.write([Write(doc_id, "2026-10", 7, b'{"body":"sleeper"}')]) == {}
        written[doc_id] = 7

    reindexer(sink, report=write).run(again=True)

    documents = sink.documents()
    assert len(written) >= 4
    assert {doc_id: documents[doc_id].version for doc_id in written} == written
    assert len(documents) == 50 + len(written)


@pytest.mark.parametrize(
    "line", [pytest.param("workers write to both", marks=pytest.mark.soak), "pass 1", "takes no more writes"]
)
def test_a_reindexing_that_is_ended_at_any_step_is_gone_on_with(sink: Sink, line: str) -> None:
    sink.feed(*some(100))
    sink.index()
    before = state_of(sink.documents())

    class Killed(BaseException):
        pass

    def kill(reported: str) -> None:
        if line in reported:
            raise Killed

    with pytest.raises(Killed):
        reindexer(sink, report=kill).run(again=True)
    update = article("story-0", published_at="2026-09-05T10:00:00Z", body="تحديث بين المحاولتين")
    sink.feed((update, verdict(update, version=9_000, kind="update", known=True)))
    sink.index()
    swapped = reindexer(sink).run()

    documents = sink.documents()
    assert (swapped.before, swapped.after) == (1, 2)
    assert {doc_id: s for doc_id, s in state_of(documents).items() if doc_id != update.id} == {
        doc_id: s for doc_id, s in before.items() if doc_id != update.id
    }
    assert (documents[update.id].version, documents[update.id].source["body"]) == (9_000, update.body)


def test_a_generation_is_copied_from_where_it_was_left(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexing.generations.copying.WINDOW_SEQ_NOS", 10)
    monkeypatch.setattr("indexing.generations.copying.SAVE_EVERY_S", 0.0)
    sink.feed(*some(300))
    sink.index()
    stopping = threading.Event()
    seen: list[int] = []

    def stop_after_half(found: int) -> None:
        seen.append(found)
        if sum(seen) >= 150:
            raise KeyboardInterrupt

    interrupted = Reindexer(sink.client, sink.kafka.namespace, stopping=stopping, report=lambda _: None, progress=stop_after_half)
    with pytest.raises(KeyboardInterrupt):
        interrupted.run(again=True)
    rest: list[int] = []
    Reindexer(sink.client, sink.kafka.namespace, stopping=stopping, report=lambda _: None, progress=rest.append).run()

    assert sum(rest) <= 300 - 100  # the months that were done are not looked at again
    assert len(sink.documents()) == 300


def test_a_document_that_does_not_fit_stops_it_and_leaves_the_live_generation_as_it_was(sink: Sink) -> None:
    sink.feed(*some(30))
    sink.index()
    before = sink.documents()
    building = names(sink.kafka.namespace, 2)

    def spoil(line: str) -> None:
        if "workers write to both" in line:
            sink.client.indices.delete(index=building.index("2026-10"))
            sink.client.indices.create(
                index=building.index("2026-10"), mappings={"properties": {"word_count": {"type": "boolean"}}}
            )

    with pytest.raises(RafidError, match="does not fit"):
        reindexer(sink, report=spoil).run(again=True)
    assert sink.documents() == before
    assert reindexer(sink).abandon() == 2

    state = read_generations(sink.client, sink.kafka.namespace)
    assert (state.live.generation, state.building) == (1, None)
    assert reindexer(sink).run(again=True).after == 3


def test_the_generation_before_can_be_deleted_and_is_never_written_again(sink: Sink) -> None:
    sink.feed(*some(30))
    sink.index()
    reindexer(sink).run(again=True)

    with pytest.raises(RafidError, match="in use"):
        reindexer(sink).delete(2)
    assert reindexer(sink).delete(1) == 3
    sink.feed(*some(30, version=5_000, suffix="محدث"))
    sink.index()

    assert {d.stored_in.split("-")[1] for d in sink.documents().values()} == {"g2"}
    assert len(sink.documents()) == 30


def test_a_generation_of_this_version_is_not_built_anew_unasked(sink: Sink) -> None:
    with pytest.raises(RafidError, match="nothing to reindex"):
        reindexer(sink).run()
    sink.feed(*some(3))
    sink.index()
    with pytest.raises(RafidError, match="already of version"):
        reindexer(sink).run()


def test_an_end_while_it_waits_for_elasticsearch_is_an_end(sink: Sink) -> None:
    sink.feed(*some(3))
    sink.index()
    stopping = threading.Event()
    stopping.set()
    away = type(sink.elastic)("http://127.0.0.1:9").client()

    with pytest.raises(Stopping):
        Reindexer(away, sink.kafka.namespace, stopping=stopping, report=lambda _: None).run(again=True)
    away.close()


def test_months_become_years_while_documents_are_written_and_never_the_other_way(sink: Sink) -> None:
    """The worker knows some documents by their months, others by their year; each id lies in one index all the same."""
    made = [article(f"old-{n}", published_at=f"2013-{1 + n % 6:02}-05T10:00:00Z") for n in range(60)]
    recent = article("recent", published_at="2026-11-05T10:00:00Z")
    sink.feed(*((a, verdict(a)) for a in [*made[:40], recent]))
    put_template(sink.client, sink.names)  # as it was before years shared an index
    with sink.worker(SMALL):
        eventually(lambda: sink.lag() == 0, "the old ones are there")
        before = read_generations(sink.client, sink.kafka.namespace)
        assert before.periods(before.live) == ["2013-01", "2013-02", "2013-03", "2013-04", "2013-05", "2013-06", "2026-11"]

        def on(line: str) -> None:
            if "workers write to both" in line:
                updates = [(a, verdict(a, kind="update", known=True, version=5_000)) for a in made[:20]]
                sink.feed(*((a, verdict(a)) for a in made[40:]), *updates)

        swapped = reindexer(sink, report=on).run(monthly_from="2024-01")
        again = article("old-59", published_at="2013-12-05T10:00:00Z", body="نص أحدث من كل ما سبقه في هذا الخبر")
        sink.feed((again, verdict(again, kind="update", known=True, version=9_000)))
        eventually(lambda: sink.lag() == 0, "everything is written")

    documents = sink.documents()
    stored_in = {documents[a.id].stored_in.removeprefix(sink.kafka.namespace) for a in made}
    assert (stored_in, swapped.indices) == ({"-g2-2013"}, 2)
    assert documents[recent.id].stored_in == f"{sink.kafka.namespace}-g2-2026.11"
    assert documents[again.id].version == 9_000
    with pytest.raises(RafidError, match="what is kept by year stays so"):
        reindexer(sink).run(monthly_from="2013-01")
