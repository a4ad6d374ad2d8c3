"""The life of a long-running process, the same for every stage: logs, signals, reports, last words, exit code.

A process ends with 0 after SIGTERM or SIGINT, having finished what was on its way, and with 1 after a failure, having
committed nothing more. A second signal ends it at once: nothing is lost by that either.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from types import FrameType
from typing import NoReturn

from streams.dead_letters.envelope import ConsumedMessage, Reason
from streams.errors import RafidError
from streams.runtime.extras import what_to_install
from streams.runtime.fates import Counts, Part
from streams.runtime.log_format import formatter
from streams.runtime.settings import LogFormat, ShellSettings
from streams.runtime.vitals import Vitals

log = logging.getLogger("rafid")
# The clients' own logs: too much for an operator, and needed with --debug.
_CHATTY = ("faust", "mode", "aiokafka")
# A loop that has not turned for a minute, or for three reports where those are seldom, hangs.
HUNG_AFTER_S, HUNG_REPORTS = 60.0, 3
# Dead letters that are logged between two reports, and characters of the reason of each: a flood of them is counted.
LOGGED_LETTERS, LOGGED_CHARACTERS = 10, 300


class Process:
    """One running process: its name, what it counts, whether it has started, and what must be closed before it ends.

    Health and metrics hang here: Faust workers end by `os._exit`, which runs no `finally` and no `atexit`.
    """

    def __init__(self, stage: Part, shell: ShellSettings, *, name: str | None = None) -> None:
        self.name = name or stage
        self.counts = Counts(stage)
        self.shell = shell
        self.report_every_s = shell.report_every_s
        self.debug = shell.debug
        self.vitals = Vitals(self.counts, max(HUNG_AFTER_S, HUNG_REPORTS * shell.report_every_s))
        self.is_started = self.vitals.is_started
        self._closers: list[Callable[[], None]] = []
        self._reported = self.counts.copy()
        self._reported_at = time.monotonic()
        self._logged_letters = 0

    def at_end(self, close: Callable[[], None]) -> None:
        """Has `close` called before the process ends, however it ends; the last one given is the first one called."""
        self._closers.append(close)

    def start(self) -> None:
        """Starts the log, and the answers to health checks and scrapes where a port is set; raises RafidError."""
        start_logging(debug=self.debug, log_format=self.shell.log_format, stage=self.counts.stage)
        settings = self.shell.health
        if not settings.port:
            return
        try:
            from streams.runtime.health import serve_health  # noqa: PLC0415 - with it comes the extra `metrics`
        except ModuleNotFoundError as exc:
            raise RafidError(f"--metrics-port: {what_to_install(str(exc.name), 'metrics')}") from None
        self.at_end(serve_health(self.vitals, settings))
        log.info("%s: metrics on http://%s:%d/metrics", self.name, settings.host, settings.port)

    def ready(self) -> None:
        """Says that the process has started and works."""
        self.vitals.turn()
        self.is_started.set()
        log.info("%s: ready", self.name)

    def report(self) -> None:
        """Logs what was done since the last report, if that is `report_every_s` ago and anything was; cheap to call often."""
        self.vitals.turned_at = now = time.monotonic()
        if now - self._reported_at < self.report_every_s:
            return
        self._reported_at = now
        self._logged_letters = 0
        if done := self.counts.since(self._reported).summary():
            log.info("%s: %s in %g s; since the start %s", self.name, done, self.report_every_s, self.counts.summary())
        self._reported = self.counts.copy()

    def note_dead_letter(self, message: ConsumedMessage, reason: Reason, error: str) -> None:
        """Counts a message that becomes a dead letter, and logs where it stands and why: the first ten between two reports."""
        self.counts.add_dead_letter(reason)
        self._logged_letters += 1
        if self._logged_letters > LOGGED_LETTERS:
            return
        position = {"topic": message.topic, "partition": message.partition, "offset": message.offset}
        about = position | {"id": (message.key or b"").hex(), "reason": reason.value}
        why = " ".join(error.split())[:LOGGED_CHARACTERS]
        log.warning("%s: dead letter, %s/%d/%d %s: %s", self.name, *position.values(), reason.value, why, extra=about)

    def log_stopped(self) -> None:
        """Logs the last words of a process that ends as it should."""
        log.info("%s: stopped after %s", self.name, self.counts.summary() or "nothing to do")

    def log_failed(self, error: BaseException) -> None:
        """Logs the last words of a process that fails, in one line; with `debug` the traceback too."""
        unexpected = f"unexpected {type(error).__name__}: {error} (--debug shows where)"
        text = str(error) if isinstance(error, RafidError) else unexpected
        log.error(
            "%s: %s; what was not acknowledged will be delivered again", self.name, text, exc_info=error if self.debug else None
        )

    def close(self) -> None:
        """Calls what `at_end` was given, once; a failure of one is logged and keeps no other from its turn."""
        self.is_started.clear()
        while self._closers:
            try:
                self._closers.pop()()
            except Exception:
                log.exception("%s: closing failed", self.name)

    def exit_now(self, code: int) -> NoReturn:
        """Ends the process with this exit code: the clients' threads must neither hold up nor follow what is decided."""
        self.close()
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def start_logging(*, debug: bool = False, log_format: LogFormat = "text", stage: str = "") -> None:
    """Sends logs to standard error, a line at a time: ours from INFO, those of libraries from WARNING."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter(log_format, stage))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(logging.INFO if debug else logging.CRITICAL)
    log.setLevel(logging.INFO)


@contextlib.contextmanager
def set_by_signals(stopping: threading.Event) -> Iterator[None]:
    """Sets `stopping` at SIGTERM or SIGINT while the block runs, in the main thread; a second signal ends the process.

    A handler interrupts the main thread, which may be inside `stopping` and hold its lock: to set it there would wait for
    ever. `SimpleQueue.put` may be interrupted by itself, so another thread hears of the signal and sets the event.
    """
    asked: queue.SimpleQueue[None] = queue.SimpleQueue()

    def stop(number: int, _: FrameType | None) -> None:
        asked.put(None)
        signal.signal(number, signal.SIG_DFL)

    def wait_for_signal() -> None:
        asked.get()
        stopping.set()

    threading.Thread(target=wait_for_signal, name="signals", daemon=True).start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    try:
        yield
    finally:
        asked.put(None)


@contextlib.contextmanager
def stopped_by_signals(process: Process, stopping: threading.Event) -> Iterator[None]:
    """Sets `stopping` at SIGTERM or SIGINT while the block runs; says the last words of a block that ends without an error.

    For a process of threads, in its main thread. An error is the caller's: `rafid` prints it in one line and ends with 1.
    """
    process.start()
    try:
        with set_by_signals(stopping):
            yield
        process.log_stopped()
    finally:
        process.close()


async def run_until_stopped(process: Process, work: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """Runs `work` in this event loop with an event that SIGTERM and SIGINT set, and logs reports meanwhile.

    Returns when `work` does, having said the last words; raises what it raises.
    """
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop(number: int) -> None:
        stopping.set()
        loop.remove_signal_handler(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop, number)
    reporting = asyncio.create_task(_report(process))
    try:
        await work(stopping)
    finally:
        reporting.cancel()
    process.log_stopped()


async def _report(process: Process) -> None:
    while True:
        await asyncio.sleep(process.report_every_s)
        process.report()
