"""The quickstart as its page has it, run by a shell: a feed of one's own becomes searchable."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from indexing.elastic.settings import ElasticSettings
from streams.connect.kafka import KafkaSettings
from tests.support.servers import ROOT, wait_until
from tests.support.web.articles import article
from tests.support.web.server import web

# Servers are there already, the console serves until it is told to stop, and workers end with the shell.
LEFT_OUT = ("make install", "rafid local up", "rafid console")
FEED = "<rss version='2.0'><channel><title>x</title><item><title>t</title><link>{}</link></item></channel></rss>"


def lines_of_the_page() -> list[str]:
    page = (ROOT / "docs/quickstart.md").read_text(encoding="utf-8")
    lines = re.findall(r"^\$ (.*)$", page, re.M)
    return [line for line in lines if not line.startswith(LEFT_OUT)]


def test_the_lines_of_the_quickstart_lead_from_a_feed_to_a_search_hit(
    kafka: KafkaSettings, elastic: ElasticSettings, tmp_path: Path
) -> None:
    with web() as site:
        site.on("/robots.txt", "", status=404)
        site.on("/rss.xml", FEED.format(site.url("/n/1")))
        site.on("/n/1", article(1, "السلام"))
        (setup, search) = "\n".join(lines_of_the_page()).split("\nrafid search", 1)
        setup = re.sub(r"https://\S+/rss\.xml", site.url("/rss.xml"), setup)
        environment = os.environ | {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "RAFID_KAFKA": kafka.servers,
            "RAFID_ELASTICSEARCH": elastic.urls,
            "RAFID_NAMESPACE": kafka.namespace,
            "RAFID_STATE": str(tmp_path / "state"),
            "RAFID_FETCH_ALLOW": f"{site.address}:{site.port}",
        }
        log = tmp_path / "shell.log"
        shell = subprocess.Popen(
            ["bash", "-ec", f"exec > {log} 2>&1\n{setup}\ntouch done\nwait"],
            cwd=tmp_path,
            env=environment,
            start_new_session=True,
        )
        try:

            def is_done() -> bool:
                assert shell.poll() is None, log.read_text()
                return (tmp_path / "done").exists()

            wait_until(is_done, "the lines of the page", 120)

            def found() -> str:
                asked = ["bash", "-c", f"rafid search{search}"]
                return subprocess.run(asked, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False).stdout

            shown = wait_until(lambda: told if "الخبر رقم 1" in (told := found()) else "", "a search hit", 60)
        finally:
            os.killpg(shell.pid, 9)
            shell.wait(20)
    assert "1 article" in shown
