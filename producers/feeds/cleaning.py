"""Feeds and sitemaps as bytes -> text that an XML parser reads as its author meant it. Pure.

One bad byte, one wrong declaration or one bare `&` makes each of the known parsers change titles, or links, in silence; after
this step they agree.
"""

from __future__ import annotations

import html.entities
import re
import sys

from producers.text_encoding import Undecodable, decode

_DECLARED = re.compile(rb"""^[^<]{0,100}<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']""")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_PROLOGUE = re.compile(r"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*", re.DOTALL)
_DOCTYPE = re.compile(r"<!DOCTYPE(?:[^\[>]|\[(?P<subset>.*?)\]\s*(?=>))*>", re.DOTALL | re.IGNORECASE)
_CDATA = re.compile(r"(<!\[CDATA\[.*?\]\]>)", re.DOTALL)
_REFERENCE = re.compile(r"&(?:#(?:\d{1,7}|[xX][0-9a-fA-F]{1,6});|(?P<name>[A-Za-z][A-Za-z0-9]{1,31});)?")
_KEPT_NAMES = frozenset({"amp", "lt", "gt", "quot", "apos"})


class NotAFeed(ValueError):
    """Bytes that are no feed, or none that is read; the message says what they are instead."""


def cleaned(data: bytes, content_type: str = "") -> tuple[str, bool]:
    """Reads a document as XML that has neither prologue, entities of its own, bare `&` nor control characters.

    Returns the text, and whether it was damaged. Raises NotAFeed when the document defines entities.
    """
    text, is_damaged = decoded(data, content_type)
    plain = _CONTROLS.sub("", text.lstrip("\ufeff"))
    body = plain[_PROLOGUE.match(plain).end() :]  # type: ignore[union-attr]
    if doctype := _DOCTYPE.match(body):
        if "<!ENTITY" in (doctype["subset"] or "").upper():
            raise NotAFeed("it defines entities of its own, as bombs do: not read")
        body = body[doctype.end() :]
    parts = _CDATA.split(body)
    parts[::2] = (_REFERENCE.sub(_resolved, part) for part in parts[::2])
    out = "".join(parts)
    return out, is_damaged or len(plain) != len(text.lstrip("\ufeff")) or out != body


def _resolved(match: re.Match[str]) -> str:
    """Makes a character of a name of HTML, keeps what XML knows, and escapes an `&` that begins nothing."""
    name = match["name"]
    if name is None:
        return _numbered(match[0]) if len(match[0]) > 1 else "&amp;"
    if name in _KEPT_NAMES:
        return match[0]
    character = html.entities.html5.get(f"{name};")
    return character.replace("&", "&amp;").replace("<", "&lt;") if character else f"&amp;{name};"


def _numbered(reference: str) -> str:
    """Keeps a reference by number that XML knows; leaves out controls, and makes U+FFFD of what is no character."""
    digits = reference[2:-1]
    number = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
    if number > sys.maxunicode or 0xD800 <= number <= 0xDFFF:
        return "\ufffd"
    return "" if _CONTROLS.match(chr(number)) else reference


def decoded(data: bytes, content_type: str = "") -> tuple[str, bool]:
    """Decodes by the ladder of `text_encoding`; and tells whether anything had to be repaired. Raises NotAFeed."""
    if data[:4] in (
        b"<\0?\0",
        b"<\0r\0",
        b"\0<\0?",
        b"\0<\0r",
    ):  # UTF-16 without a mark and with little Arabic
        return data.decode("utf-16-le" if data[0] else "utf-16-be", "replace"), True
    header, declaration = _CHARSET.search(content_type), _DECLARED.match(data[:512])
    try:
        found = decode(
            data,
            http_charset=header[1] if header else None,
            declared=declaration[1].decode("ascii", "replace") if declaration else None,
        )
    except Undecodable as exc:
        raise NotAFeed(str(exc)) from None
    return found.text, bool(found.repairs)
