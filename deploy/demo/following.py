"""The part of a demonstration that follows feeds: those of a small local web of invented sites, or one's own."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from deploy.demo.run import Demo, environment, free_port
from deploy.demo.watch import Watch
from deploy.demo.web.press import SITES
from deploy.local import stack as stacks
from deploy.local.servers import last_line
from deploy.local.state import log_path
from streams.connect.local_stack import stack_directory
from streams.dead_letters.envelope import Reason
from streams.errors import RafidError

AT_FIRST = 6  # stories that come out at once
WATCHED = 3  # stories that come out one by one before the accounts
EVERY_S = 15.0  # one more comes out so often afterwards
_STARTED_WITHIN_S = 60.0
_SOURCE = """
[[source]]
name = "{name}"
feeds = ["{base}/{name}/rss.xml"]
language = "ar"
delay_s = 0
min_interval_s = 1
max_interval_s = 2
revisits_s = [20, 120]
"""


class Followed(NamedTuple):
    """A sources file, and what of this machine or its network its producer may connect to, as `host:port`."""

    sources: Path
    allowed: tuple[str, ...] = ()


class LocalWeb(NamedTuple):
    """The local web of a demonstration: its address, and its process and that of the producer that follows it, by name."""

    base: str
    processes: dict[str, subprocess.Popen[bytes]]

    def publish(self) -> tuple[str, str]:
        """Lets the next story come out; gives the site that has it, and its title."""
        out = json.loads(self._ask("POST", "publish"))
        return out["site"], out["title"]

    def go_on(self) -> None:
        """Lets a story come out every so often from now on."""
        self._ask("POST", f"go-on?every_s={EVERY_S}")

    def polls(self) -> int:
        """Tells how often a feed has been asked for; raises OSError while nobody answers."""
        return int(self._ask("GET", "polls"))

    def _ask(self, method: str, path: str) -> bytes:
        connection = http.client.HTTPConnection(self.base.removeprefix("http://"), timeout=10)
        with contextlib.closing(connection):
            connection.request(method, f"/{path}")
            return connection.getresponse().read()


def local_web(demo: Demo) -> LocalWeb:
    """Starts the local web, and a producer that follows its feeds, beside the stack; both end with it. Nothing is out yet."""
    port = free_port()
    web = stacks.start_companion(demo.stack, "web", ["-m", "deploy.demo.web.serve", str(port)], environment())
    base = f"http://127.0.0.1:{port}"
    path = stack_directory(demo.stack) / "workers" / "sources.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("contact = 'https://rafid.example/'\n" + "".join(_SOURCE.format(base=base, name=name) for name in SITES))
    feeds = follow(demo, Followed(path, (f"127.0.0.1:{port}",)))
    return LocalWeb(base, {"web": web, "feeds": feeds})


def follow_once(demo: Demo, followed: Followed, watch: Watch) -> None:
    """Fetches each feed of the file with its stories, and waits until all is done; RafidError when none can be read."""
    pages, refused = len(watch.accounts.pages), len(watch.accounts.letters["produce"])
    log = _log(demo)
    with tempfile.TemporaryFile() as output, log.open("ab") as errors:
        command = [sys.executable, *_command(demo, followed), "--once", "--json"]
        producer = subprocess.Popen(command, env=environment(), stdin=subprocess.DEVNULL, stdout=output, stderr=errors)
        watch.until_ended(producer)
        output.seek(0)
        lines = output.read().splitlines()
    if producer.returncode != 0:
        raise RafidError(f"the feeds of {followed.sources} could not be followed: {last_line(log)}; see {log}")
    counts = json.loads(lines[-1])["counts"]
    letters = sum(counts.get(f"refused: {reason}", 0) for reason in Reason)
    watch.until_done(pages + counts.get("sent", 0), refused + letters)


def follow(demo: Demo, followed: Followed) -> subprocess.Popen[bytes]:
    """Follows the feeds of the file from now on, beside the stack; returns the process."""
    return stacks.start_companion(demo.stack, "feeds", _command(demo, followed), environment())


def show_stories_appear(demo: Demo, web: LocalWeb, watch: Watch, console: Console) -> None:
    """Brings some stories out at once, then others one by one, and says how soon each was in the index."""
    console.print(f"following the feeds of a local web, {web.base}/{next(iter(SITES))}/rss.xml among them", highlight=False)
    _until_followed(demo, web)
    for count in (AT_FIRST, *[1] * WATCHED):
        pages, refused = len(watch.accounts.pages), len(watch.accounts.letters["produce"])
        (site, title), since = [web.publish() for _ in range(count)][-1], time.monotonic()
        watch.until_done(pages + count, refused)
        took = time.monotonic() - since
        if count == 1:
            console.print(f"came out at {site}, indexed after {took:.1f} s: {title}", highlight=False, soft_wrap=True)


def _until_followed(demo: Demo, web: LocalWeb) -> None:
    """Waits until a feed was asked for; RafidError when a process ends first, or when a minute was not enough."""
    until = time.monotonic() + _STARTED_WITHIN_S
    while True:
        with contextlib.suppress(OSError):
            if web.polls():
                return
        for name, process in web.processes.items():
            log = log_path(stack_directory(demo.stack), name)
            if process.poll() is not None or time.monotonic() > until:
                raise RafidError(f"{name} of the demonstration does not start: {last_line(log)}; see {log}")
        time.sleep(0.05)


def _log(demo: Demo) -> Path:
    return log_path(stack_directory(demo.stack), "feeds")


def _command(demo: Demo, followed: Followed) -> list[str]:
    state = stack_directory(demo.stack) / "workers" / "feeds.sqlite"
    allow = [part for endpoint in followed.allowed for part in ("--allow", endpoint)]
    options = ["--state", str(state), "--kafka", demo.kafka.servers, *allow]
    return ["-m", "rafid", "produce", "feeds", os.fspath(followed.sources), *options]
