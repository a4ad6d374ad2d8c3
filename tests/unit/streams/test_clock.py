from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from streams.clock import now


def test_now_is_the_present_in_utc_to_the_millisecond() -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    said = now()

    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", said)
    assert before <= datetime.fromisoformat(said) <= datetime.now(UTC)
