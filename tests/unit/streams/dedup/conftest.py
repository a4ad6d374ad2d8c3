from __future__ import annotations

import pytest

from tests.unit.streams.dedup.messages import Log


@pytest.fixture
def log() -> Log:
    return Log()
