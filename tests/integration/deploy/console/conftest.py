"""A console beside the stack of the test run: pages that were split, judged and indexed, and a browser that looks at them."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import tenacity
from click.testing import CliRunner
from playwright.sync_api import Browser, BrowserContext, Page

from deploy.console.guard.access import new_token
from deploy.demo.run import PAGES
from deploy.local import stack as stacks
from indexing.elastic.settings import ElasticSettings
from indexing.generations.names import names
from indexing.generations.provision import provision
from producers.commands import files as produce_files
from streams.connect.kafka import KafkaSettings
from streams.identity import page_id
from streams.records import Page as NewsPage
from streams.topics import topics
from tests.conftest import fresh_indices, fresh_namespace, fresh_topics
from tests.support import browser as browsers
from tests.support.servers import ROOT, Worker, send_pages, wait_for_all, wait_until, workers

LETTER = b'{"url": "https://bad.example/<script>alert(1)</script>", "text": \n'
TITLE = "<script>document.title='owned'</script> عنوان \"><img src=x onerror=alert(1)>"
TEXT = "نص <script>document.title='owned'</script> فيه كلمة استدراجية\n\nإقرأ أيضاً: <i>عنوان آخر</i>"
HOSTILE = NewsPage(  # as a producer that cleans nothing would send it
    id=page_id("https://hostile.example/1", "<b>hostile</b>.example", TITLE, TEXT),
    url="https://hostile.example/1",
    source="<b>hostile</b>.example",
    title=TITLE,
    text=TEXT,
    section="'\"><svg onload=alert(1)>",
    published_at="2026-11-20T08:00:00Z",
    fetched_at="2026-11-20T08:00:00Z",
)


@dataclasses.dataclass(frozen=True, slots=True)
class Newsroom:
    """A console that asks for a login, the tokens of a reader and an operator, and the servers behind it."""

    address: str
    reader_token: str
    operator_token: str
    kafka: KafkaSettings
    elastic: ElasticSettings

    @property
    def as_reader(self) -> dict[str, str]:
        """The headers by which a reader is known."""
        return {"authorization": f"Bearer {self.reader_token}"}

    @tenacity.retry(
        retry=tenacity.retry_if_exception_type(httpx.HTTPStatusError), stop=tenacity.stop_after_delay(60), reraise=True
    )
    def get(self, path: str, **asked: str) -> Any:
        """The JSON that the API answers; on a machine that is too busy to answer within its limits, once it does."""
        return httpx.get(self.address + path, params=asked, headers=self.as_reader, timeout=20).raise_for_status().json()

    def story(self, words: str) -> dict[str, Any]:
        """The first story that is found for these words."""
        found: dict[str, Any] = self.get("api/search", q=words)["stories"][0]
        return found


@pytest.fixture(scope="package")
def newsroom(stack: stacks.Addresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """The demonstration's pages, one that is hostile and one line that is broken, all the way into the index."""
    browsers.chromium()  # without a browser nothing here can be tested: say so before anything is started
    folder, namespace = tmp_path_factory.mktemp("console"), fresh_namespace()
    pages = folder / "pages.jsonl"
    pages.write_bytes(PAGES.read_bytes() + LETTER)
    (reader, first), (operator, second) = new_token("rami", "reader"), new_token("sara", "operator")
    (folder / "tokens").write_text(f"{first}\n{second}\n")
    with contextlib.ExitStack() as until:
        kafka, elastic = until.enter_context(fresh_topics(stack, namespace)), until.enter_context(fresh_indices(stack, namespace))
        with elastic.client() as client:
            provision(client, namespace)
        started = until.enter_context(workers())
        started += [Worker(stage, kafka, folder, RAFID_ELASTICSEARCH=elastic.urls) for stage in ("split", "dedup", "index")]
        address = until.enter_context(serving(kafka, elastic, folder))
        send_pages(kafka, [HOSTILE])
        servers = ["--kafka", kafka.servers, "--namespace", namespace]
        produced = CliRunner().invoke(produce_files, [str(pages), "--source", "pages", *servers])
        assert produced.exit_code == 0, produced.output
        for worker, topic in zip(("split", "dedup", "index"), topics(namespace).all()[:3], strict=True):
            wait_for_all(kafka, worker, topic.name)
        with elastic.client() as client:
            client.indices.refresh(index=names(namespace).everything)
        yield Newsroom(address, reader, operator, kafka, elastic)


@contextlib.contextmanager
def serving(kafka: KafkaSettings, elastic: ElasticSettings, folder: Path) -> Iterator[str]:
    """The address of a console, which ends well when the block ends."""
    log = folder / "console.log"
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            [sys.executable, "-m", "rafid", "console", "--port", "0", "--rate", "0", "--tokens", str(folder / "tokens")],
            cwd=ROOT,
            env=os.environ
            | {"RAFID_KAFKA": kafka.servers, "RAFID_NAMESPACE": kafka.namespace, "RAFID_ELASTICSEARCH": elastic.urls},
            stderr=errors,
        ) as process,
    ):
        try:
            yield wait_until(lambda: _address(log, process), "console's address", 120)
        finally:
            process.terminate()
            ended = process.wait(timeout=15)
        assert ended == 0, log.read_text()


def _address(log: Path, process: subprocess.Popen[bytes]) -> str:
    assert process.poll() is None, log.read_text()
    address = log.read_text().partition("console at ")[2].partition("\n")[0]  # warnings may follow it
    if not address:
        return ""
    with contextlib.suppress(httpx.TransportError):
        return address if httpx.get(f"{address}healthz", timeout=5).status_code == 200 else ""
    return ""


@pytest.fixture(scope="module")  # an open browser keeps an event loop, which later modules may not see
def chromium() -> Iterator[Browser]:
    """The browser."""
    with browsers.browser() as opened:
        yield opened


@pytest.fixture
def context(chromium: Browser, newsroom: Newsroom) -> Iterator[BrowserContext]:
    """A browser's profile that knows nothing yet."""
    opened = chromium.new_context(base_url=newsroom.address, extra_http_headers=newsroom.as_reader)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A tab."""
    return context.new_page()
