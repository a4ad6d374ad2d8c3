"""`rafid produce files` against a real broker: what was in the files is on the topics, once, and what is bad is told."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from producers.commands import files
from streams.connect.kafka import KafkaSettings
from streams.dead_letters.envelope import letter_of
from streams.identity import page_id
from streams.records import DeadLetter, Page
from streams.topics import topics
from tests.support.servers import Message, read_all

DEMO = Path(__file__).parents[3] / "deploy/demo/pages.jsonl"
NOWHERE = "127.0.0.1:1"


def pages(kafka: KafkaSettings) -> list[Page]:
    found = read_all(kafka, topics(kafka.namespace).pages.name)
    decoded = [Page.from_bytes(message.value or b"") for message in found]
    assert [message.key for message in found] == [bytes.fromhex(page.id) for page in decoded]
    return decoded


def letters(kafka: KafkaSettings) -> list[tuple[DeadLetter, Message]]:
    found = read_all(kafka, topics(kafka.namespace).dead_letters.name)
    return [(letter_of(message.headers.items()), message) for message in found]


def run(kafka: KafkaSettings, *arguments: str | Path) -> Result:
    options = ["--kafka", kafka.servers, "--namespace", kafka.namespace]
    return CliRunner().invoke(files, [*map(str, arguments), *options])


def process(kafka: KafkaSettings, arguments: Sequence[str], given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """The command as its own process, with these bytes on its standard input."""
    environment = os.environ | {"RAFID_KAFKA": kafka.servers, "RAFID_NAMESPACE": kafka.namespace}
    return subprocess.run(
        [sys.executable, "-m", "rafid", "produce", "files", *arguments],
        env=environment,
        input=given,
        capture_output=True,
        check=False,
    )


def write(path: Path, *rows: dict[str, Any] | bytes) -> Path:
    path.write_bytes(b"".join((row if isinstance(row, bytes) else json.dumps(row).encode()) + b"\n" for row in rows))
    return path


def row(number: int) -> dict[str, Any]:
    return {"url": f"https://elnahar.example/{number}", "source": "elnahar.example", "text": f"خبر رقم {number}"}


def test_the_sample_pages_all_arrive_but_the_line_that_is_cut_off(kafka: KafkaSettings) -> None:
    rows = DEMO.read_bytes().splitlines()
    result = run(kafka, DEMO, "--json")

    told = json.loads(result.stdout)
    ((letter, message),) = letters(kafka)

    assert result.exit_code == 0
    assert (told["sent"], told["refused"]) == (len(rows) - 1, 1)
    assert len(pages(kafka)) == len(rows) - 1
    assert (letter.stage, letter.reason, letter.topic) == ("produce", "malformed_page", None)
    assert letter.error.startswith("pages.jsonl:49: Page: not JSON")
    assert message.value == rows[48]
    assert (message.headers["file"], message.headers["line"]) == (b"pages.jsonl", b"49")


def test_refusals_tell_their_time_to_the_millisecond(kafka: KafkaSettings, tmp_path: Path) -> None:
    run(kafka, write(tmp_path / "a.jsonl", *[b"no page"] * 20))

    times = [letter.failed_at for letter, _ in letters(kafka)]

    assert len(times) == 20
    assert any(len(time) == len("2026-11-22T18:25:43.123Z") for time in times)


def test_a_page_arrives_with_all_that_was_known_of_it(kafka: KafkaSettings, tmp_path: Path) -> None:
    url = "https://elnahar.example/أخبار/1"
    given = {
        "id": 7,
        "url": url,
        "content": "متن",
        "category": "اقتصاد",
        "keywords": "ماء,ري",
        "date": "٢٢ تشرين الأول ٢٠٢٥ ٠٩:٠٠ م",
    }
    run(kafka, write(tmp_path / "a.jsonl", given | {"likes": 3}), "--timezone", "Asia/Riyadh")

    (page,) = pages(kafka)

    assert page.fetched_at > "2026"
    assert page.to_dict() | {"fetched_at": ""} == {
        "v": 1,
        "id": page_id(url, "", None, ""),
        "source": "elnahar.example",
        "source_id": "7",
        "url": url,
        "text": "متن",
        "published_at": "2025-10-22T18:00:00Z",
        "fetched_at": "",
        "section": "اقتصاد",
        "tags": ("ماء", "ري"),
        "likes": 3,
    }


def test_pages_of_one_url_arrive_in_the_order_of_the_file(kafka: KafkaSettings, tmp_path: Path) -> None:
    rows = [row(0) | {"text": f"نسخة {number}"} for number in range(300)]
    run(kafka, write(tmp_path / "a.jsonl", *rows))

    assert [page.text for page in pages(kafka)] == [given["text"] for given in rows]


def test_a_folder_of_everything_is_sent(kafka: KafkaSettings, tmp_path: Path) -> None:
    write(tmp_path / "b.jsonl", row(1), row(2))
    (tmp_path / "c.jsonl.gz").write_bytes(gzip.compress(json.dumps(row(3)).encode()))
    (tmp_path / "الشرق").mkdir()
    (tmp_path / "الشرق" / "قديم.txt").write_bytes("خبر قديم\nسطر آخر".encode("windows-1256"))
    (tmp_path / "image.png").write_bytes(b"\x89PNG")

    result = run(kafka, tmp_path)

    assert (result.exit_code, result.stdout) == (0, f"{tmp_path}: 4 sent, 0 refused\n")
    assert {(page.source, page.source_id, page.text) for page in pages(kafka)} == {
        *(("elnahar.example", None, f"خبر رقم {number}") for number in (1, 2, 3)),
        ("الشرق", "الشرق/قديم.txt", "خبر قديم\nسطر آخر"),
    }


def test_standard_input_is_sent(kafka: KafkaSettings) -> None:
    given = b"\n".join(json.dumps(row(number)).encode() for number in range(3))
    result = process(kafka, ["-", "--json"], given)

    assert (result.returncode, json.loads(result.stdout)["sent"], result.stderr) == (0, 3, b"")
    assert len(pages(kafka)) == 3


def test_each_kind_of_bad_line_is_a_dead_letter_and_the_rest_goes_on(kafka: KafkaSettings, tmp_path: Path) -> None:
    bad: list[bytes] = [
        b'{"text": ',
        b'{"text": "\xff\xfe"}',
        b"[" * 3_000,
        b"[1]",
        b'"text"',
        b'{"text": ""}',
        b'{"title": "no text"}',
        b'{"text": "a", "url": "javascript:void(0)"}',
        b'{"text": "a", "deep": ' + b"[" * 500 + b"]" * 500 + b"}",
        json.dumps({"text": "ن" * 450_001}).encode(),
        json.dumps({"text": "a", "comments": "x" * 2_200_000}).encode(),
    ]
    rows: list[dict[str, Any] | bytes] = []
    for number, line in enumerate(bad):
        rows += [row(number), line]
    result = run(kafka, write(tmp_path / "a.jsonl", *rows, row(99)), "--source", "s")

    found = {int(message.headers["line"]): (letter, message) for letter, message in letters(kafka)}

    assert result.exit_code == 0
    assert f"{len(bad) + 1} sent, {len(bad)} refused" in result.stdout
    assert result.stderr.count("\n") == 6
    assert "rafid dead-letters list --stage produce" in result.stderr
    assert sorted(found) == list(range(2, 2 * len(bad) + 1, 2))
    assert [found[2 * number + 2][1].value for number in range(len(bad))] == [line[: 1024 * 1024] for line in bad]
    assert [found[number][0].reason for number in sorted(found)] == ["malformed_page"] * 9 + ["page_too_large"] * 2
    assert (found[22][0].length, found[20][0].error) == (
        len(bad[-1]),
        "a.jsonl:20: a text of 900,002 bytes; a page may have 900,000",
    )
    assert len(pages(kafka)) == len(bad) + 1


def test_files_of_which_no_line_is_a_page_fail(kafka: KafkaSettings, tmp_path: Path) -> None:
    result = run(kafka, write(tmp_path / "a.jsonl", b"[]", b"{"))

    assert (result.exit_code, result.stdout) == (1, f"{tmp_path / 'a.jsonl'}: 0 sent, 2 refused\n")


def test_a_gzip_that_is_cut_off_fails_after_its_whole_lines_were_sent(kafka: KafkaSettings, tmp_path: Path) -> None:
    packed = gzip.compress(
        b"\n".join(json.dumps(row(number) | {"noise": os.urandom(50).hex()}).encode() for number in range(500))
    )
    (tmp_path / "a.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    write(tmp_path / "b.jsonl", row(1000))

    result = run(kafka, tmp_path, "--json")
    told = json.loads(result.stdout)

    assert result.exit_code == 1
    assert result.stderr == "a.jsonl.gz ends early (its gzip is cut off): what came before was handled\n"
    assert told["refused"] == 0
    assert {page.text for page in pages(kafka)} == {row(number)["text"] for number in [*range(told["sent"] - 1), 1000]}


def test_a_namespace_without_topics_is_an_error_that_says_what_to_do(kafka: KafkaSettings, tmp_path: Path) -> None:
    elsewhere = KafkaSettings(kafka.servers, namespace=f"{kafka.namespace}-missing")
    result = process(elsewhere, [str(write(tmp_path / "a.jsonl", row(1)))])

    assert result.returncode == 1
    assert result.stderr.decode().count("\n") == 1
    assert f"no topic {elsewhere.namespace}.dead-letters and {elsewhere.namespace}.pages" in result.stderr.decode()
    assert "rafid provision" in result.stderr.decode()


@pytest.mark.parametrize("address", [NOWHERE, "no-such-host.invalid:9092"])
def test_a_broker_that_is_away_is_an_error_in_one_line(tmp_path: Path, address: str) -> None:
    result = process(KafkaSettings(address), [str(write(tmp_path / "a.jsonl", row(1)))])

    assert result.returncode == 1
    assert result.stderr.decode().count("\n") == 1
    assert address in result.stderr.decode()
    assert "rafid local up" in result.stderr.decode()


@pytest.mark.parametrize(
    "arguments", [["/no/such/file"], ["-", "--timezone", "Mars/Olympus"], ["-", "--encoding", "klingon"], []]
)
def test_wrong_usage_exits_with_2(arguments: list[str]) -> None:
    assert run(KafkaSettings(NOWHERE), *arguments).exit_code == 2


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_memory_does_not_grow_with_the_input(kafka: KafkaSettings, tmp_path: Path) -> None:
    peaks = []
    for count in (20_000, 200_000):
        path = tmp_path / "a.jsonl"
        with path.open("w", encoding="utf-8") as out:
            out.writelines(json.dumps(row(number) | {"noise": os.urandom(1_500).hex()}) + "\n" for number in range(count))
        command = f"""
import resource
import rafid
try:
    rafid.cli.main(args={["produce", "files", str(path)]!r}, standalone_mode=False)
finally:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
        environment = os.environ | {"RAFID_KAFKA": kafka.servers, "RAFID_NAMESPACE": kafka.namespace}
        done = subprocess.run([sys.executable, "-c", command], env=environment, capture_output=True, text=True, check=True)
        told, peak = done.stdout.splitlines()
        assert told == f"{path}: {count} sent, 0 refused"
        peaks.append(int(peak) / 1024)

    assert peaks[1] - peaks[0] < 100, f"MiB: {peaks}"
