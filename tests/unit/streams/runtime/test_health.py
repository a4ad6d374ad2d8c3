"""What a process answers to probes and scrapes, asked over HTTP."""

from __future__ import annotations

import contextlib
import logging
import socket
import struct
import time
from collections.abc import Iterator

import httpx
import orjson
import pytest
from prometheus_client.parser import text_string_to_metric_families

from streams.dead_letters.envelope import Reason
from streams.errors import RafidError
from streams.runtime.fates import Fate
from streams.runtime.lifecycle import Process
from streams.runtime.log_format import formatter
from streams.runtime.settings import HealthSettings, ShellSettings


@pytest.fixture
def port() -> int:
    """A port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def process(port: int) -> Iterator[Process]:
    process = Process("split", ShellSettings(health=HealthSettings(port)))
    process.start()
    with contextlib.closing(process):
        yield process


def status(port: int, path: str) -> int:
    return httpx.get(f"http://127.0.0.1:{port}{path}").status_code


def samples(port: int) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """The samples of a scrape by name and sorted labels, each of which stands once."""
    text = httpx.get(f"http://127.0.0.1:{port}/metrics").raise_for_status().text
    found = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    by_name = {(sample.name, tuple(sorted(sample.labels.items()))): sample.value for sample in found}
    assert len(by_name) == len(found)
    return by_name


def test_a_scrape_shows_what_the_process_counted(port: int, process: Process) -> None:
    process.counts.add(Fate.SPLIT, 4)
    process.counts.add_dead_letter(Reason.PAGE_TOO_LARGE)
    process.counts.articles_made += 7
    process.vitals.backlog.measure({("news.pages", 3): 112}, {("news.pages", 3): 100}, time.monotonic())
    process.vitals.settle_batch(40, 0.03)

    shown = samples(port)

    split = ("stage", "split")
    assert shown["rafid_items_total", (("fate", "split"), split)] == 4
    assert shown["rafid_items_total", (("fate", "dead_letter"), split)] == 1
    assert shown["rafid_dead_letters_total", (("reason", "page_too_large"), split)] == 1
    assert shown["rafid_articles_made_total", (split,)] == 7
    assert shown["rafid_lag_messages", (("partition", "3"), split, ("topic", "news.pages"))] == 12
    assert shown["rafid_overdue_messages", (("partition", "3"), split, ("topic", "news.pages"))] == 12
    assert shown["rafid_batch_messages_bucket", (("le", "10.0"), split)] == 0
    assert shown["rafid_batch_messages_bucket", (("le", "50.0"), split)] == 1
    assert shown["rafid_batch_duration_seconds_sum", (split,)] == 0.03
    assert shown["rafid_last_success_timestamp_seconds", (split,)] > 1.7e9
    assert shown["process_cpu_seconds_total", ()] > 0


def test_before_anything_came_every_fate_and_reason_is_there_as_zero(port: int, process: Process) -> None:
    """An alert on an increase needs the value before the first one."""
    shown = {(name, dict(labels)["reason"]): value for (name, labels), value in samples(port).items() if "reason" in dict(labels)}

    assert shown == {("rafid_dead_letters_total", reason.value): 0 for reason in Reason}


def test_it_is_alive_while_it_starts_and_ready_when_it_works(port: int, process: Process) -> None:
    assert (status(port, "/healthz"), status(port, "/readyz")) == (200, 503)

    process.ready()

    assert (status(port, "/healthz"), status(port, "/readyz")) == (200, 200)


def test_a_loop_that_stands_is_neither_alive_nor_ready(port: int, process: Process) -> None:
    process.ready()
    process.vitals.turned_at -= 3_600

    assert (status(port, "/healthz"), status(port, "/readyz")) == (503, 503)


def test_what_hinders_a_process_is_what_readyz_says(port: int, process: Process) -> None:
    process.ready()
    process.vitals.hindrances.append(lambda: "the register is being rebuilt")

    answer = httpx.get(f"http://127.0.0.1:{port}/readyz")

    assert (answer.status_code, answer.text) == (503, "the register is being rebuilt\n")
    assert status(port, "/healthz") == 200
    assert samples(port)["rafid_ready", (("stage", "split"),)] == 0


def test_a_scraper_that_hangs_up_leaves_nothing_in_the_log(
    port: int, process: Process, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(50):
        with socket.create_connection(("127.0.0.1", port)) as scraper:
            scraper.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closed with a reset
            scraper.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")

    assert samples(port)
    assert "Traceback" not in capsys.readouterr().err


def test_another_path_names_those_that_there_are(port: int, process: Process) -> None:
    answer = httpx.get(f"http://127.0.0.1:{port}/")

    assert (answer.status_code, answer.text) == (404, "/metrics, /healthz, /readyz\n")


def test_a_port_that_is_taken_is_an_error_in_one_line(port: int, process: Process) -> None:
    second = Process("dedup", ShellSettings(health=HealthSettings(port)))

    with pytest.raises(RafidError, match=rf"^metrics cannot be served on 127.0.0.1:{port} \(Address already in use\)"):
        second.start()


def test_the_port_is_free_again_when_the_process_has_ended(port: int) -> None:
    for _ in range(2):
        process = Process("split", ShellSettings(health=HealthSettings(port)))
        process.start()
        process.close()


def test_a_log_line_in_json_carries_what_it_is_about() -> None:
    record = logging.makeLogRecord(
        {"name": "rafid", "msg": "dead letter\n%s", "args": ("x",), "topic": "news.pages", "offset": 7, "levelname": "INFO"}
    )

    line = formatter("json", "split").format(record)

    assert "\n" not in line
    fields = orjson.loads(line)
    assert fields.pop("time").endswith("+00:00")
    assert fields == {
        "level": "info",
        "logger": "rafid",
        "stage": "split",
        "message": "dead letter\nx",
        "topic": "news.pages",
        "offset": 7,
    }
