"""Which generation of indices is live, and which is being built beside it: the aliases are the only record of it.

From which month on a generation has an index a month is in the `_meta` of its indices, and of its template before the first.

Each change of state is one atomic change of aliases in Elasticsearch, so that search, workers and reindexing can never disagree:

| aliases | state | workers write to |
|---|---|---|
| `news` on g1 | g1 is live | g1 |
| and `news-building` on g2 | g2 is being built | g1 and g2 |
| and `news-retiring` on g1 | g1 is frozen for the last copy, moments before the swap | g2 |
| `news` on g2 | g2 is live | g2 |
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from elasticsearch import BadRequestError, Elasticsearch, NotFoundError

from indexing.generations.names import ALL_BY_MONTH, Names, generation_of, names
from indexing.generations.template import aliases
from streams.errors import RafidError
from streams.topics import NAMESPACE


@dataclasses.dataclass(frozen=True, slots=True)
class Generations:
    """The state of a namespace: its live generation, the one being built, and every index that exists.

    `public` names the namespaces under whose aliases searches find the live generation: its own alone, unless a rebuild was
    swapped in. Then the live generation of the rebuild has those of the namespace that it stands in for beside its own, and
    the one that it took them from has none.
    """

    live: Names
    public: tuple[str, ...]
    building: Names | None = None
    retiring: bool = False
    indices: frozenset[str] = frozenset()
    left_by_swap: tuple[str, ...] = ()

    @property
    def targets(self) -> tuple[Names, ...]:
        """The generations that a document is written to."""
        if self.building is None:
            return (self.live,)
        return (self.building,) if self.retiring else (self.live, self.building)

    def periods(self, generation: Names) -> list[str]:
        """Returns the months and years that this generation has an index for, oldest first."""
        return sorted(period for index in self.indices if (period := generation.period(index)))


def interpret(namespace: str, found: Mapping[str, Iterable[str]]) -> Generations:
    """Returns the state that these aliases of these indices tell; raises RafidError when they contradict each other."""
    indices: dict[str, tuple[int, frozenset[str]]] = {}
    for index, its_aliases in found.items():
        generation = generation_of(index, namespace)
        if generation is not None:
            indices[index] = (generation, frozenset(its_aliases))
    called = names(namespace)

    def under(alias: str) -> set[int]:
        return {generation for generation, its_aliases in indices.values() if alias in its_aliases}

    live = under(called.everything)
    building = under(called.building) - live
    if len(live) > 1 or len(building) > 1:
        numbers = ", ".join(f"g{n}" for n in sorted(live | building))
        raise RafidError(
            f"the aliases {called.everything} and {called.building} point at several generations ({numbers}): leave each on one"
        )
    number = live.pop() if live else max({n for n, _ in indices.values()} - building, default=1)
    current = names(namespace, number)
    in_building = names(namespace, building.pop()) if building else None
    return Generations(
        live=current,
        public=_public(namespace, [its for _, its in indices.values() if _ == current.generation]),
        building=in_building,
        retiring=in_building is not None and number in under(called.retiring),
        indices=frozenset(indices),
        left_by_swap=tuple(sorted(i for i, (n, its) in indices.items() if n == number and called.building in its)),
    )


def _public(namespace: str, held: Iterable[frozenset[str]]) -> tuple[str, ...]:
    """Returns the namespaces whose aliases these indices of the live generation hold; with no index there is only its own."""
    sets = list(held)
    if not sets:
        return (namespace,)
    every = frozenset[str]().union(*sets)
    return tuple(sorted(alias for alias in every if NAMESPACE.fullmatch(alias) and names(alias).articles in every))


def read_generations(client: Elasticsearch, namespace: str, known: dict[int, str] | None = None) -> Generations:
    """Returns the state of this namespace now; puts right on the way what a swap has left behind.

    What `known` holds of a generation's `monthly_from` is not asked for; what is read for good, since the generation has an
    index, is added to it.
    """
    known = {} if known is None else known
    answer: Mapping[str, Any] = client.indices.get_alias(index=names(namespace).all_generations, expand_wildcards="all").body
    state = interpret(namespace, {index: entry["aliases"] for index, entry in answer.items()})
    for index in state.left_by_swap:
        give_live_aliases(client, state.live, state.public, index)
    live, building = (_with_monthly_from(client, state, target, known) for target in (state.live, state.building))
    return dataclasses.replace(state, live=live or state.live, building=building)


def _with_monthly_from(client: Elasticsearch, state: Generations, target: Names | None, known: dict[int, str]) -> Names | None:
    if target is None:
        return None
    if target.generation in known:
        return dataclasses.replace(target, monthly_from=known[target.generation])
    if not state.periods(target):
        meta = template_meta(client, target) or {}
        return dataclasses.replace(target, monthly_from=meta.get("monthly_from", ALL_BY_MONTH))
    answer = client.indices.get_mapping(
        index=target.pattern, filter_path="*.mappings._meta.generation,*.mappings._meta.monthly_from"
    )
    found = {entry["mappings"]["_meta"].get("monthly_from", ALL_BY_MONTH) for entry in answer.body.values()} or {ALL_BY_MONTH}
    if len(found) > 1:
        raise RafidError(f"indices {target.pattern} disagree about the month from which each month has its own: {sorted(found)}")
    known[target.generation] = found.pop()
    return dataclasses.replace(target, monthly_from=known[target.generation])


def template_meta(client: Elasticsearch, target: Names) -> Mapping[str, Any] | None:
    """Returns the `_meta` of the installed template of this generation; None when there is no template."""
    try:
        answer = client.indices.get_index_template(
            name=target.template, filter_path="index_templates.name,index_templates.index_template._meta"
        )
    except NotFoundError:
        return None
    meta: Mapping[str, Any] = answer["index_templates"][0]["index_template"].get("_meta") or {}
    return meta


def give_live_aliases(client: Elasticsearch, live: Names, public: Iterable[str], index: str) -> None:
    """Gives an index of the live generation the aliases of a live one: it was made in the moment of the swap."""
    adding: list[dict[str, Any]] = [{"add": {"index": index, "alias": alias} | body} for alias, body in aliases(public).items()]
    removing = {"remove": {"index": index, "alias": live.building, "must_exist": False}}
    client.indices.update_aliases(actions=[*adding, removing])


def ensure_index(client: Elasticsearch, state: Generations, target: Names, period: str) -> bool:
    """Makes the index of this month or year of this generation unless it exists; tells whether it was made now.

    Its aliases come with the template, so that Elasticsearch itself decides by the state of that moment, and not we by ours.
    """
    index = target.index(period)
    if index in state.indices:
        return False
    try:
        client.indices.create(index=index)
    except BadRequestError as exc:
        if exc.error != "resource_already_exists_exception":
            raise
        return False
    return True
