"""Who may ask, how often, and from where; the gate before every page."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_spec_validator import validate
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from deploy.console import openapi, serve
from deploy.console.guard.access import Access, Identity, new_token, read_tokens, tokens_of_logins
from deploy.console.guard.http import Guard, identity_of
from deploy.console.guard.limits import Buckets
from deploy.console.views.pages import local_path
from streams.errors import RafidError

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def client(
    access: Access, *, hosts: frozenset[str] = frozenset(), rate: float = 0, address: str = "127.0.0.1"
) -> httpx.AsyncClient:
    async def who(request: Request) -> Response:
        identity = identity_of(request)
        return HTMLResponse(f"{identity.name or 'nobody'} {identity.role}")

    app = Guard(Starlette(routes=[Route("/", who), Route("/api/x", who)]), access, hosts=hosts, rate=rate)
    transport = httpx.ASGITransport(app, client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://console.example")


def tokens(tmp_path: Path, *roles: str) -> tuple[Access, list[str]]:
    made = [new_token(f"user{number}", role) for number, role in enumerate(roles)]
    file = tmp_path / "tokens"
    file.write_text("# who\n" + "\n".join(line for _, line in made))
    return Access(read_tokens(file)), [token for token, _ in made]


async def test_every_answer_forbids_other_hosts_and_inline_scripts() -> None:
    async with client(Access()) as browser:
        policy = (await browser.get("/")).headers["content-security-policy"]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


async def test_a_token_opens_the_api_with_its_role_and_no_other_text_does(tmp_path: Path) -> None:
    access, (reader, operator) = tokens(tmp_path, "reader", "operator")
    async with client(access) as browser:
        answers = [
            await browser.get("/api/x", headers={"authorization": f"Bearer {token}"}) for token in (reader, operator, "x", "")
        ]

    assert [answer.text for answer in answers[:2]] == ["user0 reader", "user1 operator"]
    assert [answer.status_code for answer in answers] == [200, 200, 401, 401]


async def test_a_page_without_a_session_leads_to_the_login(tmp_path: Path) -> None:
    access, _ = tokens(tmp_path, "reader")
    async with client(access) as browser:
        answer = await browser.get("/?q=x")

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?next=%2F%3Fq%3Dx")


def test_a_form_is_proved_by_its_session_alone(tmp_path: Path) -> None:
    access, _ = tokens(tmp_path, "operator")
    mine, other = Identity("a", "operator", "cookie"), Identity("a", "operator", "another")

    assert access.proves(mine, access.proof(mine))
    assert not access.proves(other, access.proof(mine))
    assert not access.proves(Identity("a", "operator", ""), access.proof(Identity("a", "operator", "")))


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("10.0.0.7", [("X-User", "sara")], 200),
        ("10.0.0.7", [("X-User", "eve")], 401),
        ("10.0.0.7", [("X-User", "sara"), ("X-User", "eve")], 401),
        ("192.0.2.1", [("X-User", "sara")], 401),
        ("10.0.0.7", [], 401),
    ],
)
async def test_only_the_proxy_says_who_asks(address: str, headers: list[tuple[str, str]], status: int) -> None:
    settings: dict[str, Any] = {"proxies": ("10.0.0.0/24",), "proxy_header": "X-User", "proxy_users": (("sara", "operator"),)}
    access = serve.access_of(serve.Settings(host="0.0.0.0", port=0, **settings))
    async with client(access, address=address) as browser:
        answer = await browser.get("/api/x", headers=headers)

    assert answer.status_code == status


async def test_another_host_name_is_not_answered() -> None:
    async with client(Access(), hosts=serve.hosts_of(serve.Settings(host="127.0.0.1", port=0))) as browser:
        answers = [await browser.get("/", headers={"host": host}) for host in ("localhost:80", "[::1]", "evil.example")]

    assert [answer.status_code for answer in answers] == [200, 200, 421]


async def test_who_asks_too_often_is_told_to_wait() -> None:
    async with client(Access(), rate=2) as browser:
        answers = await asyncio.gather(*(browser.get("/") for _ in range(100)))

    # A burst of eight, and what the bucket fills while a slow machine answers.
    assert 8 <= [answer.status_code for answer in answers].count(200) < 100
    assert {answer.headers["retry-after"] for answer in answers if answer.status_code == 429} == {"1"}


def test_a_bucket_fills_at_its_rate() -> None:
    buckets = Buckets(rate=2, burst=1)

    assert [buckets.wait_s("a", at) for at in (0.0, 0.25, 0.5)] == [0.0, 0.25, 0.0]
    assert buckets.wait_s("b", 0.5) == 0.0


def test_beyond_loopback_a_login_is_demanded() -> None:
    with pytest.raises(RafidError, match="no loopback address"):
        serve.access_of(serve.Settings(host="0.0.0.0", port=0))


def test_a_login_that_is_given_opens_a_session_in_its_role() -> None:
    access = serve.access_of(
        serve.Settings(host="0.0.0.0", port=0, logins=("desk:reader:0123456789abcdef", "sara:operator:a:b:c:d:e:f:g:h:"))
    )

    assert access.open_session("0123456789abcdee") is None
    assert access.open_session("0123456789abcdef")
    assert access.open_session("a:b:c:d:e:f:g:h:")


@pytest.mark.parametrize(
    "login", ["desk:reader:short", "desk:0123456789abcdef", "desk:admin:0123456789abcdef", ":reader:0123456789abcdef"]
)
def test_a_wrong_login_is_named_by_its_number_and_never_shown(login: str) -> None:
    with pytest.raises(RafidError, match="login 2 is no NAME:reader:TOKEN") as refused:
        tokens_of_logins(("sara:reader:0123456789abcdef", login))

    assert "0123456789abcdef" not in str(refused.value)


def test_a_bad_line_of_the_tokens_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    file.write_text("\nsara admin 00\n")

    with pytest.raises(RafidError, match="tokens:2: NAME ROLE SHA256"):
        read_tokens(file)


@pytest.mark.parametrize(
    "text", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x", "", "/\x0a/evil.example"]
)
def test_nobody_is_sent_to_another_host(text: str) -> None:
    assert local_path(text) == "/"


def test_the_openapi_document_is_valid() -> None:
    validate(openapi.document("1"))
