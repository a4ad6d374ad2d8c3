"""A pipeline of one worker a stage to which something is done, and the accounts of it afterwards."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.audit.audit import Bounds, audit
from indexing.elastic.settings import ElasticSettings
from indexing.generations.provision import provision as provision_index
from streams.connect.kafka import KafkaSettings
from streams.records import Page
from streams.topics import topics
from tests.support.accounts import expected_articles, expected_verdicts, judged, sent_articles
from tests.support.cluster import Flow
from tests.support.news import pages
from tests.support.servers import Worker, lag, read_all, send_pages, wait_for_all, wait_until

STAGES = ("split", "dedup", "index")
NOTHING = {"pages": 0, "articles": 0, "verdicts": 0}


class Pipeline:
    """The stages of a namespace; the state of each lies in a folder of its own, and pages come when they are asked for."""

    def __init__(self, kafka: KafkaSettings, elastic: ElasticSettings, folder: Path) -> None:
        self.kafka, self.elastic, self.folder = kafka, elastic, folder
        self.workers: dict[str, Worker] = {}
        self.given: list[Page] = []
        self._news = pages(10**9)
        self._retired: list[Worker] = []
        self._flows: list[Flow] = []
        names = topics(kafka.namespace)
        self._inputs = {"split": names.pages.name, "dedup": names.articles.name, "index": names.deduplicated.name}
        with elastic.client() as client:
            provision_index(client, kafka.namespace)

    def start(self, *stages: str, also: Mapping[str, str] | None = None) -> None:
        """A worker of each of these stages runs, in place of the one before."""
        for stage in stages or STAGES:
            if before := self.workers.get(stage):
                self._retired.append(before)
            self.workers[stage] = self.worker(stage, stage, also)

    def worker(self, stage: str, state: str, also: Mapping[str, str] | None = None) -> Worker:
        """Returns a worker of the stage, which has just been started."""
        chosen: dict[str, Any] = {"RAFID_ELASTICSEARCH": self.elastic.urls} | dict(also or {})
        return Worker(stage, self.kafka, self.folder, state=self.folder / "state" / state, **chosen)

    def give(self, count: int) -> None:
        """So many more pages are on their topic."""
        more = list(itertools.islice(self._news, count))
        send_pages(self.kafka, more)
        self.given += more

    def flow(self, a_second: float) -> Flow:
        """Returns a producer that has begun to send more pages, so many a second; `finish` ends it."""
        flow = Flow(self.kafka, self._news, self.folder / "produce.log", a_second)
        flow.start()
        self._flows.append(flow)
        return flow

    def finish(self, flow: Flow, deadline_s: float = 400) -> None:
        """The producer has ended well, and its pages count as given."""
        assert flow.finish(deadline_s) == 0, (self.folder / "produce.log").read_text()[-1000:]
        self.given += flow.given

    def look_after(self) -> list[str]:
        """Starts again what ended by itself, as a supervisor does; returns the last words of those."""
        ended = [stage for stage, worker in self.workers.items() if worker.process.poll() is not None]
        words = [(self.workers[stage].said().splitlines() or ["without a word"])[-1] for stage in ended]
        if ended:
            self.start(*ended)
        return words

    def through(self, *stages: str, deadline_s: float = 600) -> None:
        """Each stage, or those named, has committed all that it was given."""
        for stage in stages or STAGES:
            wait_for_all(self.kafka, stage, self._inputs[stage], deadline_s)

    def through_with_supervisor(self, deadline_s: float = 900) -> list[str]:
        """All is through, what ends meanwhile is started again; returns the last words of what ended."""
        words: list[str] = []

        def is_through() -> bool:
            words.extend(self.look_after())
            return all(lag(self.kafka, stage, topic) == 0 for stage, topic in self._inputs.items())

        wait_until(is_through, "all stages through", deadline_s)
        return words

    def adds_up(self) -> None:
        """Every page that was given is there, with its articles, one verdict each and its documents; nothing is twice."""
        names = topics(self.kafka.namespace)
        last = {message.key: message.value for message in read_all(self.kafka, names.pages.name)}
        given = {bytes.fromhex(page.id): page.text for page in self.given}
        assert {key: Page.from_bytes(last[key] or b"").text for key in given} == given
        assert read_all(self.kafka, names.dead_letters.name) == []
        assert sent_articles(self.kafka) == expected_articles(self.kafka)
        assert judged(self.kafka) == expected_verdicts(self.kafka)
        with audit(self.kafka, self.elastic, Bounds()) as report:
            assert (report.findings.first, report.under_way) == ([], NOTHING)

    def stop(self) -> None:
        """The workers have ended in order."""
        assert {stage: worker.stop() for stage, worker in self.workers.items()} == dict.fromkeys(self.workers, 0)

    def close(self) -> None:
        """No process of ours is left."""
        for flow in self._flows:
            flow.close()
        for worker in (*self._retired, *self.workers.values()):
            if worker.process.poll() is None:
                worker.kill()
