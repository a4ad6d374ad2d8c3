"""One fault at a time on real servers, accounted by the audit and by counts of our own; docs/reliability.md says what was run."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from deploy.local import stack as stacks
from streams.connect import clients
from streams.connect.local_stack import stack_directory
from streams.connect.provision import provision
from streams.topics import group, topics
from tests.conftest import fresh_indices, fresh_namespace, fresh_topics
from tests.integration.indexing.proxy import Fault, Proxy, cut_off, late, refuses, torn
from tests.support.kept_logs import keep_when_failed
from tests.support.pipeline import STAGES, Pipeline
from tests.support.servers import read_all, wait_until

STACK = "test-one-fault"
PAGES = 300
STOPPED_S = 20.0
OUTAGE_S = float(os.environ.get("SOAK_OUTAGE", "60"))
REPORT = Path(os.environ.get("SOAK_REPORT", "soak-faults.jsonl"))
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")
pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]


@pytest.fixture(scope="module")
def servers(request: pytest.FixtureRequest) -> Iterator[stacks.Addresses]:
    """Servers that may be ill-treated; what Kafka keeps lies on a disk of its own."""
    stacks.reset(STACK)
    keep_when_failed(request, STACK)
    disk = stack_directory(STACK) / "kafka"
    disk.mkdir(parents=True)
    with small_disk(disk, "700m"):
        try:
            yield stacks.up(STACK)
        finally:
            stacks.down(STACK)
    stacks.reset(STACK)


@pytest.fixture
def pipeline(servers: stacks.Addresses, tmp_path: Path) -> Iterator[Pipeline]:
    """Workers in a namespace of their own, at work on their first pages."""
    namespace = fresh_namespace()
    assert stacks.up(STACK) == servers  # whatever the test before left
    with fresh_topics(servers, namespace) as kafka, fresh_indices(servers, namespace) as elastic:
        made = Pipeline(kafka, elastic, tmp_path)
        try:
            yield made
        finally:
            made.close()


@contextlib.contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """The folder is a disk of this size until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=777", "tmpfs", folder], check=False).returncode:
        pytest.skip("a disk of its own takes the right to mount one")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@contextlib.contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Not a byte is free on the disk until the block ends."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        for size in (1 << 20, 1 << 12, 1):
            with contextlib.suppress(OSError):
                while file.write(bytes(size)):
                    pass
    try:
        yield
    finally:
        filler.unlink()


def _kafka_is_down() -> bool:
    return {server.name: server.state for server in stacks.status(STACK)}["kafka"] == "down"


def _in_turns(faults: tuple[Fault, ...]) -> Fault:
    turns = itertools.cycle(faults)

    def fault(request: Request) -> Response | None:
        return next(turns)(request)

    return fault


def note(fault: str, **told: object) -> None:
    with REPORT.open("a") as file:
        file.write(json.dumps({"fault": fault} | told, ensure_ascii=False) + "\n")


def test_a_disk_that_is_full_under_the_register_ends_the_worker_with_a_line(pipeline: Pipeline) -> None:
    with small_disk(pipeline.folder / "state" / "dedup", "64m") as disk:
        pipeline.start()
        pipeline.give(PAGES)
        pipeline.through()
        with filled(disk):
            pipeline.give(PAGES)
            code = pipeline.workers["dedup"].process.wait(300)
            words = pipeline.workers["dedup"].said().splitlines()[-1]
        pipeline.start("dedup")
        again = pipeline.through_with_supervisor()
        pipeline.stop()
        note("disk full under the register", code=code, words=words, again=again)
    pipeline.adds_up()
    assert code == 1
    assert "the disk of this worker's state is full" in words


def test_a_disk_that_is_full_under_kafka_ends_the_broker_and_nothing_that_it_acknowledged_is_lost(pipeline: Pipeline) -> None:
    disk = stack_directory(STACK) / "kafka"
    pipeline.start()
    pipeline.give(PAGES)
    pipeline.through()
    began = time.monotonic()
    flow, pages = pipeline.flow(20), topics(pipeline.kafka.namespace).pages.name
    wait_until(lambda: len(read_all(pipeline.kafka, pages)) > PAGES, "the producer at work", 120)
    with filled(disk):
        wait_until(_kafka_is_down, "the broker to give up", 250)
        ended_s = time.monotonic() - began
    stacks.up(STACK)
    pipeline.finish(flow)
    words = pipeline.through_with_supervisor()
    pipeline.stop()
    note("disk full under Kafka", broker_ended_after_s=round(ended_s), words=words)
    pipeline.adds_up()


@pytest.mark.parametrize("jumps", [("-2h",), ("+40d",), ("+3d", "-3d")], ids=" ".join)
def test_a_clock_that_jumps_under_the_workers_changes_nothing(pipeline: Pipeline, jumps: tuple[str, ...]) -> None:
    if not FAKETIME.exists():
        pytest.skip("libfaketime is not installed")
    clock = pipeline.folder / "clock"
    clock.write_text("+0\n")
    faked = {"LD_PRELOAD": str(FAKETIME), "FAKETIME_TIMESTAMP_FILE": str(clock), "FAKETIME_CACHE_DURATION": "1"}
    pipeline.start(also=faked | {"FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"})
    pipeline.give(PAGES)
    pipeline.through()
    for jump in jumps:
        pipeline.give(PAGES // 2)
        clock.write_text(f"{jump}\n")
        pipeline.give(PAGES // 2)
        pipeline.through()
    ended = [worker.said()[-300:] for worker in pipeline.workers.values() if worker.process.poll() is not None]
    pipeline.stop()
    note(f"the clock jumps by {jumps}", ended=ended)
    pipeline.adds_up()
    assert ended == []


def test_a_changelog_that_was_deleted_is_made_again_from_the_articles(pipeline: Pipeline) -> None:
    names = topics(pipeline.kafka.namespace)
    pipeline.start()
    pipeline.give(PAGES)
    pipeline.through()
    with clients.admin(pipeline.kafka) as admin:
        admin.delete_topics([names.register_changelog.name])
    began = time.monotonic()
    pipeline.give(PAGES)
    code = pipeline.workers["dedup"].process.wait(600)
    words, ended_s = pipeline.workers["dedup"].said().splitlines()[-1], time.monotonic() - began
    missing = _refusal(pipeline)
    provision(pipeline.kafka)
    empty = _refusal(pipeline)
    name = group("dedup", pipeline.kafka.namespace)
    with clients.admin(pipeline.kafka) as admin:  # `kafka-consumer-groups --delete`
        wait_until(lambda: admin.delete_groups([name])[name] == "OK", "the group of the worker that has died to end")
    pipeline.start("dedup")
    pipeline.through()
    pipeline.stop()
    note("the changelog was deleted", code=code, words=words, ended_after_s=round(ended_s), refused=(missing, empty))
    pipeline.adds_up()
    assert code == 1
    assert "run `rafid provision`" in missing
    assert f"kafka-consumer-groups --delete --group {name}" in empty


def _refusal(pipeline: Pipeline) -> str:
    """The last words of a dedup worker that will not start."""
    pipeline.start("dedup")
    assert pipeline.workers["dedup"].process.wait(120) == 1
    return pipeline.workers["dedup"].said().splitlines()[-1]


@pytest.mark.parametrize(
    ("called", "faults"),
    [
        ("429 and 503", (refuses(429, "es_rejected_execution_exception"), refuses(503, "cluster_block_exception", "no master"))),
        ("torn, cut off and slow", (torn, cut_off, late(3.0))),
    ],
    ids=["refused", "torn"],
)
def test_an_elasticsearch_that_answers_badly_for_a_minute_is_asked_again(
    pipeline: Pipeline, httpserver: HTTPServer, called: str, faults: tuple[Fault, ...]
) -> None:
    proxy = Proxy(httpserver, pipeline.elastic.urls)
    pipeline.start("split", "dedup")
    pipeline.start("index", also={"RAFID_ELASTICSEARCH": proxy.url})
    pipeline.give(PAGES)
    pipeline.through()
    proxy.standing = _in_turns(faults)
    ends_s, bulks = time.monotonic() + OUTAGE_S, proxy.bulks
    while time.monotonic() < ends_s:
        pipeline.give(PAGES // 30)
        time.sleep(2)
    proxy.standing, tried = None, proxy.bulks - bulks
    began = time.monotonic()
    pipeline.through()
    through_s = time.monotonic() - began
    ended = pipeline.look_after()
    pipeline.stop()
    proxy.close()
    note(called, outage_s=OUTAGE_S, requests=tried, through_after_s=round(through_s), ended=ended)
    pipeline.adds_up()
    assert tried > 0
    assert ended == []


@pytest.mark.parametrize("victim", [*STAGES, "kafka", "elasticsearch"])
def test_a_process_that_stands_still_for_longer_than_its_session_loses_nothing(pipeline: Pipeline, victim: str) -> None:
    pipeline.start()
    pipeline.give(PAGES)
    pipeline.through()
    servers = {server.name: server.pids for server in stacks.status(STACK)}
    pids = servers.get(victim) or (pipeline.workers[victim].process.pid,)
    sent = victim == "kafka"
    if not sent:
        pipeline.give(PAGES)
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        time.sleep(STOPPED_S)
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    if sent:
        pipeline.give(PAGES)
    began = time.monotonic()
    words = pipeline.through_with_supervisor()
    through_s = time.monotonic() - began
    pipeline.stop()
    note(f"{victim} stands still", for_s=STOPPED_S, through_after_s=round(through_s), words=words)
    pipeline.adds_up()


def test_a_storm_of_rebalances_loses_nothing(pipeline: Pipeline) -> None:
    pipeline.start()
    pipeline.give(PAGES)
    came = 0
    for number in range(6):
        for stage in STAGES:
            other = pipeline.worker(stage, f"{stage}-{number % 2 + 2}")
            came += 1
            other.wait_for("ready|standing by|since the start", 300)
            pipeline.give(PAGES // 10)
            other.kill() if number % 2 else other.stop()
    words = pipeline.through_with_supervisor()
    pipeline.stop()
    note("a storm of rebalances", members_that_came_and_went=came, words=words)
    pipeline.adds_up()
