"""The broker dies while pages are sent: the command waits for it to come back, and nothing is missing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from deploy.local import stack as stacks
from streams.connect.kafka import KafkaSettings
from streams.connect.provision import provision
from streams.records import Page
from streams.topics import topics
from tests.support.news import pages
from tests.support.servers import ROOT, read_all, wait_until

STACK = "test-broker-killed"
PAGES = 6_000


@pytest.fixture
def kafka_of_its_own() -> Iterator[KafkaSettings]:
    """An empty Kafka that may be killed."""
    stacks.reset(STACK)
    try:
        settings = KafkaSettings(stacks.up(STACK).kafka)
        provision(settings)
        yield settings
    finally:
        stacks.reset(STACK)
    assert not stacks.status(STACK)


def kill_kafka() -> None:
    (kafka, _elasticsearch) = stacks.status(STACK)
    for pid in kafka.pids:
        os.kill(pid, signal.SIGKILL)


@pytest.mark.soak
@pytest.mark.timeout(400)
def test_pages_sent_while_the_broker_dies_and_comes_back_all_arrive_in_order(kafka_of_its_own: KafkaSettings) -> None:
    topic = topics().pages.name
    lines = [page.to_bytes() + b"\n" for page in pages(PAGES)]
    expected: dict[str, str] = {}
    for line in lines:
        page = Page.from_bytes(line)
        expected[page.id] = page.text
    command = subprocess.Popen(
        [sys.executable, "-m", "rafid", "produce", "files", "-", "--json", "--kafka", kafka_of_its_own.servers],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert command.stdin
    try:
        command.stdin.writelines(lines[: PAGES // 2])
        command.stdin.flush()
        wait_until(lambda: len(read_all(kafka_of_its_own, topic)) > PAGES // 10, "the first pages to arrive")
        kill_kafka()
        rest = threading.Thread(target=command.stdin.writelines, args=(lines[PAGES // 2 :],))
        rest.start()
        stacks.up(STACK)
        rest.join(300)
        told, said = command.communicate(timeout=300)
    finally:
        command.kill()
        command.wait()

    last = {message.key: Page.from_bytes(message.value or b"").text for message in read_all(kafka_of_its_own, topic)}

    assert (command.returncode, said) == (0, b"")
    assert json.loads(told)["sent"] == PAGES
    assert last == {bytes.fromhex(page_id): text for page_id, text in expected.items()}
