"""The health and the metrics of a process over HTTP: /healthz, /readyz and /metrics, on loopback unless told otherwise.

A scrape reads what the process counts anyway and costs the hot path nothing. One process has one port.
"""

from __future__ import annotations

import sys
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
from streams.runtime.fates import FATES, Fate
from streams.runtime.metrics import METRICS
from streams.runtime.settings import HealthSettings
from streams.runtime.vitals import Distribution, Vitals

PATHS = "/metrics, /healthz, /readyz\n"
Samples = Mapping[tuple[str, ...], float]  # by the values of the labels but the stage

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
        yield self._histogram("rafid_batch_messages", vitals.batch_messages)
        yield self._histogram("rafid_batch_duration_seconds", vitals.batch_s)
        for name, distribution in vitals.distributions.items():
            yield self._histogram(name, distribution)
        for name, read in vitals.gauges.items():
            yield self._gauge(name, {(): read()})
        for name, read_all in vitals.labelled.items():
            yield self._gauge(name, read_all())

    def _counted(self) -> Iterator[Metric]:
        counts = self._vitals.counts
        yield self._counter("rafid_items", {(fate,): counts.fates[fate] for fate in sorted(FATES[self._stage])})
        if Fate.DEAD_LETTER in FATES[self._stage]:
            yield self._counter("rafid_dead_letters", {(reason,): counts.dead_letters[reason] for reason in Reason})
        yield self._counter("rafid_retries", {(operation,): n for operation, n in self._vitals.retries.copy().items()})
        if self._stage == "split":
            yield self._counter("rafid_articles_made", {(): counts.articles_made})

    def _standing(self) -> Iterator[Metric]:
        vitals = self._vitals
        yield self._gauge("rafid_alive", {(): vitals.is_alive})
        yield self._gauge("rafid_ready", {(): not vitals.hindrance})
        yield self._gauge("rafid_loop_idle_seconds", {(): time.monotonic() - vitals.turned_at})
        yield self._gauge("rafid_last_success_timestamp_seconds", {(): vitals.succeeded_at})
        for name, messages in (
            ("rafid_lag_messages", vitals.backlog.lag),
            ("rafid_overdue_messages", vitals.backlog.overdue),
        ):
            yield self._gauge(name, {(topic, str(partition)): n for (topic, partition), n in messages.copy().items()})

    def _counter(self, name: str, samples: Samples) -> Metric:
        return self._filled(CounterMetricFamily(*self._about(name)), samples)

    def _gauge(self, name: str, samples: Samples) -> Metric:
        return self._filled(GaugeMetricFamily(*self._about(name)), samples)

    def _histogram(self, name: str, distribution: Distribution) -> Metric:
        meaning, labels = METRICS[name].meaning, ["stage", *METRICS[name].labels]
        family = HistogramMetricFamily(name, meaning, labels=labels)
        family.add_metric([self._stage], list(distribution.cumulative()), distribution.total)
        return family

    def _about(self, name: str) -> tuple[str, str, None, list[str]]:
        return name, METRICS[name].meaning, None, ["stage", *METRICS[name].labels]

    def _filled(self, family: Any, samples: Samples) -> Metric:
        for labels, value in samples.items():
            family.add_metric([self._stage, *labels], value)
        filled: Metric = family
        return filled


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


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Logs what fails, but for a scraper that has hung up."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def serve_health(vitals: Vitals, settings: HealthSettings) -> Callable[[], None]:
    """Answers health checks and scrapes from a thread of its own; returns the function that ends it.

    Raises RafidError when it cannot listen there.
    """
    registry = CollectorRegistry()
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=registry)
    registry.register(VitalsCollector(vitals))
    try:
        server = _Server((settings.host, settings.port), partial(_Handler, vitals, registry))
    except OSError as exc:
        raise RafidError(
            f"metrics cannot be served on {settings.host}:{settings.port} ({exc.strerror}): give another --metrics-port"
        ) from None
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()

    def end() -> None:
        server.shutdown()
        server.server_close()

    return end
