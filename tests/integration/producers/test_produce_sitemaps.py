"""`rafid produce sitemaps` over real HTTP into a real broker: what indexes and sitemaps list becomes pages, and once."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from producers.feeds.commands import sitemaps
from streams.connect.kafka import KafkaSettings
from tests.support.web.articles import article, pages
from tests.support.web.server import Web, plain, web


@pytest.fixture
def site() -> Iterator[Web]:
    with web() as server:
        for number in range(4):
            server.on(f"/n/{number}", article(number))
        yield server


def url_entry(site: Web, number: int, more: str = "") -> str:
    return f"<url><loc>{site.url(f'/n/{number}')}</loc>{more}</url>"


def once(kafka: KafkaSettings, site: Web, folder: Path) -> dict[str, int]:
    sources = folder / "sources.toml"
    table = (
        f"name='s'\nsitemaps=['{site.url('/robots.txt')}']\ndelay_s=0\nmin_interval_s=0.01\nmax_interval_s=0.02\nrevisits_s=[]"
    )
    sources.write_text(f"contact = 'https://contact.example/'\n[[source]]\n{table}")
    options = ["--state", str(folder / "feeds.sqlite"), "--allow", f"{site.address}:{site.port}", "--once", "--json"]
    kafka_options = ["--kafka", kafka.servers, "--namespace", kafka.namespace]
    result = CliRunner().invoke(sitemaps, [str(sources), *options, *kafka_options])
    assert result.exit_code == 0, result.output
    counts: dict[str, int] = json.loads(result.stdout.splitlines()[-1])["counts"]
    return counts


def test_indexes_are_followed_to_pages_which_are_fetched_again_when_lastmod_changes(
    kafka: KafkaSettings, site: Web, tmp_path: Path
) -> None:
    site.on("/robots.txt", "User-agent: *\nSitemap: /index.xml", Content_Type="text/plain")
    listed = [f"<sitemap><loc>{path}</loc></sitemap>" for path in ("/index.xml", "/news.xml", "/pages.xml.gz", "/urls.txt")]
    site.on("/index.xml", plain(f"<sitemapindex>{''.join(listed)}</sitemapindex>", ETag='"1"'))
    date = "<news:publication_date>2026-11-22T06:00:00+03:00</news:publication_date>"
    news = f"<news:news><news:title>عنوان</news:title>{date}</news:news>"
    site.on("/news.xml", f"<urlset>{url_entry(site, 0, news)}</urlset>")
    dated = "<lastmod>2026-11-22T06:00:00Z</lastmod>"
    packed = gzip.compress(f"<urlset>{url_entry(site, 1, dated)}{url_entry(site, 2, dated)}</urlset>".encode())
    site.on("/pages.xml.gz", packed)
    site.on("/urls.txt", f"{site.url('/n/3')}\n{site.url('/n/0')}\n", Content_Type="text/plain")

    first = once(kafka, site, tmp_path)
    site.on("/n/1", article(1, "تصحيح"))
    site.on("/n/2", article(2, "تصحيح"))
    later = dated.replace("06:00", "07:00")
    site.on("/pages.xml.gz", f"<urlset>{url_entry(site, 1, later)}{url_entry(site, 2, dated)}</urlset>")
    again = once(kafka, site, tmp_path)

    assert (first["sent"], first["sitemaps fetched"]) == (4, 5)  # robots.txt, the index, and its three, itself but once
    assert (again["sent"], again["sitemaps fetched"]) == (1, 5)
    assert site.asked("/index.xml")[-1].headers["if-none-match"] == '"1"'
    assert len(site.asked("/n/2")) == 1
    found = {page.url: page for page in pages(kafka)}
    assert found[site.url("/n/0")].published_at == "2026-11-22T03:00:00Z"
    assert "تصحيح" in found[site.url("/n/1")].text
    assert len(pages(kafka)) == 5
