"""Fetching over real HTTP and HTTPS, from servers that behave as the web does."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import zlib
from collections.abc import Iterator

import pytest

from producers.fetch.addresses import allow_list
from producers.fetch.client import Answer, Client, Limits
from producers.fetch.failures import Failure, FetchFailed
from producers.fetch.fetcher import Fetcher
from producers.fetch.waiting import Hosts
from tests.support.web.server import Names, Web, certificates, endless, plain, raw, redirect, web

LIMITS = Limits(max_bytes=100_000, max_decompressed_bytes=200_000, total_s=1.0, connect_s=0.5, read_s=0.5, redirects=4)
AGENT = "rafid-test (+https://contact.example/)"


@pytest.fixture(scope="module")
def site() -> Iterator[Web]:
    with web() as server:
        yield server


def fetched(site: Web, path: str, *, url: str | None = None, limits: Limits = LIMITS, names: Names | None = None) -> Answer:
    """What a client that may connect to this one server gets there."""

    async def run() -> Answer:
        async with Client(AGENT, allowed=allow_list([f"127.0.0.1:{site.port}"]), limits=limits, resolver=names) as client:
            return await client.fetch(url or site.url(path))

    return asyncio.run(run())


def failure(site: Web, path: str = "/", *, url: str | None = None, names: Names | None = None) -> Failure:
    with pytest.raises(FetchFailed) as caught:
        fetched(site, path, url=url, names=names)
    return caught.value.failure


def head(extra: bytes, body: bytes = b"") -> bytes:
    return b"HTTP/1.1 200 OK\r\nConnection: close\r\n" + extra + b"\r\n" + body


def test_a_page_comes_as_it_was_sent_and_under_an_honest_name(site: Web) -> None:
    site.on("/page", "نص الخبر", ETag='"1"')

    answer = fetched(site, "/page")

    assert (answer.status, answer.body.decode(), answer.headers["etag"]) == (200, "نص الخبر", '"1"')
    assert site.asked("/page")[-1].headers["user-agent"] == AGENT


def test_gzip_is_unpacked_and_what_only_claims_it_is_taken_as_it_stands(site: Web) -> None:
    site.on("/gz", gzip.compress(b"one") + gzip.compress(b" two"), Content_Encoding="gzip")
    site.on("/liar", b"plain", Content_Encoding="gzip")
    site.on("/utf-8", b"plain", Content_Encoding="utf-8")
    site.on("/deflate", zlib.compress(b"deflated")[2:-4], Content_Encoding="deflate")

    assert [fetched(site, path).body for path in ("/gz", "/liar", "/utf-8", "/deflate")] == [
        b"one two",
        b"plain",
        b"plain",
        b"deflated",
    ]


BOMB = gzip.compress(b"0" * 10_000_000)
HOSTILE = {
    "a body without end": (endless(b"x" * 4096), Failure.TOO_LARGE),
    "a byte now and then": (endless(b"x", pause_s=0.2), Failure.TIMED_OUT),
    "silence": (raw(head(b"Content-Length: 5\r\n"), pause_s=5), Failure.TIMED_OUT),
    "a bomb": (plain(BOMB, Content_Encoding="gzip"), Failure.TOO_LARGE),
    "half a body": (raw(head(b"Content-Length: 100\r\n", b"half")), Failure.TORN_BODY),
    "half of a chunked body": (raw(head(b"Transfer-Encoding: chunked\r\n", b"5\r\nhello\r\n")), Failure.TORN_BODY),
    "half a gzip stream": (plain(gzip.compress(b"whole" * 1000)[:-12], Content_Encoding="gzip"), Failure.TORN_BODY),
    "damaged gzip": (plain(b"\x1f\x8b\x08\x00nonsense!!", Content_Encoding="gzip"), Failure.TORN_BODY),
    "Brotli that nobody asked for": (plain(b"\x1b\x03", Content_Encoding="br"), Failure.UNKNOWN_COMPRESSION),
    "no HTTP": (raw(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), Failure.MALFORMED_ANSWER),
    "two lengths": (raw(head(b"Content-Length: 1\r\nContent-Length: 2\r\n", b"xx")), Failure.MALFORMED_ANSWER),
    "a loop": (redirect("/hostile"), Failure.TOO_MANY_REDIRECTS),
    "a redirect to a file": (redirect("file:///etc/passwd"), Failure.BAD_URL),
    "a redirect inward": (redirect("http://169.254.169.254/latest/meta-data/"), Failure.FORBIDDEN_ADDRESS),
    "a redirect to a mapped literal": (redirect("http://[::ffff:7f00:1]:9/"), Failure.FORBIDDEN_ADDRESS),
    "a redirect to loopback": (redirect("http://127.0.0.1:9/"), Failure.FORBIDDEN_ADDRESS),
    "not found": (plain("", status=404), Failure.GONE),
    "forbidden": (plain("", status=403), Failure.REFUSED),
    "an error": (plain("", status=503), Failure.SERVER_ERROR),
    "a challenge": (plain("", status=202), Failure.UNEXPECTED_STATUS),
    "an end before anything": (raw(b""), Failure.TORN_BODY),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_each_hostile_answer_has_its_name(site: Web, kind: str) -> None:
    handler, expected = HOSTILE[kind]
    site.on("/hostile", handler)

    assert failure(site, "/hostile") is expected


INWARD = [
    *("http://127.0.0.1:9/", "http://[::1]:9/", "http://[::ffff:7f00:1]:9/", "http://１２７.0.0.1:9/", "http://10.0.0.1/"),
    *("http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://169.254.169.254/", "http://0.0.0.0:9/"),
]


@pytest.mark.parametrize("url", INWARD)
def test_nothing_connects_inward_by_a_literal(site: Web, url: str) -> None:
    assert failure(site, url=url) in (Failure.FORBIDDEN_ADDRESS, Failure.BAD_URL)


@pytest.mark.parametrize("url", ["http://2130706433/", "http://0x7f.1/", "http://0177.0.0.1/", "http://127.1/"])
def test_nothing_connects_inward_by_a_number(site: Web, url: str) -> None:
    assert failure(site, url=url) in (Failure.FORBIDDEN_ADDRESS, Failure.BAD_URL, Failure.UNRESOLVED)


def test_a_name_that_rebinds_is_refused_at_its_second_address(site: Web) -> None:
    site.on("/rebind", redirect(f"http://other.example:{site.port}/inner"))
    before = len(site.requests)

    found = failure(
        site, url=site.url("/rebind", "first.example"), names=Names({"first.example": "127.0.0.1", "other.example": "127.0.0.2"})
    )

    assert found is Failure.FORBIDDEN_ADDRESS
    assert [request.url for request in site.requests[before:]] == ["/rebind"]


def test_the_allow_list_names_a_host_with_its_port(site: Web) -> None:
    site.on("/intranet", "inside")

    async def run() -> Answer:
        names = Names({"news.intranet": "127.0.0.1"})
        async with Client(AGENT, allowed=allow_list([f"news.intranet:{site.port}"]), resolver=names) as client:
            return await client.fetch(site.url("/intranet", "news.intranet"))

    assert asyncio.run(run()).body == b"inside"


def test_redirects_are_followed_also_in_the_encodings_of_old_sites(site: Web) -> None:
    site.on("/old", redirect("/أخبار".encode("windows-1256")))
    site.on("/%C3%CE%C8%C7%D1", "windows-1256")
    site.on("/new", redirect("/أخبار".encode()))
    site.on("/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1", "utf-8")

    assert (fetched(site, "/old").body, fetched(site, "/new").body) == (b"windows-1256", b"utf-8")


def test_a_cookie_wall_is_passed_within_one_fetch(site: Web) -> None:
    async def wall(request: object, writer: asyncio.StreamWriter) -> None:
        cookie = getattr(request, "headers").get("cookie", "")  # noqa: B009
        if cookie == "ok=1":
            writer.write(head(b"Content-Length: 4\r\n", b"page"))
        else:
            writer.write(b"HTTP/1.1 302 Found\r\nSet-Cookie: ok=1; Path=/\r\nLocation: /wall\r\nContent-Length: 0\r\n\r\n")

    site.on("/wall", wall)

    assert fetched(site, "/wall").body == b"page"


def test_certificates_are_verified() -> None:
    known, other = certificates("tls.example"), certificates("tls.example")
    names = Names({"tls.example": "127.0.0.1", "wrong.example": "127.0.0.1"})

    async def fetch(server: Web, host: str, trusted: bool) -> bytes:
        context = known.client if trusted else other.client
        async with Client(AGENT, allowed=allow_list([f"{host}:{server.port}"]), resolver=names, tls=context) as client:
            return (await client.fetch(server.url("/", host))).body

    with web(tls=known.server) as server:
        server.on("/", "safe")
        assert asyncio.run(fetch(server, "tls.example", trusted=True)) == b"safe"
        for host, trusted in (("tls.example", False), ("wrong.example", True)):
            with pytest.raises(FetchFailed) as caught:
                asyncio.run(fetch(server, host, trusted))
            assert caught.value.failure is Failure.BAD_CERTIFICATE


def politely(site: Web, *paths: str, delay_s: float = 0.0, concurrency: int = 4) -> list[Answer | BaseException]:
    async def run() -> list[Answer | BaseException]:
        async with Client(AGENT, allowed=allow_list([f"127.0.0.1:{site.port}"]), limits=LIMITS) as client:
            fetcher = Fetcher(client, Hosts(delay_s=delay_s, concurrency=concurrency), agent="rafid")
            return await asyncio.gather(*(fetcher.fetch(site.url(path)) for path in paths), return_exceptions=True)

    return asyncio.run(run())


def test_robots_are_asked_once_and_obeyed() -> None:
    with web() as site:
        site.on("/robots.txt", "User-agent: *\nDisallow: /private\n")
        site.on("/a", "a")
        site.on("/private/b", "b")

        a, b = politely(site, "/a", "/private/b")

        assert isinstance(a, Answer)
        assert isinstance(b, FetchFailed)
        assert b.failure is Failure.ROBOTS
        assert len(site.asked("/robots.txt")) == 1
        assert site.asked("/private/b") == []


@pytest.mark.parametrize(("status", "is_fetched"), [(404, True), (403, True), (500, False), (429, False)])
def test_a_site_without_rules_is_free_and_one_whose_rules_cannot_be_read_is_not(status: int, is_fetched: bool) -> None:
    with web() as site:
        site.on("/robots.txt", "", status=status)
        site.on("/a", "a")

        [a] = politely(site, "/a")

        assert isinstance(a, Answer) is is_fetched


def test_a_host_is_asked_one_by_one_with_a_delay() -> None:
    with web() as site:
        site.on("/a", "a")

        politely(site, "/a", "/a", "/a", delay_s=0.2, concurrency=1)

        times = [request.at for request in site.asked("/a")]
        assert min(later - earlier for earlier, later in itertools.pairwise(times)) >= 0.19


def test_retry_after_holds_the_host_for_everything() -> None:
    with web() as site:
        site.on("/busy", "", status=429, Retry_After="1")
        site.on("/a", "a")

        busy, a = politely(site, "/busy", "/a", concurrency=1)

        assert isinstance(busy, FetchFailed)
        assert (busy.failure, busy.retry_after_s) == (Failure.TOO_MANY_REQUESTS, 1.0)
        assert isinstance(a, Answer)
        assert site.asked("/a")[0].at - site.asked("/busy")[0].at >= 0.9
