"""Bytes of a page to text: what the bytes are counts before what the server or the page declares. Pure."""

from __future__ import annotations

import codecs
import re

import webencodings

_DECLARED = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{2,40})|<\?xml[^>]{0,100}encoding=["']([\w.:-]{2,40})""", re.IGNORECASE
)
_ARABIC = re.compile(r"[\u0621-\u064a]")
_LETTER = re.compile(r"[A-Za-z\u00c0-\u024f]")
_HIGH = re.compile(rb"[\x80-\xff]")
_ARABIC_SETS = ("windows-1256", "iso-8859-6")


def decode(data: bytes, http_charset: str | None = None) -> str:
    """Return the text: by byte-order mark, as UTF-8 where it nearly is, else by the declared or the fitting Arabic set."""
    for mark, name in ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
    if text.count("\ufffd") < 0.05 * len(_HIGH.findall(data)):
        return text
    found = _DECLARED.search(data[:4096])
    declared = [http_charset, (found[1] or found[2]).decode("ascii") if found else None]
    names = [encoding.name for label in declared if label and (encoding := webencodings.lookup(label.strip("\"' "))) is not None]
    arabic = {name: len(_ARABIC.findall(data.decode(name, "replace"))) for name in _ARABIC_SETS}
    best = max(_ARABIC_SETS, key=lambda name: arabic[name])
    for name in names:
        if name in _ARABIC_SETS:
            return data.decode(name if 2 * arabic[name] >= arabic[best] else best, "replace")
        if name not in ("utf-8", "x-user-defined", "replacement"):
            text = data.decode(name, "replace")
            high = len([char for char in _LETTER.findall(text) if char > "\x7f"])
            if name.startswith("utf-16") or high <= arabic[best]:
                return data.decode(best, "replace") if high and arabic[best] > 2 * high else text
    return data.decode(best, "replace")
