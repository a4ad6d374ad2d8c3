"""`rafid produce feeds` over real HTTP into a real broker: every story arrives, once, whatever becomes of the process."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from producers.feeds.commands import feeds
from streams.connect.kafka import KafkaSettings
from tests.support.servers import wait_until
from tests.support.web.articles import article, pages
from tests.support.web.server import Web, plain, web
from tests.unit.producers.feeds.exchanges import exchanges

DATE = "<pubDate>Sun, 22 Nov 2026 06:00:00 +0300</pubDate>"


def rss(site: Web, numbers: range) -> str:
    items = "".join(f"<item><title>الخبر رقم {n}</title><link>{site.url(f'/n/{n}')}</link>{DATE}</item>" for n in numbers)
    return f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>"


@pytest.fixture
def site() -> Iterator[Web]:
    with web() as server:
        server.on("/robots.txt", "", status=404)
        yield server


def sources(folder: Path, *tables: str) -> Path:
    path = folder / "sources.toml"
    path.write_text("contact = 'https://contact.example/'\n" + "".join(f"[[source]]\n{table}\n" for table in tables))
    return path


def options(kafka: KafkaSettings, site: Web, path: Path) -> list[str]:
    state = str(path.parent / "feeds.sqlite")
    allow = f"{site.address}:{site.port}"
    return [str(path), "--state", state, "--allow", allow, "--kafka", kafka.servers, "--namespace", kafka.namespace]


def once(kafka: KafkaSettings, site: Web, path: Path) -> Result:
    return CliRunner().invoke(feeds, [*options(kafka, site, path), "--once", "--json"])


def counts(result: Result) -> dict[str, int]:
    assert result.exit_code == 0, result.output
    found: dict[str, int] = json.loads(result.stdout.splitlines()[-1])["counts"]
    return found


def test_stories_of_a_feed_become_pages_and_are_not_sent_again(kafka: KafkaSettings, site: Web, tmp_path: Path) -> None:
    site.on("/rss", rss(site, range(3)), Content_Type="application/rss+xml")
    for number in range(3):
        site.on(f"/n/{number}", article(number))
    path = sources(
        tmp_path, f"name='s'\nfeeds=['{site.url('/rss')}']\ndelay_s=0\nmin_interval_s=0.5\nrevisits_s=[0.01]\ncountry='EG'"
    )

    first = counts(once(kafka, site, path))
    again = counts(once(kafka, site, path))

    assert first["sent"] == 3
    assert again.get("sent", 0) == 0
    found = pages(kafka)
    assert {page.title for page in found} == {f"الخبر رقم {number}" for number in range(3)}
    assert {(page.source, page.country, page.published_at) for page in found} == {("s", "EG", "2026-11-22T03:00:00Z")}
    assert all(page.text.count("من الخبر") == 4 for page in found)


def test_one_run_waits_for_the_delays_of_a_host(kafka: KafkaSettings, site: Web, tmp_path: Path) -> None:
    site.on("/rss", rss(site, range(3)))
    for number in range(3):
        site.on(f"/n/{number}", article(number))
    path = sources(tmp_path, f"name='s'\nfeeds=['{site.url('/rss')}']\ndelay_s=0.5")

    assert counts(once(kafka, site, path))["sent"] == 3


def test_a_corrected_story_is_sent_again_under_its_id(kafka: KafkaSettings, site: Web, tmp_path: Path) -> None:
    site.on("/rss", rss(site, range(1)))
    site.on("/n/0", article(0))
    path = sources(tmp_path, f"name='s'\nfeeds=['{site.url('/rss')}']\ndelay_s=0\nrevisits_s=[0.01, 1]")
    assert counts(once(kafka, site, path))["sent"] == 1
    site.on("/n/0", article(0, "تصحيح"))

    wait_until(lambda: counts(once(kafka, site, path)).get("sent"), "the second visit", 20)

    first, second = pages(kafka)
    assert first.id == second.id
    assert "تصحيح" in second.text


def test_a_live_page_whose_items_share_one_link_gives_a_page_an_item(kafka: KafkaSettings, site: Web, tmp_path: Path) -> None:
    for number, found in enumerate(exchanges("F05")):
        body = (
            found["body"]
            .replace(b"https://x.example", site.url("").encode())
            .replace(b"https://y.example", site.url("").encode())
        )
        site.on(f"/rss{number}", body)
    feeds_list = json.dumps([site.url("/rss0"), site.url("/rss1")])
    path = sources(tmp_path, f"name='s'\nfeeds={feeds_list}\ndelay_s=0\nfull_text=true")

    assert counts(once(kafka, site, path))["sent"] == 6
    once(kafka, site, path)

    assert len({page.id for page in pages(kafka)}) == 6
    assert len(pages(kafka)) == 6


def test_lying_validators_lose_no_story(kafka: KafkaSettings, site: Web, tmp_path: Path) -> None:
    path = sources(
        tmp_path, f"name='s'\nfeeds=['{site.url('/rss')}']\ndelay_s=0\nmin_interval_s=0.01\nmax_interval_s=0.02\nfull_text=true"
    )
    polls = exchanges("F10")
    for poll in (polls[0], polls[1]):  # the same ETag for another body
        site.on("/rss", plain(poll["body"], ETag='"same"', Last_Modified="Fri, 16 Nov 2040 19:11:00 GMT"))
        time.sleep(0.05)  # longer than its longest interval
        once(kafka, site, path)

    assert {page.title for page in pages(kafka)} == {"خبر الصباح", "خبر الظهر"}
    assert "if-modified-since" not in site.asked("/rss")[-1].headers  # from the future, and so not believed


def test_each_feed_that_is_none_is_named_and_makes_no_page(kafka: KafkaSettings, site: Web, tmp_path: Path) -> None:
    for number, found in enumerate(exchanges("F11")):
        site.on(f"/rss{number}", plain(found["body"], status=found["status"]))
    site.on("/gone", "", status=404)
    site.on("/good", rss(site, range(1)))
    site.on("/n/0", exchanges("F11")[2]["body"])
    listed = json.dumps([site.url(f"/{name}") for name in ("rss0", "rss1", "rss3", "gone", "good")])
    path = sources(tmp_path, f"name='s'\nfeeds={listed}\ndelay_s=0")

    result = once(kafka, site, path)

    failed = json.loads(result.stdout.splitlines()[-1])["failed"]
    assert len(failed) == 4
    assert sum("HTML page" in note for note in failed.values()) == 2
    assert pages(kafka) == []
    assert any(fate.startswith("refused") for fate in counts(result))


def run_and_kill(kafka: KafkaSettings, site: Web, path: Path, after_s: float) -> None:
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "rafid", "produce", "feeds", *options(kafka, site, path)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        before = len(site.requests)
        wait_until(lambda: len(site.requests) > before or process.poll() is not None, "a first request", 60)
        assert process.poll() is None
        time.sleep(after_s)  # where the kill falls is chance, and shall be
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("kills", [3, pytest.param(20, marks=pytest.mark.soak)])
def test_kills_lose_no_story_and_fetch_none_twice_within_its_interval(
    kafka: KafkaSettings, site: Web, tmp_path: Path, kills: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAFID_STORY_RETRY", "2")
    numbers = range(20 * kills)
    site.on("/rss", rss(site, numbers))
    for number in numbers:
        site.on(f"/n/{number}", article(number))
    path = sources(
        tmp_path, f"name='s'\nfeeds=['{site.url('/rss')}']\ndelay_s=0.02\nmin_interval_s=1\nmax_interval_s=2\nrevisits_s=[3600]"
    )

    for kill in range(kills):
        run_and_kill(kafka, site, path, after_s=0.05 + 0.1 * (kill % 5))
    wait_until(
        lambda: once(kafka, site, path) and {page.url for page in pages(kafka)} >= {site.url(f"/n/{n}") for n in numbers},
        "every story",
        120,
    )

    ids = {page.url: page.id for page in pages(kafka)}
    assert all(page.id == ids[page.url] for page in pages(kafka))
    for number in numbers:
        times = [request.at for request in site.asked(f"/n/{number}")]
        assert all(later - earlier > 1.9 for earlier, later in itertools.pairwise(times))
    polls = [request.at for request in site.asked("/rss")]
    assert all(later - earlier > 0.95 for earlier, later in itertools.pairwise(polls))
    assert Counter(page.url for page in pages(kafka)).most_common(1)[0][1] <= kills


def test_a_slow_host_delays_no_other(kafka: KafkaSettings, site: Web, tmp_path: Path) -> None:
    async def slow(_request: object, writer: object) -> None:
        import asyncio  # noqa: PLC0415

        await asyncio.sleep(3)
        del writer

    with web("127.0.0.2") as other:
        other.on("/robots.txt", slow)
        for number in range(20):
            site.on(f"/rss{number}", rss(site, range(0)))
        listed = json.dumps([other.url(f"/{n}") for n in range(50)] + [site.url(f"/rss{n}") for n in range(20)])
        path = sources(tmp_path, f"name='s'\nfeeds={listed}\ndelay_s=0")
        command = [*options(kafka, site, path), "--allow", f"{other.address}:{other.port}"]
        process = subprocess.Popen([sys.executable, "-m", "rafid", "produce", "feeds", *command], stderr=subprocess.DEVNULL)
        try:
            wait_until(lambda: len([r for r in site.requests if r.url.startswith("/rss")]) == 20, "the other feeds", 30)
            times = [request.at for request in site.requests if request.url.startswith("/rss")]
        finally:
            process.terminate()
            assert process.wait(60) == 0

    assert max(times) - min(times) < 15  # the slow host's alone would take 150 s
