"""Work on bytes from outside, in worker processes of their own: a deadline each, bounded memory, and a crash fails one call."""

from __future__ import annotations

import resource
from collections.abc import Callable
from typing import Any, TypeVar

import anyio
import anyio.to_process

from producers.feeds.cleaning import NotAFeed
from producers.feeds.pages import NotAnArticle

Result = TypeVar("Result")
DEADLINE_S = 60.0  # a worker that has to start first, on a busy machine, takes much of it
MEMORY_BYTES = 2 * 1024**3  # of address space: an interpreter with lxml and trafilatura takes a quarter of it
WORKERS = 2


class ReadingFailed(Exception):
    """A worker that took too long, too much, died, or stumbled over a document; the message says which."""


async def in_worker(function: Callable[..., Result], *arguments: Any, limiter: anyio.CapacityLimiter) -> Result:
    """Runs an importable function in a worker process; raises its NotAFeed and NotAnArticle, for all else ReadingFailed.

    A document that a parser stumbles over costs itself alone, and is tried again as one that was not fetched is.
    """
    try:
        # The time in the queue is not the document's fault: the deadline begins with the work.
        async with limiter:
            with anyio.fail_after(DEADLINE_S):
                return await anyio.to_process.run_sync(
                    _bounded, function, arguments, cancellable=True, limiter=anyio.CapacityLimiter(1)
                )
    except TimeoutError:
        raise ReadingFailed(f"longer than {DEADLINE_S:g} s") from None
    except anyio.BrokenWorkerProcess as exc:
        raise ReadingFailed(f"the worker died ({exc})") from None
    except (NotAFeed, NotAnArticle):
        raise
    except (MemoryError, RecursionError) as exc:
        raise ReadingFailed(type(exc).__name__) from None
    except Exception as exc:  # of a library, at what somebody else wrote
        raise ReadingFailed(f"its reader stumbled ({type(exc).__name__}: {exc})") from exc


def _bounded(function: Callable[..., Result], arguments: tuple[Any, ...]) -> Result:
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    if soft == resource.RLIM_INFINITY or soft > MEMORY_BYTES:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, hard))
    return function(*arguments)
