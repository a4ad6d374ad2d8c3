"""The one place where kafka-python clients are made, and where what Kafka refuses becomes one line that says what to do.

kafka-python tries a login that was refused, or a certificate that it does not trust, again and again until its time is up,
and then says only that it could not connect. The true cause stands in its log, where it is picked up here.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka import errors as kafka_errors

from streams.connect.kafka import KafkaSettings
from streams.connect.last_words import hear_last_words
from streams.connect.partitions import KeyPartitioner
from streams.errors import RafidError, one_line
from streams.topics import MAX_MESSAGE_BYTES

Client = TypeVar("Client", KafkaAdminClient, KafkaConsumer, KafkaProducer)

# A command gives up on a broker that is silent for so long; chosen by reading: one on this machine answers in milliseconds.
BOOTSTRAP_TIMEOUT_MS = 5_000
# After so long it is looked whether what keeps a client out will ever change: a login takes two answers and a key's making.
FIRST_TRY_MS = 2_000
_CLIENT_LOGS = [logging.getLogger(f"kafka.{module}") for module in ("net.manager", "net.connection", "net.transport", "cluster")]

hear_last_words()


class NoKafka(RafidError):
    """Kafka cannot be reached, or does not let this client in: the message says which, and what to do."""


def admin(settings: KafkaSettings, **options: Any) -> contextlib.AbstractContextManager[KafkaAdminClient]:
    """Yields an admin client, closed with the block; raises NoKafka, also for what fails in the block.

    `options` are kafka-python's own and win over ours.
    """
    return _open(settings, KafkaAdminClient, {"request_timeout_ms": 10_000} | options)


def open_consumer(settings: KafkaSettings, **options: Any) -> contextlib.AbstractContextManager[KafkaConsumer]:
    """Yields a `consumer`, closed with the block; raises NoKafka, also for what fails in the block."""
    return _open(settings, KafkaConsumer, _CONSUMER | options)


def consumer(settings: KafkaSettings, **options: Any) -> KafkaConsumer:
    """Returns a consumer of no group that commits nothing, which is the caller's to close; raises NoKafka."""
    return _made(settings, KafkaConsumer, _CONSUMER | options)


def producer(settings: KafkaSettings, *, delivery_timeout_s: float, **options: Any) -> KafkaProducer:
    """Returns an idempotent producer, which is the caller's to close; raises NoKafka.

    A record is acknowledged by all in-sync replicas, or fails after `delivery_timeout_s`. Topics are never made by sending.
    """
    ours = {
        "acks": "all",
        "allow_auto_create_topics": False,
        "compression_type": "zstd",
        "delivery_timeout_ms": int(delivery_timeout_s * 1000),
        "enable_idempotence": True,
        "max_request_size": MAX_MESSAGE_BYTES,
        "metrics_enabled": False,  # kafka-python's own, which nobody reads: a sixth of its sending thread (measured)
        "partitioner": KeyPartitioner(),
    }
    return _made(settings, KafkaProducer, ours | options)


def require_topics(admin: KafkaAdminClient, settings: KafkaSettings, names: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Returns what the broker says of each topic, by its name; raises RafidError when one is missing or not for this client."""
    found = {topic["name"]: topic for topic in admin.describe_topics(list(names))}
    errors = {name: kafka_errors.for_code(found[name]["error_code"] if name in found else _NO_TOPIC) for name in names}
    if hidden := [name for name, error in errors.items() if issubclass(error, kafka_errors.AuthorizationError)]:
        raise as_no_kafka(settings, kafka_errors.TopicAuthorizationFailedError(", ".join(hidden)))
    if missing := [name for name, error in errors.items() if error is not kafka_errors.NoError]:
        raise RafidError(f"there is no topic {' and '.join(missing)} on {settings.servers}: run `rafid provision`")
    return found


def as_no_kafka(settings: KafkaSettings, error: BaseException) -> NoKafka:
    """Returns the error of ours for one of kafka-python's: a login, a certificate, a missing right, or no broker at all."""
    text, at = one_line(error)[:300], f"Kafka at {settings.servers}"
    reason = text.rpartition("Error: ")[2]  # kafka-python puts the class before the text, once or several times
    if isinstance(error, kafka_errors.SaslAuthenticationFailedError):
        who = f"user {settings.username}" if settings.username else "a client without a user"
        return NoKafka(f"{at} refuses the login of {who} ({reason}): check --kafka-user and RAFID_KAFKA_PASSWORD")
    if isinstance(error, kafka_errors.UnsupportedSaslMechanismError | kafka_errors.IllegalSaslStateError):
        return NoKafka(f"{at} does not take this way to log in ({text}): check --kafka-mechanism and --kafka-security")
    if isinstance(error, kafka_errors.AuthorizationError):
        return NoKafka(f"{at} does not allow that to {settings.username or 'this client'} ({text}): grant it by an ACL")
    return NoKafka(next((line for part, line in _unheard(settings, at, reason) if part in text)))


def _unheard(settings: KafkaSettings, at: str, reason: str) -> Iterator[tuple[str, str]]:
    """Yields what an error's text may contain and the line for it: the client got to no answer of a broker."""
    yield _UNTRUSTED, f"the certificate of {at} is not trusted ({reason}): check --kafka-ca, and the host name in --kafka"
    files = "check --kafka-security, --kafka-certificate and --kafka-key"
    yield "Handshake failed", f"no TLS connection to {at} ({reason}): {files}"
    yield "[SSL: ", f"no TLS connection to {at} ({reason}): {files}"
    other = f"{at} does not speak as --kafka-security {settings.security} says: check that, and the port in --kafka"
    yield "socket disconnected", other
    yield "Invalid frame length", other  # an alert of TLS, read as an answer
    yield "", f"no {at} ({reason}): is it running? `rafid local up` starts one"


_UNTRUSTED = "CERTIFICATE_VERIFY_FAILED"
_NO_TOPIC = kafka_errors.UnknownTopicOrPartitionError.errno
_CONSUMER = {
    "group_id": None,
    "enable_auto_commit": False,
    "max_partition_fetch_bytes": MAX_MESSAGE_BYTES,
    "metrics_enabled": False,
}


@contextlib.contextmanager
def _open(settings: KafkaSettings, client: Callable[..., Client], options: dict[str, Any]) -> Iterator[Client]:
    made = _made(settings, client, options)
    with contextlib.closing(made):
        try:
            yield made
        except (kafka_errors.KafkaConnectionError, kafka_errors.AuthorizationError, *_LOGIN) as exc:
            raise as_no_kafka(settings, exc) from exc


def _made(settings: KafkaSettings, client: Callable[..., Client], options: dict[str, Any]) -> Client:
    timeout_ms = options.pop("bootstrap_timeout_ms", BOOTSTRAP_TIMEOUT_MS)
    first_ms = min(timeout_ms, FIRST_TRY_MS)
    try:
        return _tried(settings, client, options | {"bootstrap_timeout_ms": first_ms})
    except _Failed as failed:
        # No patience makes a wrong password right; a broker that is not there may yet come.
        if isinstance(failed.cause, _LOGIN) or _UNTRUSTED in str(failed.cause) or timeout_ms == first_ms:
            raise as_no_kafka(settings, failed.cause) from failed
    try:
        return _tried(settings, client, options | {"bootstrap_timeout_ms": timeout_ms - first_ms})
    except _Failed as failed:
        raise as_no_kafka(settings, failed.cause) from failed


class _Failed(Exception):
    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


def _tried(settings: KafkaSettings, client: Callable[..., Client], options: dict[str, Any]) -> Client:
    with _causes() as causes:
        try:
            return client(**settings.client(), **options)
        except (kafka_errors.KafkaError, OSError) as exc:
            raise _Failed(_telling(exc, causes)) from exc


def _telling(error: Exception, causes: Sequence[Exception]) -> Exception:
    """Returns the login that was refused, else the last cause, else the error itself."""
    everything: list[Exception] = [error, *causes]
    return next((cause for cause in everything if isinstance(cause, _LOGIN)), everything[-1])


_LOGIN = (
    kafka_errors.SaslAuthenticationFailedError,
    kafka_errors.UnsupportedSaslMechanismError,
    kafka_errors.IllegalSaslStateError,
)


_OUT_OF_TIME = kafka_errors.KafkaTimeoutError


@contextlib.contextmanager
def _causes() -> Iterator[list[Exception]]:
    """Collects the errors that kafka-python logs while it connects, and keeps those lines from the log: the last one is told."""
    causes: list[Exception] = []

    def collect(record: logging.LogRecord) -> bool:
        arguments = record.args if isinstance(record.args, tuple) else ()
        causes.extend(cause for cause in arguments if isinstance(cause, Exception) and not isinstance(cause, _OUT_OF_TIME))
        return False

    for log in _CLIENT_LOGS:
        log.addFilter(collect)
    try:
        yield causes
    finally:
        for log in _CLIENT_LOGS:
            log.removeFilter(collect)
