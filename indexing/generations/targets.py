"""Where a worker writes: the state of the generations as it last read it, and the indices that exist."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Iterable

from elasticsearch import Elasticsearch

from indexing.elastic.requests import translate_errors
from indexing.generations.state import Generations, ensure_index, read_generations

# How long a change of generations may go unnoticed. It costs no document: a frozen generation refuses what comes too late.
MAX_AGE_S = 2.0


class WriteTargets:
    """The generations of a namespace, read again every two seconds and whenever a write was refused. For many threads."""

    def __init__(self, client: Elasticsearch, namespace: str) -> None:
        self._client = client
        self._namespace = namespace
        self._lock = threading.Lock()
        self._state: Generations | None = None
        self._monthly_from: dict[int, str] = {}  # of each generation: it never changes
        self._read_at = 0.0

    def state(self, *, anew: bool = False) -> Generations:
        """Returns the state, at most MAX_AGE_S old, or read anew. Raises what `translate_errors` raises."""
        with self._lock:
            if anew or self._state is None or time.monotonic() - self._read_at > MAX_AGE_S:
                self._read()
            assert self._state is not None
            return self._state

    def prepare(self, periods: Iterable[str]) -> Generations:
        """Returns the state once every target has an index for these months and years. Raises what `translate_errors` raises."""
        state = self.state()
        wanted = sorted(set(periods))
        while missing := [(t, p) for t in state.targets for p in wanted if t.index(p) not in state.indices]:
            with self._lock:
                for target, period in missing:
                    translate_errors(functools.partial(ensure_index, self._client, state, target, period))
                self._read()
                assert self._state is not None
                state = self._state
        return state

    def _read(self) -> None:
        self._state = translate_errors(lambda: read_generations(self._client, self._namespace, self._monthly_from))
        self._read_at = time.monotonic()
