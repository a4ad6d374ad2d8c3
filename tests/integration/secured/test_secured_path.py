"""One page from the command line to a search hit on a secured stack, each process as the principal that is made for it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from streams.connect.local_stack import stack_directory
from streams.identity import canonical_url, digest
from tests.integration.secured.conftest import NAME, PAGE, URL, Secured
from tests.integration.test_metrics import free_ports
from tests.support.servers import Worker, wait_until, workers

# The two ways to log in, divided among the workers: passwords and API keys, certificates and users.
ONE_WAY = {"split": "split", "dedup": "dedup-tls", "index": "index"}
PROBES = ("/metrics", "/healthz", "/readyz")
OTHER_WAY = {"split": "split-tls", "dedup": "dedup", "index": "index-tls"}


@dataclasses.dataclass(frozen=True)
class Run:
    """What the processes did, seen while they ran: `command_lines` of all processes of the machine, `logs` of ours.

    `probes` are what the workers answer to probes and scrapes.
    """

    hits: list[dict[str, Any]]
    audit: dict[str, Any]
    status: dict[str, Any]
    sources: dict[str, Any]
    command_lines: str
    logs: str
    probes: str
    exit_codes: list[int]


@pytest.fixture(
    scope="module",
    params=[ONE_WAY, pytest.param(OTHER_WAY, marks=pytest.mark.soak)],
    ids=["index with an API key", "index with a certificate"],
)
def run(request: pytest.FixtureRequest, secured: Secured, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A page is produced and found; then each worker is told to stop."""
    folder = tmp_path_factory.mktemp("secured")
    with workers() as started:
        ports = free_ports(len(request.param))
        for (stage, name), port in zip(request.param.items(), ports, strict=True):
            started.append(secured.worker(stage, name, folder, RAFID_METRICS_PORT=str(port)))
        yield _run(secured, started, ports, folder)


def _run(secured: Secured, started: list[Worker], ports: list[int], folder: Path) -> Run:
    file = folder / "pages.jsonl"
    file.write_text(PAGE, encoding="utf-8")
    sent = secured.rafid("producer", "produce", "files", str(file))
    assert sent.returncode == 0, sent.stderr
    with secured.elastic("search").client() as reader:
        wait_until(lambda: _is_found(reader) and all(worker.process.poll() is None for worker in started), "a story", 240)
    found = secured.rafid("search", "search", "موازنة", "--json")
    assert found.returncode == 0, found.stderr
    command_lines = "\n".join(" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"]))
    audited, status = secured.rafid("audit", "audit", "--json"), secured.rafid("console", "status", "--json")
    judged = secured.rafid("dead-letters", "sources", "status", "--json")
    probes = [httpx.get(f"http://127.0.0.1:{port}{path}", trust_env=False).text for port in ports for path in PROBES]
    exit_codes = [worker.stop() for worker in started]
    logs = [worker.said() for worker in started]
    logs += [log.read_text(errors="replace") for log in (stack_directory(NAME) / "logs").iterdir()]
    logs += [done.stdout + done.stderr for done in (sent, found, audited, status, judged)]
    return Run(
        hits=json.loads(found.stdout)["hits"],
        audit=json.loads(audited.stdout),
        status=json.loads(status.stdout),
        sources=json.loads(judged.stdout),
        command_lines=command_lines,
        logs="\n".join(logs),
        probes="\n".join(probes),
        exit_codes=exit_codes,
    )


def _is_found(reader: Any) -> bool:
    """Whether the page is searchable; an index that was made a moment ago has no shard yet, and answers 503."""
    ids = {"values": [digest("url", canonical_url(URL))]}
    found = reader.options(ignore_status=503).count(index="articles", query={"ids": ids}, ignore_unavailable=True)
    return bool(found.get("count"))


def test_the_page_is_found(run: Run) -> None:
    assert [hit["url"] for hit in run.hits] == [URL]


def test_the_audit_finds_nothing_missing(run: Run) -> None:
    assert run.audit["faults"] == {}


def test_the_console_sees_servers_topics_and_workers(run: Run) -> None:
    assert run.status["down"] == []
    assert set(run.status["kafka"]["workers"]) == {"split", "dedup", "index"}


def test_the_watch_of_sources_sees_what_came(run: Run) -> None:
    assert "one.example" in {each["source"] for each in run.sources["sources"]}


def test_every_worker_stops_cleanly(run: Run) -> None:
    assert run.exit_codes == [0, 0, 0]


def test_no_secret_is_in_a_log_a_metric_or_on_a_command_line(run: Run, secured: Secured) -> None:
    kept = json.loads((secured.security.directory / "secrets.json").read_text())
    secrets = {secret for kind in kept.values() for secret in kind.values()}

    assert run.probes.count("rafid_ready{") == len(ONE_WAY)
    assert [secret for secret in secrets if secret in run.logs + run.probes + run.command_lines] == []
