from __future__ import annotations

import pytest
from kafka.errors import KafkaTimeoutError

from streams.errors import one_line


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (KafkaTimeoutError("no answer"), "KafkaTimeoutError: no answer"),
        (ConnectionRefusedError(111, "Connection refused"), "ConnectionRefusedError: [Errno 111] Connection refused"),
        (ValueError("two\n  lines"), "ValueError: two lines"),
        (TimeoutError(), "TimeoutError"),
    ],
)
def test_an_error_is_one_line_that_names_its_class_once(error: Exception, line: str) -> None:
    assert one_line(error) == line
