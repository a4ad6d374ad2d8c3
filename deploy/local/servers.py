"""The two servers: their configuration, the command that starts them, and how one knows that they answer."""

from __future__ import annotations

import base64
import dataclasses
import http.client
import json
import logging
import os
import shutil
import urllib.request
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kafka import KafkaAdminClient
from kafka.errors import KafkaError
from rich.console import Console

from deploy.local import ports, processes
from deploy.local.artifacts import artifacts
from deploy.local.distribution import elasticsearch_home, java_home, kafka_class_path
from deploy.local.resources import MIB, not_allowed, service_user
from deploy.local.security import Security
from streams.connect.kafka import KafkaSettings
from streams.errors import RafidError

CONFIG = Path(__file__).with_name("config")
KAFKA_HEAP_MIB = 512
ELASTICSEARCH_HEAP_MIB = 1024
# Heap, and what the runtime takes beside it (measured: 330-460 MB and 1.3 GB resident).
MEMORY = {"kafka": 640 * MIB, "elasticsearch": 1400 * MIB}
PORTS = {"kafka": {"kafka": 19092, "controller": 19093, "kafka_tls": 19094}, "elasticsearch": {"http": 19200, "transport": 19300}}


@dataclasses.dataclass(frozen=True, slots=True)
class ServerFiles:
    """Where one server of one stack lives, the mark that its processes are known by, and whom it lets in: None = anybody."""

    server: str
    directory: Path
    log: Path
    mark: str
    security: Security | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Launch:
    """How to start a server that is configured: its command, where, and the whole of its environment."""

    command: list[str]
    directory: Path
    environment: dict[str, str]


@dataclasses.dataclass(frozen=True, slots=True)
class Server:
    """One kind of server."""

    name: str
    title: str
    processes: int  # how many processes it consists of when it is well
    fetch: Callable[[Console], object]
    configure: Callable[[ServerFiles, dict[str, int], Console], Launch]
    answers: Callable[[ServerFiles, dict[str, int]], bool]
    address: Callable[[ServerFiles, dict[str, int]], str]


def configure_kafka(place: ServerFiles, taken: dict[str, int], console: Console) -> Launch:
    """Kafka's configuration is written for these ports, and its log directory formatted if it never was."""
    properties = place.directory / "server.properties"
    logging_config = place.directory / "log4j2.properties"
    data = place.directory / "data"
    values = {use: str(taken[use]) for use in PORTS["kafka"]} | {"data": str(data)}
    kind = "open" if place.security is None else "secured"
    if place.security is not None:
        values |= place.security.install_in_kafka(place.directory)
    parts = (CONFIG / "server.properties", CONFIG / f"server-{kind}.properties")
    properties.write_text("".join(part.read_text() for part in parts) % values)
    shutil.copy(CONFIG / "log4j2.properties", logging_config)
    java = [str(java_home() / "bin" / "java"), "-cp", kafka_class_path(console), f"-Dlog4j2.configurationFile={logging_config}"]
    own(place.directory)
    if not (data / "meta.properties").exists():
        _format(java, properties, place)
    heap = [f"-Xms{KAFKA_HEAP_MIB // 2}m", f"-Xmx{KAFKA_HEAP_MIB}m", "-XX:+UseG1GC", "-XX:+ExitOnOutOfMemoryError"]
    return Launch([*java, *heap, f"-D{place.mark}", "kafka.Kafka", str(properties)], place.directory, _environment())


def _format(java: list[str], properties: Path, place: ServerFiles) -> None:
    cluster = base64.urlsafe_b64encode(b"\0" + uuid.uuid4().bytes[1:]).decode().rstrip("=")  # never begins with a dash
    command = [*java, "kafka.tools.StorageTool", "format", "-g", "-t", cluster, "-c", str(properties)]
    formatted = processes.run(command, directory=place.directory, environment=_environment(), as_user=service_user())
    if formatted.returncode != 0:
        place.log.write_text(formatted.stdout + formatted.stderr)
        raise RafidError(f"Kafka's log directory could not be formatted: {last_line(place.log)}; the whole log is {place.log}")


def kafka_answers(place: ServerFiles, taken: dict[str, int]) -> bool:
    """Whether our broker, and not another that took its port, is registered and tells its cluster."""
    if ports.is_free(taken["kafka"]):
        return False  # asking the client would cost it its patience, and us sockets that it does not close
    logger = logging.getLogger("kafka")
    level = logger.level
    logger.setLevel(logging.CRITICAL)  # a broker that is not up yet is no news here
    try:
        login = KafkaSettings(kafka_address(place, taken)) if place.security is None else place.security.admin(tls_address(taken))
        admin = KafkaAdminClient(**login.client(), bootstrap_timeout_ms=1000, request_timeout_ms=5000)
        try:
            cluster = admin.describe_cluster()
        finally:
            admin.close()
        formatted = (place.directory / "data" / "meta.properties").read_text().split()
        return bool(cluster["brokers"]) and f"cluster.id={cluster['cluster_id']}" in formatted
    except (KafkaError, OSError):
        return False
    finally:
        logger.setLevel(level)


def kafka_address(_place: ServerFiles, taken: dict[str, int]) -> str:
    """What clients bootstrap from; they log in there by a password where the stack is secured."""
    return f"127.0.0.1:{taken['kafka']}"


def tls_address(taken: dict[str, int]) -> str:
    """Where clients of a secured stack log in by a certificate."""
    return f"127.0.0.1:{taken['kafka_tls']}"


def configure_elasticsearch(place: ServerFiles, taken: dict[str, int], console: Console) -> Launch:
    """Elasticsearch's configuration is written for these ports; its data stays as it is."""
    home = elasticsearch_home(console)
    config, temporary = place.directory / "config", place.directory / "tmp"
    shutil.rmtree(temporary, ignore_errors=True)
    for folder in (config / "jvm.options.d", temporary):
        folder.mkdir(parents=True, exist_ok=True)
    values = {"http": taken["http"], "transport": taken["transport"], "directory": json.dumps(str(place.directory))[1:-1]}
    kind = "open" if place.security is None else "secured"
    parts = (CONFIG / "elasticsearch.yml", CONFIG / f"elasticsearch-{kind}.yml")
    (config / "elasticsearch.yml").write_text("".join(part.read_text() for part in parts) % values)
    if place.security is not None:
        place.security.install_in_elasticsearch(config)
    (config / "log4j2.properties").write_text((CONFIG / "log4j2.properties").read_text())
    (config / "jvm.options").write_text(_jvm_options(home))
    # Hashing terms is a walk through memory at random: with pages of 2 MiB it takes 6 % less CPU (measured).
    options = [f"-Xms{ELASTICSEARCH_HEAP_MIB}m", f"-Xmx{ELASTICSEARCH_HEAP_MIB}m", "-XX:+UseTransparentHugePages"]
    (config / "jvm.options.d" / "rafid.options").write_text("\n".join([*options, f"-D{place.mark}"]) + "\n")
    own(place.directory)
    java = java_home()
    class_path = os.pathsep.join((f"{home}/lib/*", f"{home}/lib/cli-launcher/*"))
    # What bin/elasticsearch does, less the shell and the variables that it reads; it must be started in its home.
    command = [str(java / "bin" / "java"), "-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", f"-D{place.mark}"]
    command += ["-Dcli.name=server", "-Dcli.script=elasticsearch", "-Dcli.libs=lib/tools/server-cli"]
    command += [f"-Des.path.home={home}", f"-Des.path.conf={config}", "-Des.distribution.type=zip", "-Des.java.type=ES_JAVA_HOME"]
    command += ["-cp", class_path, "org.elasticsearch.launcher.CliToolLauncher"]
    return Launch(command, home, _environment() | {"ES_TMPDIR": str(temporary), "ES_JAVA_HOME": str(java)})


def _jvm_options(home: Path) -> str:
    """The product's options, less a module that our runtime lacks, and less its logs and dumps of gigabytes."""
    unwanted = ("--add-modules=jdk.incubator.vector", "-XX:+HeapDumpOnOutOfMemoryError", "-Xlog:gc")
    lines = (home / "config" / "jvm.options").read_text().splitlines(keepends=True)
    return "".join(line for line in lines if line.startswith("#") or not any(option in line for option in unwanted))


def elasticsearch_answers(place: ServerFiles, taken: dict[str, int]) -> bool:
    """Whether our server, and not another that took its port, has every primary shard, so that searches find what they need."""
    asked = Asked(elasticsearch_address(place, taken), place.security)
    try:
        asked.get("/_cluster/health?wait_for_status=yellow&timeout=1s")  # other states are answered with an error
        nodes = asked.get("/_nodes/_local/process")["nodes"].values()
    except (OSError, http.client.HTTPException):
        return False
    return bool({node["process"]["id"] for node in nodes} & {process.pid for process in processes.find(place.mark)})


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """An Elasticsearch of ours, asked as its administrator where it lets in nobody else."""

    url: str
    security: Security | None

    def get(self, path: str) -> Any:
        """Returns the answer, decoded; raises OSError or HTTPException for any other."""
        request, context = urllib.request.Request(self.url + path), None  # noqa: S310 - ours
        if self.security is not None:
            request.add_header("Authorization", self.security.basic())
            context = self.security.trust()
        with urllib.request.urlopen(request, timeout=5, context=context) as answer:  # noqa: S310 - ours
            return json.load(answer)


def elasticsearch_address(place: ServerFiles, taken: dict[str, int]) -> str:
    """The URL of the REST API."""
    return f"{'http' if place.security is None else 'https'}://127.0.0.1:{taken['http']}"


def own(directory: Path) -> None:
    """The servers' user may write to the folder and to all in it that it does not own yet."""
    user = service_user()
    if user is None:
        return
    try:
        for path in (directory, *directory.rglob("*")):
            if path.lstat().st_uid != user[0]:
                os.chown(path, *user, follow_symlinks=False)
    except PermissionError as exc:
        raise not_allowed(exc) from exc


def failure(server: Server, place: ServerFiles, what: str) -> RafidError:
    """The error for a server that did not come up: what it said last, and where the rest is."""
    return RafidError(f"{server.title} {what}: {last_line(place.log)}; the whole log is {place.log}")


def last_line(log: Path) -> str:
    """What a log says last that tells of an error, else its last line."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    telling = [line for line in lines if ("Exception" in line or "rror" in line) and not line.startswith("at ")]
    return (telling or lines or ["it said nothing"])[-1][:300]


def _environment() -> dict[str, str]:
    """Nothing of ours but the path: a JAVA_TOOL_OPTIONS or ES_JAVA_OPTS of the user's is meant for other servers."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"}


def _version(role: str, name: str) -> str:
    return next(artifact.version for artifact in artifacts(role) if artifact.name == name)


KAFKA = Server(
    "kafka",
    f"Kafka {_version('kafka', 'kafka-server')}",
    1,
    kafka_class_path,
    configure_kafka,
    kafka_answers,
    kafka_address,
)
ELASTICSEARCH = Server(
    "elasticsearch",
    f"Elasticsearch {_version('elasticsearch', 'elasticsearch')}",
    2,  # the launcher, and the server that it starts
    elasticsearch_home,
    configure_elasticsearch,
    elasticsearch_answers,
    elasticsearch_address,
)
SERVERS = (KAFKA, ELASTICSEARCH)
