"""A request and its answer over ASGI, without a framework between: push has five addresses, and answers JSON."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

import orjson

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class CutOff(Exception):
    """The client went away before its body had come."""


class Request:
    """One request; `header` is asked by names in lower case."""

    __slots__ = ("_headers", "_receive")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._headers: dict[bytes, bytes] = dict(scope["headers"])
        self._receive = receive

    def header(self, name: bytes) -> str:
        """Returns the last header of this name; empty when there is none."""
        return self._headers.get(name, b"").decode("latin-1")

    async def part(self) -> tuple[bytes, bool]:
        """Returns the next part of the body, and whether more follows; raises CutOff."""
        message = await self._receive()
        if message["type"] != "http.request":
            raise CutOff
        return message.get("body", b""), message.get("more_body", False)


class Response:
    """A status, what JSON holds, and headers beside those of every answer."""

    __slots__ = ("content", "headers", "status")

    def __init__(self, content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        self.content, self.status, self.headers = content, status, headers or {}

    async def send(self, send: Send) -> None:
        """Sends the answer."""
        body = orjson.dumps(self.content)
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        headers += [(name.lower().encode(), value.encode()) for name, value in self.headers.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
