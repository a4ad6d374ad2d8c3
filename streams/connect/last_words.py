"""What a broker says right before it hangs up is heard: kafka-python 3.0.12 throws away bytes that come together with the end.

A broker answers a login that it refuses and closes the connection at once. Read together they were "socket disconnected", and
the client tried again until its time was up. With the answer heard, it raises the refusal after one try.
"""

from __future__ import annotations

from typing import Any

from kafka.net.transport import KafkaSSLTransport, KafkaTCPTransport


def hear_last_words() -> None:
    """Lets both kinds of kafka-python's connections deliver what they received before they tell of the end; once is enough."""
    for transport in (KafkaTCPTransport, KafkaSSLTransport):
        receive = transport._sock_recv  # noqa: SLF001 - there is no setting for it
        if receive.__module__ != __name__:
            transport._sock_recv = _delivering_first(receive)  # noqa: SLF001


def _delivering_first(receive: Any) -> Any:
    def received(transport: Any) -> tuple[bytes, Exception | None]:
        """Returns the bytes without the error behind them: the next read meets it again, with no bytes before it."""
        data, error = receive(transport)
        return data, None if data else error

    return received
