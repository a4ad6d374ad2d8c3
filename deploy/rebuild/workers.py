"""The three workers of a rebuild as processes of one command: they read the live pages and write a namespace of their own."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping

from indexing.elastic.settings import ElasticSettings
from streams.connect.kafka import KafkaSettings
from streams.errors import RafidError

WORKERS = ("split", "dedup", "index")
STOP_S = 60.0


def environment(kafka: KafkaSettings, elastic: ElasticSettings, into: str) -> dict[str, str]:
    """Returns the variables that a worker of the rebuild differs by from one of ours; secrets travel in them alone."""
    found: dict[str, str | None] = {
        "RAFID_NAMESPACE": into,
        "RAFID_PAGES_OF": kafka.namespace,
        "RAFID_KAFKA": kafka.servers,
        "RAFID_KAFKA_SECURITY": kafka.security,
        "RAFID_KAFKA_MECHANISM": kafka.mechanism,
        "RAFID_KAFKA_USER": kafka.username,
        "RAFID_KAFKA_PASSWORD": kafka.password,
        "RAFID_KAFKA_CA": kafka.ca,
        "RAFID_KAFKA_CERTIFICATE": kafka.certificate,
        "RAFID_KAFKA_KEY": kafka.key,
        "RAFID_ELASTICSEARCH": elastic.urls,
        "RAFID_ELASTICSEARCH_API_KEY": elastic.api_key,
        "RAFID_ELASTICSEARCH_USER": elastic.user,
        "RAFID_ELASTICSEARCH_PASSWORD": elastic.password,
        "RAFID_ELASTICSEARCH_CA": elastic.ca,
    }
    return {name: value for name, value in found.items() if value is not None}


@contextlib.contextmanager
def running(variables: Mapping[str, str]) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Yields the processes by worker; all are asked to end with the block, and killed when that takes a minute."""
    # A port, or a place of its own in a state folder, belongs to the worker that it was given for.
    ours = {name: value for name, value in os.environ.items() if name != "RAFID_METRICS_PORT"} | dict(variables)
    started: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for worker in WORKERS:
            command = [sys.executable, "-m", "rafid", "worker", worker]
            started[worker] = subprocess.Popen(command, env=ours, stdin=subprocess.DEVNULL)
        yield started
    finally:
        for process in started.values():
            process.terminate()
        for process in started.values():
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def check(started: Mapping[str, subprocess.Popen[bytes]]) -> None:
    """Raises RafidError when one of the processes has ended."""
    for worker, process in started.items():
        if (code := process.poll()) is not None:
            raise RafidError(f"the {worker} worker of the rebuild ended (exit code {code}): see its lines above")
