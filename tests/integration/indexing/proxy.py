"""A real Elasticsearch behind a proxy that fails as it is told: for answers that a healthy server cannot be made to give."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable

import urllib3
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

Fault = Callable[[Request], Response | None]
PASSED_ON = ("content-type", "accept", "authorization")


class Proxy:
    """Passes requests on, unless the next fault of the script answers a bulk request itself."""

    def __init__(self, server: HTTPServer, target: str) -> None:
        self.url = server.url_for("").rstrip("/")
        self.faults: list[Fault] = []
        self.standing: Fault | None = None
        self.bulks = 0
        self.answers: list[Response] = []  # of the server to bulk requests, also those that nobody waited for
        self._target = target
        self._pool = urllib3.PoolManager()
        server.expect_request(re.compile(".*")).respond_with_handler(self._handle)

    def _handle(self, request: Request) -> Response:
        if request.path.endswith("/_bulk"):
            self.bulks += 1
            fault = self.faults.pop(0) if self.faults else self.standing
            answer = fault(request) if fault else None
            if answer is not None:
                answer.headers["X-Elastic-Product"] = "Elasticsearch"
                return answer
            self.answers.append(self._pass_on(request))
            return self.answers[-1]
        return self._pass_on(request)

    def _pass_on(self, request: Request) -> Response:
        headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
        answer = self._pool.request(
            request.method, self._target + request.full_path, body=request.get_data(), headers=headers, retries=False
        )
        kept = {name: answer.headers[name] for name in ("content-type", "x-elastic-product") if name in answer.headers}
        return Response(answer.data, answer.status, headers=kept)

    def close(self) -> None:
        self._pool.clear()


def refuses(status: int, kind: str = "", reason: str = "as the script says") -> Fault:
    """The whole request is refused with this status and error."""

    def fault(_: Request) -> Response:
        body = f'{{"error":{{"type":"{kind}","reason":"{reason}"}},"status":{status}}}'
        return Response(body, status, content_type="application/json")

    return fault


def page(status: int) -> Fault:
    """A load balancer's own page, which is no JSON."""
    return lambda _: Response("<html>no upstream</html>", status, content_type="text/html")


def torn(_: Request) -> Response:
    """Half of a JSON answer."""
    return Response('{"errors":false,"items":[{"ind', 200, content_type="application/json")


def short(_: Request) -> Response:
    """An answer for fewer documents than were sent."""
    return Response('{"errors":false,"items":[]}', 200, content_type="application/json")


def cut_off(_: Request) -> Response:
    """An answer that ends before its announced length."""
    answer = Response('{"errors":', 200, content_type="application/json")
    answer.headers["Content-Length"] = "5000"
    answer.headers["Connection"] = "close"
    return answer


def late(seconds: float) -> Fault:
    """No answer until long after the client has given up; the documents are indexed nevertheless."""

    def fault(_: Request) -> None:
        time.sleep(seconds)

    return fault


def held(until: threading.Event) -> Fault:
    """The server hears of the request only when it is let go, long after the client has given up."""

    def fault(_: Request) -> None:
        assert until.wait(120)

    return fault


def larger_than(size: int) -> Fault:
    """As a proxy with a limit for bodies."""
    return lambda request: Response("too large", 413) if len(request.get_data()) > size else None


def items(status: int, kind: str, *, times: int) -> list[Fault]:
    """Every item is refused with this status and error, so many times."""

    def fault(request: Request) -> Response:
        count = request.get_data().count(b'{"index":{')
        item = f'{{"index":{{"status":{status},"error":{{"type":"{kind}","reason":"as the script says"}}}}}}'
        return Response(f'{{"errors":true,"items":[{",".join([item] * count)}]}}', 200, content_type="application/json")

    return [fault] * times
