"""A worker's process: from the command to a clean stop, or to an end that commits nothing."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

import uvloop

from streams.errors import RafidError

# More than the worst batch takes, less than an orchestrator's patience (30 s).
STOP_DEADLINE_S = 25.0
log = logging.getLogger("rafid")


class Failure:
    """The first unexpected error of a worker's parts; Faust would log it and go on, or restart the part and skip a message."""

    def __init__(self) -> None:
        self.error: BaseException | None = None
        self._happened = asyncio.Event()

    def __call__(self, error: BaseException) -> None:
        """The process will end with this error."""
        if self.error is None:
            self.error = error
            self._happened.set()

    async def wait(self) -> None:
        """Returns when there is one."""
        await self._happened.wait()

    async def guard(self, part: Awaitable[None]) -> None:
        """Runs a part that must not fail; after a failure it never returns, so that nothing goes on behind it."""
        try:
            await part
        except Exception as exc:
            self(exc)
            await asyncio.Event().wait()


def run(name: str, build: Callable[[Failure, Counter[str]], Any], *, report_every_s: float, debug: bool = False) -> NoReturn:
    """Runs the worker in this process, and ends the process with it.

    After SIGTERM or SIGINT everything delivered is committed, the group is left, and the exit code is 0. After a failure the
    process ends at once with exit code 1 and without a commit: what was not acknowledged will be delivered again. Logs go to
    standard error, a line at a time; `debug` adds Faust's own and the traceback of a failure.
    """
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s", stream=sys.stderr)
    for chatty in ("faust", "mode", "aiokafka"):
        logging.getLogger(chatty).setLevel(logging.INFO if debug else logging.CRITICAL)
    log.setLevel(logging.INFO)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(name, build, report_every_s, debug))
    _leave(0)


async def _serve(name: str, build: Callable[[Failure, Counter[str]], Any], report_every_s: float, debug: bool) -> None:
    failure, counts = Failure(), Counter[str]()
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked.set)
    app = build(failure, counts)
    app.finalize()
    starting = asyncio.create_task(app.start())
    reporting = asyncio.create_task(_report(name, counts, report_every_s))
    ends = [asyncio.create_task(wait()) for wait in (asked.wait, failure.wait, app.wait)]
    await asyncio.wait([starting, *ends], return_when=asyncio.FIRST_COMPLETED)
    if starting.done() and not starting.exception() and not app.crashed:
        log.info("%s: ready", name)
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    error = failure.error or app.crash_reason or (starting.exception() if starting.done() else None)
    if error is not None:
        _fail(name, error, debug)
    log.info("%s: stopping", name)
    reporting.cancel()
    try:
        async with asyncio.timeout(STOP_DEADLINE_S):
            await app.stop()
    except Exception as exc:
        _fail(name, exc, debug)
    log.info("%s: stopped after %s", name, _told(counts) or "nothing to do")


def _fail(name: str, error: BaseException, debug: bool) -> NoReturn:
    told = str(error) if isinstance(error, RafidError) else f"unexpected {type(error).__name__}: {error} (--debug shows where)"
    log.error("%s: %s; what was not acknowledged will be delivered again", name, told, exc_info=error if debug else None)
    _leave(1)


def _leave(code: int) -> NoReturn:
    """Ends the process now: the clients' threads must neither hold up nor follow what is decided."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


async def _report(name: str, counts: Counter[str], every_s: float) -> None:
    told = Counter[str]()
    while True:
        await asyncio.sleep(every_s)
        done = counts - told
        if done:
            log.info("%s: %s in %g s; %s since the start", name, _told(done), every_s, _told(counts))
        told = counts.copy()


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{count:,} {what}" for what, count in counts.items())
