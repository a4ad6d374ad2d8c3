"""Each command of rafid's in the runbook, run on a secured stack as the user, and with the variables, of its container."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexing.generations.names import names
from indexing.generations.state import ensure_index, read_generations
from streams.dead_letters.envelope import Reason, dead_letter
from streams.dead_letters.topic import Selection, read_letters
from streams.topics import topics
from tests.integration.secured.conftest import PAGE, Secured, without_ours
from tests.support.runbook import COMPOSE, Called, called, rows
from tests.support.servers import ROOT, send
from tests.support.web.articles import article
from tests.support.web.server import Web, web

# `provision` has the certificate of an administrator here: `test_compose_commands.py` runs it. `reindex` ends with 1 where
# the live indices are of the present template, as they are here.
pytestmark = pytest.mark.timeout(600)  # that of the stack, with whose start the first test begins
CALLS = {row.task: call for row in rows() if (call := called(row.compose)) and call.service not in ("provision", "reindex")}
FINDINGS = {"status", "sources", "audit"}  # exit with 1 too when they have something to report: here no worker runs


@pytest.fixture(scope="module")
def letter(secured: Secured) -> str:
    """Where a dead letter lies that the split worker left."""
    topic = topics().pages.name
    left = dead_letter(
        stage="split",
        reason=Reason.SPLITTER_FAILURE,
        error="ValueError: mended since",
        failed_at="2026-11-22T10:00:00Z",
        key=b"k" * 16,
        value=PAGE.encode(),
        topic=topic,
        partition=0,
        offset=0,
    )
    send(secured.kafka("split"), topics().dead_letters.name, [(left.key, left.value, dict(left.headers))])
    stored = next(read_letters(secured.kafka("replay"), Selection(stage="split")))
    return stored.position


@pytest.fixture(scope="module", autouse=True)
def month(secured: Secured) -> None:
    """An index that the index worker has made: before that there is nothing to reindex, and no source to judge."""
    with secured.elastic("index").client() as client:
        ensure_index(client, read_generations(client, "news"), names("news"), "2026-11")


@pytest.fixture
def site() -> Iterator[Web]:
    with web() as server:
        server.on("/robots.txt", "", status=404)
        server.on("/n/1", article(1, "السلام"))
        yield server


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port that a process of the container listens on already."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield int(listening.getsockname()[1])


def in_container(secured: Secured, call: Called, taken_port: int, folder: Path, site: Web) -> dict[str, str]:
    """What a container of that service has in its environment, with this stack's addresses and logins."""
    given = {name for name in COMPOSE[call.service].get("environment", {}) if name.startswith("RAFID_ELASTICSEARCH")}
    login = secured.variables(call.principal)
    have = {name: value for name, value in login.items() if given or not name.startswith("RAFID_ELASTICSEARCH")}
    metrics = {"RAFID_METRICS_PORT": str(taken_port)} if "RAFID_METRICS_PORT" in COMPOSE[call.service]["environment"] else {}
    place = {"RAFID_STATE": str(folder / "state"), "RAFID_FETCH_ALLOW": f"{site.address}:{site.port}"}
    return without_ours() | have | metrics | place | call.own


@pytest.mark.parametrize("task", CALLS)
def test_a_command_of_the_runbook_does_what_it_says(
    task: str, secured: Secured, letter: str, taken_port: int, site: Web, tmp_path: Path
) -> None:
    call, sources = CALLS[task], tmp_path / "sources.toml"
    sources.write_text(f"contact = 'https://contact.example/'\n[[source]]\nname = 'site'\nfeeds = ['{site.url('/rss.xml')}']\n")
    places = {"0:0": letter, "/etc/rafid/sources.toml": str(sources)}

    done = subprocess.run(
        [sys.executable, "-m", "rafid", *(places.get(word, word) for word in call.arguments)],
        cwd=ROOT,
        env=in_container(secured, call, taken_port, tmp_path, site),
        input=site.url("/n/1") + "\n" if "urls" in call.arguments else PAGE,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )

    assert "rafid: " not in done.stderr
    assert done.stdout or done.stderr
    assert done.returncode in ((0, 1) if call.arguments[0] in FINDINGS else (0,)), done.stderr
