"""`python -m tests.bench.quickstart`: the lines of docs/quickstart.md in a fresh clone, timed until a feed's story is found.

The shell is one with no servers, no environment and no state; what pip and rafid have downloaded before is there. The feed is
served on this machine, with as many stories as a site has and the pauses that a site is left.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from elasticsearch import ApiError, Elasticsearch, TransportError

from deploy.local import stack as stacks
from indexing.elastic.settings import ElasticSettings
from indexing.generations.names import names
from streams.connect.local_stack import local_addresses, stack_directory
from tests.support.servers import ROOT, wait_until
from tests.support.web.articles import article
from tests.support.web.server import Web, web

STACK = f"quickstart-{os.getpid()}"
STORIES = 30
ITEM = "<item><title>t</title><link>{}</link></item>"
DEADLINE_S = 900
FOUND = "a story is found"


def lines() -> list[str]:
    """What a reader of the page types, up to the search."""
    page = (ROOT / "docs/quickstart.md").read_text(encoding="utf-8")
    typed: list[str] = re.findall(r"^\$ (.*)$", page, re.M)
    return typed[: next(number for number, line in enumerate(typed) if line.startswith("rafid search"))]


def feed(site: Web) -> str:
    """The address of a feed whose stories come from the same site."""
    site.on("/robots.txt", "", status=404)
    for number in range(STORIES):
        site.on(f"/n/{number}", article(number, "السلام"))
    items = "".join(ITEM.format(site.url(f"/n/{number}")) for number in range(STORIES))
    site.on("/rss.xml", f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>")
    return site.url("/rss.xml")


def script(typed: list[str], address: str) -> str:
    """The lines for a shell, which notes before each of them, and at the end, what time it is."""
    noted = [f'echo "$EPOCHREALTIME" >> times\n{re.sub(r"https://[^ ]+/rss[.]xml", address, line)}' for line in typed]
    return "\n".join([*noted, 'echo "$EPOCHREALTIME" >> times', "wait"])


def environment(site: Web, folder: Path) -> dict[str, str]:
    """The variables of a login, and that the feed may be on this machine."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RAFID_", "PYTHON", "VIRTUAL_ENV"))}
    own = {"RAFID_STACK": STACK, "XDG_STATE_HOME": str(folder / "state"), "RAFID_FETCH_ALLOW": f"{site.address}:{site.port}"}
    return kept | own


@contextlib.contextmanager
def checkout() -> Iterator[Path]:
    """A fresh clone; it and the servers that were started from it are gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "rafid"
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
        try:
            yield clone
        finally:
            stacks.reset(STACK)
            shutil.rmtree(stack_directory(STACK), ignore_errors=True)


def stories() -> int:
    """How many articles a search finds now; none while there is no server or no index."""
    address = local_addresses(STACK).get("elasticsearch")
    if not address:
        return 0
    with ElasticSettings(address).client() as client, contextlib.suppress(ApiError, TransportError):
        return _count(client)
    return 0


def _count(client: Elasticsearch) -> int:
    """Its stories and their copies: the articles of the feed are much alike."""
    return int(client.count(index=names("news").everything, ignore_unavailable=True)["count"])


def main() -> None:
    """Prints the seconds of each line, and those until the first story and all stories were found."""
    typed = lines()
    with web() as site, checkout() as clone:
        log, times = clone / "shell.log", clone / "times"
        with log.open("wb") as out:
            command = ["bash", "-ec", script(typed, feed(site))]
            shell = subprocess.Popen(
                command, cwd=clone, env=environment(site, clone), stdout=out, stderr=out, start_new_session=True
            )
        try:

            def found(wanted: int) -> bool:
                assert shell.poll() is None, log.read_text()
                return stories() >= wanted

            wait_until(lambda: found(1), FOUND, DEADLINE_S)
            first = time.time()
            wait_until(lambda: found(STORIES), "all stories are found", DEADLINE_S)
            last = time.time()
            wait_until(lambda: len(times.read_text().split()) > len(typed), "the shell is through", DEADLINE_S)
        finally:
            os.killpg(shell.pid, 9)
            shell.wait(20)
        began = [float(at) for at in times.read_text().split()]
    print(f"load {os.getloadavg()[0]:.1f}")
    for line, (start, end) in zip(typed, itertools.pairwise(began), strict=True):
        print(f"{end - start:7.1f} s  {line}")
    print(f"{first - began[0]:7.1f} s  from the first key until {FOUND}; all {STORIES} after {last - began[0]:.1f} s")


if __name__ == "__main__":
    main()
