"""Objects from JSON as others write it: what cannot be read strictly, and can without a guess, is read and named. Pure.

Read are a byte-order mark, NaN, half emoji, NUL in a text or behind the object, controls within a text, emoji in CESU-8,
whole numbers beyond 64 bits, an object written as a text or in a list alone, the five bytes that a client of a schema
registry puts first, and what `loose_json` reads. Of a doubled key the last counts.
"""

from __future__ import annotations

import functools
import json
import re
from typing import Any

import orjson

from streams.loose_json import carrier, read_loosely

_SURROGATES = re.compile("[\ud800-\udfff]")
_MARK = b"\xef\xbb\xbf"
_FRAME_BYTES = 5  # a zero and the schema's id
_FRAMED = re.compile(rb"\0.{4}(?:\xef\xbb\xbf)?\s*\{", re.DOTALL)
_MOST = 1 << 63
_BEGINNINGS = frozenset('{["')  # of JSON within a text


class NotAnObject(ValueError):
    """Bytes that are no object of JSON; the message says what they are instead."""


def read_object(data: bytes) -> tuple[dict[str, Any], list[str]]:
    """Returns the object in these bytes and what was repaired in it, a phrase each; raises NotAnObject."""
    repairs: list[str] = []
    try:
        fields = orjson.loads(data)
        is_strict = True
    except orjson.JSONDecodeError as exc:
        fields, is_strict = _read(_bare(data, repairs), exc, repairs), False
    while isinstance(fields, list) and len(fields) == 1 and isinstance(fields[0], dict | list | str):
        fields = fields[0]
        repairs.append("a list of one")
    if isinstance(fields, str) and fields.lstrip()[:1] in _BEGINNINGS:
        inner, found = read_object(fields.encode("utf-8", "surrogatepass"))
        return inner, [*repairs, "an object in a text", *found]
    if isinstance(fields, list):
        many = f"a list of {len(fields):,}: each record must be one object (`jq -c '.[]'` makes a line of each)"
        raise NotAnObject(many if fields else "a list of nothing")
    if not isinstance(fields, dict):
        raise NotAnObject("an object was expected")
    if is_strict and b"\\u0000" not in data:
        return fields, repairs
    fields, found = cleaned(fields)
    return fields, repairs + found


def cleaned(fields: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Returns the fields without NULs, half emoji, and numbers that JSON has not, and what was done by field.

    Raises NotAnObject when they are nested too deeply to be looked through.
    """
    found: dict[str, None] = {}
    try:
        out = {_clean(name, "a name", found): _clean(value, str(name), found) for name, value in fields.items()}
    except RecursionError:
        raise NotAnObject("nested too deeply") from None
    return out, list(found)


def without_surrogates(text: str) -> tuple[str, int]:
    """Returns the text without surrogates, and how many stood alone.

    A pair becomes its character, a lone one U+FFFD.
    """
    try:
        text.encode()  # ten times as fast as looking for them
    except UnicodeEncodeError:
        pass
    else:
        return text, 0
    paired = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return paired, len(_SURROGATES.findall(text)) - 2 * _pairs(text)


def _pairs(text: str) -> int:
    return len(re.findall("[\ud800-\udbff][\udc00-\udfff]", text))


def _bare(data: bytes, repairs: list[str]) -> bytes:
    if not data:
        raise NotAnObject("empty")
    if _FRAMED.match(data):
        repairs.append("five bytes of schema registry framing")
        data = data[_FRAME_BYTES:]
    if data.startswith(_MARK):
        repairs.append("a byte-order mark")
        data = data.removeprefix(_MARK)
    if shown := data.rstrip(b"\0") if data.endswith(b"\0") else b"":
        repairs.append("NUL behind it")
        data = shown
    return data


def _read(data: bytes, strict: orjson.JSONDecodeError, repairs: list[str]) -> Any:
    try:
        text = data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as exc:
        raise NotAnObject(_nature(data) or f"not JSON (not UTF-8 at byte {exc.start}: {exc.reason})") from None
    seen: list[str] = []
    loads = functools.partial(json.loads, strict=False, parse_constant=seen.append, parse_int=_whole_number)
    try:
        fields = loads(text)
    except (ValueError, RecursionError):
        found = None if _nature(data) else read_loosely(text, loads)
        if found is None:
            raise NotAnObject(_nature(data) or carrier(text) or f"not JSON ({strict})") from None
        fields, how = found
        repairs.extend(how)
    repairs.extend(f"{constant} is no value" for constant in dict.fromkeys(seen))
    if b"\xed" in data and _SURROGATES.search(text):
        repairs.append("emoji in CESU-8")
    return fields


def _nature(data: bytes) -> str | None:
    if data.startswith(b"\x1f\x8b"):
        return "not JSON but gzip: decompress it before sending"
    if data[:1] == b"\0" and len(data) > _FRAME_BYTES:
        return "not JSON: five bytes of schema registry framing, and no JSON behind them (Avro or Protobuf?)"
    return None


def _whole_number(digits: str) -> int | float:
    number = int(digits) if len(digits) < 20 else _MOST
    return number if -_MOST <= number < _MOST else float(digits)


def _clean(value: Any, path: str, found: dict[str, None]) -> Any:
    if isinstance(value, str):
        return _clean_text(value, path, found)
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):  # noqa: PLR0124 - NaN is not itself
        found[f"{path}: {value} is no value"] = None
        return None
    if isinstance(value, dict):
        return {_clean(str(name), path, found): _clean(item, path, found) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item, path, found) for item in value]
    return value


def _clean_text(text: str, path: str, found: dict[str, None]) -> str:
    if "\0" in text:
        found[f"{path}: NUL removed"] = None
        text = text.replace("\0", "")
    text, lone = without_surrogates(text)
    if lone:
        found[f"{path}: half an emoji replaced"] = None
    return text
