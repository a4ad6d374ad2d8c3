"""WARC files with the faults of those in use: every page that can be read is, and what cannot is named."""

from __future__ import annotations

import gzip
import io
import json

import pytest

from producers.archive.records import Capture, Damage, PackedWhole, read_records
from tests.unit.producers.feeds.exchanges import FILE

WARC = bytes.fromhex(json.loads(FILE.read_text(encoding="utf-8"))["F13"]["warc_hex"])
RECORDS = [b"WARC/1.0" + part for part in WARC.split(b"WARC/1.0")[1:]]
PACKED = b"".join(map(gzip.compress, RECORDS))
SECOND = len(gzip.compress(RECORDS[0]))


def urls(data: bytes, start: int = 0) -> list[str]:
    return [found.url[-1] for found in read_records(io.BytesIO(data), start) if isinstance(found, Capture)]


@pytest.mark.parametrize("data", [WARC, PACKED])
def test_pages_whose_headers_lie_are_read_and_a_revisit_is_none(data: bytes) -> None:
    found = list(read_records(io.BytesIO(data), 0))

    pages = [page for page in found if isinstance(page, Capture)]
    assert [page.url for page in pages] == [f"https://k.example/{number}" for number in (1, 2, 4)]
    assert "بدأ ترميم المدرسة القديمة." in pages[0].body.decode()
    assert [page.truncated for page in pages] == [None, None, "length"]
    assert found[-1].end == len(data)


@pytest.mark.parametrize("data", [WARC, PACKED])
def test_reading_goes_on_at_each_record(data: bytes) -> None:
    ends = [found.end for found in read_records(io.BytesIO(data), 0)]

    assert [urls(data, end) for end in ends] == [["2", "4"], ["4"], ["4"], []]


@pytest.mark.parametrize("length", [b"400", b"200"])
def test_a_wrong_length_costs_no_other_record(length: bytes) -> None:
    assert urls(WARC.replace(b"Content-Length: 288", b"Content-Length: " + length)) == ["1", "2", "4"]


def test_a_length_that_lies_leads_on_and_never_back() -> None:
    long = WARC.replace(b"Content-Length: 288", b"Content-Length: 99999")
    torn = long.replace(b"\r\n\r\nWARC", b"\r\nWARC", 1)

    negative = WARC.replace(b"Content-Length: 288", b"Content-Length: -400")

    for data in (long, torn, negative, long[:900], RECORDS[1] + long):
        ends = [found.end for found in read_records(io.BytesIO(data), 0)]
        assert ends == sorted(ends)
        assert ends[-1] == len(data)


def test_damage_is_named_and_costs_one_record() -> None:
    bad = bytearray(PACKED)
    bad[SECOND + 40] ^= 255

    [damage] = [found for found in read_records(io.BytesIO(bytes(bad)), 0) if isinstance(found, Damage)]

    assert damage.at == SECOND
    assert urls(bytes(bad)) == ["1", "4"]
    assert urls(PACKED[:SECOND] + b"junk" + PACKED[SECOND:]) == ["1", "2", "4"]


def test_a_file_packed_as_a_whole_is_refused_by_name() -> None:
    with pytest.raises(PackedWhole, match="gunzip"):
        urls(gzip.compress(WARC))


@pytest.mark.parametrize("data", [WARC, PACKED])
def test_a_last_record_that_is_torn_is_no_shorter_page(data: bytes) -> None:
    *_, last, end = [0, *(found.end for found in read_records(io.BytesIO(data), 0))]
    cuts = range(end - 20, end - 4)

    torn = [list(read_records(io.BytesIO(data[:cut]), last)) for cut in cuts]

    assert torn == [[Damage(last, cut, "it ends early", is_at_end=True)] for cut in cuts]
