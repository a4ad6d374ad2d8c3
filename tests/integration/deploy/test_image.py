"""The steps that build the image, run without an engine: what they install works outside the checkout."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = [pytest.mark.timeout(900), pytest.mark.soak]  # a whole installation: `make image-check`
ROOT = Path(__file__).parents[3]
DOCKERFILE = ROOT / "deploy/image/Dockerfile"


def steps() -> list[str]:
    """The commands of the first stage's RUN lines."""
    joined = DOCKERFILE.read_text().replace("\\\n", " ")
    first = joined.split("\nFROM ")[1]
    return re.findall(r"^RUN (.*)$", first, re.MULTILINE)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder that the second stage copies, made from what the build's context holds."""
    folder = tmp_path_factory.mktemp("image")
    kept = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for name in kept:
        source, target = ROOT / name, folder / "src" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    (folder / "bin").mkdir()
    (folder / "bin/python").symlink_to(Path(sys.executable).resolve())
    for step in steps():
        here = step.replace("/opt/", f"{folder}/opt/").replace("/src/", f"{folder}/src/").replace("--no-cache-dir ", "")
        done = subprocess.run(
            ["/bin/sh", "-ec", here],
            cwd=folder / "src",
            env={**os.environ, "PATH": f"{folder}/bin:/usr/bin:/bin", "PYTHON_IMAGE": "python@sha256:0", "PYTHONPATH": ""},
            capture_output=True,
            text=True,
            check=False,
            timeout=800,
        )
        assert done.returncode == 0, f"{here}\n{done.stdout}\n{done.stderr}"
    yield folder / "opt/rafid"
    shutil.rmtree(folder)


def run(installed: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """The installed command, called as an image without this checkout calls it."""
    return subprocess.run(
        [installed / "bin/rafid", *arguments],
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1"},
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_base_without_a_digest_is_refused() -> None:
    done = subprocess.run(["/bin/sh", "-ec", steps()[0]], env={"PYTHON_IMAGE": "python:3.11"}, capture_output=True, check=False)

    assert done.returncode == 1
    assert b"has no digest" in done.stderr


def test_the_installed_command_knows_its_version(installed: Path) -> None:
    assert run(installed, "--version").stdout.startswith("rafid, version ")


def test_data_files_are_installed(installed: Path) -> None:
    split = run(installed, "try", "split", "-", stdin="قال الوزير إن المشروع انتهى.\n\nإقرأ أيضاً:\nعنوان آخر عن المشروع\n")
    assert split.returncode == 0, split.stderr
    assert run(installed, "dashboards", "export").stdout.count("\n") >= 10
    for name in ("deploy/demo/pages.jsonl", "deploy/local/artifacts.txt", "indexing/schema/mappings.json"):
        assert list(installed.glob(f"lib/python*/site-packages/{name}")), name


def test_the_kernel_is_compiled(installed: Path) -> None:
    assert list(installed.glob("lib/python*/site-packages/streams/compiled/_kernel.abi3.so"))


def test_neither_compiler_nor_installer_is_left(installed: Path) -> None:
    names = {path.name for path in (installed / "bin").iterdir()}

    assert not names & {"pip", "pip3", "gcc", "cc", "hatchling"}
