"""What every request passes and every answer carries: known hosts, identity, rates, headers. Plain ASGI, nothing buffered."""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

import orjson
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deploy.console.guard.access import VISITOR, Access, Identity
from deploy.console.guard.limits import Buckets

# Nothing from other hosts, nothing inline, in nobody's frame.
POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS: Final = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
OPEN_TO_ALL: Final = ("/static/", "/login", "/healthz")
LOGIN_RATE, LOGIN_BURST = 0.1, 5.0  # a try each ten seconds after the first five
LONGEST_QUERY_BYTES: Final = 32_768


class Guard:
    """The gate before the app: answers 400, 401, 414, 421 and 429 itself, and gives the app `scope["identity"]`."""

    def __init__(
        self,
        app: ASGIApp,
        access: Access,
        *,
        hosts: frozenset[str],
        rate: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app, self._access, self._hosts, self._clock = app, access, hosts, clock
        self._buckets = Buckets(rate, 4 * rate) if rate else None
        self._logins = Buckets(LOGIN_RATE, LOGIN_BURST)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on, or answers it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        visitor = "" if request.cookies.get(VISITOR) else secrets.token_urlsafe(16)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
                if visitor and headers.get("content-type", "").startswith("text/html"):
                    headers.append("set-cookie", f"{VISITOR}={visitor}; HttpOnly; SameSite=Strict; Path=/")
            await send(message)

        scope["visitor"] = visitor or request.cookies[VISITOR]  # the forms of an answer are bound to the cookie that it sets
        answer = self._refusal(request)
        await (answer or self._app)(scope, receive, with_headers)

    def _refusal(self, request: Request) -> Response | None:
        host = request.headers.get("host", "").rpartition("@")[2].lower()
        name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
        if self._hosts and name not in self._hosts:
            return _refused(request, 421, "this server does not answer to that host name")
        if len(request.scope["query_string"]) > LONGEST_QUERY_BYTES:
            return _refused(request, 414, "the address is too long")
        if wait_s := self._wait_s(request):
            return _refused(request, 429, "too many requests", {"retry-after": str(math.ceil(wait_s))})
        identity = self._access.identify(request)
        request.scope["identity"] = identity
        path = request.url.path
        if identity is None and not path.startswith(OPEN_TO_ALL):
            if path.startswith("/api/") or not self._access.has_tokens:
                return _refused(request, 401, "a login is needed", {"www-authenticate": "Bearer"})
            back = path + (f"?{request.url.query}" if request.url.query else "")
            return RedirectResponse(f"/login?next={quote(back, safe='')}", 303)
        return None

    def _wait_s(self, request: Request) -> float:
        client = request.client.host if request.client else ""
        if request.method == "POST" and request.url.path == "/login":
            return self._logins.wait_s(client, self._clock())
        if self._buckets is None or request.url.path.startswith("/static/"):
            return 0.0
        return self._buckets.wait_s(client, self._clock())


def identity_of(request: Request) -> Identity:
    """Returns who asks, as the gate found; a reader without a name where the path is open to all."""
    found: Identity | None = request.scope.get("identity")
    return found or Identity("", "reader", request.scope["visitor"])


def _refused(request: Request, status: int, why: str, headers: dict[str, Any] | None = None) -> Response:
    if request.url.path.startswith("/api/"):
        return Response(orjson.dumps({"error": why}), status, headers, "application/json")
    return PlainTextResponse(why + "\n", status, headers)
