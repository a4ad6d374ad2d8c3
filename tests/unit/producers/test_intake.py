"""An item is a page on its topic or a dead letter, counted once, with an answer."""

from __future__ import annotations

import gzip
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from kafka import errors as kafka_errors

from producers.intake import GATHERED_MESSAGES, Accepted, FileReader, Intake, Refused, Tally
from producers.publisher import Publisher
from producers.values.defaults import Defaults
from streams.dead_letters.envelope import Reason
from streams.topics import topics
from tests.support.servers import wait_until
from tests.unit.producers.test_publisher import Client

NOW = datetime(2026, 11, 22, 18, tzinfo=UTC)
FIELDS: dict[str, Any] = {"url": "https://k.example/1", "text": "افتتاح الجسر"}


def test_each_item_has_one_answer_and_one_fate() -> None:
    client = Client()
    arrived: list[str] = []
    with Publisher(client) as messages:
        intake = Intake(messages, topics(), clock=lambda: NOW)

        first = intake.take_fields(FIELDS, Defaults(), "https://k.example/1", arrived=lambda: arrived.append("page"))
        second = intake.take_line(b"{", Defaults(), "a.jsonl:7", arrived=lambda: arrived.append("letter"))
        assert arrived == []

    assert isinstance(first, Accepted)
    assert second == Refused(Reason.MALFORMED_PAGE, second.error)  # type: ignore[union-attr]
    assert intake.fates == {"sent": 1, "malformed_page": 1}
    assert arrived == ["page", "letter"]
    assert [topic for topic, _key, _value in client.log] == ["news.pages", "news.dead-letters"]
    assert orjson.loads(client.log[0][2] or b"")["id"] == first.id


def test_an_arrival_is_reported_only_after_what_failed_was_sent_again() -> None:
    client = Client(lambda _value, attempt: kafka_errors.NotLeaderForPartitionError() if attempt == 1 else None)
    arrived: list[int] = []
    with Publisher(client) as messages:
        messages.send("news.pages", b"k", b"a", arrived=lambda: arrived.append(1))
        client.flush(0)
        assert arrived == []
        messages.flush()

    assert arrived == [1]


def test_each_record_of_a_list_on_one_line_has_its_own_fate(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    records = [FIELDS | {"url": f"https://k.example/{number}"} for number in range(3)]
    path.write_bytes(orjson.dumps(FIELDS) + b"\n" + orjson.dumps([*records, {"url": "https://k.example/empty"}]) + b"\n[1,2]\n")
    client, said, tally = Client(), list[str](), Tally(str(path))
    with Publisher(client) as messages:
        intake = Intake(messages, topics(), clock=lambda: NOW, on_refused=said.append)
        FileReader(intake, Defaults(), None, None, on_error=said.append, advanced=lambda _bytes: None).read(tally)

    assert (tally.sent, tally.refused) == (4, 2)
    assert [line.partition(": ")[0] for line in said] == ["refused a.jsonl:2[4]", "refused a.jsonl:3"]
    assert [topic for topic, _key, _value in client.log].count("news.pages") == 4


def test_what_json_cannot_write_is_refused_too_and_keeps_nothing_else_from_going(tmp_path: Path) -> None:
    deep: Any = []
    for _ in range(300):
        deep = [deep]
    client = Client()
    with Publisher(client) as messages:
        intake = Intake(messages, topics(), clock=lambda: NOW)

        large = intake.take_fields({"text": 7, "number": 2**70}, Defaults(), "push")
        nested = intake.take_fields({"text": {}, "deep": deep}, Defaults(), "push")
        (tmp_path / "a.jsonl").write_bytes(b'[{"deep":' + b"[" * 300 + b"]" * 300 + b"}," + orjson.dumps(FIELDS) + b"]")
        tally = Tally(str(tmp_path / "a.jsonl"))
        FileReader(intake, Defaults(), None, None, print, lambda _count: None).read(tally)

    assert isinstance(large, Refused)
    assert isinstance(nested, Refused)
    assert (tally.sent, tally.refused) == (1, 1)
    assert [topic for topic, _key, _value in client.log] == ["news.dead-letters"] * 3 + ["news.pages"]


def test_pages_of_a_file_are_sent_in_their_order_also_where_it_ends_early(tmp_path: Path) -> None:
    count = GATHERED_MESSAGES + 3
    lines = b"".join(orjson.dumps(FIELDS | {"url": f"https://k.example/{number}"}) + b"\n" for number in range(count))
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(lines, mtime=0) + gzip.compress(lines, mtime=0)[:-9])
    client, tally = Client(), Tally(str(path))
    with Publisher(client) as messages:
        FileReader(Intake(messages, topics()), Defaults(), None, None, print, lambda _count: None).read(tally)

    sent = [orjson.loads(value or b"")["url"] for _topic, _key, value in client.log]
    assert (tally.sent, len(tally.errors)) == (len(sent), 1)
    assert sent[:count] == [f"https://k.example/{number}" for number in range(count)]


def test_what_comes_through_a_pipe_is_sent_while_the_pipe_is_open(tmp_path: Path) -> None:
    path = tmp_path / "pages.jsonl"
    os.mkfifo(path)
    client = Client()
    with Publisher(client) as messages, ThreadPoolExecutor(1) as pool:
        reader = FileReader(Intake(messages, topics()), Defaults(), None, None, print, lambda _count: None)
        reading = pool.submit(reader.read, Tally(str(path)))
        with path.open("wb", buffering=0) as pipe:
            pipe.write(orjson.dumps(FIELDS) + b"\n")
            wait_until(lambda: bool(client.waiting), "the page to be sent", 30)
        reading.result(30)
