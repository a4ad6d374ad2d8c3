"""A cluster under load: pages at an even pace, servers that are killed and come back, and how long nothing new was found."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from elasticsearch import ApiError, Elasticsearch, TransportError
from kafka.errors import KafkaError

from deploy.local import stack as stacks
from deploy.local.servers import last_line
from indexing.elastic.settings import ElasticSettings
from indexing.generations.names import names
from streams.connect import clients
from streams.connect.kafka import KafkaSettings
from streams.errors import RafidError
from streams.records import Page
from tests.support.kept_logs import set_logs_aside
from tests.support.servers import ROOT, wait_until

MEND_S = 600.0


class Flow(threading.Thread):
    """One `rafid produce files -`, which is given a page each 1 / `a_second` s until it is finished; `given` are the pages."""

    def __init__(self, kafka: KafkaSettings, pages: Iterator[Page], log: Path, a_second: float) -> None:
        super().__init__(daemon=True)
        self.given: list[Page] = []
        self._pages, self._pause_s = pages, 1 / a_second
        self._finishing = threading.Event()
        command = [sys.executable, "-m", "rafid", "produce", "files", "-", "--json", "--kafka", kafka.servers]
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [*command, "--namespace", kafka.namespace], cwd=ROOT, stdin=subprocess.PIPE, stdout=output, stderr=output
            )

    def run(self) -> None:
        assert self.process.stdin
        with contextlib.suppress(BrokenPipeError):
            while not self._finishing.wait(self._pause_s):
                page = next(self._pages)
                self.process.stdin.write(page.to_bytes() + b"\n")
                self.process.stdin.flush()
                self.given.append(page)
            self.process.stdin.close()

    def finish(self, deadline_s: float) -> int:
        """Returns the exit code of the command, which has sent all that it was given."""
        self._finishing.set()
        self.join(deadline_s)
        return self.process.wait(deadline_s)

    def close(self) -> None:
        """Nothing of it is left."""
        self._finishing.set()
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)


class Growth(threading.Thread):
    """Looks once a second whether more documents are found than before; `gaps_s` are the times in which there were no more."""

    def __init__(self, elastic: ElasticSettings, namespace: str) -> None:
        super().__init__(daemon=True)
        self.gaps_s: list[float] = []
        self._elastic, self._everything = elastic, names(namespace).everything
        self.has_begun = threading.Event()
        self._count = 0
        self._ending = threading.Event()

    def run(self) -> None:
        with self._elastic.client(request_timeout=5) as client:
            while not (count := self._found(client)) and not self._ending.wait(1):
                pass
            self._count, since = count, time.monotonic()
            self.has_begun.set()
            while not self._ending.wait(1):
                found = self._found(client)
                if found > self._count:
                    self.gaps_s.append(time.monotonic() - since)
                    self._count, since = found, time.monotonic()
            self.gaps_s.append(time.monotonic() - since)

    def _found(self, client: Elasticsearch) -> int:
        try:
            count: int = client.options(ignore_status=404).count(index=self._everything).body.get("count", 0)
        except (ApiError, TransportError):
            return 0
        return count

    def end(self) -> float:
        """Returns the longest time without a new document, in seconds."""
        self._ending.set()
        self.join(30)
        return max(self.gaps_s)


class Cluster:
    """Three brokers and three nodes that may be killed."""

    def __init__(self, stack: str, size: int = 3) -> None:
        self.stack, self.killed = stack, 0
        self.mended_s: list[float] = []
        self.ended_by_itself: list[str] = []
        self._killed: set[str] = set()
        self.addresses = stacks.up(stack, brokers=size, nodes=size)
        self.kafka = KafkaSettings(self.addresses.kafka)
        self.elastic = ElasticSettings(self.addresses.elasticsearch)

    def kill(self, kind: str, count: int, chance: random.Random) -> None:
        """So many drawn servers of the kind are gone, with no chance to say so."""
        self.look()
        servers = [server for server in stacks.status(self.stack) if server.name.startswith(kind)]
        for server in chance.sample(servers, count):
            self._killed.add(server.name)
            for pid in server.pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.killed += 1

    def mend(self) -> None:
        """Every server is back, and every copy of everything is in step."""
        began = time.monotonic()
        wait_until(self._up, "the servers to come back", MEND_S)
        wait_until(self._is_whole, "all copies to be in step", MEND_S)
        self.mended_s.append(time.monotonic() - began)

    def look(self) -> None:
        """Notes what each server that nobody killed and that is gone said last: it would be started again unseen."""
        for server in stacks.status(self.stack):
            if not server.pids and server.name not in self._killed:
                self.ended_by_itself.append(f"{server.name}: {last_line(server.log)}")

    def _up(self) -> bool:
        self.look()
        set_logs_aside(self.stack)
        try:
            assert stacks.up(self.stack) == self.addresses
        except RafidError as exc:  # a busy machine: tried again, as a supervisor does
            self.ended_by_itself.append(str(exc))
            return False
        self._killed.clear()
        return True

    def _is_whole(self) -> bool:
        try:
            with clients.admin(self.kafka) as admin:
                partitions = [partition for topic in admin.describe_topics() for partition in topic["partitions"]]
            in_step = all(len(one["isr_nodes"]) == len(one["replica_nodes"]) for one in partitions)
            with self.elastic.client() as client:
                return in_step and client.cluster.health()["status"] == "green"
        except (RafidError, KafkaError, ApiError, TransportError):
            return False

    def every(self, seconds: float, ends_s: float, act: Callable[[], None]) -> None:
        """Does the act again and again until the moment `ends_s`; each is followed by what remains of `seconds`."""
        while time.monotonic() < ends_s:
            began = time.monotonic()
            act()
            time.sleep(max(0.0, began + seconds - time.monotonic()))
