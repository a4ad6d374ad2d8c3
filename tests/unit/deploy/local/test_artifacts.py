"""The lock list, and what happens to a download that is not what the list says."""

from __future__ import annotations

import dataclasses
import errno
import gc
import hashlib
import io
import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from rich.console import Console
from werkzeug import Request, Response

from deploy.local import artifacts as module
from deploy.local.artifacts import LOCK_LIST, Artifact, artifacts, fetch, parse
from streams.errors import RafidError

BODY = b"a jar, for all we know" * 1000
LINE = f"kafka org.example:thing:1.0 {hashlib.sha256(BODY).hexdigest()} {len(BODY)}"
THING = parse(LINE)[0]
WHERE = "/org/example/thing/1.0/thing-1.0.jar"

# jgo does not close its streamed answers.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


@pytest.fixture
def silent() -> Console:
    return Console(file=io.StringIO())


@pytest.fixture
def central(httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HTTPServer]:
    """A mirror of Maven Central that holds nothing yet, and an empty cache."""
    monkeypatch.setenv("RAFID_MAVEN", httpserver.url_for("").rstrip("/"))
    monkeypatch.setenv("RAFID_CACHE_DIR", str(tmp_path / "cache"))
    httpserver.expect_request(WHERE + ".sha1").respond_with_data(status=404)
    monkeypatch.setattr(module._attempt.retry, "sleep", lambda _: None)
    yield httpserver
    gc.collect()


def kept(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "cache" / "artifacts").iterdir())


def test_the_committed_list_is_whole() -> None:
    every = parse(LOCK_LIST.read_text())
    assert {artifact.role for artifact in every} == {"kafka", "elasticsearch", "compiler"}
    assert len(artifacts("elasticsearch")) == len(artifacts("compiler")) == 1
    assert {"kafka-server", "kafka_2.13", "log4j-core"} <= {artifact.name for artifact in artifacts("kafka")}


def test_the_plugin_is_made_for_the_server_of_the_list() -> None:
    descriptor = (LOCK_LIST.parent / "plugin" / "plugin-descriptor.properties").read_text()
    assert f"elasticsearch.version={artifacts('elasticsearch')[0].version}\n" in descriptor


def test_a_line_names_role_coordinates_hash_and_size() -> None:
    assert parse(f"# comment\n\nelasticsearch a.b:c:zip:2 {'f' * 64} 7") == (
        Artifact("elasticsearch", "a.b", "c", "zip", "2", "f" * 64, 7),
    )


@pytest.mark.parametrize(
    "line",
    [
        "kafka a:b:1 " + "f" * 64,  # no size
        "kafka a:b:1 " + "f" * 63 + " 7",  # a hash cut short
        "kafka a " + "f" * 64 + " 7",  # no version
        "kafka a:b:jar:x:1 " + "f" * 64 + " 7",  # a part too many
        "kafka a:b:1 " + "f" * 64 + " many",
        "nobody a:b:1 " + "f" * 64 + " 7",
    ],
)
def test_a_malformed_line_is_named(line: str) -> None:
    with pytest.raises(ValueError, match="line 2 "):
        parse("# list\n" + line)


def test_a_file_named_twice_is_refused() -> None:
    with pytest.raises(ValueError, match=r"line 2 .*named before"):
        parse(f"{LINE}\n{LINE}")


def test_what_is_fetched_is_kept_and_not_fetched_again(central: HTTPServer, tmp_path: Path, silent: Console) -> None:
    central.expect_oneshot_request(WHERE).respond_with_data(BODY)
    assert fetch([THING], silent)[THING].read_bytes() == BODY
    assert fetch([THING], silent)[THING].read_bytes() == BODY
    assert [request.path for request, _ in central.log].count(WHERE) == 1
    assert kept(tmp_path) == [THING.filename]


def test_a_file_damaged_in_the_cache_is_fetched_anew(central: HTTPServer, silent: Console) -> None:
    central.expect_request(WHERE).respond_with_data(BODY)
    path = fetch([THING], silent)[THING]
    path.write_bytes(BODY[:-1] + b"!")
    assert fetch([THING], silent)[THING].read_bytes() == BODY


def test_a_download_that_heals_on_the_second_try_is_no_error(central: HTTPServer, silent: Console) -> None:
    central.expect_oneshot_request(WHERE).respond_with_data(BODY[:-1])
    central.expect_request(WHERE).respond_with_data(BODY)
    assert fetch([THING], silent)[THING].read_bytes() == BODY


@pytest.mark.parametrize("body", [BODY[:-1], BODY + b"!", b"<html>log in first</html>", b""])
def test_a_damaged_download_is_said_and_leaves_nothing(central: HTTPServer, tmp_path: Path, silent: Console, body: bytes) -> None:
    central.expect_request(WHERE).respond_with_data(body)
    with pytest.raises(RafidError, match=r"thing-1\.0\.jar from http.* is damaged .*nothing was installed"):
        fetch([THING], silent)
    assert kept(tmp_path) == []


def test_a_mirror_without_the_file_is_said(central: HTTPServer, tmp_path: Path, silent: Console) -> None:
    central.expect_request(WHERE).respond_with_data(status=404)
    with pytest.raises(RafidError, match=r"does not have thing-1\.0\.jar"):
        fetch([THING], silent)
    assert kept(tmp_path) == []


@pytest.mark.usefixtures("central")
def test_no_network_is_said_in_one_line(tmp_path: Path, silent: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAFID_MAVEN", "http://127.0.0.1:9")
    with pytest.raises(RafidError, match=r"cannot fetch thing-1\.0\.jar .*the first start needs the network once") as error:
        fetch([THING], silent)
    assert "\n" not in str(error.value)
    assert kept(tmp_path) == []


def test_a_disk_too_small_is_said_before_anything_is_fetched(central: HTTPServer, tmp_path: Path, silent: Console) -> None:
    with pytest.raises(RafidError, match=r"MiB free and needs \d+ MiB for downloads"):
        fetch([dataclasses.replace(THING, size_bytes=1 << 60)], silent)
    assert central.log == []
    assert kept(tmp_path) == []


def test_a_disk_that_runs_full_is_said_and_leaves_nothing(
    central: HTTPServer, tmp_path: Path, silent: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_source: object, _target: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    central.expect_request(WHERE).respond_with_data(BODY)
    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(RafidError, match="is full: free some space"):
        fetch([THING], silent)
    assert kept(tmp_path) == []


def test_remains_of_a_fetch_that_was_killed_are_cleared(central: HTTPServer, tmp_path: Path, silent: Console) -> None:
    remains = tmp_path / "cache" / "artifacts" / ".fetch-killed"
    remains.mkdir(parents=True)
    (remains / "half.jar").write_bytes(b"half")
    central.expect_request(WHERE).respond_with_data(BODY)
    fetch([THING], silent)
    assert kept(tmp_path) == [THING.filename]


def _fetch_quietly() -> None:
    fetch([THING], Console(file=io.StringIO()))


def test_two_processes_fetch_it_once(central: HTTPServer, tmp_path: Path) -> None:
    asked = []

    def slowly(request: Request) -> Response:
        asked.append(request.path)
        return Response(BODY)

    central.expect_request(WHERE).respond_with_handler(slowly)
    both = [multiprocessing.get_context("fork").Process(target=_fetch_quietly) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join(60)
    assert [process.exitcode for process in both] == [0, 0]
    assert asked == [WHERE]
    assert kept(tmp_path) == [THING.filename]
