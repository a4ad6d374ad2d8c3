"""The table of principals for one namespace: what each may do with which topic, group and index. Pure."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from indexing.generations.names import names
from streams.topics import Topic, group, topics

TABLE = Path(__file__).with_name("principals.toml")


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Acl:
    """One operation that is allowed on one topic or group; `kind` is `topic` or `group`."""

    kind: str
    name: str
    operation: str


@dataclasses.dataclass(frozen=True, slots=True)
class Principal:
    """Who a process is to both servers.

    name    its row in the table, such as `split`
    user    its name there: `rafid-split`, or `rafid-X-split` in another namespace X
    does    the commands that it is for
    acls    all that it may do in Kafka
    role    its role in Elasticsearch, as that takes it; None when it has nothing to do there
    """

    name: str
    user: str
    does: str
    acls: frozenset[Acl]
    role: Mapping[str, Any] | None


def principals(namespace: str = "news") -> dict[str, Principal]:
    """Returns the principals of a namespace by their name, in the order of the table.

    Raises KeyError when the table names a topic or an index that there is not.
    """
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return {name: _principal(name, row, namespace) for name, row in table.items()}


def _principal(name: str, row: Mapping[str, Any], namespace: str) -> Principal:
    every = topics(namespace)
    acls = {
        Acl("topic", topic.name, operation)
        for each, operations in row.get("topics", {}).items()
        for topic in (_topic(every, each),)
        for operation in operations
    } | {
        Acl("group", group(worker, namespace), operation)
        for worker, operations in row.get("groups", {}).items()
        for operation in operations
    }
    role = None
    if "indices" in row:
        indices = [{"names": _indices(each["names"], namespace), "privileges": each["privileges"]} for each in row["indices"]]
        role = {"cluster": row.get("cluster", []), "indices": indices, "applications": row.get("applications", [])}
    return Principal(name, group(name, namespace), row["does"], frozenset(acls), role)


def _topic(every: object, name: str) -> Topic:
    topic: Topic = getattr(every, name)
    return topic


def _indices(wanted: Iterable[str], namespace: str) -> list[str]:
    called, of_others = names(namespace), {"dead_letters": f"{namespace}-dead-letters", "audits": f"{namespace}-audits"}
    return [of_others.get(name) or getattr(called, name) for name in wanted]
