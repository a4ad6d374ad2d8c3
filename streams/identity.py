"""What makes two pages the same page: canonical URLs, and the hashes that become ids."""

from __future__ import annotations

import functools
import hashlib
import ipaddress
import re
import unicodedata
from urllib.parse import quote, urlsplit, urlunsplit

import idna

from streams.arabic.folding import fold
from streams.fragments import names_page
from streams.loose_urls import bare
from streams.records import Article
from streams.tracking import is_tracking

DEFAULT_PORTS = {"http": 80, "https": 443}
# What may stand unencoded in a path or a query besides letters and digits (RFC 3986 section 3.3, 3.4). In a query `+` is a
# space and `%2B` is a plus, so neither may become the other.
_UNRESERVED = r"A-Za-z0-9\-._~"
_PATH_UNSAFE = re.compile(rf"[^{_UNRESERVED}!$&'()*+,;=:@/]+")
_QUERY_UNSAFE = re.compile(rf"[^{_UNRESERVED}!$'()*+,;=:@/?]+")
_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;]*", re.IGNORECASE)
_TWICE_ESCAPED = re.compile(r"%(?:25)+(?=[0-9A-Fa-f]{2})")
_ESCAPED = re.compile(r"((?:%[0-9A-Fa-f]{2})+)")
_ESCAPED_BEYOND_ASCII = re.compile(r"(?:%[89A-Fa-f][0-9A-Fa-f])+")
_RESERVED_BYTES = re.compile(rf"[^{_UNRESERVED}]+".encode())
_HOST = re.compile(r"(?!-)[a-z0-9_-]+(?:\.[a-z0-9_-]+)*", re.ASCII)
# An address that is its own canonical one, its query and Arabic letters apart: no port, no escape, no `&`, `;` or second `:`
# in its path, and no mark that could make one letter of two.
_LETTERS = "\u0621-\u063a\u0641-\u064a"
_CANONICAL = re.compile(
    rf"https?://(?=[^/]{{1,253}}/)(?!-)(?:[a-z0-9_-]+\.)+[a-z0-9_-]+(?:/(?!\.)[{_UNRESERVED}{_LETTERS}!$'()*+,=@]*)+"
    rf"(?:\?(?P<query>[{_UNRESERVED}!$'()*+,=@/?&]+))?",
    re.ASCII,
)


class NotAUrl(ValueError):
    """A text that names no page on the web: no http or https, no host, or a port that is none."""


@functools.lru_cache(maxsize=1024)  # a page's address is asked for by its id, its source and its content
def canonical_url(url: str) -> str:
    """Returns one spelling for each page (RFC 3986 section 6): equal for the raw Arabic and the percent-encoded form.

    Nothing around it, https where no scheme is written, lower-case scheme and host (IDNA, UTS 46), no default port, no user,
    no tracking parameters, no session, dot segments resolved, percent-encoding and Unicode (NFC) normalised, ampersands and
    Arabic escaped once, an empty path is `/`. A fragment stays only when it names the page (`#!/article/77`) or a post on it
    (`#2d53`). The order of parameters, AMP and mobile twins are left alone. Raises NotAUrl.

    >>> canonical_url("HTTPS://www.Example.org:443/أخبار?id=7&utm_source=x#top")
    'https://www.example.org/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1?id=7'
    """
    usual = _CANONICAL.fullmatch(url)
    if usual and (usual["query"] is None or _parameters(usual["query"]) == usual["query"]):
        return url if url.isascii() else url.translate(_ESCAPED_LETTERS)
    return _normalised(url)


def _normalised(url: str) -> str:
    try:
        parts = urlsplit(bare(url))
        port = parts.port
    except ValueError as exc:
        raise NotAUrl(f"not a URL ({exc}): {url[:200]!r}") from None
    scheme, host = parts.scheme.lower(), parts.hostname
    if scheme not in DEFAULT_PORTS or not host or host in DEFAULT_PORTS:
        raise NotAUrl(f"not an http or https URL: {url[:200]!r}")
    netloc = _host(host)
    if port is not None and port != DEFAULT_PORTS[scheme]:
        netloc = f"{netloc}:{port}"
    path = (
        _without_dots(_encode(_escaped_once(_SESSION.sub("", parts.path) if ";" in parts.path else parts.path), _PATH_UNSAFE))
        or "/"
    )
    query = _parameters(parts.query)
    return urlunsplit((scheme, netloc, path, query, _fragment(parts.fragment)))


def _parameters(query: str) -> str:
    parameters = (_encode(_escaped_once(parameter), _QUERY_UNSAFE) for parameter in query.split("&") if parameter)
    return "&".join(parameter for parameter in parameters if not is_tracking(parameter))


def _fragment(fragment: str) -> str:
    """Returns the fragment that names a page or a post on it, without tracking; empty for any other."""
    path, mark, query = names_page(fragment).partition("?")
    if mark:
        query = _parameters(query)
        return _encode(_escaped_once(path), _QUERY_UNSAFE) + ("?" + query if query else "")
    return _parameters(path)


def _escaped_once(text: str) -> str:
    """Returns the text with what was escaped again and again escaped once, if that is UTF-8 beyond ASCII; composed (NFC)."""
    if "%25" in text:
        once = _TWICE_ESCAPED.sub("%", text)
        if _utf_8_beyond_ascii(once):
            text = once
    if "%" not in text and text.isascii():
        return text
    plain = _ESCAPED_BEYOND_ASCII.sub(_letters, text)
    return text if unicodedata.is_normalized("NFC", plain) else unicodedata.normalize("NFC", plain)


def _utf_8_beyond_ascii(text: str) -> bool:
    found = _ESCAPED_BEYOND_ASCII.findall(text)
    try:
        return bool(found) and all(_bytes_of(run).decode("utf-8") for run in found)
    except UnicodeDecodeError:
        return False


def _bytes_of(escapes: str) -> bytes:
    """Returns the bytes of a run of `%XX`."""
    return bytes.fromhex(escapes.replace("%", ""))


def _letters(match: re.Match[str]) -> str:
    try:
        return _bytes_of(match.group()).decode("utf-8")
    except UnicodeDecodeError:
        return match.group()


@functools.lru_cache(maxsize=4096)
def _host(host: str) -> str:
    host = host.rstrip(".").lower()
    try:
        if ":" in host:
            return f"[{ipaddress.IPv6Address(host)}]"
        if not host.isascii() and len(host) <= 253:
            host = idna.encode(host, uts46=True).decode("ascii")
    except (ipaddress.AddressValueError, UnicodeError) as exc:
        raise NotAUrl(f"not a host ({exc}): {host[:200]!r}") from None
    if not _HOST.fullmatch(host) or len(host) > 253:
        raise NotAUrl(f"not a host: {host[:200]!r}")
    return host


def _encode(text: str, unsafe: re.Pattern[str]) -> str:
    """Percent-encodes what must be and decodes what need not be, so that both spellings of a URL meet."""
    if "%" not in text:
        if text.isascii():
            return unsafe.sub(_escape, text)
        escaped = _ESCAPED_BYTES[unsafe]
        return "".join([escaped[byte] for byte in text.encode("utf-8", "surrogatepass")])
    parts = _ESCAPED.split(text)  # what is escaped already is every second one
    parts[::2] = (unsafe.sub(_escape, part) for part in parts[::2])
    # An escaped reserved character is data and stays escaped; an unreserved one is the letter itself.
    parts[1::2] = (_RESERVED_BYTES.sub(_escape_bytes, _bytes_of(part)).decode("ascii") for part in parts[1::2])
    return "".join(parts)


# What each byte becomes in a path or a query.
_ESCAPED_BYTES = {
    unsafe: [f"%{byte:02X}" if byte > 0x7F or unsafe.match(chr(byte)) else chr(byte) for byte in range(256)]
    for unsafe in (_PATH_UNSAFE, _QUERY_UNSAFE)
}


_ESCAPED_LETTERS = {code: quote(chr(code)) for code in range(0x621, 0x64B)}


def _escape(match: re.Match[str]) -> str:
    return "%" + match.group().encode("utf-8", "surrogatepass").hex("%").upper()


def _escape_bytes(match: re.Match[bytes]) -> bytes:
    return b"%" + match.group().hex("%").upper().encode("ascii")


def _without_dots(path: str) -> str:
    """Returns the path with `.` and `..` resolved (RFC 3986 section 5.2.4); empty segments are kept."""
    if "/." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == ".." and len(kept) > 1:
            kept.pop()
        elif segment not in (".", ".."):
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/".join(kept)


def page_id(url: str | None, source: str, title: str | None, text: str) -> str:
    """Returns the id of a page: of its canonical URL; with no URL, of its source, folded title and folded text."""
    if url:
        return digest("url", canonical_url(url))
    return digest("page", source, _folded(title or ""), _folded(text))


def read_also_id(title: str, body: str) -> str:
    """Returns the id of an appended story: of its folded title and body, so the block under a hundred pages is one article."""
    return digest("read_also", _folded(title), _folded(body))


def content_hash(article: Article) -> str:
    """Returns a hash that changes with the article's unfolded title, body, dates, author, section, tags, or page.

    A page that was reached by another spelling of its URL has not changed.
    """
    fields = (
        article.title,
        article.body,
        _one_spelling(article.url),
        article.published_at,
        article.modified_at,
        article.author,
        article.section,
    )
    return digest("content", *(field or "" for field in fields), *article.tags)


def _one_spelling(url: str | None) -> str | None:
    try:
        return canonical_url(url) if url else None
    except NotAUrl:
        return url


def month(article: Article) -> str:
    """Returns the month whose index an article goes to, like `2026-11`: of published_at, else of fetched_at."""
    return (article.published_at or article.fetched_at)[:7]


def digest(*parts: str) -> str:
    """Returns 128-bit BLAKE2b of the parts, told apart by their lengths, as 32 hexadecimal digits."""
    encoded = [part.encode("utf-8", "surrogatepass") for part in parts]
    return hashlib.blake2b(b"".join(len(part).to_bytes(8, "big") + part for part in encoded), digest_size=16).hexdigest()


def _folded(text: str) -> str:
    return fold(text) or text.strip()  # a text with no letter at all is only equal to itself
