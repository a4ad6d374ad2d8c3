"""The console's process: settings checked, clients made, a server on its port until it is told to stop."""

from __future__ import annotations

import contextlib
import dataclasses
import ipaddress
import signal
import socket
import zoneinfo
from pathlib import Path

import click
import uvicorn

from deploy.console.app import console
from deploy.console.guard.access import Access, Proxy, Role, read_tokens, tokens_of_logins
from deploy.console.readers import Readers
from deploy.console.reads.index import ANSWER_S, CONNECTIONS, Index
from deploy.console.reads.page_log import PageLog
from indexing.elastic.settings import ElasticSettings
from indexing.generations.names import names
from streams.connect.kafka import KafkaSettings
from streams.errors import RafidError
from streams.runtime.lifecycle import Process
from streams.split.markers import MalformedRules
from streams.split.rules import SourceRules, read_rules

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
STOP_S = 3


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The options of the command, as they were given."""

    host: str
    port: int
    host_names: tuple[str, ...] = ()
    tokens: Path | None = None
    logins: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    proxy_header: str = "X-Forwarded-User"
    proxy_users: tuple[tuple[str, str], ...] = ()
    loopback_role: str = "reader"
    rate: float = 50
    timezone: str = "UTC"


def serve(settings: Settings, process: Process, kafka: KafkaSettings, elastic: ElasticSettings, rules: str = "") -> None:
    """Serves until SIGTERM or SIGINT. Raises RafidError for settings that are not safe or not possible."""
    access, zone = access_of(settings), zone_of(settings.timezone)
    client = elastic.client(request_timeout=ANSWER_S, connections_per_node=CONNECTIONS)
    readers = Readers(kafka, elastic, Index(client, names(kafka.namespace)), PageLog(kafka), _rules(rules), access)
    app = console(readers, zone, hosts_of(settings), settings.rate, process)
    listening = _listen(settings)
    config = uvicorn.Config(
        app,
        http="httptools",
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_S,
        limit_concurrency=500,
    )
    server = uvicorn.Server(config)
    # uvicorn hears signals while it runs, and raises them once more when it has stopped: before that, they must not be missed.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: setattr(server, "should_exit", True))
    with listening, contextlib.closing(process):
        process.start()
        click.echo(f"console at {_address(settings, listening)}", err=True)
        server.run([listening])


def access_of(settings: Settings) -> Access:
    """Returns who may ask. Raises RafidError when the address is not loopback and no login is asked for."""
    tokens = (*tokens_of_logins(settings.logins), *(read_tokens(settings.tokens) if settings.tokens else ()))
    proxy = _proxy(settings) if settings.proxies else None
    if not (tokens or proxy) and not is_loopback(settings.host):
        raise RafidError(f"{settings.host} is no loopback address: give --tokens FILE, a --login, or --proxy with --proxy-user")
    if settings.proxy_users and not settings.proxies:
        raise RafidError("--proxy-user needs --proxy: without it the header could come from anybody")
    return Access(tokens, proxy, _role(settings.loopback_role))


def is_loopback(host: str) -> bool:
    """Tells whether only this machine can reach a server on this address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def hosts_of(settings: Settings) -> frozenset[str]:
    """Returns the host names that are answered to: a page of another name that leads here is not ours. Empty for all."""
    own = [settings.host if ":" not in settings.host else f"[{settings.host}]"]
    if is_loopback(settings.host):
        return frozenset(map(str.lower, (*LOOPBACK_NAMES, *own, *settings.host_names)))
    return frozenset(map(str.lower, (*own, *LOOPBACK_NAMES, *settings.host_names))) if settings.host_names else frozenset()


def zone_of(name: str) -> zoneinfo.ZoneInfo:
    """Returns the time zone of this name. Raises RafidError for an unknown one."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise RafidError(f"{name!r} is no time zone that this machine knows: give one such as Asia/Beirut") from None


def _proxy(settings: Settings) -> Proxy:
    try:
        networks = tuple(ipaddress.ip_network(text) for text in settings.proxies)
    except ValueError as exc:
        raise RafidError(f"--proxy: {exc}") from None
    if not settings.proxy_users:
        raise RafidError("--proxy needs --proxy-user NAME:ROLE, or nobody could come in")
    return Proxy(networks, settings.proxy_header, {name: _role(role) for name, role in settings.proxy_users})


def _role(text: str) -> Role:
    return "operator" if text == "operator" else "reader"


def _rules(text: str) -> dict[str, SourceRules]:
    try:
        return read_rules(text) if text else {}
    except MalformedRules as exc:
        raise RafidError(f"--rules: {exc}") from None


def _listen(settings: Settings) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
    except OSError as exc:
        raise RafidError(f"cannot listen on {settings.host}:{settings.port} ({exc.strerror}): give another --port") from None
    return listening


def _address(settings: Settings, listening: socket.socket) -> str:
    port = listening.getsockname()[1]
    return f"http://{f'[{settings.host}]' if ':' in settings.host else settings.host}:{port}/"
