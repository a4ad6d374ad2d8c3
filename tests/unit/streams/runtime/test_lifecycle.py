"""How a process lives and ends, tried on real processes."""

from __future__ import annotations

import signal
import socket
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


def test_a_producer_that_is_told_to_end_before_it_has_begun_ends_with_0(tmp_path: Path) -> None:
    sources = tmp_path / "sources.toml"
    sources.write_text("contact='https://contact.example/'\n[[source]]\nname='madar'\nfeeds=['https://madar.example/rss']\n")
    with socket.create_server(("127.0.0.1", 0)) as silent_kafka:
        address = f"127.0.0.1:{silent_kafka.getsockname()[1]}"
        command = ["produce", "feeds", str(sources), "--state", str(tmp_path / "feeds.sqlite"), "--kafka", address]
        with subprocess.Popen([sys.executable, "-m", "rafid", *command], cwd=ROOT, stderr=subprocess.PIPE) as process:
            silent_kafka.settimeout(60)
            silent_kafka.accept()[0].close()  # it asks for Kafka, and does not follow anything yet
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=30)

    assert process.returncode == 0


TOLD_BEFORE_IT_LISTENS = """
    import signal, uvicorn
    from deploy.console import serve
    from indexing.elastic.settings import ElasticSettings
    from streams.connect.kafka import KafkaSettings
    from streams.runtime.lifecycle import Process
    from streams.runtime.settings import ShellSettings
    as_it_is = uvicorn.Server.run
    def run(server, sockets):
        signal.raise_signal(signal.SIGTERM)
        as_it_is(server, sockets)
    uvicorn.Server.run = run
    settings = serve.Settings(host="127.0.0.1", port=0)
    process = Process("console", ShellSettings())
    serve.serve(settings, process, KafkaSettings("127.0.0.1:1"), ElasticSettings("http://127.0.0.1:1"))
"""


def test_a_console_that_is_told_to_end_before_its_server_hears_signals_ends() -> None:
    program = [sys.executable, "-c", textwrap.dedent(TOLD_BEFORE_IT_LISTENS)]

    assert subprocess.run(program, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False).returncode == 0
