"""Processes that serve for long, each with its secrets given to it: none is in what they answer to probes, nor in their logs."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import httpx

from producers.push.tokens import add_token
from tests.integration.secured.conftest import Secured, without_ours
from tests.integration.test_metrics import free_ports
from tests.support.servers import ROOT, wait_until

PATHS = ("/metrics", "/healthz", "/readyz")
HEADER = "a-header-for-subscribers-only"
SOURCES = f"""
contact = "mailto:a@b.example"
[[source]]
name = "paid"
feeds = ["http://127.0.0.1:9/rss.xml"]
headers = {{ Authorization = "Bearer {HEADER}" }}
"""


def commands(folder: Path) -> dict[str, tuple[str, tuple[str, ...]]]:
    """The principal and the command of each process."""
    (folder / "sources.toml").write_text(SOURCES)
    state = ("--state", str(folder / "feeds.sqlite"), "--report-every", "1")
    return {
        "push": ("producer", ("produce", "serve", "--port", "0", "--tokens", str(folder / "tokens.json"))),
        "feeds": ("producer-tls", ("produce", "feeds", str(folder / "sources.toml"), *state)),
        "console": ("console", ("console", "--port", "0")),
        "dead letters": ("dead-letters", ("dashboards", "dead-letters")),
    }


@contextlib.contextmanager
def running(secured: Secured, folder: Path) -> Iterator[Mapping[str, tuple[int, subprocess.Popen[bytes], Path]]]:
    """The port for probes, the process and the log of each; all are gone afterwards."""
    its = commands(folder)
    started: dict[str, tuple[int, subprocess.Popen[bytes], Path]] = {}
    try:
        for (name, (principal, command)), port in zip(its.items(), free_ports(len(its)), strict=True):
            log = folder / f"{name}.log"
            environment = without_ours() | secured.variables(principal) | {"RAFID_METRICS_PORT": str(port)}
            with log.open("wb") as output:
                arguments = [sys.executable, "-m", "rafid", *command]
                process = subprocess.Popen(arguments, cwd=ROOT, env=environment, stdout=output, stderr=output)
            started[name] = port, process, log
        yield started
    finally:
        for _, process, _ in started.values():
            if process.poll() is None:
                process.kill()
                process.wait(10)


def answers(port: int, process: subprocess.Popen[bytes], log: Path) -> str | None:
    """What the process answers to probes, once it is ready."""
    assert process.poll() is None, log.read_text()
    try:
        found = [httpx.get(f"http://127.0.0.1:{port}{path}", trust_env=False) for path in PATHS]
    except httpx.TransportError:  # it has just been started
        return None
    return "\n".join(answer.text for answer in found) if found[-1].is_success else None


def test_no_process_that_serves_for_long_shows_a_secret(secured: Secured, tmp_path: Path) -> None:
    kept = json.loads((secured.security.directory / "secrets.json").read_text())
    token = add_token(tmp_path / "tokens.json", "madar", "madar.example", "2026-11-22T18:25:43Z")
    secrets = {secret for kind in kept.values() for secret in kind.values()} | {token, HEADER}
    with running(secured, tmp_path) as started:
        shown = {name: wait_until(partial(answers, *its), f"{name} is ready") for name, its in started.items()}
        feeds_log = started["feeds"][2]
        wait_until(lambda: "127.0.0.1:9" in feeds_log.read_text(), "the feed to fail")
        for _, process, _ in started.values():
            process.send_signal(signal.SIGTERM)
        codes = {name: process.wait(40) for name, (_, process, _) in started.items()}
        logs = {name: log.read_text() for name, (_, _, log) in started.items()}

    assert codes == dict.fromkeys(started, 0)
    assert all("rafid_ready" in text for text in shown.values())
    assert [(name, each) for name in started for each in secrets if each in shown[name] + logs[name]] == []
