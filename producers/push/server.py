"""The push server's process: Kafka, the thread that delivers, and uvicorn, from the start to a clean stop."""

from __future__ import annotations

import signal
import socket
from pathlib import Path
from typing import Any

import click
import uvicorn

from producers.intake import Intake
from producers.publisher import publisher
from producers.push.app import Limits, Push
from producers.push.delivery import Delivery
from producers.push.tokens import TokenFile
from streams.connect.kafka import KafkaSettings
from streams.errors import RafidError
from streams.topics import topics

LINGER_MS = 5  # a request waits for its page: 32 connections fill small batches (files take 100 ms)
STOP_S = 25  # less than an orchestrator's patience (30 s)


def serve(kafka: KafkaSettings, host: str, port: int, token_file: Path, urls: Path | None, **limits: Any) -> None:
    """Serves until told to stop; raises RafidError when the address is taken or Kafka fails."""
    table = topics(kafka.namespace)
    holders = TokenFile(token_file)
    with (
        _listening(host, port) as listener,
        publisher(kafka, [table.pages.name, table.dead_letters.name], linger_ms=LINGER_MS) as messages,
    ):
        delivery = Delivery(Intake(messages, table), lambda: setattr(server, "should_exit", True))
        app = Push(delivery, holders, Limits(**limits), urls).app()
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=STOP_S, lifespan="off"
        )
        server = uvicorn.Server(config)
        delivery.start()
        try:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_IGN)  # uvicorn raises it once more when it has stopped
            click.echo(f"listening on http://{host}:{listener.getsockname()[1]}", err=True)
            server.run(sockets=[listener])
        finally:
            delivery.stop()
        if delivery.error:
            raise delivery.error


def _listening(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=1_024)
    except OSError as exc:
        raise RafidError(f"cannot listen on {host}:{port} ({exc.strerror or exc})") from None
