"""A killer: it ends and suspends the processes of a running pipeline at drawn moments, and starts again what is gone.

It is the supervisor, too: a worker that ends by itself is started again and counted as such. A server is up again before its
next turn comes, so that every stretch of work has some moment in which all of them run.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
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
from tests.support.acts import Act, summary
from tests.support.kept_logs import set_logs_aside
from tests.support.killed_producer import Producer
from tests.support.servers import Worker, lag, wait_until

# One process in five dies while it starts, within so many seconds; the others when they are at work, or later than that.
DIES_YOUNG, YOUNG_S = 0.2, 8.0
# So often a stage may be struck before it has worked again, so that some die while they join their group or read the register.
STRIKES = 3
# Two processes are struck in the same moment, in so many of the cases where there are two to strike.
TOGETHER = 0.2
# So often it is looked whether there is anything to strike.
LOOK_S = 0.2
# A stage that does nothing for so long has nothing to do, or cannot: its processes may be killed again.
IDLE_S = 120.0
SUSPENDED_SHARE, SUSPENDED_S = 0.1, 20.0
SERVERS = ("kafka", "elasticsearch")
DONE = "since the start"  # in the report of a worker that has done something
WEIGHTS = {"split": 4, "dedup": 4, "index": 4, "produce": 3, "kafka": 0.4, "elasticsearch": 0.3}


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
        self._strikes: Counter[str] = Counter()
        self._have_worked: set[Path] = set()
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
        """Something is done to a process that is ripe for it, or to two at once; what is gone is started again."""
        while not (ripe := self._ripe()):
            time.sleep(LOOK_S)
        first = self._drawn(ripe)
        others = [name for name in ripe if name != first]
        names = [first, self._drawn(others)] if others and self._chance.random() < TOGETHER else [first]
        killed = [name for name in names if self._chance.random() >= SUSPENDED_SHARE]
        for place, name in enumerate(names):
            pids = self._strike(name, None if name in killed else self._chance.uniform(1, SUSPENDED_S), together=place > 0)
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL if name in killed else signal.SIGSTOP)
        for name in killed:  # all have died before one of them is started again
            self._start_again(name)

    def _ripe(self) -> list[str]:
        self._look_after()
        return [name for name in (*self.workers, "produce", *SERVERS) if self._is_ripe(name)]

    def _drawn(self, names: list[str]) -> str:
        (name,) = self._chance.choices(names, [WEIGHTS[name.partition("-")[0]] for name in names])
        return name

    def _strike(self, name: str, suspended_s: float | None, *, together: bool) -> tuple[int, ...]:
        """Notes the deed, a kill where it is suspended for no time; returns the processes to which it is done."""
        pids, now = self._pids(name), time.monotonic()
        age_s = now - (self.producer.born_s if name == "produce" else self._born_s[name])
        when = "starting" if age_s < YOUNG_S and name in self.workers else self._condition(name)
        how = "SIGKILL" if suspended_s is None else "SIGSTOP"
        act = Act(round(now - self._began_s, 1), name, how, when, round(age_s, 1), together, suspended_s)
        self.acts.append(act)
        self._acts_of[name] = act
        self._strikes[name.partition("-")[0]] += 1
        if suspended_s is not None:
            self._suspended[name] = (now + suspended_s, pids)
        return pids

    def _condition(self, name: str) -> str:
        return "at work" if name == "produce" or self._has_worked(name.partition("-")[0]) else "recovering"

    def _start_again(self, name: str) -> None:
        if name in SERVERS:
            set_logs_aside(self._stack)
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
        struck_at = time.time() - (time.monotonic() - since_s)
        its = [worker for name, worker in self.workers.items() if name.startswith(stage)]
        self._have_worked |= {worker.log for worker in its if worker.log not in self._have_worked and DONE in worker.said()}
        has_worked = any(worker.log in self._have_worked and worker.log.stat().st_mtime > struck_at for worker in its)
        if has_worked:
            self._strikes[stage] = 0
        return has_worked

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
        may_be_struck_again = self._strikes[stage] < STRIKES and now - self._born_s[name] > YOUNG_S
        return self._has_worked(stage) or may_be_struck_again or now - self._began_s - last > IDLE_S

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
        """What was done to what, and which processes ended by themselves."""
        together = sum(act.together for act in self.acts)
        ended = {"ended_by_itself": dict(self.ended_by_itself), "producer_failed": self.producer.ended_by_itself}
        return {"acts": summary(self.acts), "together": together} | ended
