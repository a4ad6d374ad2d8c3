"""The health and the metrics of a process over HTTP: /healthz, /readyz and /metrics, on loopback unless told otherwise.

A scrape reads what the process counts anyway and costs the hot path nothing. One process has one port.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from streams.dead_letters.envelope import Reason
from streams.errors import RafidError
from streams.runtime.backlog import Partition
from streams.runtime.fates import FATES
from streams.runtime.settings import HealthSettings
from streams.runtime.vitals import Distribution, Vitals

PATHS = "/metrics, /healthz, /readyz\n"
REQUEST_S = 5.0  # a scraper that sends nothing holds a thread no longer


class VitalsCollector(Collector):
    """Collects what a process says of itself, at each scrape; waits for nothing."""

    def __init__(self, vitals: Vitals) -> None:
        self._vitals = vitals
        self._stage = vitals.counts.stage

    def collect(self) -> Iterator[Metric]:
        """Yields what was counted since the start, then what stands now, then what only this kind of process has."""
        yield from self._counted()
        yield from self._standing()
        vitals = self._vitals
        yield self._histogram("rafid_batch_messages", "Messages of a batch that is durable.", vitals.batch_messages)
        yield self._histogram("rafid_batch_duration_seconds", "From taking a batch to its being durable.", vitals.batch_s)
        for name, (meaning, distribution) in vitals.distributions.items():
            yield self._histogram(name, meaning, distribution)
        for gauge in vitals.gauges:
            yield self._gauge(gauge.name, gauge.meaning, gauge.read())

    def _counted(self) -> Iterator[Metric]:
        counts = self._vitals.counts
        items = CounterMetricFamily("rafid_items", "Items that found their fate.", labels=["stage", "fate"])
        for fate in sorted(FATES[self._stage]):
            items.add_metric([self._stage, fate], counts.fates[fate])
        yield items
        letters = CounterMetricFamily("rafid_dead_letters", "Messages that became dead letters.", labels=["stage", "reason"])
        for reason in Reason:
            letters.add_metric([self._stage, reason], counts.dead_letters[reason])
        yield letters
        retries = CounterMetricFamily("rafid_retries", "Requests that were tried again.", labels=["stage", "operation"])
        for operation, number in self._vitals.retries.copy().items():
            retries.add_metric([self._stage, operation], number)
        yield retries
        if self._stage == "split":
            made = CounterMetricFamily("rafid_articles_made", "Articles that pages were cut into.", labels=["stage"])
            made.add_metric([self._stage], counts.articles_made)
            yield made

    def _standing(self) -> Iterator[Metric]:
        vitals = self._vitals
        yield self._gauge("rafid_ready", "1 when the process is at work and caught up.", not vitals.hindrance)
        yield self._gauge("rafid_loop_idle_seconds", "Since the loop last turned.", time.monotonic() - vitals.turned_at)
        yield self._gauge(
            "rafid_last_success_timestamp_seconds", "When a batch was last durable; 0 before the first.", vitals.succeeded_at
        )
        yield self._by_partition("rafid_lag_messages", "Messages of an assigned partition still to settle.", vitals.backlog.lag)
        overdue = "Those of them that were there a minute ago, or when the assignment began."
        yield self._by_partition("rafid_overdue_messages", overdue, vitals.backlog.overdue)

    def _by_partition(self, name: str, meaning: str, messages: Mapping[Partition, int]) -> Metric:
        family = GaugeMetricFamily(name, meaning, labels=["stage", "topic", "partition"])
        for (topic, partition), number in dict(messages).items():
            family.add_metric([self._stage, topic, str(partition)], number)
        return family

    def _gauge(self, name: str, meaning: str, value: float) -> Metric:
        family = GaugeMetricFamily(name, meaning, labels=["stage"])
        family.add_metric([self._stage], value)
        return family

    def _histogram(self, name: str, meaning: str, distribution: Distribution) -> Metric:
        family = HistogramMetricFamily(name, meaning, labels=["stage"])
        family.add_metric([self._stage], list(distribution.cumulative()), distribution.total)
        return family


class _Handler(BaseHTTPRequestHandler):
    timeout = REQUEST_S

    def __init__(self, vitals: Vitals, registry: CollectorRegistry, *args: Any) -> None:
        self._vitals, self._registry = vitals, registry
        super().__init__(*args)

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/metrics":
            self._answer(HTTPStatus.OK, generate_latest(self._registry), CONTENT_TYPE_LATEST)
        elif path == "/healthz":
            self._answer_health("" if self._vitals.is_alive else self._vitals.hindrance)
        elif path == "/readyz":
            self._answer_health(self._vitals.hindrance)
        else:
            self._answer(HTTPStatus.NOT_FOUND, PATHS.encode())

    def _answer_health(self, trouble: str) -> None:
        self._answer(HTTPStatus.SERVICE_UNAVAILABLE if trouble else HTTPStatus.OK, f"{trouble or 'ok'}\n".encode())

    def _answer(self, status: HTTPStatus, body: bytes, content_type: str = "text/plain; charset=utf-8") -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Logs nothing: a scrape every few seconds is no news."""


def serve_health(vitals: Vitals, settings: HealthSettings) -> Callable[[], None]:
    """Answers health checks and scrapes from a thread of its own; returns the function that ends it.

    Raises RafidError when it cannot listen there.
    """
    registry = CollectorRegistry()
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=registry)
    registry.register(VitalsCollector(vitals))
    try:
        server = ThreadingHTTPServer((settings.host, settings.port), partial(_Handler, vitals, registry))
    except OSError as exc:
        raise RafidError(
            f"metrics cannot be served on {settings.host}:{settings.port} ({exc.strerror}): give another --metrics-port"
        ) from None
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()

    def end() -> None:
        server.shutdown()
        server.server_close()

    return end
