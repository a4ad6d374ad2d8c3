from __future__ import annotations

import threading

import pytest
from elastic_transport import ApiResponseMeta, ConnectionTimeout, HttpHeaders, NodeConfig, TlsError
from elasticsearch import ApiError, SerializationError

from indexing.elastic.requests import (
    ElasticsearchRefused,
    RequestTooLarge,
    Stopping,
    Unavailable,
    retry_while_unavailable,
    translate_errors,
)


def api_error(status: int, kind: str) -> ApiError:
    meta = ApiResponseMeta(status, "1.1", HttpHeaders(), 0.1, NodeConfig("http", "localhost", 9200))
    return ApiError("failed", meta, {"error": {"type": kind, "reason": "because"}})


FAILURES = [
    (api_error(503, "no_master"), Unavailable),
    (api_error(413, ""), RequestTooLarge),
    (api_error(401, "security_exception"), ElasticsearchRefused),
    (ConnectionTimeout("no answer"), Unavailable),
    (SerializationError("half an answer"), Unavailable),
    (TlsError("unknown authority"), ElasticsearchRefused),
]


@pytest.mark.parametrize(("failure", "told"), FAILURES)
def test_a_failed_request_is_told_by_what_can_be_done_about_it(failure: Exception, told: type[Exception]) -> None:
    def call() -> None:
        raise failure

    with pytest.raises(told):
        translate_errors(call)


def test_what_is_unavailable_is_asked_for_until_it_is_there() -> None:
    failures = [Unavailable("not yet"), Unavailable("not yet")]

    def call() -> str:
        if failures:
            raise failures.pop()
        return "there"

    assert retry_while_unavailable(call, threading.Event(), "asking") == "there"


def test_a_refusal_is_not_asked_for_again() -> None:
    asked_for = []

    def call() -> None:
        asked_for.append(1)
        raise ElasticsearchRefused("never")

    with pytest.raises(ElasticsearchRefused):
        retry_while_unavailable(call, threading.Event(), "asking")
    assert asked_for == [1]


def test_waiting_ends_with_the_process() -> None:
    stopping = threading.Event()

    def call() -> None:
        stopping.set()
        raise Unavailable("not yet")

    with pytest.raises(Stopping):
        retry_while_unavailable(call, stopping, "asking")


@pytest.mark.parametrize(
    ("status", "kind", "hint"),
    [
        (429, "cluster_block_exception", "free disk space"),
        (403, "cluster_block_exception", "lift the block"),
        (400, "index_closed_exception", "open the index"),
        (401, "security_exception", "credentials"),
        (403, "security_exception", "rights"),
    ],
)
def test_a_refusal_says_what_to_do(status: int, kind: str, hint: str) -> None:
    def call() -> None:
        raise api_error(status, kind)

    with pytest.raises(ElasticsearchRefused, match=hint):
        translate_errors(call)
