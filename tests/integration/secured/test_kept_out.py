"""Whoever is kept out of a secured stack reads one line that says why, ends with exit code 1, and has lost nothing."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.security.certificates import HOSTS, Authority
from deploy.security.granting import grant_in_kafka
from deploy.security.rights import Acl, principals
from streams.connect import clients
from streams.topics import topics
from tests.integration.secured.conftest import PAGE, Secured
from tests.support.servers import lag, wait_until, workers

WRONG = "a-password-that-is-wrong"
ELSEWHERE = "127.1"  # this machine by a name that is in no certificate
HARVEST = "بدأ المزارعون في قرى الجبل قطاف الزيتون هذا الصباح، وقالوا إن المعاصر ستعمل ليلا حتى نهاية الشهر."
Changed = Callable[[Secured, Path], dict[str, str]]


def port(address: str) -> str:
    return address.rpartition(":")[2]


def foreign_ca(_: Secured, folder: Path) -> dict[str, str]:
    ca = str(Authority(folder / "foreign").ca_file)
    return {"RAFID_KAFKA_CA": ca, "RAFID_ELASTICSEARCH_CA": ca}


def other_host(secured: Secured, _: Path) -> dict[str, str]:
    urls = f"https://{ELSEWHERE}:{port(secured.addresses.elasticsearch)}"
    return {"RAFID_KAFKA": f"{ELSEWHERE}:{port(secured.addresses.kafka)}", "RAFID_ELASTICSEARCH": urls}


def expired(secured: Secured, _: Path) -> dict[str, str]:
    pair = secured.security.authority().certificate("expired", days=-1)
    return {"RAFID_KAFKA_CERTIFICATE": str(pair.certificate), "RAFID_KAFKA_KEY": str(pair.key)}


def without_certificate(secured: Secured, _: Path) -> dict[str, str]:
    return {"RAFID_KAFKA": secured.variables("producer-tls")["RAFID_KAFKA"], "RAFID_KAFKA_SECURITY": "SSL"}


def revoked_key(secured: Secured, _: Path) -> dict[str, str]:
    with secured.security.elastic_admin(secured.addresses.elasticsearch).client() as admin:
        made = admin.security.create_api_key(name="revoked").body
        admin.security.invalidate_api_key(ids=[made["id"]])
    return {"RAFID_ELASTICSEARCH_API_KEY": made["encoded"]}


PRODUCE, SEARCH = ("produce", "files"), ("search", "موازنة")
KEPT_OUT: list[tuple[str, tuple[str, ...], Changed, str]] = [
    ("producer", PRODUCE, lambda *_: {"RAFID_KAFKA_PASSWORD": WRONG}, "refuses the login of user rafid-producer"),
    ("producer", PRODUCE, lambda *_: {"RAFID_KAFKA_SECURITY": "PLAINTEXT"}, "does not speak as --kafka-security PLAINTEXT says"),
    ("producer", PRODUCE, foreign_ca, "is not trusted"),
    ("producer", PRODUCE, other_host, "is not trusted"),
    ("producer", PRODUCE, without_certificate, "no TLS connection"),
    ("producer-tls", PRODUCE, expired, "no TLS connection"),
    ("search", PRODUCE, lambda *_: {}, "does not allow that to rafid-search"),
    ("search", SEARCH, foreign_ca, "check --elasticsearch-ca"),
    ("search", SEARCH, other_host, "check --elasticsearch-ca"),
    ("search", SEARCH, revoked_key, "check --elasticsearch-api-key"),
    ("search-tls", SEARCH, lambda *_: {"RAFID_ELASTICSEARCH_PASSWORD": WRONG}, "check --elasticsearch-api-key"),
    ("dead-letters", SEARCH, lambda *_: {}, "give this user or key the rights of a reader"),
    ("search", ("provision",), lambda *_: {}, "does not allow that to rafid-search"),
]


@pytest.mark.parametrize(("name", "command", "changed", "says"), KEPT_OUT)
def test_who_is_kept_out_reads_why_in_one_line(
    secured: Secured, tmp_path: Path, name: str, command: tuple[str, ...], changed: Changed, says: str
) -> None:
    file = tmp_path / "pages.jsonl"
    file.write_text(PAGE, encoding="utf-8")
    arguments = (*command, str(file)) if command is PRODUCE else command

    ended = secured.rafid(name, *arguments, **changed(secured, tmp_path))

    assert ended.returncode == 1
    assert says in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert WRONG not in ended.stderr


@contextlib.contextmanager
def server_with(certificate: Path, key: Path) -> Iterator[int]:
    """The port of a server that has this certificate and says nothing after showing it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_shake_hands, args=(listening, context), daemon=True).start()
        yield listening.getsockname()[1]


def _shake_hands(listening: socket.socket, context: ssl.SSLContext) -> None:
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        with connection, contextlib.suppress(OSError):
            context.wrap_socket(connection, server_side=True).close()


@pytest.mark.parametrize(("name", "command"), [("producer", PRODUCE), ("search", SEARCH)])
def test_a_server_with_an_expired_certificate_is_told_as_that(
    secured: Secured, tmp_path: Path, name: str, command: tuple[str, ...]
) -> None:
    file = tmp_path / "pages.jsonl"
    file.write_text(PAGE, encoding="utf-8")
    arguments = (*command, str(file)) if command is PRODUCE else command
    pair = secured.security.authority().certificate("expired-server", *HOSTS, days=-1)
    with server_with(pair.certificate, pair.key) as at:
        servers = {"RAFID_KAFKA": f"127.0.0.1:{at}", "RAFID_ELASTICSEARCH": f"https://127.0.0.1:{at}"}
        ended = secured.rafid(name, *arguments, **servers)

    assert ended.returncode == 1
    assert "certificate has expired" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


@pytest.fixture
def waiting_page(secured: Secured, tmp_path: Path) -> Iterator[None]:
    """A page of its own text that no worker has taken, and split may no longer write articles; it may again in the end."""
    file = tmp_path / "pages.jsonl"
    page = {"url": "https://one.example/harvest", "source": "one.example", "title": "موسم الزيتون يبدأ في الجبل", "text": HARVEST}
    file.write_text(json.dumps(page) + "\n", encoding="utf-8")
    assert secured.rafid("producer", "produce", "files", str(file)).returncode == 0
    split = principals()["split"]
    less = dataclasses.replace(split, acls=split.acls - {Acl("topic", topics().articles.name, "Write")})
    with clients.admin(secured.kafka_admin) as admin:
        grant_in_kafka(admin, [less])
    try:
        yield
    finally:
        with clients.admin(secured.kafka_admin) as admin:
            grant_in_kafka(admin, [split])


@pytest.mark.usefixtures("waiting_page")
def test_a_worker_that_lost_a_right_ends_without_a_commit_and_goes_on_when_it_has_it_back(
    secured: Secured, tmp_path: Path
) -> None:
    login, pages = secured.kafka_admin, topics().pages.name
    with workers() as started:
        started.append(secured.worker("split", "split", tmp_path))
        assert started[0].process.wait(180) == 1
        assert "TopicAuthorizationFailedError: news.articles" in started[0].said().splitlines()[-1]
        assert lag(login, "split", pages) == 1

        with clients.admin(login) as admin:
            grant_in_kafka(admin, [principals()["split"]])
        started.append(secured.worker("split", "split", tmp_path))
        wait_until(lambda: lag(login, "split", pages) == 0, "the page is split", 180)


def test_an_index_worker_whose_key_was_revoked_ends_and_says_so(secured: Secured, tmp_path: Path) -> None:
    ended = secured.rafid("index", "worker", "index", **revoked_key(secured, tmp_path))

    assert ended.returncode == 1
    assert "check the credentials" in ended.stderr.splitlines()[-1]
