"""Elasticsearch: its configuration as a node that is alone or one of a cluster, and how one knows that it answers."""

from __future__ import annotations

import dataclasses
import http.client
import json
import os
import shutil
import urllib.request
from pathlib import Path
from typing import Any, ClassVar

from rich.console import Console

from deploy.local import processes
from deploy.local.distribution import elasticsearch_home, java_home
from deploy.local.security import Security
from deploy.local.servers import CONFIG, Heaps, Launch, Server, ServerFiles, clean_environment, own, version


class ElasticsearchServer(Server):
    """A node with every role; several of them are one cluster."""

    kind: ClassVar[str] = "elasticsearch"
    product: ClassVar[str] = f"Elasticsearch {version('elasticsearch', 'elasticsearch')}"
    processes: ClassVar[int] = 2  # the launcher, and the server that it starts
    uses: ClassVar[dict[str, int]] = {"http": 19200, "transport": 19300}
    heaps_mib: ClassVar[Heaps] = Heaps(alone=1024, in_cluster=640, beside=376)  # measured: 1.3 GB resident with a heap of 1024

    def fetch(self, console: Console) -> object:
        """Puts its distribution on this machine, unpacked and with our plugin, unless it is there."""
        return elasticsearch_home(console)

    def configure(self, files: ServerFiles, taken: dict[str, int], console: Console) -> Launch:
        """Writes its configuration for these ports and returns how to start it; its data stays as it is."""
        home = elasticsearch_home(console)
        config, temporary = files.directory / "config", files.directory / "tmp"
        shutil.rmtree(temporary, ignore_errors=True)
        for folder in (config / "jvm.options.d", temporary):
            folder.mkdir(parents=True, exist_ok=True)
        kind = "open" if files.security is None else "secured"
        parts = (CONFIG / "elasticsearch.yml", CONFIG / f"elasticsearch-{kind}.yml")
        text = "".join(part.read_text() for part in parts) % self._values(files, taken)
        (config / "elasticsearch.yml").write_text(text)
        if files.security is not None:
            files.security.install_in_elasticsearch(config)
        (config / "log4j2.properties").write_text((CONFIG / "log4j2.properties").read_text())
        (config / "jvm.options").write_text(_jvm_options(home))
        # Hashing terms is a walk through memory at random: with pages of 2 MiB it takes 6 % less CPU (measured).
        options = [f"-Xms{self.heap_mib}m", f"-Xmx{self.heap_mib}m", "-XX:+UseTransparentHugePages", f"-D{files.mark}"]
        (config / "jvm.options.d" / "rafid.options").write_text("\n".join(options) + "\n")
        own(files.directory)
        return _launch(home, config, temporary, files.mark)

    def _values(self, files: ServerFiles, taken: dict[str, int]) -> dict[str, Any]:
        return {
            "node": self.name if self.of > 1 else "local",
            "http": self.port(taken, "http"),
            "transport": self.port(taken, "transport"),
            "directory": json.dumps(str(files.directory))[1:-1],
            "discovery": self._discovery(taken),
        }

    def _discovery(self, taken: dict[str, int]) -> str:
        """Returns how it finds the others; the first masters are heeded only while none of them has data."""
        if self.of == 1:
            return "discovery.type: single-node"
        seeds = [f"127.0.0.1:{peer.port(taken, 'transport')}" for peer in self.peers()]
        masters = [peer.name for peer in self.peers()]
        return f"discovery.seed_hosts: {json.dumps(seeds)}\ncluster.initial_master_nodes: {json.dumps(masters)}"

    def answers(self, files: ServerFiles, taken: dict[str, int]) -> bool:
        """Tells whether our server, and not another at its port, has every primary shard, so that searches find all."""
        asked = Asked(self.address(files, taken), files.security)
        try:
            asked.get("/_cluster/health?wait_for_status=yellow&timeout=1s")  # other states are answered with an error
            nodes = asked.get("/_nodes/_local/process")["nodes"].values()
        except (OSError, http.client.HTTPException):
            return False
        return bool({node["process"]["id"] for node in nodes} & {process.pid for process in processes.find(files.mark)})

    def address(self, files: ServerFiles, taken: dict[str, int]) -> str:
        """Returns the URL of the REST API."""
        return f"{'http' if files.security is None else 'https'}://127.0.0.1:{self.port(taken, 'http')}"


def _launch(home: Path, config: Path, temporary: Path, mark: str) -> Launch:
    """Returns what bin/elasticsearch does, less the shell and the variables that it reads; it must be started in its home."""
    java = java_home()
    class_path = os.pathsep.join((f"{home}/lib/*", f"{home}/lib/cli-launcher/*"))
    command = [str(java / "bin" / "java"), "-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", f"-D{mark}"]
    command += ["-Dcli.name=server", "-Dcli.script=elasticsearch", "-Dcli.libs=lib/tools/server-cli"]
    command += [f"-Des.path.home={home}", f"-Des.path.conf={config}", "-Des.distribution.type=zip", "-Des.java.type=ES_JAVA_HOME"]
    command += ["-cp", class_path, "org.elasticsearch.launcher.CliToolLauncher"]
    return Launch(command, home, clean_environment() | {"ES_TMPDIR": str(temporary), "ES_JAVA_HOME": str(java)})


def _jvm_options(home: Path) -> str:
    """Returns the product's options, less a module that our runtime lacks, and less its logs and dumps of gigabytes."""
    unwanted = ("--add-modules=jdk.incubator.vector", "-XX:+HeapDumpOnOutOfMemoryError", "-Xlog:gc")
    lines = (home / "config" / "jvm.options").read_text().splitlines(keepends=True)
    return "".join(line for line in lines if line.startswith("#") or not any(option in line for option in unwanted))


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
