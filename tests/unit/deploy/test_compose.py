"""The compose file as data: order, health, bounds, secrets, and commands that exist."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

import rafid
from deploy.security.rights import principals

FOLDER = Path(__file__).parents[3] / "deploy/compose"
TEXT = (FOLDER / "compose.yaml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "RAFID_IMAGE" in service["image"]}
JOBS = {name for name, service in SERVICES.items() if service["restart"] == "no"}
BY_HAND = {name for name, service in SERVICES.items() if "profiles" in service}  # an operator's
RUNNING = set(SERVICES) - JOBS
FILES = ("prometheus.yml", "alerts.yaml", "targets.yaml")


def test_there_is_every_process() -> None:
    assert {"certs", "provision", "dashboards"} == JOBS - BY_HAND
    assert {"replay", "audit", "reindex"} == BY_HAND
    assert BY_HAND <= JOBS
    workers = {"split-1", "split-2", "dedup", "dedup-standby", "index"}
    assert set(OURS) - JOBS == workers | {"dead-letters", "console", "feeds", "push"}
    assert RUNNING - set(OURS) == {"kafka", "elasticsearch", "kibana", "prometheus"}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_what_runs_on_has_a_health_check_and_comes_back_and_a_job_does_not(name: str) -> None:
    service = SERVICES[name]

    assert ("healthcheck" in service) == (name in RUNNING)
    assert service["restart"] == ("unless-stopped" if name in RUNNING else "no")
    assert "mem_limit" in service


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_images_have_versions_and_ports_are_of_this_machine(name: str) -> None:
    service = SERVICES[name]

    assert "latest" not in service["image"]
    assert re.fullmatch(r"\$\{RAFID_IMAGE:\?[^}]*\}|[\w./-]+:\$\{\w+_VERSION:\?\}", service["image"])
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))


def test_no_secret_is_written_down() -> None:
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|ENCRYPTIONKEY|API_KEY|TOKEN", variable):
                assert re.fullmatch(r"\$\{\w+:\?\}", str(value)), f"{name} {variable}"
            if variable.endswith("_LOGINS"):
                assert all(re.fullmatch(r"[\w:-]+:\$\{\w+:\?\}", login) for login in value.split()), name


def test_every_process_logs_in_as_the_principal_that_its_command_is_for() -> None:
    purposes = {word: each.name for each in principals().values() for word in each.does.split(", ")}
    for name in set(OURS) - {"certs", "provision"}:
        called = " ".join(["rafid", *OURS[name]["command"]])
        (principal,) = {each for word, each in purposes.items() if f"{called} ".startswith(f"{word} ")}
        assert f"tls-{principal}:/tls:ro" in OURS[name]["volumes"], name
        users = {value for variable, value in OURS[name]["environment"].items() if variable.endswith("_USER")}
        assert users <= {f"rafid-{principal}"}, name


def test_who_logs_in_to_elasticsearch_is_let_in_with_the_same_password() -> None:
    logins = dict(login.split(":", 1) for login in OURS["provision"]["environment"]["RAFID_PROVISION_LOGINS"].split())
    asked = {
        environment[variable].removeprefix("rafid-"): environment[variable.replace("_USER", "_PASSWORD")]
        for name, environment in ((name, service["environment"]) for name, service in OURS.items() if name != "certs")
        for variable in environment
        if variable.endswith("_USER") and name != "provision"
    }

    assert logins == asked | {"kibana_system": SERVICES["kibana"]["environment"]["ELASTICSEARCH_PASSWORD"]}


def test_the_keys_of_a_process_are_for_it_alone() -> None:
    made = {volume.split(":")[0] for volume in SERVICES["certs"]["volumes"]}
    mounts = {name: {v.split(":")[0] for v in s.get("volumes", ()) if v.startswith("tls-")} for name, s in SERVICES.items()}

    assert {volume for name in set(SERVICES) - {"certs"} for volume in mounts[name]} == made - {"tls-ca"}
    assert all(len(mounts[name]) <= 1 for name in set(SERVICES) - {"certs"})


def test_the_certificates_job_finds_a_place_for_everyone() -> None:
    folders = {volume.split(":")[1] for volume in SERVICES["certs"]["volumes"]} | set(SERVICES["certs"]["tmpfs"]) - {"/tmp"}
    servers = [word for word in SERVICES["certs"]["command"][2:] if word != "--server"]

    assert folders == {f"/tls/{name}" for name in ("ca", "admin", *servers, *principals())}


def test_kafka_and_elasticsearch_let_nobody_in_without_a_login() -> None:
    kafka, elasticsearch = SERVICES["kafka"]["environment"], SERVICES["elasticsearch"]["environment"]

    assert set(re.findall(r":(\w+)", kafka["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"])) == {"SSL"}
    assert kafka["KAFKA_SSL_CLIENT_AUTH"] == "required"
    assert kafka["KAFKA_AUTHORIZER_CLASS_NAME"].endswith("StandardAuthorizer")
    assert elasticsearch["xpack.security.enabled"] == elasticsearch["xpack.security.http.ssl.enabled"] == "true"


def test_the_example_lists_the_variables_that_are_used() -> None:
    used = set(re.findall(r"\$\{(\w+)", TEXT))
    listed = set(re.findall(r"^(?:# )?(\w+)=", (FOLDER / ".env.example").read_text(), re.MULTILINE))

    assert listed == used


def test_elasticsearch_has_half_of_its_memory_as_heap() -> None:
    service = SERVICES["elasticsearch"]

    assert service["environment"]["ES_JAVA_OPTS"] == "-Xms1g -Xmx1g"
    assert service["mem_limit"] == "2g"
    assert service["ulimits"]["memlock"] == {"soft": -1, "hard": -1}


def test_a_service_waits_for_jobs_that_end_and_for_servers_that_are_healthy() -> None:
    for name, service in SERVICES.items():
        for other, how in service.get("depends_on", {}).items():
            wanted = "service_completed_successfully" if other in JOBS else "service_healthy"
            assert how["condition"] == wanted, f"{name} on {other}"
    assert all("provision" in OURS[name]["depends_on"] for name in set(OURS) - JOBS)


def test_every_volume_is_named_and_every_worker_has_its_own() -> None:
    used = [v.split(":")[0] for s in SERVICES.values() for v in s.get("volumes", ()) if v[0] not in ".$"]

    assert set(used) == set(COMPOSE["volumes"])
    assert all(used.count(name) == 1 for name in ("split-1", "split-2", "dedup", "dedup-standby", "feeds"))


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_services_call_commands_with_options_and_variables_that_they_read(name: str) -> None:
    command: click.Command = rafid.cli
    words = list(OURS[name]["command"])
    while words and isinstance(command, click.Group):
        found = command.get_command(click.Context(command), words.pop(0))
        assert found is not None
        command = found
    assert {word for word in words if word.startswith("--")} <= {opt for param in command.params for opt in param.opts}
    assert set(OURS[name].get("environment", {})) <= {str(param.envvar) for param in command.params}


def test_prometheus_has_the_rules_and_scrapes_every_process_that_answers() -> None:
    mounted = dict(volume.split(":")[:2] for volume in SERVICES["prometheus"]["volumes"])
    assert all((FOLDER / place).is_file() for place in mounted if place.startswith("."))
    assert set(mounted.values()) == {f"/etc/prometheus/{name}" for name in FILES} | {"/prometheus"}

    answering = {f"{name}:9400" for name in OURS if "RAFID_METRICS_PORT" in OURS[name].get("environment", {})}
    groups = yaml.safe_load((FOLDER / "prometheus/targets.yaml").read_text())
    assert answering == {f"{name}:9400" for name in set(OURS) - JOBS}
    assert {target for group in groups for target in group["targets"]} == answering
    for group in groups:
        assert all(target.startswith(group["labels"]["job"].removeprefix("rafid-")) for target in group["targets"])


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_services_are_no_root_and_write_nowhere_else(name: str) -> None:
    service = OURS[name]

    # The certificates' job fills volumes that are root's, without root's powers.
    assert service["user"] == ("0:0" if name == "certs" else "10001:10001")
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_a_reader_of_compose_files_takes_it(tmp_path: Path) -> None:
    compose = shutil.which("docker-compose")
    if not compose:
        pytest.skip("NOT TESTED: there is no docker-compose to read the file")
    shutil.copytree(FOLDER, tmp_path / "compose")
    shutil.copytree(FOLDER.parent / "prometheus", tmp_path / "prometheus")
    filled = re.sub(r"=$", "=filled", (FOLDER / ".env.example").read_text(), flags=re.MULTILINE)
    (tmp_path / "compose/.env").write_text(filled)

    read = subprocess.run(
        [compose, "-f", "compose.yaml", "config", "-q"], cwd=tmp_path / "compose", capture_output=True, text=True, check=False
    )

    assert (read.returncode, read.stderr) == (0, "")
