"""`rafid sources check --fetch` over real HTTP: what each feed and each sitemap is like, and which is none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from producers.sources_commands import check
from tests.support.web.server import Web, plain, web

FEED = "<rss version='2.0'><channel><item><title>خبر</title><link>https://k.example/1</link></item></channel></rss>"
URLS = "<urlset><url><loc>https://k.example/1</loc><lastmod>2026-11-22T06:00:00Z</lastmod></url></urlset>"


@pytest.fixture
def site() -> Iterator[Web]:
    with web() as server:
        yield server


def checked(site: Web, folder: Path, *lists: str) -> tuple[int, list[dict[str, Any]]]:
    file = folder / "sources.toml"
    file.write_text("contact='https://contact.example/'\n[[source]]\nname='s'\ndelay_s=0\n" + "\n".join(lists))
    result = CliRunner().invoke(check, [str(file), "--fetch", "--json", "--allow", f"{site.address}:{site.port}"])
    found: list[dict[str, Any]] = json.loads(result.stdout)["feeds"]
    return result.exit_code, found


def test_feeds_and_sitemaps_are_fetched_and_described(site: Web, tmp_path: Path) -> None:
    site.on("/rss", plain(FEED, ETag='"1"'))
    site.on("/news.xml", URLS)
    site.on("/index.xml", f"<sitemapindex><sitemap><loc>{site.url('/news.xml')}</loc></sitemap></sitemapindex>")

    code, found = checked(
        site, tmp_path, f"feeds=['{site.url('/rss')}']", f"sitemaps=['{site.url('/news.xml')}', '{site.url('/index.xml')}']"
    )

    assert code == 0
    assert [feed["says"] for feed in found] == [
        "1 items, 1 stories, first of no date, validators not honoured",
        "1 items, 1 stories, first of 2026-11-22T06:00:00Z, no validators",
        "1 items, 0 stories, first of no date, 1 further sitemaps, no validators",
    ]


def test_a_sitemap_that_is_none_is_said(site: Web, tmp_path: Path) -> None:
    site.on("/sitemap.xml", "<!DOCTYPE html><html><body>قبل المتابعة</body></html>")

    code, found = checked(site, tmp_path, f"sitemaps=['{site.url('/sitemap.xml')}']")

    assert (code, found[0]["is_good"]) == (1, False)
    assert "not a sitemap" in found[0]["says"]
