"""The dead letters as their commands show them, and their way back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from kafka import KafkaConsumer

from streams.connect.kafka import KafkaSettings
from streams.dead_letter_commands import dead_letters
from streams.dead_letters import topic as dead_letter_topic
from streams.dead_letters.envelope import Reason, dead_letter
from streams.topics import topics
from tests.support.accounts import expected_articles, sent_articles
from tests.support.news import pages
from tests.support.raw import send_raw
from tests.support.servers import Worker, read_all, send, send_pages, wait_for_all, workers


def run(kafka: KafkaSettings, *arguments: str) -> Result:
    environment = {"RAFID_KAFKA": kafka.servers, "RAFID_NAMESPACE": kafka.namespace}
    return CliRunner().invoke(dead_letters, arguments, env=environment)


def put(kafka: KafkaSettings, value: bytes | None = b"{}", **settings: Any) -> None:
    """A dead letter with these settings is on its topic, in a partition of its own choosing."""
    names = topics(kafka.namespace)
    origin: dict[str, Any] = {"topic": names.pages.name, "partition": 3, "offset": 0}
    defaults: dict[str, Any] = {
        "stage": "split",
        "reason": Reason.MALFORMED_PAGE,
        "error": "broken",
        "failed_at": "2026-11-22T10:00:00Z",
    }
    letter = dead_letter(**(origin | defaults | {"key": b"k", "headers": ()} | settings), value=value)
    send(kafka, names.dead_letters.name, [(letter.key, letter.value, dict(letter.headers))])


def listed(kafka: KafkaSettings, *arguments: str) -> list[dict[str, Any]]:
    result = run(kafka, "list", "--json", *arguments)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def three(kafka: KafkaSettings) -> KafkaSettings:
    """A namespace with three dead letters: of split, dedup and index, at ten, eleven and twelve o'clock."""
    names = topics(kafka.namespace)
    put(kafka, stage="index", reason=Reason.DOCUMENT_REFUSED, failed_at="2026-11-22T12:00:00Z", topic=names.deduplicated.name)
    put(kafka, stage="split", failed_at="2026-11-22T10:00:00Z")
    put(kafka, stage="dedup", reason=Reason.MALFORMED_NOTICE, failed_at="2026-11-22T11:00:00Z", topic=names.articles.name)
    return kafka


@pytest.mark.parametrize(
    ("arguments", "stages"),
    [
        ((), ["split", "dedup", "index"]),
        (("--stage", "dedup"), ["dedup"]),
        (("--reason", "document_refused"), ["index"]),
        (("--since", "2026-11-22T11:00:00Z"), ["dedup", "index"]),
        (("--since", "2026-11-22T13:00:00+02:00"), ["dedup", "index"]),
        (("--until", "2026-11-22T11:00:00"), ["split"]),
        (("--since", "2026-11-22", "--until", "2026-11-22T12:00"), ["split", "dedup"]),
        (("--since", "2999-01-01"), []),
        (("--limit", "2"), ["dedup", "index"]),
    ],
)
def test_the_list_is_in_order_of_time_and_filtered(three: KafkaSettings, arguments: tuple[str, ...], stages: list[str]) -> None:
    assert [letter["stage"] for letter in listed(three, *arguments)] == stages


def test_a_line_for_each_letter_where_there_is_no_terminal(three: KafkaSettings) -> None:
    lines = run(three, "list").stdout.splitlines()

    assert [line.split("\t")[1:4] for line in lines] == [
        ["2026-11-22T10:00:00Z", "split", "malformed_page"],
        ["2026-11-22T11:00:00Z", "dedup", "malformed_notice"],
        ["2026-11-22T12:00:00Z", "index", "document_refused"],
    ]


def test_a_letter_is_shown_with_its_headers_and_its_value(kafka: KafkaSettings) -> None:
    put(kafka, value='{"title": "عنوان"}'.encode(), headers=(("trace", b"7"),))
    (place,) = [letter["place"] for letter in listed(kafka)]

    shown = run(kafka, "show", place).stdout
    told = json.loads(run(kafka, "show", place, "--json").stdout)

    assert all(text in shown for text in (place, "malformed_page", "broken", "header trace", "عنوان"))
    assert (told["value"], told["headers"]) == ('{"title": "عنوان"}', [["trace", "7"]])


def test_bytes_that_are_no_text_are_shown_whole_in_base64(kafka: KafkaSettings) -> None:
    put(kafka, value=b"\xff\x00")
    (place,) = [letter["place"] for letter in listed(kafka)]

    assert json.loads(run(kafka, "show", place, "--json").stdout)["value_base64"] == "/wA="
    assert run(kafka, "show", place).exit_code == 0


def test_a_place_where_nothing_lies_is_told(kafka: KafkaSettings) -> None:
    result = run(kafka, "show", "0:7")

    assert result.exit_code == 1
    assert "there is no dead letter 0:7" in str(result.exception)


@pytest.mark.parametrize("arguments", [(), ("0:1", "--all"), ("--all", "--stage", "split"), ("nowhere",), ("--since", "soon")])
def test_what_to_replay_must_be_said_and_said_once(kafka: KafkaSettings, arguments: tuple[str, ...]) -> None:
    assert run(kafka, "replay", *arguments).exit_code == 2


def test_a_replayed_page_goes_the_way_that_it_missed(kafka: KafkaSettings, tmp_path: Path) -> None:
    names = topics(kafka.namespace)
    page, other = pages(2)
    put(kafka, value=page.to_bytes(), key=bytes.fromhex(page.id), reason=Reason.SPLITTER_FAILURE, headers=(("trace", b"7"),))
    put(kafka, value=b"{", reason=Reason.MALFORMED_PAGE)
    send_pages(kafka, [other])

    assert run(kafka, "replay", "--reason", "splitter_failure", "--dry-run").stdout == f"1 would go back to {names.pages.name}\n"
    assert len(read_all(kafka, names.pages.name)) == 1
    assert run(kafka, "replay", "--all").stdout == f"2 went back to {names.pages.name}\n"
    sent = {message.key: message for message in read_all(kafka, names.pages.name)}
    with workers() as running:
        running.append(Worker("split", kafka, tmp_path))
        wait_for_all(kafka, "split", names.pages.name)

    assert sent[bytes.fromhex(page.id)].value == page.to_bytes()
    assert sent[bytes.fromhex(page.id)].headers == {"trace": b"7", "attempts": b"1"}
    assert sent_articles(kafka) == expected_articles(kafka)
    assert {key for key, _ in sent_articles(kafka)} >= {bytes.fromhex(page.id), bytes.fromhex(other.id)}
    assert sorted(letter["attempts"] for letter in listed(kafka)) == [1, 1, 2]


def test_what_cannot_be_sent_again_stays_and_is_told(kafka: KafkaSettings) -> None:
    put(kafka, stage="produce", topic=None, partition=None, offset=None)
    put(kafka, topic="elsewhere.pages")

    result = run(kafka, "replay", "--all")

    assert result.exit_code == 1
    assert "it never reached Kafka: mend the input and produce it again" in result.stdout
    assert "it came from elsewhere.pages, which is no topic of this namespace" in result.stdout


def test_a_letter_that_was_cut_is_completed_from_its_topic(kafka: KafkaSettings) -> None:
    names = topics(kafka.namespace)
    whole = b"x" * 1_500_000
    send(kafka, names.pages.name, [(b"k", whole, {"trace": b"7"})])
    (lies,) = read_all(kafka, names.pages.name)
    put(kafka, value=whole, partition=lies.partition, offset=lies.offset)

    result = run(kafka, "replay", "--all")

    again = read_all(kafka, names.pages.name)[-1]
    assert result.exit_code == 0
    assert (again.offset, again.value, again.headers) == (lies.offset + 1, whole, {"trace": b"7", "attempts": b"1"})


def test_a_letter_that_was_cut_and_is_gone_from_its_topic_is_told(kafka: KafkaSettings) -> None:
    names = topics(kafka.namespace)
    send(kafka, names.pages.name, [(b"k", b"something else", {})])
    (lies,) = read_all(kafka, names.pages.name)
    put(kafka, value=b"x" * 1_500_000, partition=lies.partition, offset=lies.offset)
    put(kafka, value=b"x" * 1_500_000, partition=lies.partition, offset=lies.offset + 1)

    result = run(kafka, "replay", "--all")

    assert result.exit_code == 1
    assert f"{names.pages.name} has something else where it was" in result.stdout
    assert f"the whole is no longer on {names.pages.name}" in result.stdout
    assert len(read_all(kafka, names.pages.name)) == 1


def test_a_message_that_is_no_dead_letter_hides_nothing(kafka: KafkaSettings) -> None:
    names = topics(kafka.namespace)
    send(kafka, names.dead_letters.name, [(b"k", b"stray", {})])
    put(kafka)

    assert len(listed(kafka)) == 1
    assert run(kafka, "replay", "--all").exit_code == 0


def test_a_letter_that_the_client_would_not_send_keeps_no_other_from_going(kafka: KafkaSettings) -> None:
    names = topics(kafka.namespace)
    nothing = dead_letter(
        stage="split",
        reason=Reason.MALFORMED_PAGE,
        error="broken",
        failed_at="2026-11-22T10:00:00Z",
        key=None,
        value=None,
        topic=names.pages.name,
        partition=3,
        offset=0,
    )
    send_raw(kafka, names.dead_letters.name, None, None, [*nothing.headers, ("trace", None)])
    put(kafka, key=None, value=b"{", partition=77)
    put(kafka)

    result = run(kafka, "replay", "--all")

    sent = read_all(kafka, names.pages.name)
    assert "2 went back" in result.stdout
    assert "stays: Unrecognized partition 77" in result.stdout
    assert result.exit_code == 1
    assert sorted((message.key or b"", message.value) for message in sent) == [(b"", b""), (b"k", b"{}")]


def test_letters_of_one_moment_are_listed_as_they_lie_and_fractions_are_later(kafka: KafkaSettings) -> None:
    for failed_at in ("2026-11-22T10:00:00.500Z", "2026-11-22T10:00:00Z", "2026-11-22T10:00:00Z", "2026-11-22T10:00:00Z"):
        put(kafka, failed_at=failed_at)

    lines = [(letter["failed_at"], int(letter["place"].split(":")[1])) for letter in listed(kafka)]

    assert lines == [("2026-11-22T10:00:00Z", n) for n in (1, 2, 3)] + [("2026-11-22T10:00:00.500Z", 0)]
    assert [letter["failed_at"] for letter in listed(kafka, "--limit", "1")] == ["2026-11-22T10:00:00.500Z"]


def test_an_age_before_all_time_is_wrong_usage(kafka: KafkaSettings) -> None:
    assert run(kafka, "list", "--since", "999999d").exit_code == 2


def test_a_broker_that_gives_nothing_more_ends_the_reading(kafka: KafkaSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    put(kafka)
    monkeypatch.setattr(dead_letter_topic, "READ_TIMEOUT_S", 1.0)
    monkeypatch.setattr(KafkaConsumer, "poll", lambda *_, **__: {})  # as with the broker gone, which is not ours to stop

    result = run(kafka, "list")

    assert result.exit_code == 1
    assert "gave nothing" in str(result.exception)
