"""Elasticsearch with our plugin is made once for each state of the plugin, and what nobody uses any more is removed."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from rich.console import Console

from deploy.local import distribution
from deploy.local.artifacts import Artifact, artifacts
from deploy.local.distribution import UNUSED_S, elasticsearch_home, plugin_digest, remove_former

FORMER = "elasticsearch-9.2.4-0123456789ab"


@pytest.fixture
def told() -> io.StringIO:
    """What is printed on the console."""
    return io.StringIO()


@pytest.fixture
def console(told: io.StringIO) -> Console:
    return Console(file=told, width=1000)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The distribution that has just been made."""
    return made(tmp_path, "elasticsearch-9.3.0-ffffffffffff", age_s=0)


def made(cache: Path, name: str, age_s: float = UNUSED_S + 60) -> Path:
    """A distribution that was last used so many seconds ago."""
    folder = cache / name
    (folder / "lib").mkdir(parents=True)
    (folder / "lib" / "server.jar").write_bytes(b"jar")
    used = time.time() - age_s
    os.utime(folder, (used, used))
    return folder


def left(cache: Path) -> set[str]:
    return {path.name for path in cache.iterdir()}


def test_a_distribution_of_a_former_state_is_removed(home: Path, console: Console, told: io.StringIO) -> None:
    former = made(home.parent, FORMER)

    remove_former(home, console)

    assert left(home.parent) == {home.name}
    assert (home / "lib" / "server.jar").exists()
    assert told.getvalue() == f"removed {former}, which nobody uses any more\n"


def test_what_a_killed_build_or_removal_left_is_removed(home: Path, console: Console) -> None:
    made(home.parent, f".{FORMER}-a1_b2c3d")

    remove_former(home, console)

    assert left(home.parent) == {home.name}


def test_a_distribution_that_a_process_runs_from_is_left_until_the_process_has_ended(home: Path, console: Console) -> None:
    former = made(home.parent, FORMER)
    server = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", f"-Des.path.home={former}"])
    try:
        remove_former(home, console)
        assert left(home.parent) == {home.name, FORMER}
    finally:
        server.kill()
        server.wait()

    remove_former(home, console)

    assert left(home.parent) == {home.name}


def test_a_distribution_that_a_start_was_given_just_now_is_left(home: Path, console: Console) -> None:
    made(home.parent, FORMER, age_s=UNUSED_S - 60)

    remove_former(home, console)

    assert left(home.parent) == {home.name, FORMER}


def test_a_distribution_of_another_user_is_left(home: Path, console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    made(home.parent, FORMER)
    other = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: other)

    remove_former(home, console)

    assert left(home.parent) == {home.name, FORMER}


@pytest.mark.parametrize(
    "name",
    [
        "elasticsearch",
        "elasticsearch-9.2.4",
        "elasticsearch-9.2.4-plugin",
        "elasticsearch-9.2.4-0123456789ab-mine",
        "my-elasticsearch-9.2.4-0123456789ab",
        "java-25.0.2",
        "artifacts",
    ],
)
def test_folders_of_other_names_are_left(home: Path, console: Console, name: str) -> None:
    made(home.parent, name)

    remove_former(home, console)

    assert left(home.parent) == {home.name, name}


def test_a_link_of_the_name_is_left_with_what_it_points_to(
    home: Path, console: Console, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = made(tmp_path_factory.mktemp("elsewhere"), "kept")
    (home.parent / FORMER).symlink_to(elsewhere)
    long_ago = time.time() - 2 * UNUSED_S
    os.utime(home.parent / FORMER, (long_ago, long_ago), follow_symlinks=False)

    remove_former(home, console)

    assert left(home.parent) == {home.name, FORMER}
    assert (elsewhere / "lib" / "server.jar").exists()


def test_one_that_cannot_be_removed_is_told_and_stays_whole(
    home: Path, console: Console, told: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_source: object, _target: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    former = made(home.parent, FORMER)
    monkeypatch.setattr(Path, "rename", refused)

    remove_former(home, console)

    assert (former / "lib" / "server.jar").exists()
    assert told.getvalue() == f"cannot remove {former}, which nobody uses any more: Operation not permitted\n"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache where a small archive stands for the real one, and nothing is compiled."""
    archive = tmp_path / "small.zip"
    with zipfile.ZipFile(archive, "w") as bundle:
        bundle.writestr("elasticsearch-9/lib/server.jar", b"jar")

    def fetched(wanted: Iterable[Artifact], _console: Console) -> dict[Artifact, Path]:
        return dict.fromkeys(wanted, archive)

    monkeypatch.setattr(distribution, "fetch", fetched)
    monkeypatch.setattr(distribution, "_install_plugin", lambda _home, _compiler: None)
    monkeypatch.setenv("RAFID_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "cache").mkdir()
    return tmp_path / "cache"


def test_making_a_distribution_removes_the_former_ones(cache: Path, console: Console) -> None:
    made(cache, FORMER)

    home = elasticsearch_home(console)

    (archive,) = artifacts("elasticsearch")
    assert home.name == f"elasticsearch-{archive.version}-{plugin_digest(archive)}"
    assert (home / "lib" / "server.jar").read_bytes() == b"jar"
    assert left(cache) == {home.name, "lock"}


def test_one_that_is_there_is_used_and_no_other_touched(cache: Path, console: Console) -> None:
    home = elasticsearch_home(console)
    os.utime(home, (0, 0))
    made(cache, FORMER)

    assert elasticsearch_home(console) == home

    assert left(cache) == {home.name, FORMER, "lock"}
    assert time.time() - home.stat().st_mtime < UNUSED_S
