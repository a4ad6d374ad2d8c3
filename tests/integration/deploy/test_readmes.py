"""The lines of the READMEs of compose, Kubernetes and systemd, run by a shell: what they make is what the deployment reads.

There is no engine and no cluster: what they would be told is rendered, read and compared. A host there is: a copy of this one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.console.guard.access import tokens_of_logins as console_tokens
from producers.push.tokens import tokens_of_logins as push_tokens
from tests.support.manifests import KUBERNETES, WORKLOADS, pod_of
from tests.unit.test_docs import lines

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]
DEPLOY = KUBERNETES.parent
ENGINE = r"""
rafid() { "$PYTHON" -m rafid "$@"; }
docker() {
  case "$1 $2" in
    "pull -q") test "$3" = python:3.11-slim-bookworm ;;
    "inspect -f") echo "${3%%=*}=$4@sha256:0000" ;;
    "compose up") docker-compose config ;;
    *) return 3 ;;
  esac
}
"""
CLUSTER = """
rafid() { "$PYTHON" -m rafid "$@"; }
kubectl() {
  if [ "$1" = apply ]; then command kubectl kustomize "$3"; else command kubectl "$@" --dry-run=client -o yaml; fi >&3
  echo --- >&3
}
exec 3> made.yaml
"""
# Whatever the lines of a host change is gone with the namespace; systemctl enables units there and starts none. This machine's
# Python may lie in a home that is closed to other users: $4 are the folders to pass through on the way to it.
HOST = """
mount -t tmpfs tmpfs "$1"
mkdir "$1/changed" "$1/work" "$1/host"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/changed,workdir=$1/work" "$1/host"
mount -t proc proc "$1/host/proc"
mount --bind /dev "$1/host/dev"
mkdir "$1/host/srv/here"
cp -r "$2"/. "$1/host/srv/here"
for folder in $4; do chmod o+x "$1/host$folder"; done
export SYSTEMD_OFFLINE=1
chroot "$1/host" /bin/bash -euc "
systemctl() { [ \\$1 = daemon-reload ] || command systemctl \\"\\${@/#--now/--quiet}\\"; }
cd /srv/here
$3"
"""
BY_OPERATORS = {  # certificates; what Strimzi makes of a KafkaUser is found by its name
    ("rafid-cluster-ca-cert", "ca.crt"),
    ("rafid-es-http-certs-public", "ca.crt"),
    ("rafid-kb-http-certs-public", "ca.crt"),
}


def typed(stage: str, readme: Path, folder: Path) -> str:
    """What the lines of the README print, run in the folder with these functions in place of programs."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join([stage, *lines(readme)])],
        cwd=folder,
        env=os.environ | {"PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def needs(*programs: str) -> None:
    """Skips the test where one of the programs is missing."""
    if missing := [name for name in programs if not shutil.which(name)]:
        pytest.skip(f"NOT TESTED: there is no {', '.join(missing)}")


def test_the_lines_for_compose_make_every_file_that_it_reads(tmp_path: Path) -> None:
    needs("docker-compose", "openssl")
    for folder in ("compose", "prometheus", "image"):
        shutil.copytree(DEPLOY / folder, tmp_path / folder)
    here = tmp_path / "compose"

    told = yaml.safe_load(typed(ENGINE, DEPLOY / "compose/README.md", here))["services"]

    given = dict(line.split("=", 1) for line in (here / ".env").read_text().splitlines() if line[:1].isalpha())
    assert all(given.values())
    secrets = [value for name, value in given.items() if name.endswith(("PASSWORD", "KEY", "TOKEN"))]
    assert len(secrets) == len(set(secrets)) == 11
    assert told["certs"]["build"]["args"] == {"PYTHON_IMAGE": "python:3.11-slim-bookworm@sha256:0000"}
    assert [each.name for each in console_tokens((told["console"]["environment"]["RAFID_CONSOLE_LOGINS"],))] == ["desk"]
    assert list(push_tokens((told["push"]["environment"]["RAFID_SERVE_LOGINS"],), "now")) == ["desk"]
    assert (here / given["RAFID_SOURCES_FILE"]).stat().st_mode & 0o004


def test_the_lines_for_kubernetes_make_every_secret_and_file_that_a_pod_reads(tmp_path: Path) -> None:
    needs("kubectl", "openssl")
    (tmp_path / "deploy").symlink_to(DEPLOY)

    typed(CLUSTER, KUBERNETES / "README.md", tmp_path)

    objects = [each for each in yaml.safe_load_all((tmp_path / "made.yaml").read_text()) if each]
    made = {
        (each["metadata"]["name"], name)
        for each in objects
        if each["kind"] in ("Secret", "ConfigMap")
        for name in {**each.get("data", {}), **each.get("stringData", {})}
    }
    users = {(each["metadata"]["name"], "password") for each in objects if each["kind"] == "KafkaUser"}
    read = read_by_pods(objects)
    assert len(read) > 20
    assert read - made - users - BY_OPERATORS == set()
    (auth,) = (each["spec"]["auth"] for each in objects if each["kind"] == "Elasticsearch")
    logins = {each["secretName"] for each in auth["fileRealm"]}
    assert {(name, key) for name in logins for key in ("username", "password", "roles")} <= made


def read_by_pods(objects: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """Each key of a secret or a ConfigMap that a container has as a variable or as a file, with the object's name."""
    found: set[tuple[str, str]] = set()
    for spec in (pod_of(each)["spec"] for each in objects if each["kind"] in WORKLOADS):
        (container,) = spec["containers"]
        references = [each for variable in container["env"] for each in variable.get("valueFrom", {}).values()]
        found |= {(each["name"], each["key"]) for each in references}
        for volume in spec["volumes"]:
            place = volume.get("secret") or volume.get("configMap") or {}
            if name := place.get("secretName") or place.get("name"):
                found |= {(name, each) for each in keys_of(place, volume["name"], container)}
    return found


def keys_of(place: dict[str, Any], volume: str, container: dict[str, Any]) -> list[str]:
    """The files of a volume that the container reads: those that the volume chooses, else those that its command names."""
    if chosen := [item["key"] for item in place.get("items", ())]:
        return chosen
    (mount,) = (each["mountPath"] for each in container["volumeMounts"] if each["name"] == volume)
    return [word.removeprefix(f"{mount}/") for word in container["args"] if word.startswith(f"{mount}/")]


def test_the_lines_for_a_host_install_what_systemd_takes_and_its_user_reads(wheel: Path, tmp_path: Path) -> None:
    needs("unshare", "systemctl", "systemd-analyze", "useradd", "runuser")
    if os.geteuid():
        pytest.skip("NOT TESTED: only root may have a root of its own")
    here, own = tmp_path / "here", tmp_path / "own"
    shutil.copytree(DEPLOY / "systemd", here)
    shutil.copy(wheel, here)
    shutil.copy(DEPLOY.parent / "constraints.txt", here)
    own.mkdir()
    readme = "\n".join(["export PIP_QUIET=1 PIP_CONSTRAINT=constraints.txt", *lines(here / "README.md")])
    seen = """
    runuser -u rafid -- /opt/rafid/bin/rafid --version
    for file in rafid.env sources.toml push-tokens.json; do runuser -u rafid -- test -r /etc/rafid/$file; done
    for file in rafid.env push-tokens.json; do ! runuser -u nobody -- test -r /etc/rafid/$file; done
    systemctl is-enabled rafid.target rafid-{provision,dead-letters,console,feeds,push,split@1,split@2,dedup@1,dedup@2,index@1}
    systemd-analyze verify --man=no /etc/systemd/system/rafid*.service 2>&1 | { ! grep rafid; }
    """

    on_the_way = " ".join(map(str, Path(sys.base_prefix).parents))
    done = subprocess.run(
        ["unshare", "--mount", "bash", "-euc", HOST, "host", own, here, f"{readme}\n{seen}", on_the_way],
        capture_output=True,
        text=True,
        check=False,
        timeout=800,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-11:] == ["enabled"] * 11
