"""Many sites on as many loopback addresses of one port, served by a process of its own: `python -m tests.support.web.many`."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from aiohttp import web

from tests.support.servers import ROOT
from tests.support.web.articles import article

SOURCE = "[[source]]\nname='site-{host}'\nfeeds={feeds}\ndelay_s=0\nmin_interval_s={interval_s}\n"


class ManySites(NamedTuple):
    """The sites while they are served: their addresses, the port, and how many feeds and stories each has."""

    hosts: Sequence[str]
    port: int
    feeds: int
    stories: int

    def sources(self, path: Path, interval_s: float = 3_600) -> Path:
        """Writes the sources file of all sites."""
        tables = [SOURCE.format(host=host, feeds=self.listed(host), interval_s=interval_s) for host in self.hosts]
        path.write_text("contact='mailto:a@b.example'\n" + "".join(tables))
        return path

    def listed(self, host: str) -> list[str]:
        """Gives the addresses of a site's feeds."""
        return [f"http://{host}:{self.port}/feed/{number}" for number in range(self.feeds)]

    def allowed(self) -> list[str]:
        """Gives the options that let a producer connect to the sites."""
        return [part for host in self.hosts for part in ("--allow", f"{host}:{self.port}")]


@contextlib.contextmanager
def many_sites(hosts: int, *, feeds: int = 1, stories: int = 0) -> Iterator[ManySites]:
    """Serves so many sites, each with feeds of so many stories, no two of which are alike."""
    command = [sys.executable, "-m", "tests.support.web.many", str(feeds), str(stories)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield ManySites([f"127.0.2.{number + 1}" for number in range(hosts)], int(process.stdout.readline()), feeds, stories)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _app(stories: int) -> web.Application:
    async def feed(request: web.Request) -> web.Response:
        number = int(request.match_info["number"])
        addresses = (f"http://{request.host}/n/{number * stories + story}" for story in range(stories))
        items = "".join(f"<item><title>t</title><link>{address}</link></item>" for address in addresses)
        listed = f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>"
        return web.Response(text=listed, content_type="application/rss+xml")

    async def page(request: web.Request) -> web.Response:
        host = int(request.host.partition(":")[0].rpartition(".")[2])
        return web.Response(text=article(host * 1_000_000 + int(request.match_info["number"])), content_type="text/html")

    made = web.Application()
    made.add_routes([web.get("/feed/{number}", feed), web.get("/n/{number}", page)])
    return made


if __name__ == "__main__":
    with socket.socket() as listening:
        listening.bind(("0.0.0.0", 0))
        print(listening.getsockname()[1], flush=True)
        web.run_app(_app(int(sys.argv[2])), sock=listening, print=None)
