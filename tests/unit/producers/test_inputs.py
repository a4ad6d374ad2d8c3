"""What is in the files that are given, line by line."""

from __future__ import annotations

import gzip
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from producers import inputs as reading
from producers.inputs import LINES, MAX_LINE_BYTES, TEXT, Input, InputLine, Unreadable, inputs, lines, read_whole


def ignored(_count: int) -> None:
    """Nobody asks how far reading is."""


def read(path: Path, encoding: str | None = None) -> list[bytes]:
    return [line.data for line in lines(Input(path, path.name, LINES), ignored, encoding)]


@given(st.lists(st.binary(max_size=20).map(lambda data: data.replace(b"\n", b"")), max_size=12), st.integers(1, 9), st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_lines_come_out_as_they_went_in_wherever_a_chunk_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: list[bytes], chunk: int, packed: bool
) -> None:
    monkeypatch.setattr(reading, "CHUNK_BYTES", chunk)
    rows = [b"x" + row for row in rows]
    path = tmp_path / "a.jsonl"
    path.write_bytes(gzip.compress(b"\n".join(rows)) if packed else b"\n".join(rows))

    assert read(path) == rows


def test_lines_are_counted_and_blank_ones_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n{}\n \r\n[]")

    assert list(lines(Input(path, "a", LINES), ignored)) == [InputLine(2, b"{}", 2), InputLine(4, b"[]", 2)]


def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\xef\xbb\xbf{}\n")

    assert read(path) == [b"{}"]


@pytest.mark.parametrize("encoding", ["windows-1256", "utf-16"])
def test_another_encoding_becomes_utf_8(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    monkeypatch.setattr(reading, "CHUNK_BYTES", 3)
    path = tmp_path / "a.jsonl"
    path.write_bytes("خبر أول\nخبر ثان".encode(encoding))

    assert read(path, encoding) == ["خبر أول".encode(), "خبر ثان".encode()]


def test_a_byte_that_is_not_in_the_encoding_spoils_its_own_line_only(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\xc7\n\xa1\n\xc8")

    assert read(path, "iso-8859-6") == ["ا".encode(), b"\xa1", "ب".encode()]


def test_a_line_above_the_limit_is_cut_and_its_length_told(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with path.open("wb") as out:
        out.write(b"{}\n")
        for _ in range(3):
            out.write(b"x" * (MAX_LINE_BYTES // 2))
        out.write(b"\n[]\n")

    first, long, last = lines(Input(path, "a", LINES), ignored)

    assert (first, last) == (InputLine(1, b"{}", 2), InputLine(3, b"[]", 2))
    assert (long.number, len(long.data), long.length) == (2, MAX_LINE_BYTES, MAX_LINE_BYTES // 2 * 3)


def test_a_gzip_of_several_members_is_one_file(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(b"{}\n") + gzip.compress(b"[]\n"))

    assert read(path) == [b"{}", b"[]"]


def broken(path: Path) -> tuple[list[bytes], str]:
    """The lines that come before the error, and what the error says."""
    found: list[bytes] = []
    with pytest.raises(Unreadable) as caught:
        found.extend(line.data for line in lines(Input(path, path.name, LINES), ignored))
    return found, str(caught.value)


def test_of_a_gzip_that_is_cut_off_every_whole_line_is_read(tmp_path: Path) -> None:
    rows = [os.urandom(40).hex().encode() for _ in range(5_000)]
    packed = gzip.compress(b"\n".join(rows))
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(packed[: len(packed) // 2])

    found, told = broken(path)

    assert found == rows[: len(found)]
    assert len(found) > 2_000
    assert told == "a.jsonl.gz ends early (its gzip is cut off): what came before was handled"


def test_damage_in_a_gzip_is_told(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(b"{}\n" * 100))
    packed[-6] ^= 0xFF
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(packed)

    found, told = broken(path)

    assert found == [b"{}"] * 100
    assert told.startswith("a.jsonl.gz is damaged (CRC check failed")


@pytest.mark.parametrize(("data", "kind"), [(b"PK\x03\x04rest", "zip"), (b"\x28\xb5\x2f\xfdrest", "zstd"), (b"%PDF-1.7", "PDF")])
def test_a_file_of_another_kind_is_refused_whole(tmp_path: Path, data: bytes, kind: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(data)

    found, told = broken(path)

    assert (found, told) == ([], f"a.jsonl is {kind}: unpack it first (plain or gzip is expected)")


@pytest.mark.parametrize(
    ("data", "program"),
    [
        (b'[\n {"text": "a"},\n {"text": "b"}\n]', ".[]"),
        (b'\xef\xbb\xbf\n[{"text": "a"},\n{"text": "b"}]', ".[]"),
        (b'{\n  "text": "a"\n}\n{\n  "text": "b"\n}', "."),
    ],
)
def test_json_over_several_lines_is_refused_whole_with_what_makes_lines_of_it(tmp_path: Path, data: bytes, program: str) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(data)

    assert broken(path) == ([], f"a.json is JSON, but not one object on each line: `jq -c '{program}'` makes it so")


@pytest.mark.parametrize("first", [b'[{"text": "a"}]', b"{}", b'{"text": "cut o', b""])
def test_a_first_line_that_is_bad_by_itself_spoils_no_other(tmp_path: Path, first: bytes) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(first + b'\n{"text": "b"}')

    assert read(path) == [*filter(None, [first]), b'{"text": "b"}']


@pytest.mark.parametrize("packed", [False, True])
def test_a_pipe_is_read_from_its_first_byte_to_its_last(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / "63"
    os.mkfifo(path)
    data = b"{}\n" * 100_000
    writer = threading.Thread(target=lambda: path.write_bytes(gzip.compress(data) if packed else data))
    writer.start()
    told: list[int] = []

    (source,) = inputs(str(path))
    found = [line.data for line in lines(source, told.append)]
    writer.join()

    assert source == Input(path, "63", LINES, None)
    assert found == [b"{}"] * 100_000
    assert sum(told) == len(data)


def test_a_file_that_went_away_is_told(tmp_path: Path) -> None:
    assert broken(tmp_path / "gone.jsonl") == ([], "gone.jsonl cannot be read: No such file or directory")


def test_a_folder_gives_its_files_by_name_and_depth_and_leaves_out_others(tmp_path: Path) -> None:
    for name in (
        "b.jsonl",
        "a.txt",
        "sub/c.jsonl.gz",
        "sub/d.NDJSON",
        "sub/e.json",
        "x.png",
        ".hidden.txt",
        ".git/f.txt",
        "z.gz",
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"{}")

    found = [(source.name, source.kind, source.bytes) for source in inputs(str(tmp_path))]

    assert found == [
        ("a.txt", TEXT, 2),
        ("b.jsonl", LINES, 2),
        ("sub/c.jsonl.gz", LINES, 2),
        ("sub/d.NDJSON", LINES, 2),
        ("sub/e.json", LINES, 2),
    ]


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("pages.dat", b' \n{"text": "a"}', LINES),
        ("pages.gz", gzip.compress(b'{"text": "a"}', mtime=0), LINES),
        ("story", "خبر".encode(), TEXT),
        ("story.txt", b"{", TEXT),
        ("pages.jsonl", "خبر".encode(), LINES),
    ],
)
def test_a_named_file_is_what_its_name_says_or_else_what_it_begins_like(
    tmp_path: Path, name: str, data: bytes, kind: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)

    assert [source.kind for source in inputs(str(path))] == [kind]


def test_a_format_that_is_given_goes_before_the_name(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"{}")

    assert [source.kind for source in inputs(str(path), LINES)] == [LINES]


def test_all_bytes_on_disk_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(os.urandom(1_000_000).hex().encode() + b"\n{}\n"))
    told: list[int] = []

    assert len(list(lines(Input(path, "a", LINES), told.append))) == 2
    assert sum(told) == path.stat().st_size


def test_a_whole_file_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"a\nb\n")

    assert read_whole(Input(path, "a", TEXT), ignored) == InputLine(1, b"a\nb\n", 4)


@pytest.fixture
def standard_input(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """A function that puts these bytes on standard input."""

    def put(data: bytes) -> None:
        read_end, write_end = os.pipe()
        os.write(write_end, data)
        os.close(write_end)
        monkeypatch.setattr(sys, "stdin", os.fdopen(read_end, "r"))

    return put


def test_standard_input_is_json_lines_plain_or_gzipped(standard_input: Callable[[bytes], None]) -> None:
    (source,) = inputs("-")
    found = []
    for data in (b"{}\n[]\n", gzip.compress(b"{}\n[]\n")):
        standard_input(data)
        found.append([line.data for line in lines(source, ignored)])
        sys.stdin.close()

    assert found == [[b"{}", b"[]"], [b"{}", b"[]"]]
