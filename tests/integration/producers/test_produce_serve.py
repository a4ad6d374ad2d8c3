"""`rafid produce serve` against a real broker: what is answered as accepted is on the topic, whatever becomes of the server."""

from __future__ import annotations

import gzip
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from producers.push.tokens import add_token, revoke_token
from streams.connect.kafka import KafkaSettings
from streams.records import Page
from streams.topics import topics
from tests.support.servers import read_all

ADDED_AT = "2026-11-22T18:25:43Z"
TEXT = "أعلنت بلدية العين الزرقاء افتتاح جسر المشاة الجديد."


class Server:
    """A push server as its own process, and a client that knows its token."""

    def __init__(self, kafka: KafkaSettings, folder: Path, *options: str) -> None:
        self.tokens = folder / "tokens.json"
        self.urls = folder / "urls.txt"
        self.token = add_token(self.tokens, "madar", "madar.example", ADDED_AT)
        arguments = ["--port", "0", "--tokens", str(self.tokens), "--urls", str(self.urls), *options]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "rafid", "produce", "serve", *arguments],
            env=os.environ | {"RAFID_KAFKA": kafka.servers, "RAFID_NAMESPACE": kafka.namespace},
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stderr
        first = self.process.stderr.readline()
        found = re.search(r"http://\S+", first)
        assert found, first
        self.url = found[0]
        self.client = self.new_client()

    def new_client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {self.token}"}, timeout=60, trust_env=False)

    def end(self, number: int = signal.SIGTERM) -> int:
        self.client.close()
        self.process.send_signal(number)
        code = self.process.wait(40)
        assert self.process.stderr
        self.process.stderr.close()
        return code


@pytest.fixture
def server(kafka: KafkaSettings, tmp_path: Path) -> Iterator[Server]:
    running = Server(kafka, tmp_path, "--max-body-mib", "1", "--max-pages", "200", "--body-timeout-s", "2")
    yield running
    if running.process.poll() is None:
        assert running.end() == 0


def row(number: int) -> dict[str, Any]:
    return {"url": f"https://madar.example/{number}", "text": f"{TEXT} {number}"}


def ids(kafka: KafkaSettings) -> list[str]:
    return [Page.from_bytes(message.value or b"").id for message in read_all(kafka, topics(kafka.namespace).pages.name)]


def test_a_page_a_list_and_lines_are_on_the_topic_when_they_are_answered(kafka: KafkaSettings, server: Server) -> None:
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


def test_a_page_sent_again_has_the_same_id_and_the_source_of_its_token(kafka: KafkaSettings, server: Server) -> None:
    first = server.client.post("/pages", json=row(1) | {"source": "another.example"}).json()
    second = server.client.post("/pages", json=row(1)).json()

    found = [Page.from_bytes(message.value or b"") for message in read_all(kafka, topics(kafka.namespace).pages.name)]
    assert first["results"] == second["results"]
    assert {page.source for page in found} == {"madar.example"}


def test_without_a_valid_token_nothing_is_taken(kafka: KafkaSettings, server: Server) -> None:
    answers = [
        httpx.post(f"{server.url}/pages", json=row(1), headers={"Authorization": authorization}, trust_env=False)
        for authorization in ("", "Bearer wrong", "Basic eDp5", "Bearer")
    ]

    assert [(answer.status_code, answer.headers["WWW-Authenticate"]) for answer in answers] == [(401, "Bearer")] * 4
    assert ids(kafka) == []


def test_a_revoked_token_is_refused_from_the_next_request_on(server: Server) -> None:
    assert server.client.post("/pages", json=row(1)).status_code == 200
    revoke_token(server.tokens, "madar")

    assert server.client.post("/pages", json=row(1)).status_code == 401


BODIES = [
    (b"", {}, 400),
    (b"{", {}, 400),
    (b"[1", {}, 400),
    (b"\x1f\x8b\x08broken", {"Content-Encoding": "gzip"}, 400),
    (gzip.compress(b"x" * 2000)[:-9], {"Content-Encoding": "gzip"}, 400),
    (gzip.compress(b" " * 2_000_000), {"Content-Encoding": "gzip"}, 413),
    (b" " * 1_200_000, {}, 413),
    (b"[" + b",".join([b"{}"] * 201) + b"]", {}, 413),
    (b"{}", {"Content-Encoding": "br"}, 415),
    (b"{}", {}, 422),
]


def test_a_body_that_cannot_be_taken_is_named(server: Server) -> None:
    answers = [server.client.post("/pages", content=content, headers=headers) for content, headers, _status in BODIES]

    assert [answer.status_code for answer in answers] == [status for _content, _headers, status in BODIES]
    assert all(answer.json() for answer in answers)


def test_a_body_that_comes_too_slowly_is_ended(server: Server) -> None:
    ended = threading.Event()

    def drops() -> Iterator[bytes]:
        yield b"{"
        ended.wait(20)

    answer = server.client.post("/pages", content=drops())
    ended.set()

    assert answer.status_code == 408


def test_a_token_that_is_too_fast_is_asked_to_wait(kafka: KafkaSettings, tmp_path: Path) -> None:
    server = Server(kafka, tmp_path, "--pages-per-s", "1")
    first = server.client.post("/pages", json=[row(number) for number in range(50)])
    second = server.client.post("/pages", json=row(50))

    assert server.end() == 0
    assert (first.status_code, second.status_code) == (200, 429)
    assert 40 <= int(second.headers["Retry-After"]) <= 50
    assert len(ids(kafka)) == 50


def test_addresses_are_on_disk_when_they_are_answered(server: Server) -> None:
    answer = server.client.post("/urls", json={"urls": ["https://madar.example/a?utm_source=x", "ftp://madar.example"]})

    assert (answer.status_code, answer.json()["accepted"]) == (202, 1)
    assert server.urls.read_text() == "https://madar.example/a\n"


def test_every_accepted_page_is_on_the_topic_after_the_server_was_killed(kafka: KafkaSettings, tmp_path: Path) -> None:
    server = Server(kafka, tmp_path)
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
