"""What the console reads from, and how: blocking clients in a few threads, with an end to every wait."""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable
from typing import Any, Final, ParamSpec, TypeVar

import anyio
import anyio.to_thread

from deploy.console.guard.access import Access
from deploy.console.reads.index import CONNECTIONS, Index
from deploy.console.reads.page_log import PageLog
from deploy.console.reads.sources import JUDGED_S, Judged
from deploy.console.reads.versions import Rules
from indexing.elastic.settings import ElasticSettings
from streams.connect.kafka import KafkaSettings
from streams.errors import RafidError

TURN_S: Final = 30.0  # fifty readers at once beside a busy pipeline have waited 10 s
LONGEST_S: Final = 10.0
P = ParamSpec("P")
Found = TypeVar("Found")


class Busy(RafidError):
    """Too many ask at once, or a server does not come back."""


@dataclasses.dataclass(slots=True)
class Readers:
    """The settings and clients of one console; made once, shared by all requests."""

    kafka: KafkaSettings
    elastic: ElasticSettings
    index: Index
    pages: PageLog
    rules: Rules
    access: Access
    judged: Judged = dataclasses.field(default_factory=lambda: Judged(JUDGED_S))
    limiter: Any = None  # an anyio.CapacityLimiter, which is made within the event loop
    threads: Any = None  # one without a limit: who has a turn has a thread

    async def read(self, read: Callable[P, Found], *args: P.args, **kwargs: P.kwargs) -> Found:
        """Returns what `read` returns, called in a thread; at most 16 at once, who came first being first.

        Raises Busy after 30 s without a turn, or after 10 s of reading, and what `read` raises.
        """
        if self.limiter is None:
            self.limiter, self.threads = anyio.CapacityLimiter(CONNECTIONS), anyio.CapacityLimiter(math.inf)
        turn = object()
        try:
            with anyio.fail_after(TURN_S):
                await self.limiter.acquire_on_behalf_of(turn)
        except TimeoutError:
            raise Busy(f"no turn within {TURN_S:g} s: too many ask at once") from None
        try:
            with anyio.fail_after(LONGEST_S):
                return await anyio.to_thread.run_sync(
                    functools.partial(read, *args, **kwargs), abandon_on_cancel=True, limiter=self.threads
                )
        except TimeoutError:
            raise Busy(f"no answer within {LONGEST_S:g} s: a server is busy or down") from None
        finally:
            self.limiter.release_on_behalf_of(turn)
