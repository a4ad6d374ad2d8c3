"""`rafid produce feeds` with many hosts and many feeds: what it holds in memory, and who waits for whom."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from streams.connect.kafka import KafkaSettings
from tests.support.servers import wait_until
from tests.support.web.articles import pages
from tests.support.web.many import ManySites, many_sites
from tests.support.web.server import web

pytestmark = pytest.mark.soak
MIB = 1024 * 1024


def command(kafka: KafkaSettings, sites: ManySites, path: Path, *more: str) -> list[str]:
    state = str(path.parent / "feeds.sqlite")
    options = ["--state", state, "--kafka", kafka.servers, "--namespace", kafka.namespace, *sites.allowed(), *more]
    return [sys.executable, "-m", "rafid", "produce", "feeds", str(path), *options]


def measured(process: subprocess.Popen[bytes]) -> Iterator[tuple[float, float]]:
    """Seconds of CPU time and MiB of memory, those of its children among them, twice a second until it ends."""
    root = psutil.Process(process.pid)
    while process.poll() is None:
        try:
            family = [root, *root.children(recursive=True)]
            times = [member.cpu_times() for member in family]
            yield (
                sum(its.user + its.system for its in times),
                sum(member.memory_full_info().uss for member in family) / MIB,
            )
        except psutil.NoSuchProcess:
            continue
        time.sleep(0.5)


@pytest.mark.timeout(3_600)
def test_ten_thousand_pages_of_fifty_hosts_arrive_once_each_in_flat_memory(kafka: KafkaSettings, tmp_path: Path) -> None:
    with many_sites(50, feeds=2, stories=100) as sites:
        path = sites.sources(tmp_path / "sources.toml")
        began = time.monotonic()
        process = subprocess.Popen(command(kafka, sites, path, "--once"), stderr=subprocess.DEVNULL)
        seen = list(measured(process))
        took_s = time.monotonic() - began

    assert process.returncode == 0
    urls = [page.url for page in pages(kafka)]
    assert len(urls) == len(set(urls)) == 10_000
    cpu_s, memory = seen[-1][0], [mib for _, mib in seen]
    print(f"{10_000 / took_s:.0f} pages/s, {10_000 / cpu_s:.0f} pages a second of CPU, {max(memory):.0f} MiB")
    early, late = max(memory[: len(memory) // 3]), max(memory[len(memory) // 3 :])
    assert late < 1.2 * early, memory


@pytest.mark.timeout(1_800)
def test_a_thousand_feeds_due_at_once_take_under_300_mb_and_wait_for_no_slow_host(kafka: KafkaSettings, tmp_path: Path) -> None:
    async def slow(_request: object, _writer: object) -> None:
        import asyncio  # noqa: PLC0415

        await asyncio.sleep(20)

    with many_sites(99, feeds=10) as sites, web("127.0.0.2") as other:
        other.on("/robots.txt", slow)
        path = sites.sources(tmp_path / "sources.toml")
        listed = [other.url(f"/{number}") for number in range(10)]
        path.write_text(path.read_text() + f"[[source]]\nname='slow'\nfeeds={listed}\ndelay_s=0\n")
        allow = ("--allow", f"{other.address}:{other.port}", "--once", "--json")
        began = time.monotonic()
        process = subprocess.Popen(command(kafka, sites, path, *allow), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        memory, fetched_after_s = [], 0.0
        for _, mib in measured(process):
            memory.append(mib)
            fetched_after_s = fetched_after_s or (time.monotonic() - began if _fetched(tmp_path) == 990 else 0.0)
            if fetched_after_s:
                process.terminate()
        wait_until(lambda: process.poll() is not None, "its end", 120)
        process.stdout.close()  # type: ignore[union-attr]

    print(f"990 feeds after {fetched_after_s:.1f} s, {max(memory):.0f} MiB")
    assert fetched_after_s
    assert _fetched(tmp_path, "slow") == 0
    assert max(memory) < 300


def _fetched(folder: Path, source: str = "") -> int:
    """How many feeds were fetched, of all sites or of one."""
    import sqlite3  # noqa: PLC0415

    state = folder / "feeds.sqlite"
    if not state.exists():
        return 0
    connection = sqlite3.connect(f"file:{state}?mode=ro", uri=True)
    try:
        query = "SELECT count(*) FROM feeds WHERE fetched_at > 0 AND failures = 0 AND source LIKE ?"
        count: int = connection.execute(query, (source or "site-%",)).fetchone()[0]
    except sqlite3.OperationalError:
        return 0
    finally:
        connection.close()
    return count
