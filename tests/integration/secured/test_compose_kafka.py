"""Kafka, configured by the image's own program from compose.yaml's variables: it takes logins by certificate and no others."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from kafka import KafkaAdminClient
from kafka.errors import KafkaError
from rich.console import Console

from deploy.local.distribution import java_home, kafka_class_path
from streams.connect.kafka import KafkaSettings
from tests.support.servers import ROOT, wait_until

pytestmark = pytest.mark.soak
SERVICE: dict[str, Any] = yaml.safe_load((ROOT / "deploy/compose/compose.yaml").read_text())["services"]["kafka"]


def environment(folder: Path, ports: dict[str, int]) -> dict[str, str]:
    """The variables of the service, with places of this machine."""
    places = {"/etc/kafka/tls": f"{folder}/tls/kafka", "/var/lib/kafka/data": f"{folder}/data", "$$": "$"}
    places |= {"0.0.0.0:9092": f"127.0.0.1:{ports['9092']}", "//kafka:9092": f"//127.0.0.1:{ports['9092']}"}
    places |= {"localhost:9093": f"127.0.0.1:{ports['9093']}"}
    given = {}
    for name, value in SERVICE["environment"].items():
        for inside, here in places.items():
            value = value.replace(inside, here)  # noqa: PLW2901
        given[name] = value
    return given


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The broker's address and the folder of the certificates."""
    folder = tmp_path_factory.mktemp("kafka")
    subprocess.run(
        [sys.executable, "-m", "rafid", "certificates", str(folder / "tls"), "--server", "kafka"],
        cwd=ROOT,
        check=True,
    )
    ports = {}
    for port in ("9092", "9093"):
        with socket.create_server(("127.0.0.1", 0)) as free:
            ports[port] = int(free.getsockname()[1])
    for name in ("default", "mounted", "final"):
        (folder / name).mkdir()
    java = [str(java_home() / "bin/java"), "-Xmx512m", "-cp", kafka_class_path(Console(stderr=True))]
    given = environment(folder, ports)
    setup = [*java, "kafka.docker.KafkaDockerWrapper", "setup", "--default-configs-dir", str(folder / "default")]
    setup += ["--mounted-configs-dir", str(folder / "mounted"), "--final-configs-dir", str(folder / "final")]
    done = subprocess.run(setup, env=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    with (folder / "log").open("wb") as log:
        broker = subprocess.Popen([*java, "kafka.Kafka", str(folder / "final/server.properties")], stdout=log, stderr=log)
    try:
        there = f"127.0.0.1:{ports['9092']}"
        wait_until(lambda: broker.poll() is not None or _answers(there, folder / "tls", "admin"), "Kafka answers", 240)
        assert broker.poll() is None, (folder / "log").read_text()[-2_000:]
        yield there, folder / "tls"
    finally:
        broker.kill()
        broker.wait()


def _login(there: str, tls: Path, name: str) -> dict[str, Any]:
    mine = tls / name
    files = {"ca": "ca.pem", "certificate": "certificate.pem", "key": "key.pem"}
    return KafkaSettings(there, security="SSL", **{kind: str(mine / file) for kind, file in files.items()}).client()


def _answers(there: str, tls: Path, name: str) -> bool:
    try:
        admin = KafkaAdminClient(**_login(there, tls, name), bootstrap_timeout_ms=3000, request_timeout_ms=5000)
    except (KafkaError, OSError):
        return False
    try:
        return bool(admin.describe_cluster()["brokers"])
    except KafkaError:
        return False
    finally:
        admin.close()


def test_an_administrator_may_all_and_a_process_nothing_before_it_has_rights(address: tuple[str, Path]) -> None:
    there, tls = address
    admin, split = (KafkaAdminClient(**_login(there, tls, name)) for name in ("admin", "split"))
    try:
        admin.create_topics({"news.pages": {"num_partitions": 1}})
        admin.wait_for_topics(["news.pages"])

        assert "news.pages" in set(admin.list_topics())
        assert set(split.list_topics()) == set()
    finally:
        admin.close()
        split.close()


def test_nobody_comes_in_without_a_certificate(address: tuple[str, Path]) -> None:
    there, tls = address
    anybody = KafkaSettings(there, security="SSL", ca=str(tls / "admin/ca.pem")).client()

    with pytest.raises((KafkaError, OSError)):
        KafkaAdminClient(**anybody, bootstrap_timeout_ms=5000).describe_cluster()
