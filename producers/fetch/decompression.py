"""Bodies as they were sent -> bodies as they were meant: bounded, and complete or refused. Pure.

aiohttp and others hand over half a page for a gzip stream that ends early, and say nothing; some sites label plain text gzip.
"""

from __future__ import annotations

import zlib

from producers.fetch.failures import Failure, FetchFailed

GZIP_MAGIC = b"\x1f\x8b"
_ANY_WRAPPING = 47  # zlib's word for: gzip or zlib, see which
_NO_WRAPPING = -15
_PLAIN = frozenset({"", "identity", "none", "utf-8", "utf8", "binary", "8bit"})  # the last five are no encodings, and are sent


def decompressed(body: bytes, encoding: str, max_bytes: int) -> bytes:
    """Undoes the Content-Encoding of a whole body; raises FetchFailed above `max_bytes` or when the stream ends early.

    What is labelled gzip and is none is taken as it stands.
    """
    for name in reversed([part.strip().lower() for part in encoding.split(",")]):
        if name in _PLAIN:
            continue
        if name in ("gzip", "x-gzip"):
            body = gunzipped(body, max_bytes) if body[:2] == GZIP_MAGIC else body
        elif name == "deflate":
            body = _inflated(body, max_bytes)
        else:
            raise FetchFailed(Failure.UNKNOWN_COMPRESSION, f"Content-Encoding {name!r}")
    return body


def gunzipped(body: bytes, max_bytes: int) -> bytes:
    """Unpacks one layer of gzip, of one or several members; raises FetchFailed as `decompressed` does."""
    out = bytearray()
    while body[:2] == GZIP_MAGIC:
        member = zlib.decompressobj(_ANY_WRAPPING)
        try:
            out += member.decompress(body, max_bytes - len(out) + 1)
        except zlib.error as exc:
            raise FetchFailed(Failure.TORN_BODY, f"damaged gzip ({exc})") from None
        if len(out) > max_bytes:
            raise FetchFailed(Failure.TOO_LARGE, f"more than {max_bytes:,} bytes when decompressed")
        if not member.eof:
            raise FetchFailed(Failure.TORN_BODY, f"a gzip stream that ends early, after {len(out):,} bytes")
        body = member.unused_data
    return bytes(out)


def _inflated(body: bytes, max_bytes: int) -> bytes:
    for wrapping in (_ANY_WRAPPING, _NO_WRAPPING):  # the standard says zlib, half of the servers send neither
        stream = zlib.decompressobj(wrapping)
        try:
            out = stream.decompress(body, max_bytes + 1)
        except zlib.error:
            continue
        if len(out) > max_bytes:
            raise FetchFailed(Failure.TOO_LARGE, f"more than {max_bytes:,} bytes when decompressed")
        if not stream.eof:
            raise FetchFailed(Failure.TORN_BODY, f"a deflate stream that ends early, after {len(out):,} bytes")
        return out
    raise FetchFailed(Failure.TORN_BODY, "damaged deflate")
