"""Ports are remembered, and kept apart between stacks; what a stack remembers is written whole."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from deploy.local.kafka_server import KafkaServer
from deploy.local.state import choose_ports, servers_of, write_whole


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    return folder


def chosen(directory: Path, ports: dict[str, int] | None = None, *, clashed: bool = False) -> dict[str, int]:
    state: dict[str, Any] = {"id": "0", "ports": dict(ports or {})}
    choose_ports(directory, KafkaServer(), state, clashed=clashed)
    found: dict[str, int] = state["ports"]
    return found


def test_ports_are_remembered_before_they_are_used(directory: Path) -> None:
    ports = chosen(directory)
    assert json.loads((directory / "state.json").read_text())["ports"] == ports
    assert set(ports) == set(KafkaServer.uses)


def test_ports_that_were_had_are_had_again(directory: Path) -> None:
    ports = chosen(directory)
    assert chosen(directory, ports) == ports


def test_only_the_port_that_was_taken_is_changed(directory: Path) -> None:
    ports = chosen(directory)
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", ports["kafka"]))
        squatter.listen()
        again = chosen(directory, ports)
    assert again["kafka"] != ports["kafka"]
    assert again["controller"] == ports["controller"]


def test_after_a_clash_none_of_the_ports_is_kept_even_if_it_is_free_by_now(directory: Path) -> None:
    ports = chosen(directory)
    assert set(chosen(directory, ports, clashed=True).values()).isdisjoint(ports.values())


def test_the_ports_of_a_stack_that_is_down_are_left_to_it(directory: Path) -> None:
    ports = chosen(directory)
    other = directory.parent / "other"
    other.mkdir()
    assert set(chosen(other).values()).isdisjoint(ports.values())


def test_a_state_that_is_written_is_whole_or_the_one_before(directory: Path) -> None:
    path = directory / "state.json"
    write_whole(path, {"a": 1})
    with pytest.raises(TypeError):
        write_whole(path, {"a": object()})
    assert json.loads(path.read_text()) == {"a": 1}


def test_each_server_of_a_cluster_has_ports_of_its_own(directory: Path) -> None:
    state: dict[str, Any] = {"id": "0", "ports": {}, "brokers": 3, "nodes": 2}
    servers = servers_of(state)
    for server in servers:
        choose_ports(directory, server, state, clashed=False)
    had = [server.port(state["ports"], use) for server in servers for use in server.uses]
    assert len(set(had)) == len(had) == 3 * 3 + 2 * 2


def test_the_servers_of_a_stack_are_one_of_each_kind_where_nothing_was_asked() -> None:
    assert [server.name for server in servers_of({})] == ["kafka", "elasticsearch"]
    assert [server.name for server in servers_of({"brokers": 2})] == ["kafka", "kafka-2", "elasticsearch"]
