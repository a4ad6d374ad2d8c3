"""The runbook's commands as data: containers that there are, the same call of rafid with compose and on Kubernetes."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml

from deploy.security.rights import principals
from tests.support.manifests import KUBERNETES, WORKLOADS, key, pod_of
from tests.support.runbook import COMPOSE, Row, called, page, rows
from tests.unit.deploy.test_kubernetes import command_of

MANIFESTS = [
    each
    for file in sorted((KUBERNETES / "base").glob("*.yaml"))
    for each in yaml.safe_load_all(file.read_text())
    if each and "metadata" in each
]
PODS = {key(each).lower(): pod_of(each)["spec"]["containers"][0] for each in MANIFESTS if each["kind"] in WORKLOADS}
RAFIDS = [row for row in rows() if called(row.compose)]


@pytest.mark.parametrize("row", RAFIDS, ids=lambda row: row.task)
def test_a_command_is_called_in_a_service_that_there_is_with_options_that_it_has(row: Row) -> None:
    call = called(row.compose)
    assert call
    assert call.service in COMPOSE

    command, words = command_of(call.arguments)

    assert {word for word in words if word.startswith("--")} <= {opt for param in command.params for opt in param.opts}


@pytest.mark.parametrize(
    "row", [row for row in RAFIDS if row.kubernetes.startswith(("kubectl exec", "job "))], ids=lambda row: row.task
)
def test_the_same_is_called_on_kubernetes_as_the_same_principal(row: Row) -> None:
    call = called(row.compose)
    assert call
    container, arguments = on_kubernetes(row.kubernetes)
    places = {"/etc/rafid/sources/sources.toml": "/etc/rafid/sources.toml"}

    assert [places.get(word, word) for word in arguments] == call.arguments
    purposes = {word: each.name for each in principals().values() for word in each.does.split(", ")}
    runs = " ".join(["rafid", *container["args"]])
    assert call.principal in {name for word, name in purposes.items() if f"{runs} ".startswith(f"{word} ")}


def on_kubernetes(line: str) -> tuple[dict[str, Any], list[str]]:
    """The container that a command of the right column uses, and what it has rafid do there."""
    if found := re.fullmatch(r"kubectl exec (?:-i )?(\S+) -- (?:env \S+ )?rafid (.*)", line):
        kind, _, name = found[1].partition("/")
        return PODS[f"{'deployment' if kind == 'deploy' else kind}/{name}"], shlex.split(found[2].partition(" < ")[0])
    _, name, *more = shlex.split(line)
    container = PODS[f"cronjob/{name}"]
    return container, [*container["args"], *more]


def test_the_function_of_the_page_makes_a_job_that_kubernetes_takes(tmp_path: Path) -> None:
    if not shutil.which("jq"):
        pytest.skip("NOT TESTED: there is no jq")
    (source,) = [each for each in MANIFESTS if key(each) == "CronJob/rafid-replay"]
    (function,) = re.findall(r"^(job\(\) \{.*?^\})", page(), re.M | re.S)
    kubectl = "kubectl() { if [ $1 = get ]; then cat cronjob.json; elif [ $1 = apply ]; then cat > job.json; fi; }"
    (tmp_path / "cronjob.json").write_text(json.dumps(source))
    script = f"{kubectl}\n{function}\njob rafid-replay --stage split 0:0"
    subprocess.run(["bash", "-euc", script], cwd=tmp_path, check=True, timeout=60)
    made = json.loads((tmp_path / "job.json").read_text())

    kubernetes_validate.validate(made, "1.33", strict=True)
    (container,) = made["spec"]["template"]["spec"]["containers"]
    assert container["args"] == ["dead-letters", "replay", "--stage", "split", "0:0"]
    assert re.fullmatch(r"rafid-replay-\d+", made["metadata"]["name"])


def test_a_suspended_job_sends_nothing_without_a_choice() -> None:
    suspended = {key(each) for each in MANIFESTS if each["kind"] == "CronJob" and each["spec"].get("suspend")}

    assert suspended == {"CronJob/rafid-replay", "CronJob/rafid-reindex"}
    assert PODS["cronjob/rafid-replay"]["args"] == ["dead-letters", "replay"]
