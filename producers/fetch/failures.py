"""The ways in which a fetch can fail, by name: what is counted, shown and retried. Pure."""

from __future__ import annotations

import enum


class Failure(enum.StrEnum):
    """Why nothing was fetched. The set is closed; each is a fate of its own in the counts."""

    BAD_URL = "bad_url"  # no http or https URL
    FORBIDDEN_ADDRESS = "forbidden_address"  # an address that is not public, and not on the allow-list
    UNRESOLVED = "unresolved"  # no such host
    UNREACHABLE = "unreachable"  # refused, reset, or no route
    BAD_CERTIFICATE = "bad_certificate"  # TLS that cannot be verified
    TIMED_OUT = "timed_out"  # slower than the limits allow, as a whole or between two bytes
    TOO_MANY_REDIRECTS = "too_many_redirects"  # a loop among them
    TOO_LARGE = "too_large"  # more bytes than the limits allow, as sent or decompressed
    TORN_BODY = "torn_body"  # the answer ended before its end
    UNKNOWN_COMPRESSION = "unknown_compression"  # compressed in a way that was not asked for
    MALFORMED_ANSWER = "malformed_answer"  # not HTTP as aiohttp reads it
    ROBOTS = "robots"  # robots.txt does not want it
    REFUSED = "refused"  # status 4xx other than the next two
    GONE = "gone"  # status 404 or 410
    TOO_MANY_REQUESTS = "too_many_requests"  # status 429
    SERVER_ERROR = "server_error"  # status 5xx
    UNEXPECTED_STATUS = "unexpected_status"  # 1xx, 202 to 299, and redirects without a target


class FetchFailed(Exception):
    """Nothing was fetched: `failure` names the kind, `status` is the answer's if there was one.

    `retry_after_s` is what the server asked for, as it stands, before any cap.
    """

    def __init__(self, failure: Failure, detail: str, *, status: int | None = None, retry_after_s: float | None = None) -> None:
        super().__init__(f"{failure.value}: {detail}")
        self.failure = failure
        self.detail = detail
        self.status = status
        self.retry_after_s = retry_after_s


def failure_of_status(status: int) -> Failure:
    """Gives the kind of failure that an HTTP status means which is no answer of 200, 203 or 304."""
    if status in (404, 410):
        return Failure.GONE
    if status == 429:
        return Failure.TOO_MANY_REQUESTS
    if 400 <= status < 500:
        return Failure.REFUSED
    return Failure.SERVER_ERROR if 500 <= status < 600 else Failure.UNEXPECTED_STATUS
