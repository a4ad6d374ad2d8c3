"""The HTTP side of push: who asks, how much and how often, and the answers."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import orjson

from producers.intake import Accepted
from producers.push.asgi import CutOff, Receive, Request, Response, Scope, Send
from producers.push.bodies import BadBody, TooLong, decompressed, items_of
from producers.push.delivery import Delivery, Item, KafkaUnavailable, result
from producers.push.openapi import document
from producers.push.tokens import Token, TokenFile
from producers.urls import spool as url_spool
from producers.values.defaults import Defaults
from streams.identity import NotAUrl, canonical_url
from streams.runtime.vitals import Vitals

RETRY_S = 5


@dataclasses.dataclass(frozen=True, slots=True)
class Limits:
    """What a request may cost: bytes before and after decompression, pages, seconds, and pages a second of one token."""

    body_bytes: int = 16 * 1024 * 1024
    pages: int = 1_000
    body_s: float = 30.0
    answer_s: float = 60.0
    waiting_bytes: int = 256 * 1024 * 1024
    pages_per_s: float | None = None


class Problem(Exception):
    """A request that is answered with this status and reason."""

    def __init__(
        self, status: int, error: str, retry_s: float | None = None, *, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(error)
        self.status, self.error = status, error
        waiting = {} if retry_s is None else {"Retry-After": str(max(1, round(retry_s)))}
        self.headers = waiting | dict(headers or {})


class Push:
    """Answers the requests of one server."""

    def __init__(self, delivery: Delivery, tokens: TokenFile, limits: Limits, urls: Path | None, vitals: Vitals) -> None:
        self._delivery = delivery
        self._tokens = tokens
        self._limits = limits
        self._urls = urls
        self._vitals = vitals
        self._waiting_bytes = 0
        self._routes: dict[str, tuple[tuple[str, ...], Callable[[Request], Awaitable[Response]]]] = {
            "/pages": (("POST",), self.pages),
            "/urls": (("POST",), self.urls),
            "/healthz": (("GET", "HEAD"), self.health),
            "/readyz": (("GET", "HEAD"), self.ready),
            "/openapi.json": (("GET", "HEAD"), self.openapi),
        }
        self._spent: dict[str, float] = {}  # by token: when its pages so far are paid for, by the monotonic clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, as ASGI has it."""
        try:
            answer = await self._route(scope)(Request(scope, receive))
        except Problem as exc:
            answer = Response({"error": exc.error}, exc.status, exc.headers)
        await answer.send(send)

    def _route(self, scope: Scope) -> Callable[[Request], Awaitable[Response]]:
        """Returns what answers this address; raises Problem when nothing does, or not to this method."""
        found = self._routes.get(scope["path"])
        if found is None:
            raise Problem(404, f"there are {', '.join(self._routes)}")
        methods, answering = found
        if scope["method"] not in methods:
            raise Problem(405, f"{' and '.join(methods)} only", headers={"Allow": ", ".join(methods)})
        return answering

    async def pages(self, request: Request) -> Response:
        """Takes pages in; answers when Kafka has acknowledged each, as a page or as a dead letter."""
        name, token = self._holder(request)
        with _Share(self, self._announced(request)):
            body = await self._body(request)
            try:
                found = items_of(body, request.header(b"content-type"))
            except BadBody as exc:
                raise Problem(400, str(exc)) from None
            if len(found) > self._limits.pages:
                raise Problem(413, f"{len(found):,} pages; a request may have {self._limits.pages:,}")
            self._charge(name, len(found))
            items = [Item(_of_source(fields, token), data, error) for fields, data, error in found]
            try:
                answers = await self._delivery.deliver(items, Defaults(name, token.source), f"push {name}", self._limits.answer_s)
            except KafkaUnavailable:
                raise Problem(503, "Kafka is slow or away: send it again", RETRY_S) from None
        accepted = sum(isinstance(answer, Accepted) for answer in answers)
        counts = {"accepted": accepted, "refused": len(answers) - accepted, "results": [result(answer) for answer in answers]}
        return Response(counts, 200 if accepted or not answers else 422)

    async def urls(self, request: Request) -> Response:
        """Notes addresses, one a line in the file that the fetcher reads, on disk when it answers."""
        name, _token = self._holder(request)
        if self._urls is None:
            raise Problem(501, "this server takes no addresses: start it with --urls FILE")
        with _Share(self, self._announced(request)):
            try:
                given = orjson.loads(await self._body(request))
            except orjson.JSONDecodeError as exc:
                raise Problem(400, f"not JSON ({exc})") from None
        urls = given.get("urls") if isinstance(given, dict) else None
        if not isinstance(urls, list) or not all(isinstance(url, str) for url in urls):
            raise Problem(400, 'an object {"urls": ["https://...", ...]} was expected')
        if len(urls) > self._limits.pages:
            raise Problem(413, f"{len(urls):,} addresses; a request may have {self._limits.pages:,}")
        self._charge(name, len(urls))
        results = [_checked(url) for url in urls]
        await asyncio.to_thread(url_spool.append, self._urls, [found["url"] for found in results if "url" in found])
        accepted = sum("url" in found for found in results)
        counts = {"accepted": accepted, "refused": len(results) - accepted, "results": results}
        return Response(counts, 202 if accepted or not results else 422)

    async def health(self, _request: Request) -> Response:
        """Says that the process lives."""
        return Response({"status": "alive"})

    async def ready(self, _request: Request) -> Response:
        """Says whether pages are taken at once."""
        hindrance = self._vitals.hindrance
        return Response({"status": hindrance or "ready"}, 503 if hindrance else 200)

    async def openapi(self, _request: Request) -> Response:
        """Returns the description of this interface."""
        return Response(document())

    def _holder(self, request: Request) -> tuple[str, Token]:
        holder = self._tokens.holder(request.header(b"authorization"))
        if holder is None:
            error = "a valid `Authorization: Bearer TOKEN` is needed"
            raise Problem(401, error, headers={"WWW-Authenticate": "Bearer"})
        return holder

    def _announced(self, request: Request) -> int:
        """Returns the bytes that the body will have at most, decompressed; raises Problem when they are more than it may have."""
        if request.header(b"content-encoding"):
            return self._limits.body_bytes
        length = request.header(b"content-length")
        most = int(length) if length.isdigit() and len(length) < 20 else self._limits.body_bytes
        if most > self._limits.body_bytes:
            raise Problem(413, f"{most:,} bytes; a body may have {self._limits.body_bytes:,}")
        return most

    async def _body(self, request: Request) -> bytes:
        """Returns the body, decompressed; it is counted as it comes, since the server limits neither its size nor its time."""
        self._announced(request)
        packing = request.header(b"content-encoding").strip().lower()
        if packing not in ("", "identity", "gzip", "x-gzip"):
            raise Problem(415, f"Content-Encoding {packing!r}: gzip or none is expected")
        try:
            async with asyncio.timeout(self._limits.body_s):
                parts, left, more = list[bytes](), self._limits.body_bytes, True
                while more:
                    part, more = await request.part()
                    parts.append(part)
                    left -= len(part)
                    if left < 0:
                        raise Problem(413, f"a body may have {self._limits.body_bytes:,} bytes")
            body = b"".join(parts)
            return decompressed(body, self._limits.body_bytes) if packing.endswith("gzip") else body
        except TimeoutError:
            raise Problem(408, f"the body did not come within {self._limits.body_s:g} s") from None
        except TooLong as exc:
            raise Problem(413, str(exc)) from None
        except BadBody as exc:
            raise Problem(400, str(exc)) from None
        except CutOff:
            raise Problem(400, "the body was cut off") from None

    def _charge(self, name: str, pages: int) -> None:
        """Notes the pages of a token; raises Problem when those of the last seconds are not paid for yet."""
        rate = self._limits.pages_per_s
        if rate is None:
            return
        now_s = time.monotonic()
        paid_s = self._spent.get(name, now_s)
        if paid_s > now_s + 1:  # a second's worth ahead is a burst, more is too fast
            raise Problem(429, f"{rate:g} pages a second are this token's limit", paid_s - now_s)
        self._spent[name] = max(paid_s, now_s) + pages / rate


class _Share:
    """A request's share of the memory for bodies that wait; raises Problem when there is none left."""

    def __init__(self, push: Push, size_bytes: int) -> None:
        self._push, self._bytes = push, size_bytes

    def __enter__(self) -> None:
        if self._push._waiting_bytes + self._bytes > self._push._limits.waiting_bytes:  # noqa: SLF001 - its own module's
            raise Problem(503, "too many bodies wait for Kafka: send it again", RETRY_S)
        self._push._waiting_bytes += self._bytes  # noqa: SLF001

    def __exit__(self, *_error: object) -> None:
        self._push._waiting_bytes -= self._bytes  # noqa: SLF001


def _of_source(fields: dict[str, object] | None, token: Token) -> dict[str, object] | None:
    """Returns the fields with the token's source, whatever they name: a token speaks for its source alone."""
    return fields if fields is None or token.source is None else fields | {"source": token.source}


def _checked(url: str) -> dict[str, str]:
    try:
        return {"url": canonical_url(url)}
    except NotAUrl as exc:
        return {"reason": "not_a_url", "error": str(exc)}
