"""What extraction answers: the fields of an article's page, or why the page is none. Pure."""

from __future__ import annotations

import enum

import msgspec
from lxml import etree

_EMPTY_PAGE = etree.fromstring("<html><body/></html>")


class RefusalReason(enum.StrEnum):
    """Why a page is no article; the values are written to dead letters and counters."""

    NOT_HTML = "not_html"  # no markup, or characters that are no text
    EMPTY = "empty"  # markup without a readable text
    REDIRECT = "redirect"  # sends the browser on to another address
    CHALLENGE = "challenge"  # asks whether the visitor is human
    CONSENT = "consent"  # asks for consent or a login before the text
    ERROR = "error"  # an error page, whatever its status
    PAYWALL = "paywall"  # the beginning of an article and an offer
    SEARCH = "search"  # results of a search
    LISTING = "listing"  # home, section, tag or author page
    STATIC = "static"  # about, contact, terms


class Extracted(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of one article's page; what the page does not say is None or empty.

    `links` are code-point spans `[start, end, href]` of `text`, in order. Times are RFC 3339 in UTC. `url` is the canonical
    URL that the page names, or else the one it was fetched from.
    """

    title: str | None = None
    text: str
    links: tuple[tuple[int, int, str], ...] = ()
    url: str | None = None
    published_at: str | None = None
    modified_at: str | None = None
    author: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    language: str | None = None
    image: str | None = None


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """A page that is no article: the reason for counters, the detail for a person."""

    reason: RefusalReason
    detail: str

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}"


class SiteSelectors(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the settings of one source say of its pages, as XPath expressions: never needed, for a site that defies the rules.

    `body` names the elements that hold the text, `title` the headline, `remove` what is cut out before anything is read.
    Raises ValueError for an expression that is no XPath or names no elements, so that no page meets it.
    """

    body: str | None = None
    title: str | None = None
    remove: str | None = None

    def __post_init__(self) -> None:
        """Tries each expression on an empty page."""
        for name in self.__struct_fields__:
            expression = getattr(self, name)
            if expression is None:
                continue
            try:
                found = etree.XPath(expression)(_EMPTY_PAGE)
            except etree.XPathError as exc:
                raise ValueError(f"{name}: {expression!r} is no XPath: {exc}") from None
            if not isinstance(found, list):
                raise ValueError(  # noqa: TRY004 - the value of a setting, of the right type
                    f"{name}: {expression!r} names no elements but gives a {type(found).__name__}"
                )
