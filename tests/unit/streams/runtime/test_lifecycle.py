"""How a process lives and ends, tried on real processes."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
THREADS = """
    import threading
    from streams.runtime.fates import Fate
    from streams.runtime.lifecycle import Process, stopped_by_signals
    from streams.runtime.settings import ShellSettings
    process, stopping = Process("index", ShellSettings(report_every_s=60)), threading.Event()
    process.at_end(lambda: print("closed", flush=True))
    with stopped_by_signals(process, stopping):
        process.counts.add(Fate.INDEXED, 2)
        print("started", flush=True)
        stopping.wait(30)
"""
LOOP = """
    import asyncio
    from streams.runtime.fates import Fate
    from streams.runtime.lifecycle import Process, run_until_stopped, start_logging
    from streams.runtime.settings import ShellSettings
    process = Process("index", ShellSettings(report_every_s=60))
    process.at_end(lambda: print("closed", flush=True))
    async def work(stopping):
        process.counts.add(Fate.INDEXED, 2)
        print("started", flush=True)
        await asyncio.wait_for(stopping.wait(), 30)
    start_logging()
    asyncio.run(run_until_stopped(process, work))
    process.exit_now(0)
"""

SIGNALLED_WITHIN_THE_EVENT = """
    import signal, threading
    from streams.runtime.lifecycle import Process, stopped_by_signals
    from streams.runtime.settings import ShellSettings
    process, stopping = Process("index", ShellSettings(report_every_s=60)), threading.Event()
    with stopped_by_signals(process, stopping):
        with stopping._cond:  # as `wait` holds it for a moment
            signal.raise_signal(signal.SIGTERM)
        assert stopping.wait(30)
"""


def test_a_signal_that_interrupts_the_wait_for_it_ends_the_process() -> None:
    program = [sys.executable, "-c", textwrap.dedent(SIGNALLED_WITHIN_THE_EVENT)]

    ended = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)

    assert (ended.returncode, "stopped after nothing to do" in ended.stderr) == (0, True)


@pytest.mark.parametrize("program", [THREADS, LOOP])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_work_with_last_words_and_exit_code_0(program: str, number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        process.send_signal(number)
        out, err = process.communicate(timeout=30)

    assert process.returncode == 0
    assert "index: stopped after 2 verdicts: 2 indexed" in err
    assert out == "closed\n"
