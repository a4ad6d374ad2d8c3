"""Whatever a browser or a program may send: each field and each path of the console answers, escapes, and comes to an end."""

from __future__ import annotations

import concurrent.futures
import http.client
import itertools
import urllib.parse
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import quote

import pytest
import tenacity

from deploy.console.openapi import ANSWERS
from deploy.console.views import api, operations, pages
from tests.integration.deploy.console.conftest import Newsroom

SCRIPT = "<script>alert(1)</script>'\"><img src=x onerror=alert(1)>"
# As they go over the wire: some are no UTF-8, and some are no percent-encoding.
VALUES = {
    "a script": quote(SCRIPT),
    "letters that turn the line": "%E2%80%AE%E2%81%A6%E2%80%8Fexe.gnp",
    "a NUL": "%00abc%00",
    "broken UTF-8": "%FF%FE%C3%28",
    "half a surrogate pair": "%ED%A0%80",
    "a percent sign": "%",
    "a header": "a%0d%0aSet-Cookie:%20stolen=1",
    "30,000 letters": "a" * 30_000,
    "10,000 bytes of Arabic": "%D8%A3" * 5_000,
    "a negative number": "-1",
    "a number of 400 digits": "9" * 400,
    "no number": "NaN",
    "an infinite number": "1e309",
    "a day before all": "-0001-01-01",
    "no day": "0000-00-00",
    "the last day": "9999-12-31",
    "a day after all": "99999-12-31",
    "a day in Arabic digits": "%D9%A2%D9%A0%D9%A2%D9%A6-%D9%A1%D9%A1-%D9%A2%D9%A2",
    "an age without end": "99999999999999d",
    "no time": "2026-11-22T25:61:61%2B99:99",
    "a query of Lucene": quote('*:* OR _exists_:x AND /(a+)+$/ {!}[]^~"\\', safe=""),
    "another folder": "..%2F..%2Fetc%2Fpasswd",
    "nested lists": quote("[" * 200, safe=""),
    "a template": quote("{{7*7}}${7*7}", safe=""),
    "a cursor of another": quote('["a",["b",{"c":1}]]', safe=""),
    "a letter far away": "0-999999999999999999",
    "a version of the end of time": "a@999999999999999",
    "nothing": "",
}
PAGES = {"/": "/api/search", "/export.csv": "/api/search", "/trends": "/api/trends", "/dead-letters": "/api/dead-letters"}
# Every field that the API's description has, of the pages too, and those that only pages have.
FIELDS = {
    **{path: [one["name"] for one in asked] for path, (_, _, asked) in ANSWERS.items() if asked},
    **{page: [one["name"] for one in ANSWERS[path][2]] for page, path in PAGES.items()},
    "/preferences": [*pages.PREFERENCES, "next"],
    "/login": ["next"],
}
PATHS = [path for path in (pages.pages() | operations.pages() | api.answers()) if "{" in path]
TOGETHER = 6


class Answer(NamedTuple):
    """What came back for a path."""

    status: int
    headers: dict[str, str]
    body: bytes


def ask(newsroom: Newsroom, method: str, path: str, form: str | None = None) -> Answer:
    """What the console answers to the bytes of this path; asked again while it says that too much is asked at once."""

    @tenacity.retry(
        retry=tenacity.retry_if_result(lambda answer: answer.status == 503), stop=tenacity.stop_after_delay(60), reraise=True
    )
    def asked() -> Answer:
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(newsroom.address).netloc, timeout=30)
        try:
            headers = newsroom.as_reader | ({"content-type": "application/x-www-form-urlencoded"} if form else {})
            connection.request(method, path, form, headers)
            answer = connection.getresponse()
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    return asked()


def faults(newsroom: Newsroom, requests: Iterable[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """What each request (what is in it, its method, its path and form) was answered with, where that is wrong."""

    def fault(request: tuple[str, str, str]) -> tuple[str, str, str] | None:
        what, method, path = request
        try:
            target, _, form = path.partition("\n")
            return (what, target[:80], wrong) if (wrong := wrong_with(ask(newsroom, method, target, form or None))) else None
        except (OSError, http.client.HTTPException) as exc:
            return what, path[:80], repr(exc)

    with concurrent.futures.ThreadPoolExecutor(TOGETHER) as readers:
        return [found for found in readers.map(fault, requests) if found]


def wrong_with(answer: Answer) -> str:
    """What an answer must never be: a failure of ours, torn, unescaped, with a header or an address of the asker's."""
    is_page = "html" in answer.headers.get("content-type", "")
    where = answer.headers.get("location", "")
    if answer.status >= 500:
        return f"{answer.status} {answer.body[:200]!r}"
    if is_page and not answer.body.rstrip().endswith(b"</html>"):
        return "torn"
    if is_page and (b"<script>alert" in answer.body or b"<img" in answer.body):
        return "not escaped"
    if "stolen" in answer.headers.get("set-cookie", ""):
        return "a header of the asker's"
    return f"sent to {where}" if where and urllib.parse.urlsplit(where).netloc not in ("", answer.headers.get("host", "")) else ""


def in_paths() -> Iterator[tuple[str, str, str]]:
    """Each value in each path, in all its places."""
    for path, (what, value) in itertools.product(PATHS, VALUES.items()):
        parts = [value if part.startswith("{") else part for part in path.split("/")]
        yield what, "POST" if path.endswith("/replay") else "GET", "/".join(parts) if value else path.replace("{id}", "%20")


def in_all_fields() -> Iterator[tuple[str, str, str]]:
    """Each value in all fields of a page at once, as long as an address may be."""
    for (path, names), (what, value) in itertools.product(FIELDS.items(), VALUES.items()):
        yield what, "GET", f"{path}?" + "&".join(f"{name}={value[: 30_000 // len(names)]}" for name in names)


def in_each_field() -> Iterator[tuple[str, str, str]]:
    """Each value in each field alone."""
    for (path, names), (what, value) in itertools.product(FIELDS.items(), VALUES.items()):
        yield from ((what, "GET", f"{path}?{name}={value}") for name in names)


def test_no_path_makes_the_console_fail(newsroom: Newsroom) -> None:
    assert faults(newsroom, in_paths()) == []


def test_no_value_in_the_fields_of_a_page_makes_it_fail(newsroom: Newsroom) -> None:
    assert faults(newsroom, in_all_fields()) == []


@pytest.mark.soak
def test_no_value_in_a_field_alone_makes_a_page_fail(newsroom: Newsroom) -> None:
    assert faults(newsroom, in_each_field()) == []


def test_an_address_of_100_kilobytes_or_a_thousand_fields_is_answered(newsroom: Newsroom) -> None:
    long = [("100 KB", "GET", f"{path}?{names[0]}={'a' * 100_000}") for path, names in FIELDS.items()]
    many = [("a thousand", "GET", f"{path}?" + f"&{names[0]}=1" * 1_000) for path, names in FIELDS.items()]

    assert faults(newsroom, long + many) == []


def test_no_form_makes_the_console_fail(newsroom: Newsroom) -> None:
    values = {name: VALUES[name] for name in ("a script", "a NUL", "broken UTF-8", "a header")} | {"100 KB": "a" * 100_000}
    forms = [(what, "POST", f"/login\ntoken={value}&next={value}") for what, value in values.items()]
    forms += [
        (what, "POST", f"/{path}\nproof={value}&confirmed=yes")
        for path in ("dead-letters/0-0/replay", "logout")
        for what, value in values.items()
    ]

    assert faults(newsroom, forms) == []
