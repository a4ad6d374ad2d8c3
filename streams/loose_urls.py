"""Addresses as people and programs write them: what stands around them, and a scheme written badly or not at all. Pure."""

from __future__ import annotations

import html
import re

# White space, the invisible direction marks that come along when a URL is copied out of Arabic text, and quotation marks,
# which no address holds.
_AROUND = (
    "".join(
        map(
            chr,
            (
                *range(0x21),
                0x85,
                0xA0,
                0x61C,
                *range(0x2000, 0x2010),
                *range(0x2028, 0x2030),
                *range(0x205F, 0x206A),
                0x3000,
                0xFEFF,
            ),
        )
    )
    + '"`<>\u00ab\u00bb\u2039\u203a\u201c\u201d\u201e\u201f'
)
# An address of which nothing is to be taken off or mended, as far as can be seen quickly.
_USUAL = re.compile(r"https?://(?!https?[:/])[a-z0-9][^/\\&\"`<>\s]*(?:/[!#-%'-;=?-\[\]-_a-~\u0620-\u06ff]*)?")
_CLOSING = {"'": "'", "(": ")", "[": "]", "{": "}", "\u2018": "\u2019"}  # these may end an address, and begin none
_PREFIX = re.compile(r"(?:(?:view-source|feed|url)\s*:\s*)+(?=\S)", re.IGNORECASE)
_REFERENCE = re.compile(r"&#(?:[0-9]{2,7}|x[0-9a-f]{2,6});", re.IGNORECASE)
_ESCAPED_AMPERSAND = re.compile(r"&(?:amp;|#0*38;|#x0*26;)+", re.IGNORECASE)
_JSON_LETTERS = re.compile(r"(?:\\u([0-9a-f]{4}))+", re.IGNORECASE)
_JS_LETTERS = re.compile(r"(?:%(?:25)*u([0-9a-f]{4}))+", re.IGNORECASE)  # of JavaScript's `escape`, perhaps escaped again
_BEFORE_QUERY = re.compile(r"[^?#]*")
_TWO_SCHEMES = re.compile(r"(?:https?:?/+)+(?=https?:/+[^/])", re.IGNORECASE)
_SCHEME_AS_HOST = re.compile(r"(?:https?:/+)(?P<scheme>https?)(?P<slashes>/+)(?=[^/?#]+\.[^/?#])", re.IGNORECASE)
_SCHEME = re.compile(r"https?://[^/]", re.IGNORECASE)
_LOOSE_SCHEME = re.compile(r"(?P<scheme>https?)(?:[:;\uff1a]/*|//+)", re.IGNORECASE)
# A host that is one at sight: names with a dot, the last of them of letters.
_HOST = re.compile(r"(?:[\w-]+\.)+(?P<last>[^\W\d_]{2,24}|xn--[a-z0-9-]+)\.?(?::[0-9]{1,5})?(?=[/?#]|\Z)", re.IGNORECASE)
_FILE = re.compile(
    r"[sx]?html?|php\d?|aspx?|jspx?|cgi|do|txt|xml|json[l]?|pdf|docx?|jpe?g|png|gif|webp|svg|mp[34]|js|css|gz|zip|csv",
    re.IGNORECASE,
)
_SPACE = re.compile(r"\s")


def bare(url: str) -> str:
    r"""Returns the address alone, with one scheme and its letters, slashes and ampersands as they are meant.

    What is no address comes back as another text that is none.

    >>> bare("«//k.example/a»"), bare(r"view-source:https:\/\/k.example\/%u0623")
    ('https://k.example/a', 'https://k.example/%D8%A3')
    """
    if _USUAL.fullmatch(url) and "%u" not in url and "%25u" not in url:
        return url
    url = url.strip(_AROUND)
    closing = _CLOSING.get(url[:1])
    if closing:
        url = url[1:].removesuffix(closing).strip(_AROUND)
    url = _PREFIX.sub("", url, count=1).strip(_AROUND) if _PREFIX.match(url) else url
    return _with_scheme(_letters(url))


def _letters(url: str) -> str:
    """Returns the address with its letters, slashes and ampersands, however they were escaped."""
    if "&" in url:
        url = _REFERENCE.sub(lambda match: html.unescape(match.group()), _ESCAPED_AMPERSAND.sub("&", url))
    if "\\" in url:
        url = _JSON_LETTERS.sub(_utf_16, url.replace("\\/", "/"))
        url = _BEFORE_QUERY.sub(lambda match: match.group().replace("\\", "/"), url, count=1)
    return _JS_LETTERS.sub(_utf_16, url) if "%" in url else url


def _utf_16(match: re.Match[str]) -> str:
    units = "".join(re.findall(r"u([0-9a-f]{4})", match.group(), re.IGNORECASE))
    return bytes.fromhex(units).decode("utf-16-be", "replace").encode().hex("%").upper().join(("%", ""))


def _with_scheme(url: str) -> str:
    url = _TWO_SCHEMES.sub("", url, count=1)
    url = _SCHEME_AS_HOST.sub(r"\g<scheme>://", url, count=1)
    if _SCHEME.match(url):
        return url
    loose = _LOOSE_SCHEME.match(url)
    if loose:
        rest = url[loose.end() :]
        return f"{loose['scheme']}://{rest}" if _HOST.match(rest) else url
    rest = url.removeprefix("//")
    found = _HOST.match(rest)
    if not found or (rest == url and (_FILE.fullmatch(found["last"]) or _SPACE.search(url))):
        return url
    return f"https://{rest}"
