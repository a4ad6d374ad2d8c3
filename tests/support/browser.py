"""A real browser for tests: Debian's Chromium, installed when root may, and axe-core from npm."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs
import pytest
from playwright.sync_api import Browser, sync_playwright

AXE = "axe-core@4.14.1"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


@functools.cache
def chromium() -> str:
    """The path of a Chromium; skips the test, and says why, when there is none and none can be installed."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-qq"], check=False, capture_output=True, timeout=120)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"],
            env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
            check=False,
            capture_output=True,
            timeout=240,
        )
        found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        pytest.skip("NO BROWSER: install chromium, else the pages of the console are not tested")
    return found


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser without a window, closed with the block."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield opened
        opened.close()


@functools.cache
def axe() -> str:
    """The script of axe-core, fetched once by npm into the user's cache; skips the test when it cannot be had."""
    version = AXE.partition("@")[2]
    script = platformdirs.user_cache_path("rafid") / f"axe-{version}.min.js"
    if not script.exists():
        script.parent.mkdir(parents=True, exist_ok=True)
        if not shutil.which("npm"):
            pytest.skip("NO NPM: axe-core cannot be fetched, and accessibility is not tested")
        packed = subprocess.run(
            ["npm", "pack", "--silent", AXE], cwd=script.parent, capture_output=True, text=True, check=False, timeout=120
        )
        archive = script.parent / f"axe-core-{version}.tgz"
        if packed.returncode or not archive.exists():
            pytest.skip(f"NO AXE: npm could not fetch {AXE}, and accessibility is not tested: {packed.stderr[-200:]}")
        with tarfile.open(archive) as files:
            member = files.extractfile("package/axe.min.js")
            assert member is not None
            script.write_bytes(member.read())
        archive.unlink()
    return Path(script).read_text(encoding="utf-8")
