"""A producer that may be killed: its pages are sent again until they are taken."""

from __future__ import annotations

import contextlib
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from streams.connect.kafka import KafkaSettings
from streams.records import Page
from tests.support.servers import ROOT

# A producer is ripe at a page that is drawn; where that lies beyond its share, its pages are taken.
CHUNK, PAGES_PER_S, DIES_WITHIN = 60, 15, 120


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
