"""What a person reads when Kafka does not let a client in."""

from __future__ import annotations

import socket
import threading

import pytest
from kafka import errors as kafka_errors
from kafka.net.transport import KafkaTCPTransport

from streams.connect import clients
from streams.connect.kafka import KafkaSettings

SECURED = KafkaSettings("broker:9093", security="SASL_SSL", username="split", password="s3cret")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (kafka_errors.SaslAuthenticationFailedError("invalid credentials"), "refuses the login of user split"),
        (kafka_errors.UnsupportedSaslMechanismError("SCRAM-SHA-512"), "--kafka-mechanism"),
        (kafka_errors.TopicAuthorizationFailedError("news.pages"), "grant it by an ACL"),
        (kafka_errors.KafkaConnectionError("Handshake failed: [SSL: CERTIFICATE_VERIFY_FAILED] unknown CA"), "--kafka-ca"),
        (kafka_errors.KafkaConnectionError("Handshake failed: [SSL: WRONG_VERSION_NUMBER]"), "--kafka-security"),
        (kafka_errors.KafkaConnectionError("[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13"), "--kafka-certificate"),
        (kafka_errors.KafkaConnectionError("socket disconnected"), "does not speak as --kafka-security SASL_SSL says"),
        (kafka_errors.KafkaTimeoutError("Unable to bootstrap"), "is it running?"),
    ],
)
def test_each_way_of_being_kept_out_is_a_line_of_its_own(error: Exception, says: str) -> None:
    line = str(clients.as_no_kafka(SECURED, error))

    assert says in line
    assert "\n" not in line
    assert "s3cret" not in line


def test_a_port_without_a_broker_is_no_kafka() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

    with pytest.raises(clients.NoKafka, match=rf"no Kafka at 127\.0\.0\.1:{port} .*is it running"):
        clients.consumer(KafkaSettings(f"127.0.0.1:{port}"), bootstrap_timeout_ms=300)


def test_what_a_broker_says_before_it_hangs_up_is_delivered_before_the_end() -> None:
    """A refused login is answered and closed at once, so that both are read together."""
    ours, brokers = socket.socketpair()
    with ours, brokers:
        connection = KafkaTCPTransport(None, ours)
        brokers.sendall(b"refused")
        brokers.close()

        assert connection._sock_recv() == (b"refused", None)
        data, error = connection._sock_recv()

    assert (data, str(error)) == (b"", "KafkaConnectionError: socket disconnected")


def test_a_server_that_speaks_no_tls_is_not_called_missing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        answering = threading.Thread(target=_answer_without_tls, args=(server,), daemon=True)
        answering.start()
        settings = KafkaSettings(f"127.0.0.1:{server.getsockname()[1]}", security="SSL")

        with pytest.raises(clients.NoKafka, match="no TLS connection to Kafka"):
            clients.consumer(settings, bootstrap_timeout_ms=1_000)


def _answer_without_tls(server: socket.socket) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection:
            connection.recv(1024)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
