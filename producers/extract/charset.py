"""The character set that a page declares, and its bytes as text. Pure."""

from __future__ import annotations

import re

from producers.text_encoding import Undecodable, decode

_DECLARED = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{2,40})|<\?xml[^>]{0,100}encoding=["']([\w.:-]{2,40})""", re.IGNORECASE
)
_LOOKED_AT_BYTES = 8192


def page_text(data: bytes, http_charset: str | None = None) -> str:
    """Return the page's markup as text; what no set explains is read as UTF-8 with replacement characters."""
    found = _DECLARED.search(data[:_LOOKED_AT_BYTES])
    declared = (found[1] or found[2]).decode("ascii", "replace") if found else None
    try:
        return decode(data, http_charset=http_charset, declared=declared).text
    except Undecodable:
        return data.decode("utf-8", "replace")
