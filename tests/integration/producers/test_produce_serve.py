"""`rafid produce serve` against a real broker: what is answered as accepted is on the topic, whatever becomes of the server."""

from __future__ import annotations

import contextlib
import gzip
import os
import signal
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from deploy.local import stack as stacks
from producers.push.tokens import revoke_token
from streams.connect.kafka import KafkaSettings
from streams.identity import page_id
from streams.records import Page
from streams.topics import topics
from tests.conftest import STACK
from tests.support.push_server import PushServer
from tests.support.servers import read_all, wait_until

TEXT = "أعلنت بلدية العين الزرقاء افتتاح جسر المشاة الجديد."


@pytest.fixture
def server(kafka: KafkaSettings, tmp_path: Path) -> Iterator[PushServer]:
    running = PushServer(kafka, tmp_path, "--max-body-mib", "1", "--max-pages", "200", "--body-timeout-s", "2")
    yield running
    if running.process.poll() is None:
        assert running.end() == 0


def row(number: int) -> dict[str, Any]:
    return {"url": f"https://madar.example/{number}", "text": f"{TEXT} {number}"}


def ids(kafka: KafkaSettings) -> list[str]:
    return [Page.from_bytes(message.value or b"").id for message in read_all(kafka, topics(kafka.namespace).pages.name)]


def test_a_page_a_list_and_lines_are_on_the_topic_when_they_are_answered(kafka: KafkaSettings, server: PushServer) -> None:
    lines = b"\n".join(map(orjson.dumps, [row(4), row(5)])) + b"\n{broken\n"
    headers = {"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip"}

    one = server.client.post("/pages", json=row(1)).json()
    several = server.client.post("/pages", json=[row(2), row(3), {"url": "https://madar.example/x"}, 7]).json()
    packed = server.client.post("/pages", content=gzip.compress(lines), headers=headers).json()

    results = one["results"] + several["results"] + packed["results"]
    assert sorted(result["id"] for result in results if "id" in result) == sorted(ids(kafka))
    assert [answer["accepted"] for answer in (one, several, packed)] == [1, 2, 2]
    assert [result["error"] for result in results if "error" in result][:2] == [
        "Page.text: missing or empty",
        "an object was expected",
    ]
    assert len(read_all(kafka, topics(kafka.namespace).dead_letters.name)) == 3


def test_a_page_sent_again_has_the_same_id_and_the_source_of_its_token(kafka: KafkaSettings, server: PushServer) -> None:
    first = server.client.post("/pages", json=row(1) | {"source": "another.example"}).json()
    second = server.client.post("/pages", json=row(1)).json()

    found = [Page.from_bytes(message.value or b"") for message in read_all(kafka, topics(kafka.namespace).pages.name)]
    assert first["results"] == second["results"]
    assert {page.source for page in found} == {"madar.example"}


def test_without_a_valid_token_nothing_is_taken(kafka: KafkaSettings, server: PushServer) -> None:
    answers = [
        httpx.post(f"{server.url}/pages", json=row(1), headers={"Authorization": authorization}, trust_env=False)
        for authorization in ("", "Bearer wrong", "Basic eDp5", "Bearer")
    ]

    assert [(answer.status_code, answer.headers["WWW-Authenticate"]) for answer in answers] == [(401, "Bearer")] * 4
    assert ids(kafka) == []


def test_a_revoked_token_is_refused_from_the_next_request_on(server: PushServer) -> None:
    assert server.client.post("/pages", json=row(1)).status_code == 200
    revoke_token(server.tokens, "madar")

    assert server.client.post("/pages", json=row(1)).status_code == 401


BODIES = [
    (b"", {}, 400),
    (b"{", {}, 400),
    (b"[1", {}, 400),
    (b"\x1f\x8b\x08broken", {"Content-Encoding": "gzip"}, 400),
    (gzip.compress(b"x" * 2000, mtime=0)[:-9], {"Content-Encoding": "gzip"}, 400),
    (gzip.compress(b" " * 2_000_000, mtime=0), {"Content-Encoding": "gzip"}, 413),
    (b" " * 1_200_000, {}, 413),
    (b"[" + b",".join([b"{}"] * 201) + b"]", {}, 413),
    (b"{}", {"Content-Encoding": "br"}, 415),
    (b"{}", {}, 422),
]


def test_a_body_that_cannot_be_taken_is_named(server: PushServer) -> None:
    answers = [server.client.post("/pages", content=content, headers=headers) for content, headers, _status in BODIES]

    assert [answer.status_code for answer in answers] == [status for _content, _headers, status in BODIES]
    assert all(answer.json() for answer in answers)


def test_a_body_that_comes_too_slowly_is_ended(server: PushServer) -> None:
    ended = threading.Event()

    def drops() -> Iterator[bytes]:
        yield b"{"
        ended.wait(20)

    answer = server.client.post("/pages", content=drops())
    ended.set()

    assert answer.status_code == 408


def test_a_token_that_is_too_fast_is_asked_to_wait(kafka: KafkaSettings, tmp_path: Path) -> None:
    server = PushServer(kafka, tmp_path, "--pages-per-s", "1")
    first = server.client.post("/pages", json=[row(number) for number in range(50)])
    second = server.client.post("/pages", json=row(50))

    assert server.end() == 0
    assert (first.status_code, second.status_code) == (200, 429)
    assert 40 <= int(second.headers["Retry-After"]) <= 50
    assert len(ids(kafka)) == 50


def test_addresses_are_on_disk_when_they_are_answered(server: PushServer) -> None:
    answer = server.client.post("/urls", json={"urls": ["https://madar.example/a?utm_source=x", "ftp://madar.example"]})

    assert (answer.status_code, answer.json()["accepted"]) == (202, 1)
    assert server.urls.read_text() == "https://madar.example/a\n"


@contextlib.contextmanager
def suspended_broker() -> Iterator[None]:
    """Kafka takes connections and answers nothing until the block ends."""
    broker = stacks.status(STACK)[0]
    for pid in broker.pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in broker.pids:
            os.kill(pid, signal.SIGCONT)


def test_while_kafka_acknowledges_nothing_a_request_is_asked_to_wait_and_none_of_its_pages_is_lost_or_doubled(
    kafka: KafkaSettings, tmp_path: Path
) -> None:
    server = PushServer(kafka, tmp_path, "--answer-timeout-s", "1")
    asked = [[row(number), row(number + 1)] for number in (1, 3)]
    wait_until(lambda: server.client.post("/pages", json=row(5)).status_code == 200, "a page that is taken")
    with suspended_broker():
        refused = [server.client.post("/pages", json=two) for two in asked]
    tries: list[httpx.Response] = []

    def is_taken() -> bool:
        tries.append(server.client.post("/pages", json=asked[0]))
        return tries[-1].status_code == 200

    wait_until(is_taken, "pages that are taken again")
    accepted = [result["id"] for result in tries[-1].json()["results"]]
    assert server.end() == 0
    assert [(answer.status_code, answer.headers["Retry-After"]) for answer in refused] == [(503, "5")] * 2
    found = Counter(page for page in ids(kafka) if page != page_id(row(5)["url"], "", None, ""))
    assert {found.pop(page) for page in accepted} == {1 + len(tries)}  # once for each time that it was sent
    assert list(found.values()) == [1, 1]


def test_what_was_taken_is_counted_on_the_port_of_metrics(kafka: KafkaSettings, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = PushServer(kafka, tmp_path, "--metrics-port", str(port))
    server.client.post("/pages", json=[row(1), row(2), {"url": "https://madar.example/x"}])

    answers = [httpx.get(f"http://127.0.0.1:{port}{path}", trust_env=False) for path in ("/healthz", "/readyz", "/metrics")]
    assert server.end() == 0
    assert [answer.text for answer in answers[:2]] == ["ok\n", "ok\n"]
    counted = [
        line for line in answers[2].text.splitlines() if line.startswith(("rafid_items_total", "rafid_batch_messages_sum"))
    ]
    assert counted == [
        'rafid_items_total{fate="dead_letter",stage="produce"} 1.0',
        'rafid_items_total{fate="sent",stage="produce"} 2.0',
        'rafid_items_total{fate="skipped",stage="produce"} 0.0',
        'rafid_batch_messages_sum{stage="produce"} 3.0',
    ]


def test_every_accepted_page_is_on_the_topic_after_the_server_was_killed(kafka: KafkaSettings, tmp_path: Path) -> None:
    server = PushServer(kafka, tmp_path)
    accepted: list[str] = []
    enough = threading.Event()

    def push(connection: int) -> None:
        with server.new_client() as client:
            for number in range(10_000):
                try:
                    answer = client.post("/pages", json=[row(connection * 100_000 + number * 10 + each) for each in range(10)])
                except httpx.TransportError:
                    return
                accepted.extend(result["id"] for result in answer.json()["results"])
                if len(accepted) > 500:
                    enough.set()

    with ThreadPoolExecutor(8) as pool:
        pushes = [pool.submit(push, connection) for connection in range(8)]
        assert enough.wait(60)
        server.end(signal.SIGKILL)
        for running in pushes:
            running.result()

    assert len(accepted) > 500
    assert set(accepted) <= set(ids(kafka))
