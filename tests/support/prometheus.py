"""Debian's Prometheus and promtool: those of the machine, or unpacked from the package into the user's cache."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import platformdirs
import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy/prometheus"


@functools.cache
def program(name: str) -> str:
    """The path of `prometheus` or `promtool`; skips the test, and says why, when there is none. No service is started."""
    unpacked = platformdirs.user_cache_path("rafid") / "prometheus"
    where = os.pathsep.join((os.environ.get("PATH", ""), str(unpacked / "usr/bin")))
    if shutil.which(name, path=where) is None and shutil.which("apt-get"):
        unpacked.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            subprocess.run(["apt-get", "update", "-qq"], check=False, capture_output=True, timeout=120)
        subprocess.run(["apt-get", "download", "-qq", "prometheus"], cwd=unpacked, check=False, capture_output=True, timeout=120)
        for package in unpacked.glob("*.deb"):
            subprocess.run(["dpkg-deb", "-x", package, unpacked], check=False, capture_output=True, timeout=120)
    found = shutil.which(name, path=where)
    if found is None:
        pytest.skip(f"NO PROMETHEUS: install Debian's package, else {name} tests nothing")
    return found


@contextlib.contextmanager
def prometheus(folder: Path, port: int, targets: dict[str, int]) -> Iterator[str]:
    """The address of a Prometheus under the project's own rules, in seconds instead of minutes; `targets` are ports by job."""
    for name in ("prometheus.yml", "alerts.yaml"):
        text = (FOLDER / name).read_text(encoding="utf-8")
        text = re.sub(r"\bfor: \d+[mh]", "for: 1s", text)
        (folder / name).write_text(re.sub(r"(_interval: )15s", r"\g<1>1s", text), encoding="utf-8")
    lines = [f'- {{targets: ["127.0.0.1:{own}"], labels: {{job: {job}}}}}\n' for job, own in targets.items()]
    (folder / "targets.yaml").write_text("".join(lines), encoding="utf-8")
    command = [
        program("prometheus"),
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)
