"""What every test may ask for: the labelled data beside the checkout, and real servers with a namespace of its own."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from deploy.local import stack as stacks
from indexing.elastic.settings import ElasticSettings
from indexing.generations.names import names
from streams.connect.kafka import KafkaSettings
from streams.connect.provision import provision, remove

# The same examples every time, and no example is timed: a failure is of the change, not of the day or the machine.
# HYPOTHESIS_PROFILE=default looks for new ones.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

# The labelled data, which is not ours to publish; tests that need it skip and say so when it is not there.
SHARED = Path(__file__).parents[1] / "../shared/data"
SERVERS_OF_THEIR_OWN = (
    "tests/integration/secured/",
    "tests/integration/deploy/test_local_stack.py",
    "tests/fault/test_broker_killed.py",
)
NEED_SERVERS = ("tests/integration/", "tests/fault/", "tests/quality/test_search.py", "tests/quality/test_word_pairs.py")
AT_THE_EDGES = ("tests/integration/deploy/", "tests/integration/producers/")
# Each process of `pytest -n` has servers of its own, which the pieces of work that it is given share.
PROCESS = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
STACK = os.environ.get("RAFID_TEST_STACK", "test") + ("" if PROCESS == "gw0" else f"-{PROCESS}")


class ServersTogether(LoadScopeScheduling):  # type: ignore[misc]
    """How `pytest -n 2` divides the tests: those on shared servers are two pieces of work, and each other file is one."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(SERVERS_OF_THEIR_OWN):
            return next(filter(nodeid.startswith, SERVERS_OF_THEIR_OWN))
        if nodeid.startswith(AT_THE_EDGES):
            return "servers, at the edges"
        return "servers" if nodeid.startswith(NEED_SERVERS) else nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ServersTogether:
    return ServersTogether(config, log)


@pytest.fixture(scope="session")
def stack() -> Iterator[stacks.Addresses]:
    """The addresses of the local stack named STACK: left up when it was up, else ended in the end."""
    before = stacks.status(STACK)
    was_up = bool(before) and all(server.state == "up" for server in before)
    addresses = stacks.up(STACK)
    yield addresses
    if not was_up:
        stacks.down(STACK)


@pytest.fixture
def namespace() -> str:
    """A namespace that no other test has."""
    return fresh_namespace()


@pytest.fixture
def kafka(stack: stacks.Addresses, namespace: str) -> Iterator[KafkaSettings]:
    """The stack's Kafka, with the topics of a fresh namespace, removed afterwards."""
    with fresh_topics(stack, namespace) as settings:
        yield settings


@pytest.fixture
def elastic(stack: stacks.Addresses, namespace: str) -> Iterator[ElasticSettings]:
    """The stack's Elasticsearch; templates and indices of the namespace, which are the test's to make, are removed afterwards."""
    with fresh_indices(stack, namespace) as settings:
        yield settings


def fresh_namespace() -> str:
    """A namespace that nothing else has."""
    return f"t{uuid.uuid4().hex[:10]}"


@contextlib.contextmanager
def fresh_topics(stack: stacks.Addresses, namespace: str) -> Iterator[KafkaSettings]:
    """The stack's Kafka, with the topics of the namespace until the block ends."""
    settings = KafkaSettings(stack.kafka, namespace=namespace)
    provision(settings)
    yield settings
    remove(settings)


@contextlib.contextmanager
def fresh_indices(stack: stacks.Addresses, namespace: str) -> Iterator[ElasticSettings]:
    """The stack's Elasticsearch; what the block makes for the namespace is removed when it ends."""
    settings = ElasticSettings(stack.elasticsearch)
    yield settings
    remove_indices(settings, namespace)


def remove_indices(settings: ElasticSettings, namespace: str) -> None:
    """The server has no index and no template of the namespace."""
    every = names(namespace).all_generations
    with settings.client() as client:
        if indices := list(client.indices.get(index=every, expand_wildcards="all", filter_path="*.settings.index.uuid").body):
            client.indices.delete(index=indices)
        answer = client.options(ignore_status=404).indices.get_index_template(name=every, filter_path="index_templates.name").body
        if templates := [template["name"] for template in answer.get("index_templates", [])]:
            client.indices.delete_index_template(name=templates)
