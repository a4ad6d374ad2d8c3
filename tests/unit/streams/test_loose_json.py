"""Objects written nearly as JSON are read, nothing is run, and what is no object is refused."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.json_repair import NotAnObject, read_object
from streams.loose_json import literal

FIELDS: dict[str, Any] = {"url": "https://k.example/1", "title": "قال 'نعم', ]}", "live": True, "author": None, "n": [1, -2.5]}
LINE = json.dumps(FIELDS, ensure_ascii=False)


@pytest.mark.parametrize(
    ("written", "how"),
    [
        (LINE[:-1] + ",}", "commas too many"),
        (LINE.replace("-2.5]", "-2.5,]"), "commas too many"),
        (LINE + ",", "a comma behind it"),
        (LINE + ";", "a comma behind it"),
        ("data: " + LINE, "a line of server-sent events"),
        ("data:data:" + LINE, "a line of server-sent events"),
        ("\x1e" + LINE, "a record separator"),
        (LINE + "\x1e", "a record separator"),
        (str(FIELDS), "a literal of Python or JavaScript"),
        (repr(LINE.encode()), "a literal of Python or JavaScript"),
        (repr(LINE), "a literal of Python or JavaScript"),
        ('"' + LINE.replace('"', '""') + '"', "quoted as in CSV"),
        ("callback(" + LINE + ");", "a call"),
        ("window.page = " + LINE + ";", "an assignment"),
        (")]}'," + LINE, "a guard before it"),
        ("[" + LINE + "]", "a list of one"),
        ("[[" + LINE + "]]", "a list of one"),
        (json.dumps(LINE), "an object in a text"),
        (json.dumps(json.dumps(LINE)), "an object in a text"),
        (json.dumps([LINE]), "an object in a text"),
    ],
)
def test_an_object_is_read_however_it_is_framed(written: str, how: str) -> None:
    found, repairs = read_object(written.encode())

    assert found == FIELDS
    assert how in repairs


def test_a_record_that_is_cut_off_within_its_markup_is_refused_in_the_time_that_it_takes_to_read() -> None:
    torn = b'{"url": "https://k.example/1", "text": "' + b'<a href=\\"#\\">' * 60_000

    began_s = time.process_time()
    with pytest.raises(NotAnObject):
        read_object(torn)

    assert time.process_time() - began_s < 30  # looked for from each quote anew, it would take hours


@pytest.mark.parametrize("around", ["\ufeff\ufeff", "\u200b", "\u00a0", " \u200f"])
def test_what_is_invisible_around_an_object_is_no_part_of_it(around: str) -> None:
    assert read_object((around + LINE + around).encode())[0] == FIELDS


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("{url: 'a', ok: true, none: undefined,}", {"url": "a", "ok": True, "none": None}),
        ("{'id': ObjectId('5f1'), 'n': NumberLong(5)}", {"id": "5f1", "n": 5}),
        ("{'at': datetime.datetime(2026, 8, 16, 6, 5, tzinfo=datetime.timezone.utc)}", {"at": "2026-08-16T06:05:00Z"}),
        ("{'at': datetime.date(2026, 8, 16)}", {"at": "2026-08-16"}),
        ("('a', {'b'}, nan)", ["a", ["b"], None]),
        (r"'https:\/\/k.example \d'", r"https://k.example \d"),
    ],
)
def test_literals_of_python_and_javascript_are_values(written: str, value: object) -> None:
    assert literal(written) == value


@pytest.mark.parametrize(
    "written",
    [
        "__import__('os').system('true')",
        "{'a': open('/etc/passwd')}",
        "f'{1}'",
        "[1 for _ in 'ab']",
        "{**{}}",
        "1j",
        "datetime.datetime(2026, 8, 16, tzinfo=zone)",
        "datetime.datetime(2026, 8)",
        "'" + "a" * (5 << 20) + "'",
        "[" + "1," * 20_000 + "]",
        "-" * 100_000 + "1",
        "x" + "()" * 50_000,
        "(" * 500,
        "'\0'",
    ],
    ids=range(14),
)
def test_what_is_no_literal_is_refused_and_not_run(written: str) -> None:
    with pytest.raises(ValueError, match=r"literal|UTC"):
        literal(written)


@pytest.mark.parametrize(
    "written",
    [LINE + LINE, "[" + LINE + "," + LINE + "]", LINE[:-10], "event: message", "data: [DONE]", "callback()", "{}}", "'"],
)
def test_what_is_no_one_object_is_refused(written: str) -> None:
    with pytest.raises(NotAnObject):
        read_object(written.encode())


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("event: article", "holds no record"),
        ("id: 77", "holds no record"),
        ("retry:3000", "holds no record"),
        (": keep-alive", "holds no record"),
        (":", "holds no record"),
        ("data: [DONE]", "the end of a stream"),
        ("[DONE]", "the end of a stream"),
        ("data:", "the end of a stream"),
    ],
)
def test_what_stands_between_the_records_of_a_stream_is_refused_as_that(line: str, named: str) -> None:
    with pytest.raises(NotAnObject, match=named):
        read_object(line.encode())


@given(st.dictionaries(st.text(max_size=5), st.recursive(st.none() | st.booleans() | st.integers(), st.lists, max_leaves=5)))
def test_a_dictionary_of_python_is_read_as_json_would_be(fields: dict[str, Any]) -> None:
    assert literal(repr(fields)) == json.loads(json.dumps(fields))
