"""The whole path while each of its workers is killed: pages in, documents out, the same as if nothing had happened."""

from __future__ import annotations

import itertools
import random
import time
from pathlib import Path
from typing import Any

import pytest

from deploy.audit.audit import Bounds, audit
from indexing.elastic.settings import ElasticSettings
from indexing.generations.names import names as index_names
from indexing.generations.provision import provision as provision_index
from streams.connect.kafka import KafkaSettings
from streams.connect.provision import provision, remove
from streams.topics import topics
from tests.support.accounts import expected_articles, expected_verdicts, judged, sent_articles
from tests.support.news import pages
from tests.support.servers import Worker, lag, read_all, send, send_pages, wait_for_all, wait_until, workers

PAGES = 2_400
STAGES = ("split", "dedup", "index")


@pytest.mark.timeout(1200)
def test_a_kill_of_each_worker_changes_no_document(
    kafka: KafkaSettings, elastic: ElasticSettings, namespace: str, tmp_path: Path
) -> None:
    chance = random.Random(7)
    with elastic.client() as client:
        provision_index(client, namespace)
    news = pages(PAGES)
    with workers() as running:
        alive = {stage: _start(stage, kafka, elastic, tmp_path) for stage in STAGES}
        running.extend(alive.values())
        for stage in STAGES:
            send_pages(kafka, itertools.islice(news, PAGES // 4))
            alive[stage].ready()
            before = _committed(kafka, stage)
            wait_until(lambda s=stage, b=before: _committed(kafka, s) > b, f"{stage} at work", 120)  # type: ignore[misc]
            time.sleep(chance.random())  # the moment is the point: it is drawn, not waited for
            alive[stage].kill()
            alive[stage] = _start(stage, kafka, elastic, tmp_path)
            running.append(alive[stage])
        send_pages(kafka, news)
        _wait_for_all(kafka, STAGES)
        assert [worker.stop() for worker in alive.values()] == [0, 0, 0]

    names = topics(kafka.namespace)
    verdicts = judged(kafka)
    assert read_all(kafka, names.dead_letters.name) == []
    assert {origin for _, origin in verdicts} == {(page.partition, page.offset) for page in read_all(kafka, names.pages.name)}
    assert sent_articles(kafka) == expected_articles(kafka)
    assert verdicts == expected_verdicts(kafka)
    with audit(kafka, elastic, Bounds()) as report:
        assert (report.findings.first, report.under_way) == ([], {"pages": 0, "articles": 0, "verdicts": 0})
    assert _documents(elastic, namespace) == _undisturbed(kafka, elastic, namespace, tmp_path)


def _undisturbed(kafka: KafkaSettings, elastic: ElasticSettings, namespace: str, tmp_path: Path) -> dict[str, Any]:
    """The documents that the same log of articles gives when nobody is killed."""
    calm = KafkaSettings(kafka.servers, namespace=f"{namespace}calm")
    provision(calm)
    try:
        with elastic.client() as client:
            provision_index(client, calm.namespace)
        log = read_all(kafka, topics(kafka.namespace).articles.name)
        send(calm, topics(calm.namespace).articles.name, ((m.key, m.value, m.headers) for m in log))
        with workers() as running:
            running.extend(_start(stage, calm, elastic, tmp_path) for stage in STAGES[1:])
            _wait_for_all(calm, STAGES[1:])
            assert [worker.stop() for worker in running] == [0, 0]
        return _documents(elastic, calm.namespace)
    finally:
        remove(calm)
        with elastic.client() as client:
            every = index_names(calm.namespace).all_generations
            client.indices.delete(index=list(client.indices.get(index=every).body))
            client.indices.delete_index_template(name=index_names(calm.namespace).template)


def _start(stage: str, kafka: KafkaSettings, elastic: ElasticSettings, tmp_path: Path) -> Worker:
    return Worker(stage, kafka, tmp_path, state=tmp_path / kafka.namespace, RAFID_ELASTICSEARCH=elastic.urls)


def _wait_for_all(kafka: KafkaSettings, stages: tuple[str, ...]) -> None:
    names = topics(kafka.namespace)
    inputs = {"split": names.pages, "dedup": names.articles, "index": names.deduplicated}
    for stage in stages:
        wait_for_all(kafka, stage, inputs[stage].name, 400)


def _committed(kafka: KafkaSettings, stage: str) -> int:
    names = topics(kafka.namespace)
    topic = {"split": names.pages, "dedup": names.articles, "index": names.deduplicated}[stage].name
    return len(read_all(kafka, topic)) - lag(kafka, stage, topic)


def _documents(elastic: ElasticSettings, namespace: str) -> dict[str, Any]:
    """Every document by its id: its month, version and fields, but not when it was indexed."""
    found: dict[str, Any] = {}
    with elastic.client() as client:
        names = index_names(namespace)
        client.indices.refresh(index=names.everything)
        moment = {"id": client.open_point_in_time(index=names.everything, keep_alive="1m")["id"], "keep_alive": "1m"}
        after: list[Any] | None = None
        while True:
            hits = client.search(pit=moment, size=2_000, version=True, sort="_shard_doc", search_after=after)["hits"]["hits"]
            if not hits:
                return found
            after = hits[-1]["sort"]
            for hit in hits:
                hit["_source"].pop("indexed_at")
                assert hit["_id"] not in found
                found[hit["_id"]] = (names.period(hit["_index"]), hit["_version"], hit["_source"])
