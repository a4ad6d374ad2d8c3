"""The console as one ASGI app: routes behind the guard."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator
from datetime import tzinfo
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from deploy.console.guard.http import Guard
from deploy.console.readers import Readers
from deploy.console.reads.flow import Broadcast, Servers
from deploy.console.views import api, operations, pages
from streams.runtime.lifecycle import Process

STATIC = Path(__file__).with_name("static")
TURN_S = 1.0


class Assets(StaticFiles):
    """The package's own files, which a browser may keep for an hour."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        """Returns the file, with how long it may be kept."""
        answer = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        answer.headers["cache-control"] = "public, max-age=3600"
        return answer


def console(readers: Readers, zone: tzinfo, hosts: frozenset[str], rate: float, process: Process) -> ASGIApp:
    """Returns the app. `hosts` are the names it answers to (none: all), `rate` the requests a second of a reader (0: no limit).

    `process` is told that the event loop turns, and is ready while Elasticsearch answers.
    """
    routes = [
        Mount("/static", Assets(directory=STATIC)),
        Route("/healthz", healthz),
        Route("/login", pages.login_form),
        Route("/login", pages.login, methods=["POST"]),
        Route("/logout", pages.logout, methods=["POST"]),
        *(Route(path, page, methods=[method]) for path, (method, page) in (pages.pages() | operations.pages()).items()),
        *(Route(path, answer, methods=[method]) for path, (method, answer) in api.answers().items()),
    ]

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        servers = Servers(readers.kafka, readers.elastic)
        app.state.broadcast = Broadcast(functools.partial(readers.read, servers.flow))
        process.vitals.hindrances.append(functools.partial(_down, app.state.broadcast))
        tasks = asyncio.create_task(app.state.broadcast.run()), asyncio.create_task(_turn(process))
        process.vitals.turn()
        process.is_started.set()
        yield
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        servers.close()
        readers.pages.close()
        readers.index.client.close()

    app = Starlette(routes=routes, lifespan=lifespan, exception_handlers={404: pages.missing})
    app.state.readers, app.state.zone = readers, zone
    return Guard(app, readers.access, hosts=hosts, rate=rate)


async def _turn(process: Process) -> None:
    while True:
        process.report()
        await asyncio.sleep(TURN_S)


def _down(broadcast: Broadcast) -> str:
    flow = broadcast.latest
    if flow is None:
        return "the servers were not asked yet"
    return "" if flow.elasticsearch_up else "Elasticsearch does not answer"


async def healthz(_request: Request) -> Response:
    """Says that the process answers; whether Kafka and Elasticsearch do is the pipeline page's to say."""
    return PlainTextResponse("ok\n")
