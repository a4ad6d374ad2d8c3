"""One URL to its answer over aiohttp: each redirect followed by hand, each address checked as it is connected to.

The check sits in `socket_factory`, which sees the address of every socket: of names, of literals in any spelling, of each
redirect, and of a name that answers otherwise the second time. A resolver sees no literal.
"""

from __future__ import annotations

import asyncio
import contextvars
import dataclasses
import http.cookies
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from producers.fetch.addresses import Endpoint, forbidden
from producers.fetch.decompression import decompressed
from producers.fetch.failures import Failure, FetchFailed, failure_of_status
from producers.fetch.waiting import retry_after_s

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ANSWERS = frozenset({200, 203, 304})
_CHUNK_BYTES = 64 * 1024
_MAX_HEADER_BYTES = 65_536  # policies and cookies of 12 KB are in use; aiohttp refuses 8,190 by default
_MAX_URL_CHARACTERS = 8_192
_ASCII_URL = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
_allowed_hop: contextvars.ContextVar[bool] = contextvars.ContextVar("allowed_hop", default=False)

Admission = Callable[[str], AbstractAsyncContextManager[None]]


@dataclasses.dataclass(frozen=True, slots=True)
class Limits:
    """What one fetch may cost; all of its hops together."""

    max_bytes: int = 8 * 1024 * 1024
    max_decompressed_bytes: int = 16 * 1024 * 1024
    total_s: float = 60.0
    connect_s: float = 10.0
    read_s: float = 20.0
    redirects: int = 8


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What came: `body` without its Content-Encoding, `sent` as it came over the wire; header names in lower case."""

    url: str
    final_url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    sent: bytes


Keep = Callable[[Answer], Awaitable[None]]


class _Forbidden(PermissionError):
    """Raised by the hook: aiohttp tries the next address, and gives this one's error when there is none."""


class Client:
    """Fetches with one pool of connections; to be used as a context manager within one event loop.

    `allowed` holds hosts or addresses with their ports that may be connected to although they are not public. `keep` is given
    each answer before whoever asked for it.
    """

    def __init__(
        self,
        user_agent: str,
        *,
        allowed: frozenset[Endpoint] = frozenset(),
        limits: Limits = Limits(),
        resolver: AbstractResolver | None = None,
        tls: ssl.SSLContext | None = None,
        connections: int = 100,
        keep: Keep | None = None,
    ) -> None:
        self._keep = keep
        self._allowed = allowed
        self._limits = limits
        self._headers = {"User-Agent": user_agent, "Accept-Encoding": "gzip", "Accept": "*/*"}
        self._connector = aiohttp.TCPConnector(
            limit=connections,
            ttl_dns_cache=300,
            resolver=resolver or aiohttp.ThreadedResolver(),
            socket_factory=self._socket,
            ssl=tls or True,
        )
        self._session = aiohttp.ClientSession(
            connector=self._connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            max_line_size=_MAX_HEADER_BYTES,
            max_field_size=_MAX_HEADER_BYTES,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._session.close()

    def _socket(self, address_info: Any) -> socket.socket:
        family, kind, protocol, _, address = address_info
        why = forbidden(str(address[0]))
        if why and not _allowed_hop.get() and Endpoint(str(address[0]), int(address[1])) not in self._allowed:
            raise _Forbidden(f"{address[0]} ({why})")
        return socket.socket(family, kind, protocol)

    async def fetch(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        admit: Admission = lambda _: nullcontext(),
    ) -> Answer:
        """Fetches the URL; the answer has status 200, 203 or 304, and its whole body. Raises FetchFailed otherwise.

        `admit(url)` is entered for each hop, before its connection, and left behind its body: it may wait, or raise
        FetchFailed. Waiting there does not count against the time limit.
        """
        limits = limits or self._limits
        hop, seen = _as_url(url), set[str]()
        jars: dict[str | None, dict[str, str]] = {}
        spent_s = 0.0
        clock = asyncio.get_running_loop().time
        for _ in range(limits.redirects + 1):
            if str(hop) in seen and not jars.get(hop.host):
                raise FetchFailed(Failure.TOO_MANY_REDIRECTS, f"a loop through {hop}")
            seen.add(str(hop))
            async with admit(str(hop)):
                began = clock()
                sent_headers = self._headers | dict(headers or {})
                if jar := jars.get(hop.host):
                    sent_headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
                found = await self._hop(url, hop, sent_headers, limits, limits.total_s - spent_s)
                spent_s += clock() - began
            if isinstance(found, Answer):
                if self._keep:
                    await self._keep(found)
                return found
            jars.setdefault(hop.host, {}).update(found.cookies)
            if found.url.host != hop.host and headers:
                headers = {name: value for name, value in headers.items() if name.lower() not in ("authorization", "cookie")}
            hop = found.url
        raise FetchFailed(Failure.TOO_MANY_REDIRECTS, f"more than {limits.redirects}, the last to {hop}")

    async def _hop(self, url: str, hop: URL, headers: Mapping[str, str], limits: Limits, left_s: float) -> Answer | _Redirect:
        if left_s <= 0:
            raise FetchFailed(Failure.TIMED_OUT, f"more than {limits.total_s:g} s for its redirects")
        token = _allowed_hop.set(Endpoint(hop.host or "", hop.port or 0) in self._allowed)
        timeout = aiohttp.ClientTimeout(total=left_s, sock_connect=limits.connect_s, sock_read=limits.read_s)
        try:
            async with self._session.get(hop, headers=headers, timeout=timeout, allow_redirects=False) as response:
                return await _answer(url, hop, response, limits)
        except (aiohttp.ClientError, TimeoutError, ValueError, OSError) as exc:
            raise _failed(exc, limits) from None
        finally:
            _allowed_hop.reset(token)


@dataclasses.dataclass(frozen=True, slots=True)
class _Redirect:
    url: URL
    cookies: dict[str, str]


async def _answer(url: str, hop: URL, response: aiohttp.ClientResponse, limits: Limits) -> Answer | _Redirect:
    status = response.status
    if status in _REDIRECTS and (target := _location(response)):
        return _Redirect(_as_url(target, hop), _cookies(response))
    if status not in _ANSWERS:
        wait_s = retry_after_s(response.headers.get("Retry-After"), response.headers.get("Date"))
        raise FetchFailed(failure_of_status(status), f"status {status} of {hop}", status=status, retry_after_s=wait_s)
    sent = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
        sent += chunk
        if len(sent) > limits.max_bytes:
            raise FetchFailed(Failure.TOO_LARGE, f"more than {limits.max_bytes:,} bytes")
    # The last of several equal headers would do as well: what matters is that one is chosen.
    headers = {name.lower(): value for name, value in response.headers.items()}
    body = decompressed(bytes(sent), headers.get("content-encoding", ""), limits.max_decompressed_bytes)
    return Answer(url, str(hop), status, headers, body, bytes(sent))


def _location(response: aiohttp.ClientResponse) -> str | None:
    """Reads the raw bytes: aiohttp makes of a path in windows-1256 one that leads to the front page."""
    raw = next((value for name, value in response.raw_headers if name.lower() == b"location"), None)
    if raw is None:
        return None
    try:
        return raw.strip().decode("utf-8")
    except UnicodeDecodeError:
        return "".join(chr(byte) if byte < 0x80 else f"%{byte:02X}" for byte in raw.strip())


def _cookies(response: aiohttp.ClientResponse) -> dict[str, str]:
    cookies: http.cookies.SimpleCookie = response.cookies
    return {name: morsel.value for name, morsel in cookies.items()}


def _as_url(text: str, base: URL | None = None) -> URL:
    """Reads a URL; what is percent-encoded stays so, in whatever encoding the site has chosen."""
    text = text.strip()
    try:
        url = URL(text, encoded=bool(_ASCII_URL.fullmatch(text)))
        url = (base.join(url) if base else url).with_fragment(None)
        host, _ = url.host, url.port
    except (ValueError, UnicodeError) as exc:
        raise FetchFailed(Failure.BAD_URL, f"{exc}: {text[:200]!r}") from None
    if url.scheme not in ("http", "https") or not host or len(text) > _MAX_URL_CHARACTERS:
        raise FetchFailed(Failure.BAD_URL, f"not an http or https URL: {text[:200]!r}")
    return url.with_user(None)


def _failed(error: Exception, limits: Limits) -> FetchFailed:
    """Gives each error of aiohttp the name that we count it by."""
    cause = getattr(error, "os_error", None)
    if isinstance(cause, _Forbidden) or isinstance(error, _Forbidden):
        return FetchFailed(Failure.FORBIDDEN_ADDRESS, str(cause or error))
    table: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], Failure], ...] = (
        (aiohttp.ClientConnectorCertificateError, Failure.BAD_CERTIFICATE),
        (aiohttp.ClientConnectorDNSError, Failure.UNRESOLVED),
        ((aiohttp.ClientSSLError, ssl.SSLError), Failure.BAD_CERTIFICATE),
        ((aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError), Failure.BAD_URL),
        (TimeoutError, Failure.TIMED_OUT),
        ((aiohttp.ClientPayloadError, aiohttp.ServerDisconnectedError), Failure.TORN_BODY),
        (aiohttp.ClientResponseError, Failure.MALFORMED_ANSWER),
        ((aiohttp.ClientError, OSError), Failure.UNREACHABLE),
    )
    failure = next((failure for kinds, failure in table if isinstance(error, kinds)), Failure.BAD_URL)
    detail = (
        f"longer than {limits.total_s:g} s, or {limits.read_s:g} s of silence" if failure is Failure.TIMED_OUT else str(error)
    )
    return FetchFailed(failure, " ".join(detail.split()) or type(error).__name__)
