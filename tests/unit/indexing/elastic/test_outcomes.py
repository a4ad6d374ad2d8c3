from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexing.elastic.outcomes import DOCUMENT_ERRORS, ErrorBudget, Outcome, describe, item_answer, request_answer


def failed(status: int, kind: str) -> dict[str, Any]:
    return {"status": status, "error": {"type": kind, "reason": "because"}}


ITEMS = [
    ({"status": 201}, Outcome.DONE),
    ({"status": 200}, Outcome.DONE),
    (failed(409, "version_conflict_engine_exception"), Outcome.DONE),
    *((failed(400, kind), Outcome.DEAD_LETTER) for kind in sorted(DOCUMENT_ERRORS)),
    (failed(429, "cluster_block_exception"), Outcome.STOP),  # the disk is full
    (failed(403, "cluster_block_exception"), Outcome.STOP),
    (failed(503, "cluster_block_exception"), Outcome.RETRY),  # no master yet
    (failed(400, "index_closed_exception"), Outcome.STOP),
    (failed(404, "index_not_found_exception"), Outcome.STOP),
    (failed(400, "validation_exception"), Outcome.STOP),  # the limit of shards
    (failed(401, "security_exception"), Outcome.STOP),
    (failed(403, "security_exception"), Outcome.STOP),
    (failed(418, "teapot_exception"), Outcome.STOP),
    (failed(409, "some_other_conflict"), Outcome.STOP),
    (failed(429, "es_rejected_execution_exception"), Outcome.RETRY),
    (failed(429, "circuit_breaking_exception"), Outcome.RETRY),
    (failed(502, ""), Outcome.RETRY),
    (failed(503, "unavailable_shards_exception"), Outcome.RETRY),
    (failed(504, "timeout_exception"), Outcome.RETRY),
    (failed(500, "illegal_state_exception"), Outcome.RETRY_A_FEW_TIMES),
    ({}, Outcome.RETRY),
]


@pytest.mark.parametrize(("item", "outcome"), ITEMS)
def test_an_item_is_decided_by_the_type_of_its_error(item: dict[str, Any], outcome: Outcome) -> None:
    assert item_answer(item).outcome is outcome


REQUESTS = [
    (413, "", Outcome.HALVE),
    (429, {"error": {"type": "circuit_breaking_exception"}}, Outcome.RETRY),
    (502, "<html>Bad Gateway</html>", Outcome.RETRY),
    (503, None, Outcome.RETRY),
    (504, {}, Outcome.RETRY),
    (500, {"error": {"type": "illegal_state_exception"}}, Outcome.RETRY),
    (400, {"error": {"type": "illegal_argument_exception"}}, Outcome.STOP),
    (400, {"error": {"type": "media_type_header_exception"}}, Outcome.STOP),
    (401, {"error": {"type": "security_exception"}}, Outcome.STOP),
    (403, {"error": {"type": "cluster_block_exception"}}, Outcome.STOP),
    (404, "no handler", Outcome.STOP),
]


@pytest.mark.parametrize(("status", "body", "outcome"), REQUESTS)
def test_a_request_that_fails_as_a_whole_is_never_a_documents_fault(status: int, body: object, outcome: Outcome) -> None:
    assert request_answer(status, body).outcome is outcome


@given(st.integers(100, 999), st.one_of(st.none(), st.text(), st.integers(), st.dictionaries(st.text(), st.text())))
def test_no_answer_is_beyond_deciding(status: int, body: object) -> None:
    assert request_answer(status, body).outcome not in {Outcome.DEAD_LETTER, Outcome.RETRY_A_FEW_TIMES, Outcome.DONE}
    assert item_answer({"status": status, "error": body}).outcome is not Outcome.HALVE


def test_an_error_is_told_with_its_causes() -> None:
    error = {"type": "document_parsing_exception", "reason": "[1:9] failed", "caused_by": {"type": "x", "reason": "not a date"}}

    assert describe(error) == ("document_parsing_exception", "document_parsing_exception: [1:9] failed / not a date")


def test_a_few_refused_documents_fit_into_the_budget() -> None:
    budget = ErrorBudget(window=1_000, share=0.1, at_least=20)

    assert all(budget.allows(100, 1) for _ in range(100))
    assert budget.allows(1, 1)


def test_a_batch_that_is_refused_whole_does_not_fit() -> None:
    assert not ErrorBudget().allows(1_000, 1_000)
    assert not ErrorBudget().allows(21, 21)


def test_single_refusals_one_after_the_other_stop_fitting_after_twenty() -> None:
    budget = ErrorBudget()

    assert [budget.allows(1, 1) for _ in range(25)] == [True] * 20 + [False] * 5


def test_refusals_of_long_ago_are_forgotten() -> None:
    budget = ErrorBudget(window=100, share=0.1, at_least=10)
    assert budget.allows(50, 10)
    assert all(budget.allows(50, 0) for _ in range(4))

    assert budget.allows(50, 10)


def test_refusals_that_do_not_fit_are_not_counted() -> None:
    budget = ErrorBudget(window=100, share=0.1, at_least=10)
    assert not budget.allows(11, 11)

    assert budget.allows(10, 10)
