"""How fast pages go in by HTTP: in hundreds and one by one, each answered when the broker has acknowledged it.

The server is a process of its own; the CPU time is the server's. The client shares the machine with it.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import aiohttp
import psutil

from producers.push.tokens import add_token
from streams.connect.kafka import KafkaSettings
from tests.bench.dedup_worker import broker
from tests.bench.report import Row
from tests.support.news import pages

STAGE = "push"
HUNDREDS = (100, 8, 20_000)  # pages a request, connections, pages
SINGLE = (1, 32, 4_000)
NDJSON = {"Content-Type": "application/x-ndjson"}


def measure() -> Iterator[Row]:
    """The rates of both ways."""
    with broker() as kafka, tempfile.TemporaryDirectory() as folder:
        yield from rows(kafka, Path(folder))


def rows(kafka: KafkaSettings, folder: Path) -> Iterator[Row]:
    """The rows, from one server; the first thousand pages warm it up."""
    tokens = folder / "tokens.json"
    token = add_token(tokens, "bench", None, "2026-01-01T00:00:00Z")
    environment = os.environ | {"RAFID_KAFKA": kafka.servers, "RAFID_NAMESPACE": kafka.namespace}
    command = [sys.executable, "-m", "rafid", "produce", "serve", "--port", "0", "--tokens", str(tokens)]
    server = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr
        found = re.search(r"http://\S+", server.stderr.readline())
        assert found
        lines = [page.to_bytes() for page in pages(HUNDREDS[2])]
        asyncio.run(post(found[0], token, [b"\n".join(lines[:100])] * 10, 8))
        for name, (size, connections, count) in (("100 a request", HUNDREDS), ("one a request", SINGLE)):
            bodies = [b"\n".join(lines[start : start + size]) for start in range(0, count, size)]
            cpu_s, started_s = cpu_of(server.pid), time.perf_counter()
            asyncio.run(post(found[0], token, bodies, connections))
            wall_s = time.perf_counter() - started_s
            yield Row(STAGE, f"{name}, {connections} connections", count, wall_s, cpu_of(server.pid) - cpu_s)
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=60)


def cpu_of(pid: int) -> float:
    """Seconds of CPU time that the process has had."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


async def post(url: str, token: str, bodies: Sequence[bytes], connections: int) -> None:
    """Every body has been answered with 200, `connections` at a time."""
    left = iter(bodies)

    async def send(client: aiohttp.ClientSession) -> None:
        for body in left:
            async with client.post(f"{url}/pages", data=body, headers=NDJSON) as answer:
                assert answer.status == 200, await answer.text()
                await answer.read()

    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(headers=headers, connector=aiohttp.TCPConnector(limit=connections)) as client:
        await asyncio.gather(*(send(client) for _ in range(connections)))
