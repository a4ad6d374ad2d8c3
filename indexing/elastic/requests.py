"""Requests to Elasticsearch that outlast an outage, and end at once where patience cannot help.

Unavailable                       it answers nothing, or that it cannot now: asked again with backoff, for as long as it takes
RequestTooLarge                   it takes no request of this size
ElasticsearchRefused (RafidError) it will not, whatever is sent: somebody has to mend something
Stopping                          the process is ending, and this request was given up
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TypeVar

import tenacity
from elastic_transport import TlsError
from elasticsearch import ApiError, SerializationError, TransportError

from indexing.elastic.outcomes import ItemResult, Outcome, request_answer
from streams.errors import RafidError

log = logging.getLogger("rafid.index")

Result = TypeVar("Result")

BACKOFF_FIRST_S = 0.2
BACKOFF_LONGEST_S = 15.0  # an outage of minutes is over at most this long before we notice


class Unavailable(Exception):
    """Elasticsearch cannot now: the message says what came instead of an answer."""


class RequestTooLarge(Exception):
    """The request has more bytes than the server, or a proxy before it, takes."""


class ElasticsearchRefused(RafidError):
    """Elasticsearch refuses what it is asked, and would refuse it again."""


class Stopping(Exception):
    """The process is ending."""


def translate_errors(call: Callable[[], Result]) -> Result:
    """Returns the result of one request; raises Unavailable, RequestTooLarge or ElasticsearchRefused for its failures."""
    try:
        return call()
    except ApiError as exc:
        raise _failure(request_answer(exc.status_code, exc.body)) from exc
    except TlsError as exc:
        raise ElasticsearchRefused(f"no trusted connection to Elasticsearch ({exc}): check --elasticsearch-ca") from exc
    except (TransportError, SerializationError) as exc:  # no connection, no answer in time, half an answer
        raise Unavailable(f"{type(exc).__name__}: {exc}") from exc


def _failure(answer: ItemResult) -> Exception:
    text = f"{answer.status} {answer.error}"
    if answer.outcome is Outcome.HALVE:
        return RequestTooLarge(text)
    if answer.outcome is Outcome.RETRY:
        return Unavailable(text)
    return ending_error(answer)


def ending_error(answer: ItemResult) -> ElasticsearchRefused:
    """Returns the error that ends the worker on this answer, with what to do about it."""
    hints = {401: "check the credentials", 403: "check the rights, or lift the block", 429: "free disk space"}
    hint = hints.get(answer.status, "mend it")
    if "cluster_block_exception" in answer.error:
        hint = "free disk space, or lift the block"
    elif "index_closed_exception" in answer.error:
        hint = "open the index"
    elif "maximum" in answer.error and "shards" in answer.error:
        hint = "raise cluster.max_shards_per_node, or delete indices"
    return ElasticsearchRefused(
        f"Elasticsearch refuses to write ({answer.status} {answer.error}): {hint}, then start again; nothing is lost"
    )


def retry_while_unavailable(
    call: Callable[[], Result], stopping: threading.Event, what: str, retried: Callable[[], None] = lambda: None
) -> Result:
    """Returns the result of `call`, tried again while it raises Unavailable; raises Stopping once the event is set.

    `retried` is called before each further try.

    Waits between tries: exponential with full jitter (Brooker, AWS Architecture Blog 2015), so that many workers that lost the
    same server do not come back as one.
    """

    def stop(_: tenacity.RetryCallState) -> Result:
        raise Stopping(what)

    def warn(state: tenacity.RetryCallState) -> None:
        retried()
        failure = state.outcome.exception() if state.outcome else None
        log.warning("%s: %s; attempt %d in %.1f s", what, failure, state.attempt_number + 1, state.upcoming_sleep)

    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(Unavailable),
        wait=tenacity.wait_random_exponential(multiplier=BACKOFF_FIRST_S, max=BACKOFF_LONGEST_S),
        sleep=tenacity.sleep_using_event(stopping),
        stop=tenacity.stop_when_event_set(stopping),
        retry_error_callback=stop,
        before_sleep=warn,
    )
    return retrying(call)
