"""The one place where kafka-python clients are made, and where what Kafka refuses becomes one line that says what to do.

kafka-python tries a login that was refused, or a certificate that it does not trust, again and again until its time is up,
and then says only that it could not connect. The true cause stands in its log, where it is picked up here.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka import errors as kafka_errors

from streams.connect.kafka import KafkaSettings
from streams.connect.partitions import KeyPartitioner
from streams.errors import RafidError, one_line
from streams.topics import MAX_MESSAGE_BYTES

Client = TypeVar("Client", KafkaAdminClient, KafkaConsumer, KafkaProducer)

# A command gives up on a broker that is silent for so long; chosen by reading: one on this machine answers in milliseconds.
BOOTSTRAP_TIMEOUT_MS = 5_000
_CLIENT_LOGS = [logging.getLogger(f"kafka.net.{module}") for module in ("manager", "connection")]


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
        "partitioner": KeyPartitioner(),
    }
    return _made(settings, KafkaProducer, ours | options)


def refusal(settings: KafkaSettings, error: BaseException) -> NoKafka:
    """Returns the error of ours for one of kafka-python's: a login, a certificate, a missing right, or no broker at all."""
    text, at = one_line(error)[:300], f"Kafka at {settings.servers}"
    if isinstance(error, kafka_errors.SaslAuthenticationFailedError):
        who = f"user {settings.username}" if settings.username else "a client without a user"
        return NoKafka(f"{at} refuses the login of {who} ({text}): check --kafka-user and RAFID_KAFKA_PASSWORD")
    if isinstance(error, kafka_errors.UnsupportedSaslMechanismError | kafka_errors.IllegalSaslStateError):
        return NoKafka(f"{at} does not take this way to log in ({text}): check --kafka-mechanism and --kafka-security")
    if isinstance(error, kafka_errors.AuthorizationError):
        return NoKafka(f"{at} does not allow that to {settings.username or 'this client'} ({text}): grant it by an ACL")
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return NoKafka(f"the certificate of {at} is not trusted ({text}): check --kafka-ca, and the host name in --kafka")
    if "Handshake failed" in text:
        return NoKafka(f"no TLS connection to {at} ({text}): check --kafka-security, --kafka-certificate and --kafka-key")
    return NoKafka(f"no {at} ({text}): is it running? `rafid local up` starts one")


_CONSUMER = {"group_id": None, "enable_auto_commit": False, "max_partition_fetch_bytes": MAX_MESSAGE_BYTES}


@contextlib.contextmanager
def _open(settings: KafkaSettings, client: Callable[..., Client], options: dict[str, Any]) -> Iterator[Client]:
    made = _made(settings, client, options)
    with contextlib.closing(made):
        try:
            yield made
        except (kafka_errors.KafkaConnectionError, kafka_errors.AuthorizationError, *_LOGIN) as exc:
            raise refusal(settings, exc) from exc


def _made(settings: KafkaSettings, client: Callable[..., Client], options: dict[str, Any]) -> Client:
    with _causes() as causes:
        try:
            return client(**settings.client(), **({"bootstrap_timeout_ms": BOOTSTRAP_TIMEOUT_MS} | options))
        except (kafka_errors.KafkaError, OSError) as exc:
            cause = exc if isinstance(exc, _LOGIN) or not causes else causes[-1]
            raise refusal(settings, cause) from exc


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
