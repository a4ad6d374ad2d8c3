"""`python -m tests.bench.footprint`: the memory and CPU of each process of a deployment, at rest and while pages rush through.

Memory is the proportional set of the process and its children, in MiB, looked at four times a second; CPU is in cores at rest,
and in seconds for 1,000 of what the process takes in: pages, or for the console pages of its own. The requests and limits of the
manifests and of the compose file are set from it (`docs/scaling.md`).
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psutil

from producers.push.tokens import add_token
from streams.connect.kafka import KafkaSettings
from streams.topics import topics
from tests.bench.pipeline import Servers, namespace, page_lines, servers
from tests.integration.test_metrics import free_ports
from tests.support.servers import ROOT, wait_for_all, wait_until

PAGES = int(os.environ.get("RAFID_BENCH_PAGES", "6000"))
SETTLE_S, REST_S = 10.0, 30.0
STAGES = ("split", "dedup", "index")
QUESTIONS = ("محطة", "الحكومة", "وزير الخارجية", "سعر", "المنتخب")
ASKED = [*(f"/?q={question}" for question in QUESTIONS), "/trends?period=30d", "/sources", "/pipeline"]
ROUNDS = 10  # of these pages
LOOK_S = 0.25
MIB = 1024 * 1024


class Footprints:
    """What each process holds and spends, looked at until the block ends."""

    def __init__(self, processes: dict[str, psutil.Process]) -> None:
        self._processes, self._over = processes, threading.Event()
        self.highest: dict[str, float] = dict.fromkeys(processes, 0.0)
        self.cores: dict[str, float] = {}
        self.cpu_s: dict[str, float] = {}
        self._looking = threading.Thread(target=self._look)

    def __enter__(self) -> Footprints:
        self._began, self._spent = time.monotonic(), {name: spent(process) for name, process in self._processes.items()}
        self._looking.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._looking.join()
        took = time.monotonic() - self._began
        self.cpu_s = {name: spent(process) - self._spent[name] for name, process in self._processes.items()}
        self.cores = {name: cpu_s / took for name, cpu_s in self.cpu_s.items()}

    def _look(self) -> None:
        while not self._over.wait(LOOK_S):
            for name, process in self._processes.items():
                self.highest[name] = max(self.highest[name], held(process))


def tree(process: psutil.Process) -> list[psutil.Process]:
    """The process and all that it has started."""
    return [process, *process.children(recursive=True)]


def held(process: psutil.Process) -> float:
    """The memory of the process and its children, in MiB, shared pages divided among those that share them."""
    found = 0.0
    for each in tree(process):
        with contextlib.suppress(psutil.NoSuchProcess):
            found += each.memory_full_info().pss / MIB
    return found


def spent(process: psutil.Process) -> float:
    """The CPU seconds of the process and its children."""
    found = 0.0
    for each in tree(process):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = each.cpu_times()
            found += times.user + times.system
    return found


@contextlib.contextmanager
def deployment(
    at: Servers, kafka: KafkaSettings, folder: Path
) -> Iterator[tuple[dict[str, psutil.Process], dict[str, int], str]]:
    """Every process that runs on in a deployment, their ports of metrics, and a token for pushing; all end with the block."""
    names = (*STAGES, "dead-letters", "console", "push", "feeds")
    ports = dict(zip((*names, "console http", "push http", "web"), free_ports(len(names) + 3), strict=True))
    token = add_token(folder / "push-tokens", "bench", "bench.example", "2026-11-22T18:25:43Z")
    web = f"http://127.0.0.1:{ports['web']}"
    (folder / "sources.toml").write_text(
        "contact = 'https://contact.example/'\n"
        + "".join(
            f"[[source]]\nname = '{name}'\nfeeds = ['{web}/{name}/rss.xml']\n"
            "delay_s = 0\nmin_interval_s = 1\nmax_interval_s = 2\n"
            for name in ("sahel", "jabal", "bawaba")
        )
    )
    commands = {stage: ["worker", stage] for stage in STAGES} | {
        "dead-letters": ["dashboards", "dead-letters"],
        "console": ["console", "--port", str(ports["console http"]), "--rate", "0"],
        "push": ["produce", "serve", "--port", str(ports["push http"]), "--tokens", str(folder / "push-tokens")],
        "feeds": ["produce", "feeds", str(folder / "sources.toml"), "--allow", f"127.0.0.1:{ports['web']}"],
    }
    common = {"RAFID_KAFKA": kafka.servers, "RAFID_NAMESPACE": kafka.namespace, "RAFID_ELASTICSEARCH": at.elastic.urls}
    with contextlib.ExitStack() as until:
        serving = [sys.executable, "-m", "deploy.demo.web.serve", str(ports["web"])]
        started = {"web": subprocess.Popen(serving, cwd=ROOT)}
        until.callback(ended, started)
        for name, words in commands.items():
            own = {"RAFID_METRICS_PORT": str(ports[name]), "RAFID_STATE": str(folder / name)}
            log = until.enter_context((folder / f"{name}.log").open("wb"))
            command = [sys.executable, "-m", "rafid", *words]
            started[name] = subprocess.Popen(command, cwd=ROOT, env=os.environ | common | own, stdout=log, stderr=log)
        for name in names:
            wait_until(lambda name=name: is_ready(ports[name]), f"{name} is ready", 600)  # type: ignore[misc]
        yield {name: psutil.Process(started[name].pid) for name in names}, ports, token


def ended(started: dict[str, subprocess.Popen[bytes]]) -> None:
    """All processes were told to stop, and have."""
    for process in started.values():
        process.terminate()
    for process in started.values():
        process.wait(60)


def is_ready(port: int) -> bool:
    """Whether the process behind this port of metrics says that it is at work."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def rush(kafka: KafkaSettings, ports: dict[str, int], token: str) -> None:
    """Pages pushed and from feeds, through all stages, beside readers of the console."""
    lines = page_lines(PAGES)
    push, console = f"http://127.0.0.1:{ports['push http']}/pages", f"http://127.0.0.1:{ports['console http']}"
    headers = {"Authorization": f"Bearer {token}"}
    httpx.post(f"http://127.0.0.1:{ports['web']}/go-on?every_s=0.2")

    def send(start: int) -> None:
        body = b"".join(lines[start : start + 100])
        httpx.post(push, content=body, headers=headers | {"content-type": "application/x-ndjson"}, timeout=120).raise_for_status()

    with ThreadPoolExecutor(4) as senders, ThreadPoolExecutor(4) as readers:
        sent = [senders.submit(send, start) for start in range(0, len(lines), 100)]
        read = [readers.submit(httpx.get, console + path, timeout=60) for path in ASKED * ROUNDS]
        for pushed in sent:
            pushed.result()
        for page in read:
            page.result()
    table = topics(kafka.namespace)
    for worker, topic in zip(STAGES, (table.pages, table.articles, table.deduplicated), strict=True):
        wait_for_all(kafka, worker, topic.name, 900)


def items(port: int) -> float:
    """How many items have found their fate in the process behind this port of metrics."""
    told = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=30, trust_env=False).text
    return sum(float(line.rpartition(" ")[2]) for line in told.splitlines() if line.startswith("rafid_items_total"))


def main() -> None:
    """Prints a row for each process."""
    at = servers()
    with (
        namespace(at) as kafka,
        tempfile.TemporaryDirectory() as name,
        deployment(at, kafka, Path(name)) as (found, ports, token),
    ):
        time.sleep(SETTLE_S)
        with Footprints(found) as rest:
            time.sleep(REST_S)
        before = {process: items(ports[process]) for process in found}
        with Footprints(found) as busy:
            rush(kafka, ports, token)
        taken = {process: items(ports[process]) - before[process] for process in found} | {"console": len(ASKED) * ROUNDS}
        print(f"load {os.getloadavg()[0]:.1f}; {PAGES:,} pages pushed, and those of feeds")
        print(f"{'process':14}{'at rest':>10}{'peak':>10}{'cores, rest':>14}{'cores, busy':>14}{'items':>8}{'CPU s/1,000':>14}")
        for process in found:
            row = rest.highest[process], busy.highest[process], rest.cores[process], busy.cores[process]
            cost = 1_000 * busy.cpu_s[process] / taken[process] if taken[process] else 0.0
            print(
                f"{process:14}{row[0]:>7.0f}MiB{row[1]:>7.0f}MiB{row[2]:>14.4f}{row[3]:>14.2f}{taken[process]:>8,.0f}{cost:>14.2f}"
            )


if __name__ == "__main__":
    main()
