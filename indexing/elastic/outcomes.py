"""What an answer of Elasticsearch means for a document: done, retry, dead letter or stop; decided by the error's type. Pure.

The status alone misleads: a full disk says 429 and is no overload, a missing master says `cluster_block_exception` and passes.

| answer | outcome |
|---|---|
| 2xx, version conflict | done: the document, or a newer one, is there |
| an error of the document (DOCUMENT_ERRORS with 400) | dead letter |
| the cluster refuses whatever is sent: blocks, closed index, shard limit, 401, 403, any 4xx not named here | stop |
| 429, 502, 503, 504, timeouts, torn answers, blocks that say 503 | retry, without end |
| any other 5xx | retry a few times, then a dead letter: one document must not hold up the rest |
| 413 of a request | halve; of a single document, dead letter |
"""

from __future__ import annotations

import enum
from collections import deque
from typing import Any, NamedTuple


class Outcome(enum.Enum):
    """What becomes of a document, or of a request."""

    DONE = "done"
    RETRY = "retry"
    RETRY_A_FEW_TIMES = "retry a few times"
    HALVE = "halve"
    DEAD_LETTER = "dead letter"
    STOP = "stop"


class ItemResult(NamedTuple):
    """What was answered, in short: the HTTP status (0: none came), the error's type and what it says."""

    outcome: Outcome
    status: int
    error: str


# The document itself cannot be parsed, mapped or indexed; it would fail again tomorrow.
DOCUMENT_ERRORS = frozenset(
    {
        "document_parsing_exception",
        "mapper_parsing_exception",
        "strict_dynamic_mapping_exception",
        "mapper_exception",
        "parsing_exception",
        "parse_exception",
        "x_content_parse_exception",
        "date_time_exception",
        "number_format_exception",
        "illegal_argument_exception",  # a term above 32,766 bytes, an analyzer that trips over the text
        "max_bytes_length_exceeded_exception",
    }
)
TRANSIENT_STATUS = frozenset({429, 502, 503, 504})


def item_answer(item: dict[str, Any]) -> ItemResult:
    """Returns the answer for one item of a bulk response: `{"status": 429, "error": {"type": ..., "reason": ...}}`."""
    status = item.get("status")
    if not isinstance(status, int):
        return ItemResult(Outcome.RETRY, 0, "an item without a status")
    if status < 300:
        return ItemResult(Outcome.DONE, status, "")
    kind, text = describe(item.get("error"))
    return ItemResult(_outcome(status, kind), status, text)


def request_answer(status: int, body: Any) -> ItemResult:
    """Returns the answer for a request that failed as a whole; `body` is the decoded response, or whatever came instead."""
    kind, text = describe(body.get("error") if isinstance(body, dict) else body)
    if status == 413:
        return ItemResult(Outcome.HALVE, status, text)
    outcome = _outcome(status, kind)
    # A request is refused for what all of it has in common: that cannot be a document's fault, nor is it given up.
    common = {Outcome.DEAD_LETTER: Outcome.STOP, Outcome.RETRY_A_FEW_TIMES: Outcome.RETRY, Outcome.DONE: Outcome.STOP}
    return ItemResult(common.get(outcome, outcome), status, text)


def _outcome(status: int, kind: str) -> Outcome:
    if kind == "version_conflict_engine_exception":
        return Outcome.DONE
    if kind == "cluster_block_exception":
        return Outcome.RETRY if status == 503 else Outcome.STOP
    if status in TRANSIENT_STATUS:
        return Outcome.RETRY
    if status >= 500:
        return Outcome.RETRY_A_FEW_TIMES
    if status == 400 and kind in DOCUMENT_ERRORS:
        return Outcome.DEAD_LETTER
    return Outcome.STOP


def describe(error: Any) -> tuple[str, str]:
    """Returns the type of an error and one line about it, with the causes that Elasticsearch gives."""
    if not isinstance(error, dict):
        return "", str(error or "no reason given")[:500]
    kind = str(error.get("type") or "")
    reasons = [str(error.get("reason") or "")]
    cause = error.get("caused_by")
    while isinstance(cause, dict) and len(reasons) < 5:
        reasons.append(str(cause.get("reason") or ""))
        cause = cause.get("caused_by")
    return kind, f"{kind}: {' / '.join(dict.fromkeys(r for r in reasons if r))}"


class ErrorBudget:
    """How many of the last documents may be refused before that is no longer the documents' fault.

    A mapping mistake refuses them all: without a budget it would empty the topic into the dead letters.
    """

    def __init__(self, window: int = 1_000, share: float = 0.1, at_least: int = 20) -> None:
        self.share = share
        self.at_least = at_least
        self._window = window
        self._recent: deque[tuple[int, int]] = deque()
        self._documents = 0
        self._refused = 0

    def allows(self, documents: int, refused: int) -> bool:
        """Tells whether so many refused of so many documents still fit, with the last ones; counts them when they do."""
        recent_documents, recent_refused = self._documents + documents, self._refused + refused
        if refused and recent_refused > max(self.at_least, self.share * recent_documents):
            return False
        self._recent.append((documents, refused))
        self._documents, self._refused = recent_documents, recent_refused
        while self._recent and self._documents - self._recent[0][0] >= self._window:
            old_documents, old_refused = self._recent.popleft()
            self._documents -= old_documents
            self._refused -= old_refused
        return True
