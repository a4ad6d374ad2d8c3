"""The next generation of the indices, built beside the live one and swapped in without anybody waiting.

Why no write is lost, whatever a worker believes at any moment:

1. From the first index of the next generation on, workers write to both (they read the aliases every two seconds).
2. Documents are copied index by index, in passes, until a pass finds little that is missing.
3. The live generation is frozen: no worker need write to it, and Elasticsearch lets none. A write that a late worker got in
   before the block is found by the last pass; one that comes after it is refused, and that worker looks at the aliases again.
4. The last pass copies what is missing; then everything is there.
5. All aliases change in one step, and searches find the next generation from one moment to the other.

Killed at any point, the next start goes on: what is done is in the aliases, and the progress of an index beside its documents.

The next generation may keep by year what this one keeps by month, and never the other way: a document that is found in the
index of a year has no month for a worker that writes to both.
"""

from __future__ import annotations

import functools
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from elasticsearch import Elasticsearch

from indexing.elastic.requests import retry_while_unavailable, translate_errors
from indexing.generations.copying import Copier
from indexing.generations.names import Names, names
from indexing.generations.provision import last_generation, put_template, put_tombstone, versions
from indexing.generations.state import Generations, ensure_index, read_generations
from indexing.generations.template import aliases
from indexing.schema.reading import template_version
from streams.errors import RafidError

Result = TypeVar("Result")
Report = Callable[[str], None]

# A pass that finds so little left to write leaves the last one, with writes frozen out of the old generation, about a second.
FREEZE_BELOW_DOCUMENTS = 2_000
MAX_PASSES = 20


class Swapped(NamedTuple):
    """What a reindexing led to: the generations before and after, and how many documents and indices there are."""

    before: int
    after: int
    indices: int
    documents: int


class Reindexer:
    """Builds the next generation of a namespace; `report` is told each step in a line, `progress` each window of documents."""

    def __init__(
        self,
        client: Elasticsearch,
        namespace: str,
        *,
        stopping: threading.Event,
        report: Report,
        progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._client = client
        self._namespace = namespace
        self._stopping = stopping
        self._report = report
        self._progress = progress
        self._copier = Copier(client, stopping)

    def run(self, *, again: bool = False, monthly_from: str | None = None) -> Swapped:
        """Makes a next generation with every document of the live one, and makes it live; the old one stays, without aliases.

        Goes on with a generation that is being built. Months from `monthly_from` on have an index each in it (default: as
        before). Raises RafidError when there is nothing to do (`again`: also when the live generation is already of this
        version), when that month is an earlier one than before, and when a document does not fit; then nothing was swapped.
        """
        state = self._read()
        old, new = state.live, state.building or self._begin(state, again=again, monthly_from=monthly_from)
        if monthly_from not in {None, new.monthly_from}:
            raise RafidError(f"generation {new.generation} is being built by month from {new.monthly_from} on: finish it first")
        self._report(f"generation {new.generation} is being built beside {old.generation}; workers write to both")
        self._copy(old, new)
        self._freeze(old)
        self._copy_once(old, new)
        documents = self._compare(old, new)
        self._swap(old, new)
        indices = len(self._read().periods(new))
        self._report(f"generation {new.generation} is live: {documents} documents in {indices} indices")
        return Swapped(old.generation, new.generation, indices, documents)

    def abandon(self) -> int | None:
        """Gives up the generation that is being built; returns it, or None. Raises RafidError when it is too late for that."""
        state = self._read()
        if state.building is None:
            return None
        if state.retiring:
            raise RafidError("the live generation takes no more writes: only `rafid reindex` can finish what was begun")
        unfinished = state.building
        self._ask(lambda: put_tombstone(self._client, unfinished))
        self._delete(state, unfinished)
        return unfinished.generation

    def delete(self, generation: int) -> int:
        """Deletes the indices of a generation that is neither live nor being built; returns how many there were."""
        state = self._read()
        target = names(self._namespace, generation)
        if target in {state.live, state.building}:
            raise RafidError(f"generation {generation} is in use")
        return self._delete(state, target)

    def _begin(self, state: Generations, *, again: bool, monthly_from: str | None) -> Names:
        live = state.live
        kept = monthly_from or live.monthly_from
        if kept < live.monthly_from:
            raise RafidError(
                f"what is kept by year stays so: generation {live.generation} has months from {live.monthly_from} on"
            )
        if not state.periods(live):
            raise RafidError(f"there is nothing to reindex: no index {live.pattern}")
        moved = kept != live.monthly_from
        if (
            not again
            and not moved
            and set(self._ask(lambda: versions(self._client, state, live)).values()) == {template_version()}
        ):
            raise RafidError(
                f"generation {live.generation} is already of version {template_version()}: `--again` builds it anew all the same"
            )
        new = names(self._namespace, self._ask(lambda: last_generation(self._client, state)) + 1, kept)
        self._ask(lambda: put_template(self._client, new, live=False))
        self._make(state, new)
        return new

    def _make(self, state: Generations, new: Names) -> None:
        """Makes indices in the next generation for all that the live one has."""
        made = {new.index(period): period for period in state.periods(state.live)}
        for period in made.values():
            self._ask(functools.partial(ensure_index, self._client, state, new, period))

    def _copy(self, old: Names, new: Names) -> None:
        for number in range(1, MAX_PASSES + 1):
            written = self._copy_once(old, new)
            self._report(f"pass {number}: {written} documents copied")
            if written <= FREEZE_BELOW_DOCUMENTS:
                return
        raise RafidError(f"copying does not keep up with the writes in {MAX_PASSES} passes: run it again when there are fewer")

    def _copy_once(self, old: Names, new: Names) -> int:
        written = 0
        state = self._read()
        self._make(state, new)
        for period in state.periods(old):
            written += self._copier.catch_up(old.index(period), new.index(period), self._progress)
        return written

    def _freeze(self, old: Names) -> None:
        """Stops writes to the old generation; every worker knows, or will be told."""
        self._ask(lambda: put_tombstone(self._client, old))  # first: what is not in the list below is born blocked
        retire = [{"add": {"index": old.pattern, "alias": old.retiring}}]
        self._ask(lambda: self._client.indices.update_aliases(actions=retire))
        indices = [old.index(period) for period in self._read().periods(old)]
        self._ask(lambda: self._client.indices.add_block(index=indices, block="write"))  # waits for the writes under way
        self._report(f"generation {old.generation} takes no more writes")

    def _compare(self, old: Names, new: Names) -> int:
        """Returns how many documents there are; raises RafidError when an index has fewer than there were before."""
        self._ask(lambda: self._client.indices.refresh(index=new.pattern))
        before: Counter[str] = Counter()
        for period in self._read().periods(old):
            before[new.index(period)] += self._count(old.index(period))
        after = {index: self._count(index) for index in before}
        for index, count in after.items():
            if count < before[index]:
                raise RafidError(f"{index} has {count} documents, and there were {before[index]}: nothing was swapped")
        return sum(after.values())

    def _swap(self, old: Names, new: Names) -> None:
        state = self._read()
        actions: list[dict[str, Any]] = [
            {"remove": {"index": old.pattern, "alias": alias, "must_exist": False}}
            for alias in (*aliases(state.public), old.retiring)
        ]
        actions += [{"add": {"index": new.pattern, "alias": alias} | body} for alias, body in aliases(state.public).items()]
        actions.append({"remove": {"index": new.pattern, "alias": new.building, "must_exist": False}})
        if state.building == new:
            self._ask(lambda: self._client.indices.update_aliases(actions=actions))
        # A month that was made in between is taken over by whoever reads the state next.
        self._ask(lambda: put_template(self._client, new, public=state.public))
        self._read()

    def _delete(self, state: Generations, target: Names) -> int:
        indices = [target.index(period) for period in state.periods(target)]
        if indices:
            self._ask(lambda: self._client.indices.delete(index=indices, ignore_unavailable=True))
        return len(indices)

    def _count(self, index: str) -> int:
        return int(self._ask(lambda: self._client.count(index=index))["count"])

    def _read(self) -> Generations:
        return self._ask(lambda: read_generations(self._client, self._namespace))

    def _ask(self, call: Callable[[], Result]) -> Result:
        return retry_while_unavailable(lambda: translate_errors(call), self._stopping, "reindexing")
