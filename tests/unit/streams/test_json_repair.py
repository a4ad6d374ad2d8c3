"""Messages that are no strict JSON are read, or refused in words that a person understands."""

from __future__ import annotations

import math

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.json_repair import NotAnObject, read_object

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=10,
)


@given(st.dictionaries(TEXTS, JSON))
def test_strict_json_is_read_as_it_is(fields: dict[str, object]) -> None:
    assert read_object(orjson.dumps(fields)) == (fields, [])


@given(st.binary(max_size=80))
def test_any_bytes_are_an_object_that_can_be_written_or_are_refused(data: bytes) -> None:
    try:
        fields, _repairs = read_object(data)
    except NotAnObject:
        return
    orjson.dumps(fields)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", "empty"),
        (b"\x1f\x8b\x08\0rest", "gzip"),
        (b"\0\0\0\0\1\2\4avro", "schema registry framing"),
        (b"[1]", "a list"),
        (b"7", "an object was expected"),
        (b"{" * 100_000, "not JSON"),
        (b'{"a": "\xff"}', "not UTF-8 at byte 7"),
    ],
)
def test_what_is_no_object_is_named(data: bytes, error: str) -> None:
    with pytest.raises(NotAnObject, match=error):
        read_object(data)


@pytest.mark.parametrize(
    ("data", "fields", "repair"),
    [
        (b'\0\0\0\0\1{"a": 1}', {"a": 1}, "five bytes of schema registry framing"),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}, "a byte-order mark"),
        (b'\0\0\0\0\1\n{"a": 1}', {"a": 1}, "five bytes of schema registry framing"),
        (b'{"a": 1}\n\0\0', {"a": 1}, "NUL behind it"),
        (b'"{\\"a\\": 1}"', {"a": 1}, "an object in a text"),
        (b'{"a": "\xed\xa0\xbd\xed\xb4\xa5"}', {"a": "\U0001f525"}, "emoji in CESU-8"),
        (b'{"a": "x\\u0000y"}', {"a": "xy"}, "a: NUL removed"),
        (b'{"a": ["\\ud83d"]}', {"a": ["\ufffd"]}, "a: half an emoji replaced"),
        (b'{"a": NaN}', {"a": None}, "NaN is no value"),
    ],
)
def test_what_can_be_repaired_is_and_is_named(data: bytes, fields: dict[str, object], repair: str) -> None:
    assert read_object(data) == (fields, [repair])


def test_a_mark_behind_the_framing_is_read_over() -> None:
    assert read_object(b'\0\0\0\0\1\xef\xbb\xbf{"a": 1}')[0] == {"a": 1}


def test_a_number_beyond_64_bits_becomes_one_that_json_can_write() -> None:
    fields, _repairs = read_object(b'{"a": 123456789012345678901234567890}')

    assert math.isclose(fields["a"], 1.2345678901234568e29)
