"""Sources are judged again and again beside a process that runs, and shown as metrics."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

from elasticsearch import Elasticsearch

from deploy.sources.judgement import ODD, STATES
from deploy.sources.show import odd_lines
from deploy.sources.status import SourcesStatus, sources_status
from streams.connect.kafka import KafkaSettings
from streams.errors import RafidError
from streams.runtime.vitals import Vitals

MOST_NAMED: Final = 100  # sources that are labels at once; `rafid_sources` counts them all
log = logging.getLogger("rafid")


class SourcesWatch:
    """The latest judgement of all sources; one thread judges, scrapes read."""

    def __init__(self, judge: Callable[[], SourcesStatus]) -> None:
        self._judge = judge
        self._latest: SourcesStatus | None = None
        self._judged_at = 0.0
        self._logged: frozenset[str] = frozenset()

    def look(self) -> None:
        """Judges the sources, and logs each one that is newly odd; a server that does not answer leaves what was known."""
        try:
            found = self._judge()
        except RafidError as exc:
            log.warning("sources were not judged: %s", exc)
            return
        lines = odd_lines(found)
        odd = frozenset(f"{each.source} is {each.state}" for each in found.judgements if each.state in ODD)
        for line in lines:
            if not any(line.startswith(f"{logged}:") for logged in self._logged):
                log.warning("%s", line)
        self._latest, self._judged_at, self._logged = found, time.time(), odd

    def show_in(self, vitals: Vitals) -> None:
        """Has the metrics of sources shown among a process's vital signs."""
        vitals.gauges["rafid_sources_judged_timestamp_seconds"] = lambda: self._judged_at
        vitals.labelled["rafid_sources"] = self._by_state
        vitals.labelled["rafid_odd_source"] = self._odd

    def _by_state(self) -> Mapping[tuple[str, ...], float]:
        counts = Counter(each.state for each in self._latest.judgements) if self._latest else Counter[str]()
        return {(state,): counts[state] for state in STATES}

    def _odd(self) -> Mapping[tuple[str, ...], float]:
        odd = [each for each in self._latest.judgements if each.state in ODD] if self._latest else []
        newest_first = sorted(odd, key=lambda each: -each.last_page)
        return {(each.source, each.state): 1.0 for each in newest_first[:MOST_NAMED]}


def watch_sources(
    kafka: KafkaSettings, client: Elasticsearch, vitals: Vitals, stopping: threading.Event, every_s: float
) -> threading.Thread:
    """Judges the sources every so many seconds in a thread of its own, until `stopping` is set; returns that thread."""
    watch = SourcesWatch(lambda: sources_status(client, kafka, time.time() / 3600))
    watch.show_in(vitals)

    def look_again_and_again() -> None:
        watch.look()
        while not stopping.wait(every_s):
            watch.look()

    thread = threading.Thread(target=look_again_and_again, name="sources", daemon=True)
    thread.start()
    return thread
