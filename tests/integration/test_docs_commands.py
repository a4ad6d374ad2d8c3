"""Every `rafid` command in the console blocks of the docs, run as it stands there, page by page, on real servers.

A file, an address, a port and a position of a dead letter are the test's own; what runs on is stopped when it is ready.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import orjson
import pytest

from deploy.console.guard.access import new_token
from deploy.local import stack as stacks
from indexing.elastic.settings import ElasticSettings
from indexing.generations.names import names
from indexing.generations.provision import provision
from streams.connect.kafka import KafkaSettings
from streams.connect.local_stack import stack_directory
from streams.dead_letters.topic import Selection, read_letters
from streams.topics import topics
from tests.conftest import fresh_indices, fresh_namespace, fresh_topics, remove_indices
from tests.integration.producers.test_produce_warc import packed
from tests.integration.test_metrics import free_ports
from tests.support.news import pages
from tests.support.servers import ROOT, Worker, send, send_pages, wait_until, workers
from tests.support.web.articles import article
from tests.support.web.server import Web, web
from tests.unit.test_docs import CASES, blocks

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1_200)]
FEED = "<rss version='2.0'><channel><title>x</title><item><title>t</title><link>{}</link></item></channel></rss>"
OF_PAGES = {page: [words for where, words in CASES if where == page and words[0] != "local"] for page, _ in CASES}
STACKS = [block for page in OF_PAGES for block in blocks(page) if "rafid local up --" in block]
PAGE = {"url": "https://madar.example/1", "title": "افتتاح جسر", "text": "أعلنت بلدية العين الزرقاء افتتاح جسر المشاة الجديد."}


class Reader:
    """Somebody who follows the docs, beside servers with three workers and some news."""

    def __init__(self, kafka: KafkaSettings, elastic: ElasticSettings, site: Web, letter: str) -> None:
        self.kafka, self.elastic, self.letter, self.site = kafka, elastic, letter, site
        self.folder = Path()

    def sits_in(self, folder: Path) -> None:
        """The folder has the files that the pages speak of."""
        self.folder = folder
        for name in ("folder", "saved", "kept"):
            (folder / name).mkdir()
        line = orjson.dumps(PAGE) + b"\n"
        (folder / "pages.jsonl").write_bytes(line)
        (folder / "pages.jsonl.gz").write_bytes(gzip.compress(line))
        (folder / "folder/one.txt").write_text(PAGE["text"])
        (folder / "saved/one.html").write_text(article(2))
        (folder / "urls.txt").write_text(self.site.url("/n/1") + "\n")
        (folder / "CC-NEWS-20261101.warc.gz").write_bytes(
            packed("https://madar.example/2", "2026-11-01T00:00:00Z", article(3).encode())
        )
        (folder / "tokens.txt").write_text(new_token("sara", "operator")[1] + "\n")

    def runs(self, words: list[str]) -> None:
        """The command ends with 0; what runs on does so when it has said that it is at work and is told to end."""
        command = [sys.executable, "-m", "rafid", *map(self._placed, words)]
        if not runs_on(words):
            done = subprocess.run(
                command,
                cwd=self.folder,
                env=self._environment(),
                input=typed(words),
                capture_output=True,
                timeout=300,
                check=False,
            )
            assert done.returncode == 0, f"{words}: {done.stdout.decode()}{done.stderr.decode()}"
            if words[:2] == ["sources", "init"]:
                self._follows()
            return
        metrics, console = free_ports(2)
        own = {"RAFID_METRICS_PORT": str(metrics), "RAFID_CONSOLE_PORT": str(console)}
        own |= {"XDG_STATE_HOME": str(self.folder / "archived")} if "--archive" in words else {}
        log = self.folder / "log"
        with log.open("wb") as out:
            process = subprocess.Popen(command, cwd=self.folder, env=self._environment() | own, stdout=out, stderr=out)
        try:
            wait_until(lambda: is_answering(process, metrics, log), f"rafid {' '.join(words)} is ready", 120)
            if "--archive" in words:
                wait_until(lambda: any((self.folder / "kept").iterdir()), "something is archived", 60)
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0, log.read_text()
        finally:
            process.kill()
            process.wait(20)

    def _follows(self) -> None:
        """The sources' file has been filled in."""
        source = f"[[source]]\nname = 'news.un.org'\nfeeds = ['{self.site.url('/rss.xml')}']\n"
        (self.folder / "sources.toml").write_text(f"contact = 'https://contact.example/'\n{source}")

    def _placed(self, word: str) -> str:
        if word.startswith("https://") and word.endswith("rss.xml"):
            return self.site.url("/rss.xml")
        own = {"0:5": self.letter, "10.0.0.5": "127.0.0.1", "8710": str(free_ports(1)[0])}
        return own.get(word, word.replace("/etc/rafid/", f"{self.folder}/"))

    def _environment(self) -> dict[str, str]:
        own = {"RAFID_KAFKA": self.kafka.servers, "RAFID_ELASTICSEARCH": self.elastic.urls}
        own |= {"RAFID_NAMESPACE": self.kafka.namespace, "RAFID_STATE": str(self.folder / "state")}
        own["XDG_STATE_HOME"] = str(self.folder / "home")
        return os.environ | own | {"RAFID_FETCH_ALLOW": f"{self.site.address}:{self.site.port}"}


def typed(words: list[str]) -> bytes:
    """What is on the command's standard input: an answer to its question, or a page."""
    return b"y\n" if words == ["rebuild", "drop"] else orjson.dumps(PAGE) + b"\n"


def runs_on(words: list[str]) -> bool:
    """Whether the command goes on until it is stopped."""
    match words[:2]:
        case ["worker", _] | ["produce", "serve"]:
            return True
        case ["produce", "feeds"]:
            return "--once" not in words
        case ["console", *_]:
            return "--new-token" not in words
    return False


def is_answering(process: subprocess.Popen[bytes], port: int, log: Path) -> bool:
    """Whether the process says that it is at work."""
    assert process.poll() is None, log.read_text()
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5, trust_env=False).status_code == 200
    return False


@pytest.fixture(scope="module")
def reader(stack: stacks.Addresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """A reader with servers, workers, news, and a dead letter of the splitter's."""
    folder, name = tmp_path_factory.mktemp("workers"), fresh_namespace()
    with fresh_topics(stack, name) as kafka, fresh_indices(stack, name) as elastic, workers() as running, web() as site:
        with elastic.client() as client:
            provision(client, name)
        running += [
            Worker(stage, kafka, folder, RAFID_ELASTICSEARCH=elastic.urls).ready() for stage in ("split", "dedup", "index")
        ]
        send_pages(kafka, pages(20))
        site.on("/robots.txt", "", status=404)
        site.on("/rss.xml", FEED.format(site.url("/n/1")))
        site.on("/n/1", article(1, "السلام"))
        given = Reader(kafka, elastic, site, poisoned(kafka))
        with elastic.client() as client:
            every = names(name).everything
            asking = client.options(ignore_status=503)  # while an index is being made it cannot be searched
            wait_until(lambda: asking.count(index=every, ignore_unavailable=True).body.get("count"), "stories in the index", 180)
        yield given
        remove_indices(elastic, f"{name}-rebuild")


def poisoned(kafka: KafkaSettings) -> str:
    """Where the dead letter lies that the split worker has made of a page that is none."""
    send(kafka, topics(kafka.namespace).pages.name, [(b"k" * 16, b"no page", {})])
    told: str = wait_until(lambda: next((each.position for each in read_letters(kafka, Selection())), ""), "a dead letter")
    return told


@pytest.mark.parametrize("page", OF_PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_commands_of_a_page_do_what_they_are_for(reader: Reader, page: Path, tmp_path: Path) -> None:
    reader.sits_in(tmp_path)
    for words in OF_PAGES[page]:
        reader.runs(words)


@pytest.mark.parametrize("block", STACKS)
def test_a_stack_of_the_docs_comes_up_and_is_provisioned(block: str, tmp_path: Path) -> None:
    (name,) = {line.split("--stack ")[1].split()[0] for line in block.splitlines() if "--stack " in line}
    own = f"{name}-{os.getpid()}"
    typed = "\n".join(line[2:] for line in block.splitlines())
    typed = typed.replace(f"--stack {name}", f"--stack {own}").replace(f"RAFID_STACK={name}", f"RAFID_STACK={own}")
    typed = typed.replace(f"~/.local/share/rafid/stacks/{name}", str(stack_directory(own)))
    path = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    try:
        done = subprocess.run(
            ["bash", "-ec", typed],
            cwd=tmp_path,
            env=os.environ | path,
            capture_output=True,
            text=True,
            check=False,
            timeout=900,
        )
        assert done.returncode == 0, done.stderr
        assert "news.pages" in done.stdout
    finally:
        stacks.reset(own)
        (stack_directory(own) / "lock").unlink()
        stack_directory(own).rmdir()
