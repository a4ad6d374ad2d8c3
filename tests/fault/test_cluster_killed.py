"""Three brokers and three nodes: one of each dies again and again under load, then two at once, and nothing is lost."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.audit.audit import Bounds, audit
from indexing.generations.provision import provision as provision_index
from streams.connect.kafka import KafkaSettings
from streams.connect.provision import provision
from streams.connect.replication import replicas_found
from streams.records import Page
from streams.topics import topics
from tests.support.accounts import expected_articles, expected_verdicts, judged, sent_articles
from tests.support.cluster import Cluster, Flow, Growth
from tests.support.kept_logs import own_stack
from tests.support.news import pages
from tests.support.servers import ROOT, Worker, lag, read_all, wait_until, workers

STACK = "test-cluster-killed"
MINUTES = float(os.environ.get("SOAK_MINUTES", "10"))
EVERY_S = float(os.environ.get("SOAK_EVERY", "30"))
PAGES_A_SECOND = float(os.environ.get("SOAK_PAGES_A_SECOND", "10"))
SEED = int(os.environ.get("SOAK_SEED", "1"))
# Two domains of dedup: what one of them knows is no copy in the other.
NAMESPACES = ("news", "english")
REPORT = Path(os.environ.get("SOAK_REPORT", "soak-cluster.json"))
Place = tuple[str, str]  # a namespace and a stage
NOTHING = {"pages": 0, "articles": 0, "verdicts": 0}


@pytest.fixture
def cluster(request: pytest.FixtureRequest) -> Cluster:
    """An empty cluster that may be killed."""
    own_stack(request, STACK)
    return Cluster(STACK)


@pytest.mark.soak
@pytest.mark.timeout(3 * 3600)
def test_one_of_three_dies_and_the_flow_goes_on_two_and_it_waits_for_them(cluster: Cluster, tmp_path: Path) -> None:
    chance = random.Random(SEED)
    domains = {name: dataclasses.replace(cluster.kafka, namespace=name) for name in NAMESPACES}
    for kafka in domains.values():
        _provisioned(cluster, kafka)
    with workers() as running, contextlib.ExitStack() as at_end:
        places = [(name, stage) for name in NAMESPACES for stage in ("split", "dedup", "index")]
        at_work = {place: _worker(place, domains, cluster, tmp_path) for place in places}
        running.extend(at_work.values())
        flows = [Flow(kafka, pages(10**9, SEED), tmp_path / f"{name}.log", PAGES_A_SECOND) for name, kafka in domains.items()]
        growths = [Growth(cluster.elastic, name) for name in NAMESPACES]
        for flow in flows:
            at_end.callback(flow.close)
        for thread in (*flows, *growths):
            thread.start()
        assert all(growth.has_begun.wait(300) for growth in growths), "no document was found in five minutes"

        def one_of_each() -> None:
            for kind in ("kafka", "elasticsearch"):
                cluster.kill(kind, 1, chance)
                cluster.mend()
            assert [worker.said()[-500:] for worker in running if worker.process.poll() is not None] == []

        cluster.every(EVERY_S, time.monotonic() + MINUTES * 60, one_of_each)
        gap_s, killed = max(growth.end() for growth in growths), cluster.killed
        _write(cluster, killed=killed, longest_gap_s=round(gap_s, 1))

        for kind in ("kafka", "elasticsearch"):
            cluster.kill(kind, 2, chance)
        status = _status(domains["news"], cluster)
        cluster.mend()

        assert [flow.finish(600) for flow in flows] == [0, 0]
        ended = _through_with_supervisor(at_work, running, domains, lambda place: _worker(place, domains, cluster, tmp_path))
        assert [worker.stop() for worker in at_work.values()] == [0] * len(at_work)

    assert (status.returncode, status.stdout.count("DOWN: ")) == (1, 2)
    for flow, kafka in zip(flows, domains.values(), strict=True):
        _is_whole(kafka, flow, cluster)
    cluster.look()
    told = {"killed": killed, "longest_gap_s": round(gap_s, 1), "pages": sum(len(flow.given) for flow in flows)}
    _write(cluster, **told, ended_when_two_were_down=ended, outcome="clean")
    assert gap_s < 30
    assert cluster.ended_by_itself == []


def _through_with_supervisor(
    at_work: dict[Place, Worker], running: list[Worker], domains: dict[str, KafkaSettings], start: Callable[[Place], Worker]
) -> list[str]:
    """All stages are through; returns the last words of workers that ended meanwhile, each of which was started again.

    With two brokers down nothing is acknowledged, and a worker ends.
    """
    ended: list[str] = []

    def is_through() -> bool:
        for place in [place for place, worker in at_work.items() if worker.process.poll() is not None]:
            ended.append(at_work[place].said().splitlines()[-1])
            at_work[place] = start(place)
            running.append(at_work[place])
        return all(not lag(kafka, stage, topic) for kafka in domains.values() for stage, topic in _inputs(kafka).items())

    wait_until(is_through, "all stages through", 900)
    return ended


def _provisioned(cluster: Cluster, kafka: KafkaSettings) -> None:
    provision(kafka)
    assert replicas_found(kafka) == ["Kafka: 3 brokers; a message is on 3 of them, and acknowledged when 2 have it"]
    with cluster.elastic.client() as client:
        provision_index(client, kafka.namespace)


def _worker(place: Place, domains: dict[str, KafkaSettings], cluster: Cluster, folder: Path) -> Worker:
    name, stage = place
    (folder / name).mkdir(exist_ok=True)
    return Worker(stage, domains[name], folder / name, RAFID_ELASTICSEARCH=cluster.elastic.urls)


def _status(kafka: KafkaSettings, cluster: Cluster) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rafid", "status", "--kafka", kafka.servers, "--elasticsearch", cluster.elastic.urls]
    found: list[subprocess.CompletedProcess[str]] = []

    def is_down() -> bool:
        found.append(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False))
        return found[-1].stdout.count("DOWN: ") == 2

    wait_until(is_down, "the status to say that both are down", 120)
    return found[-1]


def _is_whole(kafka: KafkaSettings, flow: Flow, cluster: Cluster) -> None:
    last = {message.key: message.value for message in read_all(kafka, topics(kafka.namespace).pages.name)}
    given = {bytes.fromhex(page.id): page.text for page in flow.given}
    assert {key: Page.from_bytes(last[key] or b"").text for key in given} == given
    assert read_all(kafka, topics(kafka.namespace).dead_letters.name) == []
    assert sent_articles(kafka) == expected_articles(kafka)
    assert judged(kafka) == expected_verdicts(kafka)
    with audit(kafka, cluster.elastic, Bounds()) as report:
        assert (report.findings.first, report.under_way) == ([], NOTHING)


def _inputs(kafka: KafkaSettings) -> dict[str, str]:
    names = topics(kafka.namespace)
    return {"split": names.pages.name, "dedup": names.articles.name, "index": names.deduplicated.name}


def _write(cluster: Cluster, **told: object) -> None:
    mended = sorted(round(seconds, 1) for seconds in cluster.mended_s)
    table = {"seed": SEED, "mended_s": mended, "every_s": EVERY_S, "ended_by_itself": cluster.ended_by_itself} | told
    REPORT.write_text(json.dumps(table, indent=1) + "\n")
