"""A real HTTP or HTTPS server in a thread: paths answered by functions that may say anything to the socket."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import socket
import ssl
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

import aiohttp.abc
import trustme


@dataclasses.dataclass(frozen=True, slots=True)
class Request:
    """One request as it came: `url` is path and query, header names are in lower case, `at` is monotonic."""

    host: str
    url: str
    headers: Mapping[str, str]
    at: float


Handler = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]


class Web:
    """Answers requests by `host + path` first, by path else; keeps what was asked in `requests`."""

    def __init__(self, address: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self.handlers: dict[str, Handler] = {}
        self.requests: list[Request] = []
        self.address = address
        self.port = 0
        self._tls = tls
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def url(self, path: str, host: str | None = None) -> str:
        scheme = "https" if self._tls else "http"
        return f"{scheme}://{host or self.address}:{self.port}{path}"

    def on(self, path: str, answer: bytes | str | Handler, *, status: int = 200, **headers: str) -> None:
        """Sets what a path answers: a body, or a function that writes to the socket itself."""
        self.handlers[path] = answer if callable(answer) else plain(answer, status=status, **headers)

    def asked(self, path: str) -> list[Request]:
        return [request for request in self.requests if request.url.partition("?")[0] == path]

    def start(self) -> None:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, self.address, 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        self._server.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
                host = headers.get("host", "").rpartition(":")[0] or headers.get("host", "")
                request = Request(host, lines[0].split(" ")[1], headers, time.monotonic())
                self.requests.append(request)
                path = request.url.partition("?")[0]
                handler = self.handlers.get(host + path) or self.handlers.get(path) or plain("no such page", status=404)
                await handler(request, writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(OSError, ssl.SSLError):
                await writer.wait_closed()


def plain(body: bytes | str, *, status: int = 200, **headers: str) -> Handler:
    """An ordinary answer; header names are written with `_` for `-`."""
    data = body.encode() if isinstance(body, str) else body
    fields = {"Content-Type": "text/html; charset=utf-8", **{name.replace("_", "-"): value for name, value in headers.items()}}
    length = "" if status == 304 else f"Content-Length: {len(data)}\r\n"
    head = f"HTTP/1.1 {status} X\r\n{length}" + "".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n"

    async def answer(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(head.encode() + data)

    return answer


def raw(*pieces: bytes, pause_s: float = 0.0, closes: bool = True) -> Handler:
    """These bytes and then the end of the connection, whatever they are."""

    async def answer(_request: Request, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause_s)
        if closes:
            writer.close()

    return answer


def endless(piece: bytes, pause_s: float = 0.0) -> Handler:
    """A body that never ends."""

    async def answer(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n")
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause_s)

    return answer


def redirect(target: str | bytes, status: int = 302) -> Handler:
    """A redirect; as bytes the target is sent as it stands."""
    data = target.encode() if isinstance(target, str) else target
    return raw(b"HTTP/1.1 %d Found\r\nContent-Length: 0\r\nConnection: close\r\nLocation: %s\r\n\r\n" % (status, data))


class Names(aiohttp.abc.AbstractResolver):
    """Resolves invented names to loopback addresses; a list of addresses is given out one a look-up, the last for ever."""

    def __init__(self, names: Mapping[str, str | list[str]], default: str | None = None) -> None:
        self._names = {name: [answer] if isinstance(answer, str) else list(answer) for name, answer in names.items()}
        self._default = default

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[Any]:
        answers = self._names.get(host) or ([self._default] if self._default else [])
        if not answers:
            raise OSError(f"no such name: {host}")
        address = answers.pop(0) if len(answers) > 1 else answers[0]
        assert address is not None
        return [{"hostname": host, "host": address, "port": port, "family": socket.AF_INET, "proto": 0, "flags": 0}]

    async def close(self) -> None:
        pass


@contextlib.contextmanager
def web(address: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> Iterator[Web]:
    """A running Web on a free port of this address."""
    server = Web(address, tls)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@dataclasses.dataclass(frozen=True, slots=True)
class Certificates:
    """Contexts of a certificate authority made for the test."""

    server: ssl.SSLContext
    client: ssl.SSLContext


def certificates(*names: str) -> Certificates:
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    return Certificates(server, client)
