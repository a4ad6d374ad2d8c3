"""What every fault test does when it fails: it says where the logs of its servers and workers are."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from tests.support.kept_logs import keep_logs


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """The report of a failed test names the folder of its logs."""
    report = yield
    if report.failed and (kept := keep_logs(item)):
        report.sections.append(("logs", f"kept in {kept}"))
    return report
