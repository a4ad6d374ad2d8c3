"""The whole path as processes, and what they say of themselves over HTTP, held against what was sent and what lies there."""

from __future__ import annotations

import itertools
import socket
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from deploy.local.stack import Addresses
from indexing.elastic.settings import ElasticSettings
from indexing.generations.names import names
from indexing.generations.provision import provision
from streams.connect.kafka import KafkaSettings
from streams.records import SIGHTINGS, Page, Verdict
from streams.runtime.metrics import OF_SOURCES, sample_names
from streams.topics import topics
from tests.conftest import fresh_indices, fresh_namespace, fresh_topics
from tests.support.news import pages
from tests.support.prometheus import prometheus
from tests.support.servers import Worker, read_all, send, send_pages, wait_until, workers

STAGES = ("split", "dedup", "index")
PAGES = 200
POISON: tuple[tuple[bytes, bytes | None, dict[str, bytes]], ...] = ((b"1", b"{", {}), (b"2", b"\xff" * 100, {}), (b"3", None, {}))


Series = dict[tuple[str, ...], float]


class Running(NamedTuple):
    """The workers at work, each with the port that it answers on."""

    kafka: KafkaSettings
    elastic: ElasticSettings
    workers: dict[str, Worker]
    ports: dict[str, int]

    def ask(self, stage: str, path: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.ports[stage]}{path}")

    def series(self, stage: str) -> Series:
        """The samples of a scrape of our own metrics, by name and the values of their labels but the stage."""
        found: Series = defaultdict(float)
        for family in text_string_to_metric_families(self.ask(stage, "/metrics").raise_for_status().text):
            for sample in family.samples:
                labels = {label: value for label, value in sample.labels.items() if label != "stage"}
                found[sample.name, *(labels[label] for label in sorted(labels))] = sample.value
        return found

    def settled(self) -> bool:
        """Whether every stage took in what the stage before it gave, by their own accounts."""
        split, dedup, index = map(self.series, STAGES)
        made = split["rafid_articles_made_total",]
        taken = [sum(n for key, n in each.items() if key[0] == "rafid_items_total") for each in (split, dedup, index)]
        return taken == [PAGES + len(POISON), made, made - dedup["rafid_items_total", "already_out"]]


def free_ports(number: int) -> list[int]:
    """Ports that were free a moment ago."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [int(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ports


@pytest.fixture(scope="module")
def running(stack: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Three workers through with two hundred pages and three messages that are none."""
    namespace, folder = fresh_namespace(), tmp_path_factory.mktemp("metrics")
    with fresh_topics(stack, namespace) as kafka, fresh_indices(stack, namespace) as elastic, workers() as started:
        with elastic.client() as client:
            provision(client, namespace)
        ports = dict(zip(STAGES, free_ports(3), strict=True))
        for stage, port in ports.items():
            own = Worker(
                stage, kafka, folder, RAFID_ELASTICSEARCH=elastic.urls, RAFID_METRICS_PORT=str(port), RAFID_LOG_FORMAT="json"
            )
            started.append(own)
        them = Running(kafka, elastic, dict(zip(STAGES, started, strict=True)), ports)
        for worker in started:
            worker.ready()
        send_pages(kafka, itertools.islice(distinct(), PAGES))
        send(kafka, topics(namespace).pages.name, POISON)
        wait_until(them.settled, f"every stage settled; {[worker.said()[-500:] for worker in started]}")
        yield them


def distinct() -> Iterator[Page]:
    """Pages that come once each."""
    seen: set[str] = set()
    for page in pages(1_000):
        if page.id not in seen:
            seen.add(page.id)
            yield page


def test_the_counters_are_what_lies_on_the_topics_and_in_the_index(running: Running) -> None:
    table = topics(running.kafka.namespace)
    articles = len(read_all(running.kafka, table.articles.name))
    verdicts = Counter(
        Verdict.from_bytes(message.headers["verdict"]).kind for message in read_all(running.kafka, table.deduplicated.name)
    )
    with running.elastic.client() as client:
        client.indices.refresh(index=names(running.kafka.namespace).everything)
        documents = client.count(index=names(running.kafka.namespace).everything)["count"]

    split, dedup, index = map(running.series, STAGES)

    assert (split["rafid_items_total", "split"], split["rafid_items_total", "dead_letter"]) == (PAGES, len(POISON))
    assert split["rafid_dead_letters_total", "malformed_page"] == len(POISON)
    assert split["rafid_articles_made_total",] == articles
    assert {kind: dedup["rafid_items_total", kind] for kind in verdicts} == verdicts
    assert index["rafid_items_total", "indexed"] + index["rafid_items_total", "unchanged"] == sum(verdicts.values())
    written = sum(number for kind, number in verdicts.items() if kind != "unchanged")
    assert index["rafid_page_age_seconds_count",] == written
    assert documents <= written
    assert verdicts.keys() & SIGHTINGS
    assert dedup["rafid_register_entries",] > 0
    for series in (split, dedup, index):
        assert series["rafid_batch_messages_sum",] == sum(n for key, n in series.items() if key[0] == "rafid_items_total")


def test_a_worker_that_is_through_is_alive_and_ready_and_has_nothing_behind_it(running: Running) -> None:
    for stage in STAGES:
        wait_until(partial(is_ready, running, stage), f"{stage} is ready")
        assert running.ask(stage, "/healthz").text == "ok\n"
        wait_until(partial(has_no_lag, running, stage), f"{stage} has no lag")
        series = running.series(stage)
        assert series["rafid_ready",] == 1
        assert series["rafid_last_success_timestamp_seconds",] > 1.7e9
    partitions = {stage: sum(key[0] == "rafid_lag_messages" for key in running.series(stage)) for stage in STAGES}
    assert partitions == {"split": 12, "dedup": 1, "index": 12}


def is_ready(running: Running, stage: str) -> bool:
    return running.ask(stage, "/readyz").status_code == 200


def has_no_lag(running: Running, stage: str) -> bool:
    behind = ("rafid_lag_messages", "rafid_overdue_messages")
    return not sum(number for key, number in running.series(stage).items() if key[0] in behind)


def test_a_dead_letter_is_a_line_of_json_with_its_place(running: Running) -> None:
    line = running.workers["split"].wait_for(r'\{.*"reason":"malformed_page".*\}').group()

    assert '"stage":"split"' in line
    assert f'"topic":"{topics(running.kafka.namespace).pages.name}"' in line


def test_the_processes_show_the_metrics_of_the_table_and_no_others(running: Running) -> None:
    shown = {key[0] for stage in STAGES for key in running.series(stage) if key[0].startswith("rafid_")}

    assert shown == sample_names() - OF_SOURCES


def test_prometheus_scrapes_them_and_a_stopped_worker_makes_its_alert_fire(running: Running, tmp_path: Path) -> None:
    """The last test of this module: the worker stays stopped."""
    (port,) = free_ports(1)
    alarmed = {("RafidWorkerMissing", "index"), ("RafidProcessDown", "")}
    with prometheus(tmp_path, port, {f"rafid-{stage}": own for stage, own in running.ports.items()}) as address:
        wait_until(partial(are_all_up, address), "all three are scraped", 40)
        assert query(address, "sum(rafid_articles_made_total)") == [running.series("split")["rafid_articles_made_total",]]
        # Rules may have been looked at before the first scrape: then "missing" fires until they are looked at again.
        wait_until(lambda: not alarmed & firing(address), "no alarm while all three run", 40)

        assert running.workers["index"].stop() == 0

        wait_until(lambda: alarmed <= firing(address), f"{alarmed} fire", 40)
        assert {rule["health"] for rule in ask(address, "rules")["groups"][0]["rules"]} == {"ok"}


def ask(address: str, question: str, **parameters: str) -> Any:
    return httpx.get(f"{address}/api/v1/{question}", params=parameters).raise_for_status().json()["data"]


def query(address: str, expression: str) -> list[float]:
    return [float(sample["value"][1]) for sample in ask(address, "query", query=expression)["result"]]


def are_all_up(address: str) -> bool:
    try:
        return query(address, "up") == [1.0, 1.0, 1.0]
    except httpx.HTTPError:  # it has just been started
        return False


def firing(address: str) -> set[tuple[str, str]]:
    """The alerts that fire, with the stage of each."""
    alerts = [alert for alert in ask(address, "alerts")["alerts"] if alert["state"] == "firing"]
    return {(alert["labels"]["alertname"], alert["labels"].get("stage", "")) for alert in alerts}
