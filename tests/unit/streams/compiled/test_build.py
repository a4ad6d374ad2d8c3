"""What a build makes of the kernel; hatchling itself builds."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[4]
KERNEL = "streams/compiled/_kernel.abi3.so"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "rafid"
    kept = ("pyproject.toml", "README.md", "LICENSE", ".gitignore", "rafid.py", "streams/compiled", "streams/__init__.py")
    for name in kept:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        source = ROOT / name
        shutil.copytree(source, folder / name) if source.is_dir() else shutil.copy(source, folder / name)
    return folder


def build(checkout: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel"]
    kept = {name: value for name, value in os.environ.items() if name not in ("RAFID_COMPILE", "CC")}
    return subprocess.run(command, cwd=checkout, env=kept | settings, capture_output=True, text=True, check=False)


def wheel(checkout: Path) -> Path:
    (found,) = (checkout / "dist").iterdir()
    return found


def test_a_wheel_is_for_every_machine_and_has_no_compiled_code(checkout: Path) -> None:
    done = build(checkout, RAFID_COMPILE="")

    assert done.returncode == 0, done.stderr
    assert wheel(checkout).name.endswith("-py3-none-any.whl")
    assert KERNEL not in ZipFile(wheel(checkout)).namelist()


def test_a_wheel_that_asks_for_the_kernel_is_for_this_kind_of_machine(checkout: Path) -> None:
    if not shutil.which("cc"):
        pytest.skip("no C compiler on this machine")
    done = build(checkout, RAFID_COMPILE="1")

    assert done.returncode == 0, done.stderr
    assert "-cp311-abi3-linux_" in wheel(checkout).name
    assert KERNEL in ZipFile(wheel(checkout)).namelist()


def test_a_kernel_that_is_asked_for_and_does_not_compile_ends_the_build(checkout: Path) -> None:
    done = build(checkout, RAFID_COMPILE="1", CC="no-such-compiler")

    assert done.returncode != 0
    assert "no-such-compiler" in done.stderr
    assert not (checkout / "dist").exists() or not list((checkout / "dist").iterdir())
