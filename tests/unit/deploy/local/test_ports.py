"""Ports are free, near the preferred one, and nobody else's."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from deploy.local import ports
from streams.errors import RafidError


@pytest.fixture
def listener() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def unused() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_port_with_a_listener_is_not_free(listener: int) -> None:
    assert not ports.is_free(listener)
    assert not ports.is_soon_free(listener, seconds=0)


def test_a_port_whose_last_connection_lingers_is_free() -> None:
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers in Java do
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            accepted, _ = server.accept()
            accepted.close()  # the side that closes first is the one whose port lingers
    assert ports.is_free(port)


def test_the_preferred_port_is_chosen_when_it_is_free() -> None:
    port = unused()
    assert ports.choose(port) == port


def test_a_port_that_is_taken_is_passed_over(listener: int) -> None:
    chosen = ports.choose(listener)
    assert chosen > listener
    assert (chosen - listener) % ports.STEP == 0


def test_a_port_that_another_stack_remembers_is_passed_over_though_it_is_free() -> None:
    port = unused()
    assert ports.choose(port, {port}) != port


def test_no_free_port_is_an_error_with_the_range() -> None:
    port = unused()
    last = port + ports.STEP * (ports.TRIES - 1)
    with pytest.raises(RafidError, match=f"no free port among {port}, .* {last}"):
        ports.choose(port, range(port, last + 1))
