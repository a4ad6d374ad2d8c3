"""The push server's process: Kafka, uvicorn and what they share, from the start to a clean stop, in one event loop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import click
import uvicorn
import uvloop
from aiokafka import AIOKafkaProducer

from producers.publisher import require_topics
from producers.push.app import Limits, Push
from producers.push.delivery import Delivery
from producers.push.tokens import TokenFile
from streams.connect.async_clients import async_producer
from streams.connect.kafka import KafkaSettings
from streams.errors import RafidError
from streams.runtime.garbage import collect_rarely
from streams.runtime.lifecycle import Process, run_until_stopped
from streams.runtime.settings import ShellSettings
from streams.topics import topics

STOP_S = 25  # less than an orchestrator's patience (30 s)
_PLAIN: dict[str, Any] = {
    "access_log": False,
    "lifespan": "off",
    "log_level": "warning",
    "proxy_headers": False,
    "server_header": False,
    "ws": "none",
}
LAST_S = 2.0  # for what requests did not wait for: none of it was answered as accepted


def serve(
    kafka: KafkaSettings, host: str, port: int, holders: TokenFile, urls: Path | None, *, shell: ShellSettings, **limits: Any
) -> None:
    """Serves until told to stop; raises RafidError when the address is taken or Kafka fails."""
    process = Process("produce", shell, name="push")
    process.start()
    table = topics(kafka.namespace)

    async def work(stopping: asyncio.Event) -> None:
        async with _started(async_producer(kafka)) as producer:
            delivery = Delivery(producer, table, process.vitals, lambda: setattr(server, "should_exit", True))
            process.vitals.hindrances.append(lambda: delivery.hindrance)
            app = Push(delivery, holders, Limits(**limits), urls, process.vitals)
            config = uvicorn.Config(app, timeout_graceful_shutdown=STOP_S, **_PLAIN)
            server = uvicorn.Server(config)
            click.echo(f"listening on http://{host}:{listener.getsockname()[1]}", err=True)
            collect_rarely()
            process.ready()
            # uvicorn hears the signals that come while it serves, and not one that came while Kafka was waited for.
            told = asyncio.create_task(_end_when(stopping, server))
            await server.serve(sockets=[listener])
            told.cancel()
        if delivery.error:
            raise delivery.error

    with contextlib.closing(process), _listening(host, port) as listener:
        require_topics(kafka, [table.pages.name, table.dead_letters.name])
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run_until_stopped(process, work))


async def _end_when(stopping: asyncio.Event, server: uvicorn.Server) -> None:
    await stopping.wait()
    server.should_exit = True


@contextlib.asynccontextmanager
async def _started(producer: AIOKafkaProducer) -> AsyncIterator[AIOKafkaProducer]:
    """Starts the producer and stops it; what nobody waits for any more gets a moment to arrive."""
    try:
        await producer.start()
        yield producer
    finally:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_S):
                await producer.stop()


def _listening(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=1_024)
    except OSError as exc:
        raise RafidError(f"cannot listen on {host}:{port} ({exc.strerror or exc})") from None
