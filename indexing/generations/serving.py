"""Which namespace answers under the aliases of another: how a rebuilt namespace is swapped in, and how one goes back.

Searches, the console and dashboards ask the aliases of one namespace, such as `news`. `give` moves these aliases from the
indices of the namespace that has them to those of another, in one atomic step of Elasticsearch. No document is touched, and
each namespace goes on to be written by its own workers, so that the same step leads back.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from elasticsearch import Elasticsearch, NotFoundError

from indexing.generations.names import names, namespace_of
from indexing.generations.provision import check_version, put_template
from indexing.generations.state import Generations, read_generations
from indexing.generations.template import aliases
from streams.errors import RafidError

# Months that were made between two steps are few: a month is made once.
_TRIES = 5


class Given(NamedTuple):
    """What a swap did: the namespace whose aliases moved, who had them, who has them now, and how many documents each has."""

    namespace: str
    before: str
    after: str
    documents_before: int
    documents_after: int


def server_of(client: Elasticsearch, namespace: str) -> str:
    """Returns the namespace whose indices have the aliases of `namespace`: its own, unless another was swapped in.

    Raises RafidError when no index has them, and when the indices of several namespaces do.
    """
    try:
        found = client.indices.get_alias(name=names(namespace).everything).body
    except NotFoundError:
        raise RafidError(f"no index has the alias {names(namespace).everything}: nothing was indexed yet") from None
    holders = {holder for index in found if (holder := namespace_of(index))}
    if len(holders) != 1:
        raise RafidError(f"the alias {names(namespace).everything} is on indices of {', '.join(sorted(holders)) or 'others'}")
    return holders.pop()


def give(client: Elasticsearch, namespace: str, to: str) -> Given:
    """Puts the aliases of `namespace` on the live generation of `to`, and on no other index; returns what that changed.

    Months to come are found under them too. Raises RafidError, and nothing has been changed, when `to` has no index, has them
    already, was made from another version of the template, or when a reindexing of either is under way.
    """
    before = server_of(client, namespace)
    if before == to:
        raise RafidError(f"{to} answers under the aliases of {namespace} already")
    old, new = read_generations(client, before), read_generations(client, to)
    for state in (old, new):
        if state.building is not None:
            raise RafidError(f"{state.live.namespace} is being reindexed: `rafid reindex` must end first")
    if not new.periods(new.live):
        raise RafidError(f"{to} has no index yet")
    check_version(client, new)
    client.indices.refresh(index=f"{old.live.pattern},{new.live.pattern}")
    # 1. A month that is made from now on has the aliases that it will have after the swap.
    put_template(client, new.live, public=sorted({*new.public, namespace}))
    put_template(client, old.live, public=[public for public in old.public if public != namespace])
    # 2. All months change at once; one that was made a moment before step 1 is found by the next look.
    for _ in range(_TRIES):
        if not _misplaced(client, namespace, new):
            break
        client.indices.update_aliases(actions=_actions(namespace, old, new))
        new = read_generations(client, to)
    else:
        raise RafidError(f"months of {before} or {to} are being made: swap again")
    counts = [client.count(index=state.live.pattern)["count"] for state in (old, new)]
    return Given(namespace, before, to, *counts)


def _misplaced(client: Elasticsearch, namespace: str, new: Generations) -> bool:
    holders = set(client.indices.get_alias(name=names(namespace).everything).body)
    return holders != {new.live.index(period) for period in new.periods(new.live)}


def _actions(namespace: str, old: Generations, new: Generations) -> list[dict[str, Any]]:
    moved = aliases([namespace])
    removing = [{"remove": {"index": old.live.pattern, "alias": alias, "must_exist": False}} for alias in moved]
    return [*removing, *({"add": {"index": new.live.pattern, "alias": alias} | body} for alias, body in moved.items())]
