"""Kafka: its configuration as a broker that is alone or one of a cluster, and how one knows that it answers."""

from __future__ import annotations

import base64
import logging
import shutil
import uuid
from pathlib import Path
from typing import ClassVar

from kafka import KafkaAdminClient
from kafka.errors import KafkaError
from rich.console import Console

from deploy.local import ports, processes
from deploy.local.distribution import java_home, kafka_class_path
from deploy.local.resources import service_user
from deploy.local.servers import CONFIG, Heaps, Launch, Server, ServerFiles, clean_environment, last_line, own, version
from streams.connect.kafka import KafkaSettings
from streams.connect.replication import replication
from streams.errors import RafidError


class KafkaServer(Server):
    """A broker that is a controller, too; several of them are one cluster."""

    kind: ClassVar[str] = "kafka"
    product: ClassVar[str] = f"Kafka {version('kafka', 'kafka-server')}"
    processes: ClassVar[int] = 1
    uses: ClassVar[dict[str, int]] = {"kafka": 19092, "controller": 19093, "kafka_tls": 19094}
    # Several share this machine, and each leads a part of the partitions; measured: 330-460 MB resident with a heap of 512.
    heaps_mib: ClassVar[Heaps] = Heaps(alone=512, in_cluster=320, beside=128)

    def fetch(self, console: Console) -> object:
        """Puts its jars on this machine, unless they are there."""
        return kafka_class_path(console)

    def configure(self, files: ServerFiles, taken: dict[str, int], console: Console) -> Launch:
        """Writes its configuration for these ports and returns how to start it; formats its log directory if it never was."""
        properties, data = files.directory / "server.properties", files.directory / "data"
        logging_config = files.directory / "log4j2.properties"
        values = self._values(taken) | {"data": str(data)}
        kind = "open" if files.security is None else "secured"
        if files.security is not None:
            values |= files.security.install_in_kafka(files.directory)
        parts = (CONFIG / "server.properties", CONFIG / f"server-{kind}.properties")
        properties.write_text("".join(part.read_text() for part in parts) % values)
        shutil.copy(CONFIG / "log4j2.properties", logging_config)
        java = [str(java_home() / "bin" / "java"), "-cp", kafka_class_path(console)]
        java += [f"-Dlog4j2.configurationFile={logging_config}"]
        own(files.directory)
        if not (data / "meta.properties").exists():
            _format(java, properties, files)
        heap = [f"-Xms{self.heap_mib // 2}m", f"-Xmx{self.heap_mib}m", "-XX:+UseG1GC", "-XX:+ExitOnOutOfMemoryError"]
        return Launch([*java, *heap, f"-D{files.mark}", "kafka.Kafka", str(properties)], files.directory, clean_environment())

    def _values(self, taken: dict[str, int]) -> dict[str, str]:
        replicas = replication(self.of)
        voters = ",".join(f"{peer.number}@127.0.0.1:{peer.port(taken, 'controller')}" for peer in self.peers())
        return {use: str(self.port(taken, use)) for use in self.uses} | {
            "number": str(self.number),
            "voters": voters,
            "replicas": str(replicas.factor),
            "in_sync": str(replicas.in_sync),
        }

    def answers(self, files: ServerFiles, taken: dict[str, int]) -> bool:
        """Tells whether our broker, and not another that took its port, is registered and tells its cluster."""
        if ports.is_free(self.port(taken, "kafka")):
            return False  # asking the client would cost it its patience, and us sockets that it does not close
        logger = logging.getLogger("kafka")
        level = logger.level
        logger.setLevel(logging.CRITICAL)  # a broker that is not up yet is no news here
        try:
            admin = KafkaAdminClient(**self._login(files, taken).client(), bootstrap_timeout_ms=1000, request_timeout_ms=5000)
            try:
                cluster = admin.describe_cluster()
            finally:
                admin.close()
            formatted = (files.directory / "data" / "meta.properties").read_text().split()
            registered = self.number in {broker["broker_id"] for broker in cluster["brokers"]}
            return registered and f"cluster.id={cluster['cluster_id']}" in formatted
        except (KafkaError, OSError):
            return False
        finally:
            logger.setLevel(level)

    def _login(self, files: ServerFiles, taken: dict[str, int]) -> KafkaSettings:
        if files.security is None:
            return KafkaSettings(self.address(files, taken))
        return files.security.admin(self.tls_address(taken))

    def address(self, _files: ServerFiles, taken: dict[str, int]) -> str:
        """Returns what clients bootstrap from; they log in there by a password where the stack is secured."""
        return f"127.0.0.1:{self.port(taken, 'kafka')}"

    def tls_address(self, taken: dict[str, int]) -> str:
        """Returns where clients of a secured stack log in by a certificate."""
        return f"127.0.0.1:{self.port(taken, 'kafka_tls')}"


def _format(java: list[str], properties: Path, files: ServerFiles) -> None:
    # The first byte keeps the id from beginning with a dash, which would be read as an option.
    cluster = base64.urlsafe_b64encode(b"\0" + uuid.UUID(files.cluster).bytes[1:]).decode().rstrip("=")
    command = [*java, "kafka.tools.StorageTool", "format", "-g", "-t", cluster, "-c", str(properties)]
    formatted = processes.run(command, directory=files.directory, environment=clean_environment(), as_user=service_user())
    if formatted.returncode != 0:
        files.log.write_text(formatted.stdout + formatted.stderr)
        raise RafidError(f"Kafka's log directory could not be formatted: {last_line(files.log)}; the whole log is {files.log}")
