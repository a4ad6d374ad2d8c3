"""The pages in the body of a request: one object, a list, or a line each, gzipped or not, within limits. Pure."""

from __future__ import annotations

import zlib
from typing import Any

from producers.values.repairs import with_repairs
from streams.json_repair import NotAnObject, read_object

LINES = ("application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines")
_GZIP = 16 + zlib.MAX_WBITS


class BadBody(ValueError):
    """A body that holds no pages; the message says why."""


class TooLong(ValueError):
    """A body that holds more than it may once it is decompressed."""


def decompressed(body: bytes, max_bytes: int) -> bytes:
    """Returns the bytes in this gzip, at most `max_bytes`; raises TooLong, or BadBody when it is damaged or cut off."""
    out = bytearray()
    try:
        while body:
            member = zlib.decompressobj(_GZIP)
            out += member.decompress(body, max_bytes + 1 - len(out))
            if len(out) > max_bytes:
                raise TooLong(f"more than {max_bytes:,} bytes when decompressed")
            if not member.eof:
                raise BadBody("the gzip is cut off")
            body = member.unused_data
    except zlib.error as exc:
        raise BadBody(f"not gzip ({exc})") from None
    return bytes(out)


def items_of(body: bytes, content_type: str) -> list[tuple[dict[str, Any] | None, bytes, str]]:
    """Returns the fields, the bytes and the fault of each page in the body: its fields, or None and why. Raises BadBody."""
    if not body.strip():
        raise BadBody("the body is empty")
    if content_type.partition(";")[0].strip().lower() in LINES:
        return [_item(line) for line in body.split(b"\n") if line.strip()]
    if not body.lstrip().removeprefix(b"\xef\xbb\xbf").startswith(b"["):
        item = _item(body)
        if item[0] is None:
            raise BadBody(f"{item[2]} (several lines need Content-Type: {LINES[0]})")
        return [item]
    try:
        fields, repairs = read_object(b'{"pages":' + body.removeprefix(b"\xef\xbb\xbf") + b"}")
    except NotAnObject as exc:
        raise BadBody(str(exc)) from None
    pages = fields.pop("pages")
    if fields or not isinstance(pages, list):
        raise BadBody("a list was expected, and nothing behind it")
    no_object = "an object was expected"
    return [
        (with_repairs(page, repairs), b"", "") if isinstance(page, dict) else (None, repr(page).encode(), no_object)
        for page in pages
    ]


def _item(line: bytes) -> tuple[dict[str, Any] | None, bytes, str]:
    try:
        fields, repairs = read_object(line)
    except NotAnObject as exc:
        return None, line, str(exc)
    return with_repairs(fields, repairs), line, ""
