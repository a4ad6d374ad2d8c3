"""What was fetched, as WARC: another program reads it, nothing is stored twice, and a full file is followed by another."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from producers.archive.records import Capture, read_records
from producers.fetch.archiving import ArchiveWriter
from producers.fetch.client import Answer
from streams.errors import RafidError

AT = datetime(2026, 11, 22, 18, 25, 43, tzinfo=UTC)
URL = "https://madar.example/1"
HTML = "<html><body><p>افتتحت بلدية العين الزرقاء جسر المشاة.</p></body></html>".encode()


def answer(body: bytes = HTML, *, status: int = 200, url: str = URL) -> Answer:
    headers = {"content-type": "text/html", "content-encoding": "gzip", "transfer-encoding": "chunked", "x-note": "é\udc80"}
    return Answer(url, url, status, headers, body, gzip.compress(body, mtime=0) if status == 200 else b"")


def written(folder: Path, *answers: Answer, max_bytes: int = 1_000_000) -> list[Path]:
    writer = ArchiveWriter(folder, "rafid", max_bytes)
    for each in answers:
        writer.write(each, AT)
    writer.close()
    return sorted(folder.iterdir())


def records(file: Path) -> Iterator[tuple[str, str | None, str | None]]:
    with file.open("rb") as stream:
        for record in ArchiveIterator(stream):
            header = record.rec_headers.get_header
            yield record.rec_type, header("WARC-Refers-To-Date"), header("WARC-Profile", "").rpartition("/")[2]


def captures(files: list[Path]) -> Iterator[Capture]:
    for file in files:
        with file.open("rb") as stream:
            yield from (found for found in read_records(stream, 0) if isinstance(found, Capture))


def test_a_page_is_read_back_as_it_was_fetched(tmp_path: Path) -> None:
    [found] = captures(written(tmp_path, answer()))

    assert (found.url, found.date, found.content_type, found.body) == (URL, "2026-11-22T18:25:43Z", "text/html", HTML)


def test_a_body_that_has_not_changed_is_stored_once(tmp_path: Path) -> None:
    [file] = written(tmp_path, answer(), answer(), answer(status=304), answer(b"<p>2"), answer())

    date = "2026-11-22T18:25:43Z"
    assert list(records(file)) == [
        ("warcinfo", None, ""),
        ("response", None, ""),
        ("revisit", date, "identical-payload-digest"),
        ("revisit", date, "server-not-modified"),
        ("response", None, ""),
        ("response", None, ""),
    ]


def test_an_unchanged_answer_whose_body_is_elsewhere_leaves_no_record(tmp_path: Path) -> None:
    assert written(tmp_path, answer(status=304)) == []


def test_a_full_file_is_followed_by_another(tmp_path: Path) -> None:
    files = written(tmp_path, *(answer(url=f"{URL}{number}") for number in range(3)), max_bytes=300)

    assert [[kind for kind, _, _ in records(file)] for file in files] == [["warcinfo", "response"]] * 3
    assert sorted(found.url for found in captures(files)) == [f"{URL}{number}" for number in range(3)]


def test_another_program_finds_every_digest_right(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    [file] = written(tmp_path, answer(), answer(b"<p>2"))

    class Options:
        inputs, verbose = (str(file),), True

    assert Checker(Options()).process_all() == 0
    assert capsys.readouterr().out.count("digest pass") == 3


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(RafidError, match="cannot be archived"):
        written(tmp_path / "file", answer())
