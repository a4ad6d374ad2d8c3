"""What every long-running process is told: how to log, how often to report, and where to answer scrapes."""

from __future__ import annotations

import dataclasses
from typing import Literal

LogFormat = Literal["text", "json"]


@dataclasses.dataclass(frozen=True, slots=True)
class HealthSettings:
    """Where a process answers health checks and scrapes: `port` 0 for nowhere."""

    port: int = 0
    host: str = "127.0.0.1"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ShellSettings:
    """The options that all long-running commands share."""

    report_every_s: float = 10.0
    debug: bool = False
    log_format: LogFormat = "text"
    health: HealthSettings = dataclasses.field(default_factory=HealthSettings)
