"""Too little of something is said before anything is started."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from deploy.local import resources
from deploy.local.resources import MIB
from streams.errors import RafidError


def container(folder: Path, limit: str, used: int = 0, cached: int = 0) -> Path:
    (folder / "memory.max").write_text(f"{limit}\n")
    (folder / "memory.current").write_text(f"{used}\n")
    (folder / "memory.stat").write_text(f"anon 1\ninactive_file {cached}\n")
    return folder


def test_a_containers_limit_is_what_counts(tmp_path: Path) -> None:
    assert resources.available_memory(container(tmp_path, str(100 * MIB), 60 * MIB, 10 * MIB)) == 50 * MIB


def test_a_container_without_a_limit_has_the_machines_memory(tmp_path: Path) -> None:
    assert resources.available_memory(container(tmp_path, "max")) > MIB


def test_without_a_container_it_is_the_machines_memory(tmp_path: Path) -> None:
    assert 0 < resources.available_memory(tmp_path) <= psutil.virtual_memory().total


def test_too_little_memory_is_said_with_both_figures() -> None:
    with pytest.raises(RafidError, match=r"^Kafka needs \d+ MiB of memory and \d+ MiB are available: .*RAFID_KAFKA"):
        resources.require_memory(1 << 60, "Kafka")


def test_too_little_disk_is_said_with_both_figures(tmp_path: Path) -> None:
    with pytest.raises(RafidError, match=r"has \d+ MiB free and needs \d+ MiB for data: .*RAFID_DATA_DIR"):
        resources.require_disk(tmp_path, 1 << 60, "for data")


def test_enough_is_no_error(tmp_path: Path) -> None:
    resources.require_memory(MIB, "Kafka")
    resources.require_disk(tmp_path, MIB, "for data")


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A folder that everybody may enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.parametrize(("mode", "expected"), [(0o755, True), (0o711, True), (0o700, False), (0o750, False)])
def test_a_closed_folder_above_shuts_the_servers_user_out(
    reachable: Path, monkeypatch: pytest.MonkeyPatch, mode: int, expected: bool
) -> None:
    monkeypatch.setattr(resources, "service_user", lambda: (65534, 65534))
    inside = reachable / "above" / "inside"
    inside.mkdir(parents=True)
    (reachable / "above").chmod(mode)
    assert resources.enterable(inside) is expected


def test_an_ordinary_users_folders_are_his_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "service_user", lambda: None)
    tmp_path.chmod(0o700)
    assert resources.enterable(tmp_path)
