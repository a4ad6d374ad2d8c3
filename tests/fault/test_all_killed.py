"""A thousand kills over every process, servers and producer among them: nothing lost, nothing doubled, the audit clean."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from deploy.audit.audit import Bounds, audit
from deploy.local import stack as stacks
from indexing.elastic.settings import ElasticSettings
from indexing.generations.names import names as index_names
from indexing.generations.provision import provision as provision_index
from streams.connect.kafka import KafkaSettings
from streams.connect.provision import provision
from streams.records import Page, Verdict
from streams.topics import topics
from tests.support.accounts import expected_articles, expected_verdicts, judged, sent_articles
from tests.support.acts import write
from tests.support.kept_logs import own_stack
from tests.support.killer import Killer
from tests.support.news import pages
from tests.support.servers import read_all

STACK = "test-all-killed"
KILLS = int(os.environ.get("SOAK_KILLS", "1000"))
MINUTES = float(os.environ.get("SOAK_MINUTES", "180"))
SEED = int(os.environ.get("SOAK_SEED", "1"))
# Its acts and the table of them, beside the checkout's other measurements.
REPORT = Path(os.environ.get("SOAK_REPORT", "soak-kills.json"))
AUDITED_EVERY = 100
MEAN_PAUSE_S = 1.0
NOTHING = {"pages": 0, "articles": 0, "verdicts": 0}


@pytest.fixture
def servers(request: pytest.FixtureRequest) -> stacks.Addresses:
    """Empty servers that may be killed."""
    own_stack(request, STACK)
    return stacks.up(STACK)


@pytest.mark.soak
@pytest.mark.timeout(6 * 3600)
def test_a_thousand_kills_over_all_processes_lose_and_double_nothing(servers: stacks.Addresses, tmp_path: Path) -> None:
    kafka, elastic = KafkaSettings(servers.kafka), ElasticSettings(servers.elasticsearch)
    provision(kafka)
    with elastic.client() as client:
        provision_index(client, kafka.namespace)
    ends_s = time.monotonic() + MINUTES * 60
    killer = Killer(STACK, kafka, pages(10**9, SEED), tmp_path, SEED)
    try:
        audited = 0
        while len(killer.acts) < KILLS and time.monotonic() < ends_s:
            killer.once()
            killer.pause(MEAN_PAUSE_S)
            if len(killer.acts) - audited >= AUDITED_EVERY:
                audited = len(killer.acts)
                killer.rest()
                _write(killer, "under way")
                with audit(kafka, elastic, Bounds()) as report:  # beside the traffic, and with processes that are starting
                    assert report.findings.first == [], f"after {audited} deeds"
        killer.rest()
        killer.producer.finish(600)
        for stage, topic in _inputs(kafka).items():
            killer.wait_until_through(stage, topic)
        assert killer.stop() == [0] * len(killer.workers)
    finally:
        killer.close()
        _write(killer, "ended")

    last = {message.key: message.value for message in read_all(kafka, topics(kafka.namespace).pages.name)}
    given = {bytes.fromhex(page.id): page.text for page in killer.producer.taken}
    assert {key: Page.from_bytes(last[key] or b"").text for key in given} == given
    assert read_all(kafka, topics(kafka.namespace).dead_letters.name) == []
    assert sent_articles(kafka) == expected_articles(kafka)
    verdicts = judged(kafka)
    assert verdicts == expected_verdicts(kafka)
    with audit(kafka, elastic, Bounds()) as report:
        assert (report.findings.first, report.under_way) == ([], NOTHING)
        read = report.read
    wanted = {v.doc_id for all_of_it in verdicts.values() for v in map(Verdict.from_bytes, all_of_it) if v.kind != "unchanged"}
    with elastic.client() as client:
        everything = index_names(kafka.namespace).everything
        client.indices.refresh(index=everything)
        assert client.count(index=everything)["count"] == len(wanted) == read["documents"]
    _write(killer, "clean", **read)


def _inputs(kafka: KafkaSettings) -> dict[str, str]:
    names = topics(kafka.namespace)
    return {"split": names.pages.name, "dedup": names.articles.name, "index": names.deduplicated.name}


def _write(killer: Killer, outcome: str, **read: int) -> None:
    write(killer.acts, REPORT.with_suffix(".acts.jsonl"))
    told = {"outcome": outcome, "seed": SEED, "deeds": len(killer.acts), "pages_given": len(killer.producer.taken)}
    REPORT.write_text(json.dumps(told | read | killer.summary(), indent=1, ensure_ascii=False) + "\n")
