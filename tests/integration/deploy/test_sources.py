"""`rafid sources status` on a real index and topics: five weeks of generated traffic, in which a few sources fell silent."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import numpy as np
import pytest
from elasticsearch.helpers import bulk
from prometheus_client.parser import text_string_to_metric_families

from deploy.console.reads.index import Index
from deploy.console.reads.sources import Judged
from deploy.console.reads.sources import sources as shown_sources
from deploy.local.stack import Addresses
from deploy.sources.rhythm import WEEK_H
from indexing.elastic.settings import ElasticSettings
from indexing.generations.names import names
from indexing.generations.provision import provision
from streams.connect.kafka import KafkaSettings
from streams.dead_letters.envelope import Reason, dead_letter
from streams.topics import topics
from tests.conftest import fresh_indices, fresh_namespace, fresh_topics
from tests.support.servers import send, wait_until
from tests.support.traffic import agency, daily, desk, moments, rare, usual_quiet_h

WEEKS = 5
RATES = {
    "agency": agency(2),
    "night-paper": daily(3, 1),
    "newsroom": desk(3, 0.6),
    "no-weekends": desk(3, 0.0),
    "cables": agency(1.5),
    "seldom": rare(9),
}
REFUSED, SHORT = "refused-now", "short-now"
QUIET = {f"{name}-quiet" for name in ("agency", "newsroom", "cables")}


class Told(NamedTuple):
    """What the command said and how it ended."""

    code: int
    found: dict[str, Any]
    kafka: KafkaSettings
    elastic: ElasticSettings

    def state(self, source: str) -> str:
        return str(next(each["state"] for each in self.found["sources"] if each["source"] == source))


def rafid(kafka: KafkaSettings, elastic: ElasticSettings, *arguments: str) -> subprocess.CompletedProcess[str]:
    where = ("--kafka", kafka.servers, "--namespace", kafka.namespace, "--elasticsearch", elastic.urls)
    command = [sys.executable, "-m", "rafid", "sources", "status", *where, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def documents(index: str, begin: float) -> Iterator[dict[str, Any]]:
    """The main articles of every source twice; three of the latter fell silent twice their usual quiet ago."""
    chance = np.random.default_rng(5)
    for name, rate in RATES.items():
        for source in (name, f"{name}-quiet"):
            pages = moments(rate, WEEKS * WEEK_H, 1.0, chance)
            if source in QUIET:
                pages = [page for page in pages if page < WEEKS * WEEK_H - 2 * usual_quiet_h(pages, WEEKS * WEEK_H)]
            yield from (document(index, source, begin + page, 180) for page in pages)
    for source, words in ((REFUSED, 200), (SHORT, 8)):
        pages = moments(agency(1.5), WEEKS * WEEK_H, 1.0, chance)
        last_day = WEEKS * WEEK_H - 24
        yield from (document(index, source, begin + page, 200) for page in pages if page < last_day)
        if source == SHORT:
            yield from (document(index, source, begin + page, words) for page in pages if page >= last_day)


def document(index: str, source: str, at: float, words: int) -> dict[str, Any]:
    when = int(at * 3_600_000)
    fields = {"source": source, "role": "main", "kind": "copy" if when % 4 == 0 else "new", "word_count": words}
    return {"_index": index, "_source": fields | {"first_seen": when, "@timestamp": when}}


@pytest.fixture(scope="module")
def told(stack: Addresses) -> Iterator[Told]:
    namespace = fresh_namespace()
    with fresh_topics(stack, namespace) as kafka, fresh_indices(stack, namespace) as elastic:
        now = time.time() / 3600
        index = names(namespace).index(datetime.now(UTC).strftime("%Y-%m"))
        with elastic.client() as client:
            provision(client, namespace)
            bulk(client, documents(index, now - WEEKS * WEEK_H), chunk_size=5_000)
            client.indices.refresh(index=index)
        value = json.dumps({"source": REFUSED}).encode()
        failed_at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        letter = dead_letter(
            stage="split", reason=Reason.MALFORMED_PAGE, error="no text", failed_at=failed_at, key=b"k", value=value
        )
        send(kafka, topics(namespace).dead_letters.name, [(letter.key, letter.value, dict(letter.headers))] * 20)
        ended = rafid(kafka, elastic, "--json")
        assert ended.stdout, ended.stderr
        yield Told(ended.returncode, json.loads(ended.stdout), kafka, elastic)


def test_the_sources_that_fell_silent_or_empty_are_named_and_no_others(told: Told) -> None:
    odd = {each["source"]: each["state"] for each in told.found["sources"] if each["state"] not in ("well", "new")}

    assert odd == dict.fromkeys(QUIET, "silent") | dict.fromkeys((REFUSED, SHORT), "empty")
    assert told.code == 1
    assert len(told.found["odd"]) == len(odd)


def test_a_source_has_its_rhythm_its_last_story_and_its_shares(told: Told) -> None:
    paper = next(each for each in told.found["sources"] if each["source"] == "night-paper")

    assert len(paper["rhythm"]) == WEEK_H
    assert sum(sorted(paper["rhythm"])[-8 * 7 :]) > 0.8 * sum(paper["rhythm"])  # it works a third of the day
    assert paper["last_story"] <= paper["last_page"]
    assert paper["copies_share"] == pytest.approx(0.25, abs=0.05)


def test_people_see_the_same(told: Told) -> None:
    ended = rafid(told.kafka, told.elastic)

    assert ended.returncode == 1
    assert {line.split()[1] for line in ended.stdout.splitlines() if line.startswith("ODD:")} == {*QUIET, REFUSED, SHORT}


def test_the_console_judges_them_alike(told: Told) -> None:
    with told.elastic.client() as client:
        found = shown_sources(Index(client, names(told.kafka.namespace)), told.kafka, Judged(60))
    states = {each.source: each.state for each in found.sources}

    assert states == {each["source"]: each["state"] for each in told.found["sources"]}
    assert {each.source for each in found.sources[: len(QUIET) + 2]} == {*QUIET, REFUSED, SHORT}
    assert sum(found.sources[-1].days) > 0


@contextlib.contextmanager
def answering(told: Told, log: Path, *arguments: str) -> Iterator[str]:
    """The address of the metrics of a process, which ends well when the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = int(server.getsockname()[1])
    where = {"RAFID_KAFKA": told.kafka.servers, "RAFID_NAMESPACE": told.kafka.namespace, "RAFID_ELASTICSEARCH": told.elastic.urls}
    command = [sys.executable, "-m", "rafid", *arguments, "--metrics-port", str(port)]
    with log.open("wb") as output, subprocess.Popen(command, env=os.environ | where, stdout=output, stderr=output) as process:
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            ended = process.wait(30)
    assert ended == 0, log.read_text()


def ask(address: str) -> str:
    """The text of a scrape, or nothing while the process is not ready."""
    with contextlib.suppress(httpx.TransportError):
        if httpx.get(f"{address}/readyz", timeout=5).status_code == 200:
            return httpx.get(f"{address}/metrics", timeout=5).text
    return ""


def samples(text: str, name: str) -> dict[str, float]:
    """The values of a metric by the first of its labels but `stage`."""
    families = text_string_to_metric_families(text)
    found = [sample for family in families for sample in family.samples if sample.name == name]
    return {next(value for label, value in sample.labels.items() if label != "stage"): sample.value for sample in found}


def test_the_watch_shows_the_same_sources_as_metrics(told: Told, tmp_path: Path) -> None:
    with answering(told, tmp_path / "log", "dashboards", "dead-letters", "--sources-every", "2") as address:
        # The first look may come before the dead letters are in their index.
        wait_until(lambda: samples(ask(address), "rafid_sources").get("empty") == 2, "two sources are empty", 60)
        scrape = ask(address)

    assert samples(scrape, "rafid_odd_source").keys() == {*QUIET, REFUSED, SHORT}
    assert samples(scrape, "rafid_sources")["silent"] == len(QUIET)
    assert (tmp_path / "log").read_text().count("agency-quiet is silent") == 1


def test_a_console_is_ready_when_its_servers_answer(told: Told, tmp_path: Path) -> None:
    with answering(told, tmp_path / "log", "console", "--port", "0") as address:
        shown = wait_until(lambda: ask(address), "the console is ready", 60)

    assert 'rafid_alive{stage="console"} 1.0' in shown


def test_no_source_is_silent_while_its_pages_wait_for_a_worker(told: Told) -> None:
    """The last test of this module: the page stays."""
    send(told.kafka, topics(told.kafka.namespace).pages.name, [(b"k", b"{}", {})])
    before = datetime.now(UTC)
    found = json.loads(rafid(told.kafka, told.elastic, "--json").stdout)

    assert found["behind"] == 1
    assert datetime.fromisoformat(found["known_until"]) <= before
