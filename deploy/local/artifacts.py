"""The files that the local stack is made of: a committed list, fetched once, never used unless intact."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import filelock
import platformdirs
import requests
import tenacity
import truststore
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from deploy.local.resources import is_root, no_space, require_disk
from streams.errors import RafidError

LOCK_LIST = Path(__file__).with_name("artifacts.txt")
CENTRAL = "https://repo.maven.apache.org/maven2"
ROLES = ("kafka", "elasticsearch", "compiler")
# How a download reports its bytes: (file name, size) -> a context that gives a function of the bytes that came.
Follow = Callable[[str, int], contextlib.AbstractContextManager[Callable[[int], None]]]


@dataclasses.dataclass(frozen=True, slots=True)
class Artifact:
    """One file of the list: which part needs it, its Maven coordinates, and what its bytes must be."""

    role: str
    group: str
    name: str
    packaging: str
    version: str
    sha256: str
    size_bytes: int

    @property
    def filename(self) -> str:
        """The name under which it is kept."""
        return f"{self.name}-{self.version}.{self.packaging}"


class Damaged(Exception):
    """A file arrived with other bytes than the list says."""


def parse(text: str) -> tuple[Artifact, ...]:
    """Returns the artifacts of a list, in its order; ValueError names the line that is malformed, or a file named twice."""
    found: dict[str, Artifact] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            role, coordinates, sha256, size = line.split()
            group, name, *packaging, version = coordinates.split(":")
            artifact = Artifact(role, group, name, packaging[0] if packaging else "jar", version, sha256, int(size))
        except ValueError as exc:
            raise ValueError(f"line {number} is not `role group:name[:packaging]:version sha256 bytes`: {line!r}") from exc
        if role not in ROLES or len(packaging) > 1 or len(sha256) != 64 or artifact.filename in found:
            raise ValueError(f"line {number} has an unknown role, a bad hash or a file named before: {line!r}")
        found[artifact.filename] = artifact
    return tuple(found.values())


def artifacts(role: str) -> tuple[Artifact, ...]:
    """Returns what one part of the stack needs, in class path order."""
    return tuple(artifact for artifact in parse(LOCK_LIST.read_text()) if artifact.role == role)


def cache_directory() -> Path:
    """Returns where what can be fetched again is kept, for all checkouts.

    $RAFID_CACHE_DIR or the user's cache; root's is in /var/cache.
    """
    chosen = os.environ.get("RAFID_CACHE_DIR")
    if chosen:
        return Path(chosen).absolute()
    return platformdirs.site_cache_path("rafid") if is_root() else platformdirs.user_cache_path("rafid")


@contextlib.contextmanager
def cache_lock() -> Iterator[None]:
    """Holds the lock of the one process that is changing the cache; the others wait for it."""
    directory = cache_directory()
    directory.mkdir(parents=True, exist_ok=True, mode=0o755)
    with filelock.FileLock(directory / "lock"):
        yield


def fetch(wanted: Iterable[Artifact], console: Console) -> dict[Artifact, Path]:
    """Returns where each wanted file lies in the cache, whole and with the listed SHA-256.

    What was missing or damaged is fetched anew. Two processes may ask at once: one fetches, the other waits. RafidError when
    the network, the server or the disk fails; then nothing that is not intact is left under its name.
    """
    directory = cache_directory() / "artifacts"
    paths = {artifact: directory / artifact.filename for artifact in wanted}
    if all(intact(artifact, path) for artifact, path in paths.items()):
        return paths
    with cache_lock():
        directory.mkdir(exist_ok=True, mode=0o755)
        for leftover in directory.glob(".fetch-*"):
            shutil.rmtree(leftover)
        missing = [artifact for artifact, path in paths.items() if not intact(artifact, path)]
        require_disk(directory, 2 * sum(artifact.size_bytes for artifact in missing), "for downloads")
        _download_all(missing, directory, console)
    return paths


def intact(artifact: Artifact, path: Path) -> bool:
    """Tells whether `path` holds exactly the listed bytes."""
    try:
        if path.stat().st_size != artifact.size_bytes:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == artifact.sha256
    except FileNotFoundError:
        return False


def _download_all(missing: list[Artifact], directory: Path, console: Console) -> None:
    total = sum(artifact.size_bytes for artifact in missing)
    what = f"fetching {len(missing)} files, {total / 1e6:.0f} MB"
    if not console.is_terminal:
        console.print(what)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=total)

        @contextlib.contextmanager
        def follow(_filename: str, _size: int) -> Iterator[Callable[[int], None]]:
            yield lambda count: progress.update(task, advance=count)

        with _system_trust(), ThreadPoolExecutor(4) as pool:
            jobs = [pool.submit(_download, artifact, directory, follow) for artifact in missing]
            try:
                for job in jobs:
                    job.result()
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise


@contextlib.contextmanager
def _system_trust() -> Iterator[None]:
    """Has TLS trust what the system trusts: more than requests' own list, where a proxy stands before the network."""
    truststore.inject_into_ssl()
    try:
        yield
    finally:
        truststore.extract_from_ssl()


def _download(artifact: Artifact, directory: Path, follow: Follow) -> None:
    source = os.environ.get("RAFID_MAVEN", CENTRAL)
    try:
        _attempt(artifact, directory, source, follow)
    except Damaged as exc:
        raise RafidError(
            f"{artifact.filename} from {source} is damaged ({exc}); nothing was installed: "
            "try again, or set RAFID_MAVEN to another mirror of Maven Central"
        ) from exc
    except OSError as exc:  # requests' errors are OSErrors as well
        if exc.errno == errno.ENOSPC:
            raise no_space(directory) from exc
        raise RafidError(
            f"cannot fetch {artifact.filename} from {source} ({_cause(exc)}): the first start needs the network once; "
            "check it, or set RAFID_MAVEN to a mirror of Maven Central that you reach"
        ) from exc
    except RuntimeError as exc:
        raise RafidError(
            f"{source} does not have {artifact.filename}; set RAFID_MAVEN to a whole mirror of Maven Central"
        ) from exc


@tenacity.retry(
    retry=tenacity.retry_if_exception_type((Damaged, requests.RequestException)),
    stop=tenacity.stop_after_attempt(3),
    wait=tenacity.wait_random_exponential(multiplier=0.5, max=5),
    reraise=True,
)
def _attempt(artifact: Artifact, directory: Path, source: str, follow: Follow) -> None:
    from jgo.maven import MavenContext, PythonResolver  # noqa: PLC0415 - needed by the first start only

    with tempfile.TemporaryDirectory(prefix=".fetch-", dir=directory) as scratch:
        maven = MavenContext(
            resolver=PythonResolver(progress_callback=follow),
            repo_cache=Path(scratch),
            local_repos=[],
            remote_repos={"central": source},
            timeout=60,
        )
        project = maven.project(artifact.group, artifact.name).at_version(artifact.version)
        fetched: Path = project.artifact(packaging=artifact.packaging).resolve()
        if not intact(artifact, fetched):
            raise Damaged(
                f"its {fetched.stat().st_size} bytes are not the {artifact.size_bytes} with SHA-256 {artifact.sha256[:12]}..."
            )
        with fetched.open("rb") as file:
            os.fsync(file.fileno())
        fetched.chmod(0o644)
        fetched.replace(directory / artifact.filename)


def _cause(exc: BaseException) -> str:
    """Returns the innermost reason of a chain of network errors, which wrap one another's text."""
    while (inner := exc.__cause__ or exc.__context__) is not None:
        exc = inner
    return f"{type(exc).__name__}: {str(exc)[:120]}"
