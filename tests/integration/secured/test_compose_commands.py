"""What compose.yaml has our services run, with its environment and in its order, on a secured stack, until pages are found."""

from __future__ import annotations

import base64
import contextlib
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from deploy.security.certificates import HOSTS, Authority
from indexing.elastic.settings import ElasticSettings
from indexing.generations.names import names
from tests.integration.secured.conftest import Secured, without_ours
from tests.support.scripted_kibana import ScriptedKibana, scripted_kibana
from tests.support.servers import ROOT, wait_until
from tests.support.web.articles import article
from tests.support.web.server import Web, web

SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "deploy/compose/compose.yaml").read_text())["services"]
OURS = {name: service for name, service in SERVICES.items() if "RAFID_IMAGE" in service["image"] and "profiles" not in service}
FEED = "<rss version='2.0'><channel><title>x</title><item><title>t</title><link>{}</link></item></channel></rss>"
PUSHED = {"url": "https://madar.example/1", "title": "افتتاح جسر", "text": "أعلنت بلدية العين الزرقاء افتتاح جسر المشاة الجديد."}
SECRET = "a-secret-of-every-login"
NAMESPACE = "composed"  # beside what the other tests of this stack do
DEADLINE_S = 240  # seconds; nine processes that start at once on a small machine


class Composed:
    """Our services as processes of this machine: a port of its own stands for each port of each container."""

    def __init__(self, stack: Secured, kibana: ScriptedKibana, site: Web, folder: Path) -> None:
        self.folder, admin = folder, stack.security.elastic_admin(stack.variables("index")["RAFID_ELASTICSEARCH"])
        (folder / "sources.toml").write_text(
            f"contact = 'https://contact.example/'\n[[source]]\nname = 'site'\nfeeds = ['{site.url('/rss.xml')}']\n"
        )
        self._places = {
            "kafka:9092": stack.kafka_admin.servers,
            "https://elasticsearch:9200": admin.urls,
            "https://kibana:5601": kibana.url,
            "rafid-": f"rafid-{NAMESPACE}-",
            "/etc/rafid/": f"{folder}/",
            "0.0.0.0": "127.0.0.1",
        }
        # The local stack's own administrator stands for the product's.
        self._administrator = {"RAFID_ELASTICSEARCH_USER": str(admin.user), "RAFID_ELASTICSEARCH_PASSWORD": str(admin.password)}
        self._ports: dict[tuple[str, str], int] = {}
        self._own = {"RAFID_NAMESPACE": NAMESPACE, "RAFID_FETCH_ALLOW": f"{site.address}:{site.port}"}

    def port(self, service: str, port: str) -> int:
        """The port of this machine for one of a service's container."""
        if (service, port) not in self._ports:
            with socket.create_server(("127.0.0.1", 0)) as free:
                self._ports[service, port] = int(free.getsockname()[1])
        return self._ports[service, port]

    def environment(self, name: str) -> dict[str, str]:
        """The variables of a service, with the places of this machine."""
        given = {variable: self._placed(str(value), name) for variable, value in OURS[name].get("environment", {}).items()}
        if OURS[name].get("environment", {}).get("RAFID_ELASTICSEARCH_USER") == "elastic":
            given |= self._administrator
        if "RAFID_METRICS_PORT" in given:
            given["RAFID_METRICS_PORT"] = str(self.port(name, given["RAFID_METRICS_PORT"]))
        listens = {"RAFID_CONSOLE_PORT": self.port(name, "8420"), "RAFID_SERVE_PORT": self.port(name, "8710")}
        state = {"RAFID_STATE": str(self.folder / name)}
        return without_ours() | self._own | state | given | {variable: str(port) for variable, port in listens.items()}

    def command(self, name: str) -> list[str]:
        """What the entry point of the image is called with."""
        return [sys.executable, "-m", "rafid", *(self._placed(word, name) for word in OURS[name]["command"])]

    def is_answering(self, name: str, process: subprocess.Popen[bytes]) -> bool:
        """Whether the service answers on its port of metrics, asked without a process of its own each time."""
        assert process.poll() is None, self.log(name)
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"http://127.0.0.1:{self.port(name, '9400')}/readyz", timeout=5).status_code == 200
        return False

    def check_health(self, name: str) -> None:
        """Runs the service's own health check, which passes."""
        _, python, *words = OURS[name]["healthcheck"]["test"]
        assert python == "python"
        words = [re.sub(r":(9400|8420|8710)\b", lambda port: f":{self.port(name, port[1])}", word) for word in words]
        done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, f"{name}: {done.stderr[-500:]}"

    def _placed(self, text: str, name: str) -> str:
        mounted = (volume.split(":")[:2] for volume in OURS[name].get("volumes", ()))
        tls = {inside: f"{self.folder}/{volume.replace('-', '/', 1)}" for volume, inside in mounted if inside == "/tls"}
        for inside, here in (self._places | (tls or {"/tls": f"{self.folder}/tls"})).items():
            text = text.replace(inside, here)
        return re.sub(r"\$\{\w+(?::-(\w+)|:\?)\}", lambda variable: variable[1] or SECRET, text)

    @contextlib.contextmanager
    def up(self) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
        """Jobs are run to their end and services started, in the order of what depends on what; all end well."""
        order = TopologicalSorter({name: set(service.get("depends_on", ())) for name, service in SERVICES.items()})
        running: dict[str, subprocess.Popen[bytes]] = {}
        try:
            for name in order.static_order():
                if name in OURS:
                    self._start(name, running)
            yield running
        finally:
            for process in running.values():
                process.terminate()
            codes = {name: process.wait(60) for name, process in running.items()}
        assert set(codes.values()) == {0}, {name: self.log(name) for name, code in codes.items() if code}

    def search(self, words: str) -> str:
        """What the console answers a reader."""
        headers = {"Authorization": f"Bearer {SECRET}", "Host": "localhost"}
        address = f"http://127.0.0.1:{self.port('console', '8420')}/api/search"
        return httpx.get(address, params={"q": words}, headers=headers, timeout=30).text

    def sources(self) -> set[str]:
        """The sources of all documents that the console's own login finds."""
        given = self.environment("console")
        login = {name: given[f"RAFID_ELASTICSEARCH_{name.upper()}"] for name in ("user", "password", "ca")}
        with ElasticSettings(given["RAFID_ELASTICSEARCH"], **login).client() as client:
            # While an index is being made it cannot be searched: 503.
            seeking = client.options(ignore_status=503)
            found = seeking.search(index=names(NAMESPACE).everything, size=10, ignore_unavailable=True).body
            return {hit["_source"]["source"] for hit in found.get("hits", {}).get("hits", ())}

    def _start(self, name: str, running: dict[str, subprocess.Popen[bytes]]) -> None:
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                self.command(name), env=self.environment(name), cwd=self.folder, stdout=log, stderr=subprocess.STDOUT
            )
        if OURS[name]["restart"] == "no":
            assert process.wait(120) == 0, self.log(name)
        else:
            running[name] = process

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()[-2_000:]


@pytest.fixture
def site() -> Iterator[Web]:
    with web() as server:
        server.on("/robots.txt", "", status=404)
        server.on("/rss.xml", FEED.format(server.url("/n/1")))
        server.on("/n/1", article(1, "السلام"))
        yield server


@pytest.fixture
def authority(secured: Secured, tmp_path: Path) -> Path:
    """The folder of the job that makes certificates, with the authority that the stack's servers trust."""
    folder = tmp_path / "tls"
    (folder / "ca").mkdir(parents=True)
    for name in ("ca.pem", "ca.key"):
        shutil.copy(secured.security.directory / name, folder / "ca")
    return folder


@pytest.mark.timeout(600)
def test_the_services_bring_pages_of_feeds_and_pushed_ones_to_searches(
    secured: Secured, authority: Path, site: Web, tmp_path: Path
) -> None:
    server = Authority(authority / "ca").certificate("rafid-kibana", "kibana", *HOSTS)
    login = "Basic " + base64.b64encode(f"rafid-{NAMESPACE}-dashboards:{SECRET}".encode()).decode()
    with scripted_kibana(server.both, authorization=login) as kibana:
        composed = Composed(secured, kibana, site, tmp_path)
        with composed.up() as running:
            assert kibana.objects  # the job of the dashboards came before
            for name, process in running.items():
                wait_until(partial(composed.is_answering, name, process), f"{name} answers", DEADLINE_S)
                composed.check_health(name)
            answer = httpx.post(
                f"http://127.0.0.1:{composed.port('push', '8710')}/pages",
                json=PUSHED,
                headers={"Authorization": f"Bearer {SECRET}"},
                timeout=60,
            )
            assert answer.status_code == 200, answer.text
            wait_until(lambda: composed.sources() >= {"site", "madar.example"}, "both pages are searchable", DEADLINE_S)
            wait_until(lambda: "افتتاح جسر" in composed.search("جسر"), "the console finds the pushed page", DEADLINE_S)
