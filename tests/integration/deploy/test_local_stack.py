"""A local stack lives through what happens to servers: calls that come twice, kills, taken ports, and its own end."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
from kafka import KafkaAdminClient

from deploy.local import ports
from deploy.local import stack as stacks
from streams.connect.local_stack import local_addresses, stack_directory

NAME = f"lifecycle-{os.getpid()}"
pytestmark = pytest.mark.soak  # the whole suite runs on stacks that it starts: here are their faults


@pytest.fixture(scope="module", autouse=True)
def _ended() -> Iterator[None]:
    yield
    stacks.reset(NAME)
    assert [entry.name for entry in stack_directory(NAME).iterdir()] == ["lock"]
    (stack_directory(NAME) / "lock").unlink()
    stack_directory(NAME).rmdir()


@pytest.fixture
def up() -> stacks.Addresses:
    return stacks.up(NAME)


def pids() -> dict[str, tuple[int, ...]]:
    return {server.title.split()[0]: server.pids for server in stacks.status(NAME)}


def states() -> set[str]:
    return {server.state for server in stacks.status(NAME)}


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come to be within its time"
        time.sleep(0.1)


def put_document(addresses: stacks.Addresses) -> None:
    request = urllib.request.Request(
        f"{addresses.elasticsearch}/kept/_doc/1?refresh=true",
        data=b'{"a": 1}',
        headers={"Content-Type": "application/json"},
        method="PUT",
    )
    urllib.request.urlopen(request).close()


def document_is_there(addresses: stacks.Addresses) -> bool:
    with urllib.request.urlopen(f"{addresses.elasticsearch}/kept/_doc/1") as answer:
        return bool(answer.status == 200)


def topic_names(addresses: stacks.Addresses) -> list[str]:
    admin = KafkaAdminClient(bootstrap_servers=addresses.kafka)
    try:
        return list(admin.list_topics())
    finally:
        admin.close()


def test_two_that_start_it_at_once_start_it_once() -> None:
    command = [sys.executable, "-m", "rafid", "local", "up", "--stack", NAME]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    outputs = [process.communicate(timeout=250) for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    assert outputs[0][0] == outputs[1][0]
    assert {server: len(found) for server, found in pids().items()} == {"Kafka": 1, "Elasticsearch": 2}


def test_the_servers_outlive_the_process_that_started_them(up: stacks.Addresses) -> None:
    """Whoever started them, in the test before, has ended."""
    assert states() == {"up"}


def test_a_second_up_changes_nothing(up: stacks.Addresses) -> None:
    before = pids()
    assert stacks.up(NAME) == up
    assert pids() == before
    assert local_addresses(NAME) == {"kafka": up.kafka, "elasticsearch": up.elasticsearch}


@pytest.mark.soak
def test_killed_servers_come_back_with_their_data_and_leave_a_port_that_was_taken(up: stacks.Addresses) -> None:
    admin = KafkaAdminClient(bootstrap_servers=up.kafka)
    admin.create_topics({"kept": {"num_partitions": 3}}, wait_for_metadata=True)
    admin.close()
    put_document(up)
    for pid in (pid for found in pids().values() for pid in found):
        os.kill(pid, signal.SIGKILL)
    host, port = up.kafka.split(":")
    until(lambda: states() == {"down"} and ports.is_free(int(port)))
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind((host, int(port)))
        squatter.listen()
        again = stacks.up(NAME)
    assert again.kafka != up.kafka
    assert again.elasticsearch == up.elasticsearch
    assert local_addresses(NAME)["kafka"] == again.kafka
    assert "kept" in topic_names(again)
    assert document_is_there(again)


@pytest.mark.soak
def test_ports_that_are_taken_between_choosing_and_listening_are_left_for_others(
    up: stacks.Addresses, monkeypatch: pytest.MonkeyPatch
) -> None:
    stacks.down(NAME)
    taken = json.loads((stack_directory(NAME) / "state.json").read_text())["ports"]
    monkeypatch.setattr(ports, "is_soon_free", lambda port: True)  # as it was a moment before
    with contextlib.ExitStack() as squatters:
        for use in ("kafka", "transport"):
            squatter = squatters.enter_context(socket.socket())
            squatter.bind(("127.0.0.1", taken[use]))
            squatter.listen()
        again = stacks.up(NAME)
    assert states() == {"up"}
    assert again.kafka != up.kafka
    assert again.elasticsearch != up.elasticsearch


@pytest.mark.soak
def test_an_elasticsearch_that_lost_its_launcher_is_started_again_and_kafka_left_alone(up: stacks.Addresses) -> None:
    before = pids()
    os.kill(before["Elasticsearch"][0], signal.SIGKILL)
    stacks.up(NAME)
    after = pids()
    assert after["Kafka"] == before["Kafka"]
    assert len(after["Elasticsearch"]) == 2
    assert not set(after["Elasticsearch"]) & set(before["Elasticsearch"])


def test_a_server_that_dies_while_another_is_started_is_not_waited_for(up: stacks.Addresses) -> None:
    before = pids()
    for pid in before["Elasticsearch"]:
        os.kill(pid, signal.SIGKILL)
    os.kill(before["Kafka"][0], signal.SIGSTOP)  # it lives and does not answer, as one that is busy
    until(lambda: not set(pids()["Elasticsearch"]) & set(before["Elasticsearch"]))
    with ThreadPoolExecutor(1) as other:
        starting = other.submit(stacks.up, NAME)
        until(lambda: bool(pids()["Elasticsearch"]))
        os.kill(before["Kafka"][0], signal.SIGKILL)

        assert "ended while it was waited for" in str(starting.exception(timeout=100))  # and not after 400 s

    assert stacks.up(NAME) == up


def test_down_ends_ours_and_nothing_else(up: stacks.Addresses) -> None:
    beside = stacks.start_companion(NAME, "worker", ["-c", "import time; time.sleep(600)"], dict(os.environ))
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", str(stack_directory(NAME)), NAME])
    ours = [psutil.Process(pid) for found in pids().values() for pid in found]
    try:
        assert stacks.down(NAME)
        assert beside.poll() is not None
        assert not any(process.is_running() for process in ours)
        assert stranger.poll() is None
        assert local_addresses(NAME) == {}
        assert not stacks.down(NAME)
    finally:
        stranger.kill()
        stranger.wait()
