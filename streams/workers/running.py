"""A Faust worker's process: from the command to a clean stop, or to an end that commits nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

import uvloop

from streams.errors import RafidError, one_line
from streams.runtime.garbage import collect_rarely
from streams.runtime.lifecycle import Process, log, run_until_stopped
from streams.workers.lag import measure_lag, must_catch_up

# More than the worst batch takes, less than an orchestrator's patience (30 s).
STOP_DEADLINE_S = 25.0
# The C library's words, which RocksDB passes on in a plain Exception.
NO_SPACE = "No space left on device"


class Failure:
    """The first unexpected error of a worker's parts; Faust would log it and go on, or restart the part and skip a message."""

    def __init__(self) -> None:
        self.error: BaseException | None = None
        self._happened = asyncio.Event()

    def __call__(self, error: BaseException) -> None:
        """Ends the process with this error, unless an earlier one does."""
        if self.error is None:
            self.error = error
            self._happened.set()

    async def wait(self) -> None:
        """Returns when there is a failure."""
        await self._happened.wait()

    async def guard(self, part: Awaitable[None]) -> None:
        """Runs a part that must not fail; after a failure it never returns, so that nothing goes on behind it."""
        try:
            await part
        except Exception as exc:
            self(exc)
            await asyncio.Event().wait()


def run(process: Process, build: Callable[[Failure], Any]) -> NoReturn:
    """Runs the Faust app that `build` returns, and ends this process with it.

    After SIGTERM or SIGINT everything delivered is committed, the group is left, and the exit code is 0. After a failure the
    process ends at once with exit code 1 and without a commit: what was not acknowledged will be delivered again.
    """
    process.start()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run_until_stopped(process, lambda stopping: _serve(process, build, stopping)))
    process.exit_now(0)


async def _serve(process: Process, build: Callable[[Failure], Any], stopping: asyncio.Event) -> None:
    failure = Failure()
    app = build(failure)
    app.finalize()
    starting = asyncio.create_task(app.start())
    ends = [asyncio.create_task(wait()) for wait in (stopping.wait, failure.wait, app.wait)]
    await asyncio.wait([starting, *ends], return_when=asyncio.FIRST_COMPLETED)
    if starting.done() and not starting.exception() and not app.crashed:
        must_catch_up(app, process.vitals)
        collect_rarely()
        process.ready()
        measuring = asyncio.create_task(failure.guard(measure_lag(app, process.vitals)))
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        measuring.cancel()
    error = failure.error or app.crash_reason or (starting.exception() if starting.done() else None)
    if error is not None:
        _fail(process, error)
    log.info("%s: stopping", process.name)
    try:
        async with asyncio.timeout(STOP_DEADLINE_S):
            await app.stop()
    except Exception as exc:
        _fail(process, exc)


def with_advice(error: BaseException) -> BaseException:
    """Returns the error, or a RafidError with what to do where the disk of the worker's state is full."""
    if isinstance(error, RafidError) or NO_SPACE not in str(error):
        return error
    return RafidError(
        f"the disk of this worker's state is full ({one_line(error)}): free some space, or set --state (RAFID_STATE) to another "
        "disk, then start again; nothing is lost"
    )


def _fail(process: Process, error: BaseException) -> NoReturn:
    process.log_failed(with_advice(error))
    process.exit_now(1)
