"""Log lines for people, or one JSON object each for programs."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

import orjson

from streams.runtime.settings import LogFormat

TEXT = "%(asctime)s %(name)s %(levelname)s %(message)s"
# The attributes of every record; what else a record carries was given as `extra`.
_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """One JSON object a record: `time` (RFC 3339, UTC), `level`, `logger`, `stage`, `message`, a `traceback`, and `extra`."""

    def __init__(self, stage: str) -> None:
        super().__init__()
        self._stage = stage

    def format(self, record: logging.LogRecord) -> str:
        """Returns the record on one line."""
        fields: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "stage": self._stage,
            "message": record.getMessage(),
        }
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        fields |= {name: value for name, value in vars(record).items() if name not in _USUAL}
        return orjson.dumps(fields, default=str).decode()


def formatter(log_format: LogFormat, stage: str) -> logging.Formatter:
    """Returns the formatter of this name; JSON lines carry the name of the stage."""
    return JsonFormatter(stage) if log_format == "json" else logging.Formatter(TEXT)
