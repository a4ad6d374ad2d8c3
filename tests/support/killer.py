"""A killer: it ends and suspends the processes of a running pipeline at drawn moments, and starts again what is gone.

It is the supervisor, too: a worker that ends by itself is started again and counted as such. A server is up again before its
next turn comes, so that every stretch of work has some moment in which all of them run.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deploy.local import stack as stacks
from streams.connect.kafka import KafkaSettings
from streams.errors import RafidError
from streams.records import Page
from tests.support.servers import ROOT, Worker, lag, wait_until

# One process in five dies while it starts, within so many seconds; the others when they are at work.
DIES_YOUNG, YOUNG_S = 0.2, 8.0
# A stage that does nothing for so long has nothing to do, or cannot: its processes may be killed again.
IDLE_S = 120.0
SUSPENDED_SHARE, SUSPENDED_S = 0.1, 20.0
# A producer is ripe at a page that is drawn; where that lies beyond its share, its pages are taken.
CHUNK, PAGES_PER_S, DIES_WITHIN = 60, 15, 120
SERVERS = ("kafka", "elasticsearch")
WEIGHTS = {"split": 4, "dedup": 4, "index": 4, "produce": 3, "kafka": 0.4, "elasticsearch": 0.3}


@dataclasses.dataclass(slots=True)
class Act:
    """One deed: what was done to which process, how old that was in seconds, and after how long its stage worked again."""

    at_s: float
    victim: str
    how: str
    age_s: float
    for_s: float | None = None
    again_s: float | None = None


class Producer(threading.Thread):
    """`rafid produce files -`, one after another, each with its share of the pages: what is killed is begun again.

    `taken` are the pages of those that ended with 0, which said by it that Kafka has them.
    """

    def __init__(self, kafka: KafkaSettings, pages: Iterator[Page], log: Path) -> None:
        super().__init__(daemon=True)
        self.taken: list[Page] = []
        self.ended_by_itself = 0
        self.born_s = time.monotonic()
        self.is_ripe = False
        self.process: subprocess.Popen[bytes] | None = None
        self._kafka, self._pages, self._log = kafka, pages, log
        self._chance = random.Random(0)
        self._finishing = threading.Event()

    def run(self) -> None:
        while not self._finishing.is_set():
            chunk = [page for page, _ in zip(self._pages, range(CHUNK), strict=False)]
            while not self._send(chunk):
                pass
            self.taken += chunk

    def _send(self, chunk: list[Page]) -> bool:
        command = [sys.executable, "-m", "rafid", "produce", "files", "-", "--json", "--kafka", self._kafka.servers]
        command += ["--namespace", self._kafka.namespace]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=log, stderr=log)
        self.born_s = time.monotonic()
        dies_at, self.is_ripe = self._chance.randrange(DIES_WITHIN), False
        assert self.process.stdin
        with contextlib.suppress(BrokenPipeError):
            for number, page in enumerate(chunk):
                self.is_ripe = number >= dies_at
                self.process.stdin.write(page.to_bytes() + b"\n")
                self.process.stdin.flush()
                time.sleep(1 / PAGES_PER_S)  # pages come as they are found, so that every moment is one to die in
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.is_ripe = False
        code = self.process.wait()
        if code > 0:
            self.ended_by_itself += 1
        return code == 0

    def finish(self, deadline_s: float) -> None:
        """Ends when the pages that it is at are sent."""
        self._finishing.set()
        self.join(deadline_s)
        assert not self.is_alive(), "the producer does not come to an end"


class Killer:
    """The pipeline of a stack: two workers of each stage, a producer, and what is done to them; `acts` tells of it."""

    def __init__(self, stack: str, kafka: KafkaSettings, pages: Iterator[Page], folder: Path, seed: int) -> None:
        self.acts: list[Act] = []
        self.ended_by_itself: Counter[str] = Counter()
        self._stack, self._kafka, self._folder = stack, kafka, folder
        self._chance = random.Random(seed)
        self._began_s = time.monotonic()
        self._born_s: dict[str, float] = {}
        self._die_at_s: dict[str, float] = {}
        self._acts_of: dict[str, Act] = {}
        self._suspended: dict[str, tuple[float, tuple[int, ...]]] = {}
        self._starting: dict[str, threading.Thread] = {}
        self._addresses = stacks.up(stack)
        self.producer = Producer(kafka, pages, folder / "produce.log")
        self.workers = {f"{stage}-{n}": self._start(f"{stage}-{n}") for n in (1, 2) for stage in ("split", "dedup", "index")}
        self._server_pids = self._look_for_servers()
        self._born_s |= dict.fromkeys(SERVERS, self._began_s)
        self.producer.start()

    def _start(self, name: str) -> Worker:
        stage = name.partition("-")[0]
        self._born_s[name] = time.monotonic()
        young = self._chance.random() < DIES_YOUNG
        self._die_at_s[name] = self._born_s[name] + (self._chance.random() * YOUNG_S if young else float("inf"))
        return Worker(
            stage,
            self._kafka,
            self._folder,
            state=self._folder / name,
            RAFID_ELASTICSEARCH=self._addresses.elasticsearch,
        )

    def once(self) -> None:
        """Something is done to one process that is ripe for it, if there is one; what is gone is started again."""
        self._look_after()
        ripe = [name for name in (*self.workers, "produce", *SERVERS) if self._is_ripe(name)]
        if not ripe:
            return
        weights = [WEIGHTS[name.partition("-")[0]] for name in ripe]
        (name,) = self._chance.choices(ripe, weights)
        if self._chance.random() < SUSPENDED_SHARE:
            self._suspend(name)
        else:
            self._kill(name)

    def _kill(self, name: str) -> None:
        self._note(name, "SIGKILL")
        for pid in self._pids(name):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if name in SERVERS:
            self._starting[name] = threading.Thread(target=self._start_server, args=(name,), daemon=True)
            self._starting[name].start()
        elif name != "produce":
            self.workers[name].process.wait(20)
            self.workers[name] = self._start(name)

    def _start_server(self, name: str) -> None:
        while True:
            try:
                addresses = stacks.up(self._stack)
                break
            except RafidError as exc:  # a busy machine: it is tried again, as a supervisor does
                self.ended_by_itself[str(exc).partition(":")[0]] += 1
        assert addresses == self._addresses, f"{name} came back at another address: {addresses}"
        self._server_pids[name] = self._look_for_servers()[name]
        self._born_s[name] = time.monotonic()

    def _look_for_servers(self) -> dict[str, tuple[int, ...]]:
        return {server.title.split()[0].lower(): server.pids for server in stacks.status(self._stack)}

    def _suspend(self, name: str) -> None:
        pids, for_s = self._pids(name), self._chance.uniform(1, SUSPENDED_S)
        self._note(name, "SIGSTOP", for_s)
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        self._suspended[name] = (time.monotonic() + for_s, pids)

    def _note(self, name: str, how: str, for_s: float | None = None) -> None:
        now = time.monotonic()
        born_s = self.producer.born_s if name == "produce" else self._born_s[name]
        act = Act(round(now - self._began_s, 1), name, how, round(now - born_s, 1), for_s)
        self.acts.append(act)
        self._acts_of[name] = act

    def _pids(self, name: str) -> tuple[int, ...]:
        if name in SERVERS:
            return self._server_pids[name]
        process = self.producer.process if name == "produce" else self.workers[name].process
        return (process.pid,) if process and process.poll() is None else ()

    def _look_after(self) -> bool:
        """Starts again what ended by itself, wakes up what was suspended for long enough; returns whether all are awake."""
        now = time.monotonic()
        for name, (until_s, pids) in list(self._suspended.items()):
            if now >= until_s:
                for pid in pids:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGCONT)
                del self._suspended[name]
        for name, worker in list(self.workers.items()):
            if worker.process.poll() is not None:
                self.ended_by_itself[worker.said().splitlines()[-1][:160] if worker.said() else "without a word"] += 1
                self.workers[name] = self._start(name)
        for name, act in self._acts_of.items():
            if act.again_s is None and name not in ("produce", *self._suspended) and self._has_worked(name.partition("-")[0]):
                act.again_s = round(now - self._began_s - act.at_s, 1)
        return not self._suspended

    def _has_worked(self, stage: str) -> bool:
        """Whether a process of the stage has done something since the last deed to any of the stage."""
        if stage in SERVERS:
            return stage not in self._starting or not self._starting[stage].is_alive()
        since_s = max((a.at_s for n, a in self._acts_of.items() if n.startswith(stage)), default=0.0) + self._began_s
        return any(
            worker.log.stat().st_mtime > time.time() - (time.monotonic() - since_s) and "since the start" in worker.said()
            for name, worker in self.workers.items()
            if name.startswith(stage)
        )

    def _is_ripe(self, name: str) -> bool:
        stage = name.partition("-")[0]
        if name in self._suspended or not self._pids(name):
            return False
        if name in SERVERS:
            return self._has_worked(name) and time.monotonic() - self._born_s[name] > YOUNG_S
        if name == "produce":
            return self.producer.is_ripe
        now = time.monotonic()
        if now > self._die_at_s[name]:
            return True
        last = max((act.at_s for other, act in self._acts_of.items() if other.startswith(stage)), default=0.0)
        return self._has_worked(stage) or now - self._began_s - last > IDLE_S

    def rest(self) -> None:
        """Everything runs and nothing is suspended, until the next deed."""
        wait_until(self._look_after, "what is suspended to go on", 2 * SUSPENDED_S)
        for thread in self._starting.values():
            thread.join(300)
            assert not thread.is_alive(), "a server does not come back"

    def wait_until_through(self, stage: str, topic: str, deadline_s: float = 900.0) -> None:
        """The stage has committed every message of the topic; a worker that ends meanwhile is started again."""
        wait_until(
            lambda: self._look_after() and lag(self._kafka, stage, topic) == 0, f"{stage} through with {topic}", deadline_s
        )

    def pause(self, mean_s: float) -> None:
        """A drawn time passes: the moments are the point."""
        time.sleep(self._chance.expovariate(1 / mean_s))

    def stop(self) -> list[int]:
        """Exit codes of the workers, which end in order."""
        return [worker.stop() for worker in self.workers.values()]

    def close(self) -> None:
        """No process of ours is left but the servers."""
        for _, pids in self._suspended.values():
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
        for process in [self.producer.process, *(worker.process for worker in self.workers.values())]:
            if process and process.poll() is None:
                process.kill()

    def summary(self) -> dict[str, Any]:
        """How often what was done to what, and how long it took until its stage worked again."""
        table: dict[str, Any] = {}
        for act in self.acts:
            row = table.setdefault(f"{act.victim.partition('-')[0]} {act.how}", {"times": 0, "again_s": []})
            row["times"] += 1
            if act.again_s is not None:
                row["again_s"].append(max(0.0, act.again_s - (act.for_s or 0.0)))
        for row in table.values():
            times = sorted(row.pop("again_s"))
            if times:
                row |= {"again_median_s": round(times[len(times) // 2], 1), "again_longest_s": round(times[-1], 1)}
        return {"acts": table, "ended_by_itself": dict(self.ended_by_itself), "producer_failed": self.producer.ended_by_itself}

    def write(self, path: Path) -> None:
        """The acts are lines of this file."""
        path.write_text("".join(json.dumps(dataclasses.asdict(act)) + "\n" for act in self.acts))
