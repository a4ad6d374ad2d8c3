"""`rafid produce warc` against a real broker: what an archive holds is on the topic once, and damage costs no other record."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

import rafid
from producers.archive.sending import BATCH
from streams.connect.kafka import KafkaSettings
from streams.identity import page_id
from streams.records import Page
from streams.topics import topics
from tests.support.pages.rendering import article_pages, other_pages
from tests.support.servers import read_all, wait_until
from tests.support.web.articles import article

ARTICLES, NO_ARTICLE = list(article_pages())[:3], next(iter(other_pages()))
DAYS = ("2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z", "2026-11-20T00:00:00Z")


def packed(url: str, day: str, html: bytes) -> bytes:
    payload = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + html
    head = f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: {day}\r\n"
    rest = f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(payload)}\r\n\r\n"
    return gzip.compress((head + rest).encode() + payload + b"\r\n\r\n")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Three articles, a page that is none, and between them bytes that are no record."""
    records = [packed(page.url or "", day, page.data) for page, day in zip(ARTICLES, DAYS, strict=True)]
    path = tmp_path / "news.warc.gz"
    path.write_bytes(
        records[0] + b"\0" * 64 + records[1] + packed("https://madar.example/", DAYS[1], NO_ARTICLE.data) + records[2]
    )
    return path


def arguments(kafka: KafkaSettings, archive: Path) -> list[str]:
    where = ["--state", str(archive.with_name("warc.sqlite")), "--kafka", kafka.servers, "--namespace", kafka.namespace]
    return ["produce", "warc", str(archive), "--json", *where]


def send(kafka: KafkaSettings, archive: Path, *options: str) -> dict[str, int]:
    ended = CliRunner().invoke(rafid.cli, [*arguments(kafka, archive), *options])
    assert ended.exit_code == 0, ended.output
    counts: dict[str, int] = json.loads(ended.stdout)["counts"]
    return counts


def test_each_record_is_counted_once_and_its_page_sent_once(kafka: KafkaSettings, archive: Path) -> None:
    first, second = send(kafka, archive), send(kafka, archive)

    pages = [Page.from_bytes(message.value or b"") for message in read_all(kafka, topics(kafka.namespace).pages.name)]
    assert (first["sent"], first["damaged"]) == (3, 1)
    assert sum(count for fate, count in first.items() if fate.startswith("refused")) == 1
    assert second == {}
    assert {(page.url, page.title, page.fetched_at) for page in pages} == {
        (page.url, page.title, day) for page, day in zip(ARTICLES, DAYS, strict=True)
    }


def test_since_leaves_out_what_was_fetched_before(kafka: KafkaSettings, archive: Path) -> None:
    counts = send(kafka, archive, "--since", "2026-11-10")

    assert (counts["sent"], counts["skipped: earlier"]) == (1, 3)


def test_a_run_that_is_killed_in_the_middle_of_a_file_is_taken_up_where_it_was(kafka: KafkaSettings, tmp_path: Path) -> None:
    records, archive = BATCH * 4, tmp_path / "long.warc.gz"  # two batches are still to come when it is killed
    urls = [f"https://madar.example/{number}" for number in range(records)]
    archive.write_bytes(b"".join(packed(url, DAYS[0], article(number).encode()) for number, url in enumerate(urls)))
    topic = topics(kafka.namespace).pages.name

    killed = subprocess.Popen([sys.executable, "-m", "rafid", *arguments(kafka, archive)], stdout=subprocess.DEVNULL)
    try:  # the first batch is noted as read when the second one comes
        wait_until(lambda: len(read_all(kafka, topic)) > BATCH, "pages of the second batch", 240)
    finally:
        killed.kill()
        killed.wait(10)
    rest = send(kafka, archive)

    found = Counter(Page.from_bytes(message.value or b"").id for message in read_all(kafka, topic))
    assert killed.returncode == -9
    assert set(found) == {page_id(url, "", None, "") for url in urls}
    assert rest["sent"] <= records - BATCH
    assert found.total() <= records + BATCH
