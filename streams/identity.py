"""What makes two pages the same page: canonical URLs, and the hashes that become ids."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import quote, unquote_to_bytes, urlsplit, urlunsplit

from streams.arabic.folding import fold
from streams.records import Article

DEFAULT_PORTS = {"http": 80, "https": 443}
# Parameters that say how a reader came, never which page it is.
TRACKING = re.compile(
    r"(?:utm_\w+|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|igsh|li_fat_id|mc_[ce]id|"
    r"_ga|_gl|_hs(?:enc|mi)|mkt_tok|oly_(?:anon|enc)_id|vero_id|wickedid|s_cid|ncid|ocid|cmpid|at_(?:medium|campaign|custom\d|link_\w+|format|bbc_\w+|ptr_\w+))",
    re.ASCII | re.IGNORECASE,
)
_UNRESERVED = "-._~"
_PATH_SAFE = _UNRESERVED + "!$&'()*+,;=:@/"
_QUERY_SAFE = _UNRESERVED + "!$'()*,;:@/?"
_PERCENT = re.compile(r"(%[0-9A-Fa-f]{2})+")


class NotAUrl(ValueError):
    """A text that names no page on the web: no http or https, no host, or a port that is none."""


def canonical_url(url: str) -> str:
    """One spelling for each page (RFC 3986 section 6): equal for the raw Arabic and the percent-encoded form.

    Lower-case scheme and host (IDNA), no default port, no user, no fragment, no tracking parameters, percent-encoding
    normalised, an empty path is `/`. The order of parameters, AMP and mobile twins are left alone. Raises NotAUrl.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as exc:
        raise NotAUrl(f"not a URL ({exc}): {url[:200]}") from None
    scheme, host = parts.scheme.lower(), parts.hostname
    if scheme not in DEFAULT_PORTS or not host:
        raise NotAUrl(f"not an http or https URL: {url[:200]}")
    netloc = _host(host)
    if port is not None and port != DEFAULT_PORTS[scheme]:
        netloc = f"{netloc}:{port}"
    kept = [p for p in parts.query.split("&") if p and not TRACKING.fullmatch(p.partition("=")[0])]
    query = "&".join("=".join(_encode(half, _QUERY_SAFE) for half in p.split("=", 1)) for p in kept)
    return urlunsplit((scheme, netloc, _encode(parts.path, _PATH_SAFE) or "/", query, ""))


def _host(host: str) -> str:
    host = host.rstrip(".").lower()
    if ":" in host:
        return f"[{host}]"
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError as exc:
        raise NotAUrl(f"not a host name ({exc}): {host[:200]}") from None


def _encode(text: str, safe: str) -> str:
    """Percent-encodes what must be and decodes what need not be, so that both spellings of a URL meet."""

    def normal(match: re.Match[str]) -> str:
        # An encoded reserved character is data and stays encoded; an unreserved one is the letter itself.
        return quote(unquote_to_bytes(match.group()), safe=_UNRESERVED)

    out, end = [], 0
    for match in _PERCENT.finditer(text):
        out += [quote(text[end : match.start()], safe=safe, errors="surrogatepass"), normal(match)]
        end = match.end()
    out.append(quote(text[end:], safe=safe, errors="surrogatepass"))
    return "".join(out)


def page_id(url: str | None, source: str, title: str | None, text: str) -> str:
    """The id of a page: of its canonical URL; with no URL, of its source, folded title and folded text."""
    if url:
        return digest("url", canonical_url(url))
    return digest("page", source, _folded(title or ""), _folded(text))


def read_also_id(title: str, body: str) -> str:
    """The id of an appended story: of its folded title and body, so the block under a hundred pages is one article."""
    return digest("read_also", _folded(title), _folded(body))


def content_hash(article: Article) -> str:
    """What a change of an article changes: its unfolded title, body, URL, dates, author, section and tags."""
    fields = (
        article.title,
        article.body,
        article.url,
        article.published_at,
        article.modified_at,
        article.author,
        article.section,
    )
    return digest("content", *(field or "" for field in fields), *article.tags)


def month(article: Article) -> str:
    """The month whose index an article goes to, like `2026-11`: of published_at, else of fetched_at."""
    return (article.published_at or article.fetched_at)[:7]


def digest(*parts: str) -> str:
    """128-bit BLAKE2b of the parts, told apart by their lengths; 32 hexadecimal digits."""
    state = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        state.update(len(data).to_bytes(8, "big"))
        state.update(data)
    return state.hexdigest()


def _folded(text: str) -> str:
    return fold(text) or text.strip()  # a text with no letter at all is only equal to itself
