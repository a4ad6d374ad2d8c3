"""`rafid produce urls` over real HTTP into a real broker: each URL is fetched and sent once, and has its fate."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from producers.urls import spool as url_spool
from producers.urls.commands import urls
from streams.connect.kafka import KafkaSettings
from streams.topics import topics
from tests.support.servers import read_all, wait_until
from tests.support.web.articles import article, pages
from tests.support.web.server import Web, web


@pytest.fixture
def site() -> Iterator[Web]:
    with web() as server:
        server.on("/robots.txt", "", status=404)
        for number in range(6):
            server.on(f"/n/{number}", article(number))
        yield server


def options(kafka: KafkaSettings, site: Web, folder: Path) -> list[str]:
    its = ["--state", str(folder / "urls.sqlite"), "--allow", f"{site.address}:{site.port}", "--delay", "0", "--retry", "0.1"]
    return [*its, "--contact", "https://contact.example/", "--kafka", kafka.servers, "--namespace", kafka.namespace]


def run(kafka: KafkaSettings, site: Web, folder: Path, *arguments: str) -> dict[str, int]:
    result = CliRunner().invoke(urls, [*arguments, *options(kafka, site, folder), "--json"])
    assert result.exit_code == 0, result.output
    counts: dict[str, int] = json.loads(result.stdout.splitlines()[-1])["counts"]
    return counts


def test_each_url_has_one_fate_and_is_not_fetched_again(kafka: KafkaSettings, site: Web, tmp_path: Path) -> None:
    site.on("/home", "<html><body><a href='/n/1'>1</a></body></html>")
    file = tmp_path / "list.txt"
    listed = [site.url("/n/0"), "# a comment", "", site.url("/n/1"), site.url("/n/1?utm_source=x"), "no url", site.url("/gone")]
    file.write_text("\ufeff" + "\r\n".join([*listed, site.url("/home")]), encoding="utf-8")

    first = run(kafka, site, tmp_path, str(file))
    fetched = len(site.requests)
    again = run(kafka, site, tmp_path, str(file))

    refused = {fate: count for fate, count in first.items() if fate.startswith("refused") and fate != "refused: not a URL"}
    assert (first["new"], first["known"], first["sent"]) == (4, 1, 2)
    assert (first["refused: not a URL"], first["failed: gone"], sum(refused.values())) == (1, 1, 1)
    assert again == {"known": 5, "refused: not a URL": 1}
    assert len(site.requests) == fetched
    assert sorted(page.url or "" for page in pages(kafka)) == [site.url("/n/0"), site.url("/n/1")]
    [letter, _] = read_all(kafka, topics(kafka.namespace).dead_letters.name)
    assert ((letter.value or b"").strip(), letter.headers["line"]) == (b"no url", b"6")


def test_what_is_fetched_again_is_sent_when_it_has_changed(kafka: KafkaSettings, site: Web, tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_text(site.url("/n/0"))
    run(kafka, site, tmp_path, str(file))
    site.on("/n/0", article(0, "تصحيح"))

    assert run(kafka, site, tmp_path, str(file), "--again")["sent"] == 1
    first, second = pages(kafka)
    assert first.id == second.id


def test_a_spool_is_emptied_also_of_what_a_kill_left_behind(kafka: KafkaSettings, site: Web, tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    url_spool.append(spool, [site.url("/n/0")])
    assert url_spool.take(spool)  # a run takes it, and is killed
    url_spool.append(spool, [site.url("/n/1")])

    counts = run(kafka, site, tmp_path, str(spool), "--drain")
    counts |= {"later": run(kafka, site, tmp_path, str(spool), "--drain").get("sent", 0)}

    assert (counts["sent"], counts["later"]) == (1, 1)
    assert {page.url for page in pages(kafka)} == {site.url("/n/0"), site.url("/n/1")}
    assert [path.name for path in tmp_path.glob("spool*") if path.suffix != ".lock"] == []


def test_a_spool_is_followed_and_a_kill_loses_nothing(kafka: KafkaSettings, site: Web, tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    command = [sys.executable, "-m", "rafid", "produce", "urls", str(spool), "--follow", *options(kafka, site, tmp_path)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        url_spool.append(spool, [site.url(f"/n/{number}") for number in range(3)])
        wait_until(lambda: site.asked("/n/0"), "the first fetch", 60)
    finally:
        process.kill()
        process.wait()
    url_spool.append(spool, [site.url(f"/n/{number}") for number in range(3, 6)])
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: len({page.url for page in pages(kafka)}) == 6, "every page", 60)
        process.terminate()
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize(
    ("arguments", "error"),
    [(["nowhere.txt", "--contact", "x"], "no such file"), (["-"], "--contact"), (["-", "--drain"], "cannot be drained")],
)
def test_wrong_usage_is_named(arguments: list[str], error: str) -> None:
    result = CliRunner().invoke(urls, [*arguments, "--kafka", "127.0.0.1:1"])

    assert result.exit_code == 2
    assert error in result.output
