"""The manifests of an overlay, rendered offline."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

KUBERNETES = Path(__file__).parents[2] / "deploy/kubernetes"
CRDS = Path(__file__).parents[2] / "../shared/data/crds"
WORKLOADS = ("Deployment", "StatefulSet", "Job", "CronJob")


def rendered(overlay: str) -> list[dict[str, Any]]:
    """Every object of the overlay; skips the test where nothing renders Kustomize."""
    kustomize = shutil.which("kustomize") or shutil.which("kustomize", path=str(Path.home() / "go/bin"))
    kubectl = shutil.which("kubectl")
    if not kustomize and not kubectl:
        pytest.skip("NOT TESTED: there is neither kustomize nor kubectl (go install sigs.k8s.io/kustomize/kustomize/v5@v5.7.1)")
    command = [kustomize, "build"] if kustomize else [str(kubectl), "kustomize"]
    done = subprocess.run([*command, KUBERNETES / "overlays" / overlay], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [each for each in yaml.safe_load_all(done.stdout) if each]


def pod_of(manifest: dict[str, Any]) -> dict[str, Any]:
    """The template of the pods that a workload makes."""
    spec = manifest["spec"]
    template: dict[str, Any] = (spec["jobTemplate"]["spec"] if manifest["kind"] == "CronJob" else spec)["template"]
    return template


def key(manifest: dict[str, Any]) -> str:
    return f"{manifest['kind']}/{manifest['metadata']['name']}"
