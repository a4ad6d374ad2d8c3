"""The demonstration with feeds of one's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deploy.local import stack as stacks
from streams.connect.local_stack import stack_directory
from tests.support.demo import NAME, rafid_demo
from tests.support.web.articles import article
from tests.support.web.server import web

FEED = "<rss version='2.0'><channel><title>x</title>{}</channel></rss>"
STACK = f"{NAME}-sources"


@pytest.mark.soak  # a whole demonstration beside the one that the other tests look at
def test_feeds_of_ones_own_are_accounted_for_and_followed_on(tmp_path: Path) -> None:
    with web() as site:
        site.on("/robots.txt", "", status=404)
        site.on(
            "/rss.xml", FEED.format("".join(f"<item><title>t</title><link>{site.url(f'/n/{n}')}</link></item>" for n in range(3)))
        )
        for number in range(3):
            site.on(f"/n/{number}", article(number))
        path = tmp_path / "sources.toml"
        path.write_text(f"contact='mailto:a@b.example'\n[[source]]\nname='own'\nfeeds=['{site.url('/rss.xml')}']\ndelay_s=0\n")
        try:
            ended = rafid_demo("--sources", str(path), "--json", stack=STACK, RAFID_FETCH_ALLOW=f"{site.address}:{site.port}")
            assert ended.returncode == 0, ended.stderr
            shown = json.loads(ended.stdout)
            beside = stacks.companions(STACK)
        finally:
            down = rafid_demo("--down", stack=STACK)
            (stack_directory(STACK) / "lock").unlink()
            stack_directory(STACK).rmdir()

    assert down.returncode == 0
    assert (shown["pages"], shown["articles"]["main"], shown["faults"]) == (3, 3, {})
    assert len(beside["feeds"]) == 1
