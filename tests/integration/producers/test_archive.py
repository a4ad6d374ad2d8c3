"""What was fetched is archived before it is sent: whatever becomes of the run, its archive gives the same pages again."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

import rafid
from streams.connect.kafka import KafkaSettings
from streams.records import Page
from tests.support.servers import wait_until
from tests.support.web.articles import article, pages
from tests.support.web.server import Web, web

PAGES = 8


@pytest.fixture
def site() -> Iterator[Web]:
    with web() as server:
        server.on("/robots.txt", "", status=404)
        for number in range(PAGES):
            server.on(f"/n/{number}", article(number))
        yield server


def fetching(kafka: KafkaSettings, site: Web, folder: Path) -> list[str]:
    """The arguments that fetch every page and archive it, slowly enough to be killed before the end."""
    listed = folder / "list.txt"
    listed.write_text("\n".join(site.url(f"/n/{number}") for number in range(PAGES)))
    its = ["--state", str(folder / "urls.sqlite"), "--allow", f"{site.address}:{site.port}", "--delay", "0.2"]
    to = ["--kafka", kafka.servers, "--namespace", kafka.namespace, "--contact", "https://contact.example/"]
    return ["produce", "urls", str(listed), "--archive", str(folder / "archive"), *its, *to]


def replay(kafka: KafkaSettings, folder: Path) -> None:
    to = ["--kafka", kafka.servers, "--namespace", kafka.namespace, "--state", str(folder / "warc.sqlite")]
    ended = CliRunner().invoke(rafid.cli, ["produce", "warc", str(folder / "archive"), "--since", "1h", *to])
    assert ended.exit_code == 0, ended.output


def by_url(found: list[Page]) -> dict[str | None, list[Page]]:
    """The pages of each address without the time at which they were fetched."""
    grouped = defaultdict(list)
    for page in found:
        grouped[page.url].append(msgspec.structs.replace(page, fetched_at=""))
    return grouped


def test_the_archive_of_a_run_that_was_killed_gives_the_pages_that_it_sent(
    kafka: KafkaSettings, site: Web, tmp_path: Path
) -> None:
    killed = subprocess.Popen([sys.executable, "-m", "rafid", *fetching(kafka, site, tmp_path)], stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: len(pages(kafka)) >= 2, "the first pages", 120)
    finally:
        killed.kill()
        killed.wait(10)
    sent = by_url(pages(kafka))
    replay(kafka, tmp_path)

    found = by_url(pages(kafka))
    assert killed.returncode == -9
    assert 2 <= len(sent) < PAGES
    assert {url: found[url] for url in sent} == {url: once * 2 for url, once in sent.items()}


def test_a_run_that_goes_on_adds_to_the_archive(kafka: KafkaSettings, site: Web, tmp_path: Path) -> None:
    arguments = fetching(kafka, site, tmp_path)
    for again in ([], ["--again"]):
        ended = CliRunner().invoke(rafid.cli, [*arguments, *again, "--delay", "0"])
        assert ended.exit_code == 0, ended.output
    replay(kafka, tmp_path)

    found = by_url(pages(kafka))
    assert sorted(found, key=str) == sorted(site.url(f"/n/{number}") for number in range(PAGES))
    assert all(one == other for each in found.values() for one, other in itertools.pairwise(each))
    assert len(list((tmp_path / "archive").iterdir())) == 2
