"""The broker dies while pages are sent, and stands still while it is asked: it is waited for, and nothing is missing."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from deploy.local import stack as stacks
from streams.connect import clients, reading
from streams.connect.kafka import KafkaSettings
from streams.connect.provision import provision
from streams.errors import RafidError
from streams.records import Page
from streams.topics import topics
from tests.support.kept_logs import own_stack
from tests.support.news import pages
from tests.support.servers import ROOT, read_all, wait_until

STACK = "test-broker-killed"
PAGES = 6_000


@pytest.fixture(scope="module")
def kafka_of_its_own(request: pytest.FixtureRequest) -> KafkaSettings:
    """An empty Kafka that may be killed."""
    own_stack(request, STACK)
    settings = KafkaSettings(stacks.up(STACK).kafka)
    provision(settings)
    return settings


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


@contextlib.contextmanager
def standing_still() -> Iterator[Callable[[], None]]:
    """Kafka stands still until the block ends, or what it is given is called."""
    (kafka, _elasticsearch) = stacks.status(STACK)

    def go_on() -> None:
        for pid in kafka.pids:
            os.kill(pid, signal.SIGCONT)

    for pid in kafka.pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield go_on
    finally:
        go_on()


def test_a_broker_that_stands_still_is_named_with_its_partitions_and_asked_again(kafka_of_its_own: KafkaSettings) -> None:
    topic = topics().pages
    with clients.open_consumer(kafka_of_its_own) as consumer:
        before, first = reading.ends(consumer, topic), reading.partitions(consumer, topic)[:1]
        with standing_still() as go_on:
            with pytest.raises(RafidError) as told:
                reading.told(consumer, first, consumer.end_offsets, patience_s=0.5)

            def ask_once_in_vain(*asked: Any, **options: Any) -> Any:
                try:
                    return consumer.end_offsets(*asked, **options)
                finally:
                    go_on()

            after = reading.told(consumer, first, ask_once_in_vain)

    at = kafka_of_its_own.servers
    assert str(told.value) == f"Kafka's broker 1 at {at} (leads news.pages/0) told no offset for 0.5 s"
    assert {each.partition: offset for each, offset in after.items()} == {0: before[0]}
