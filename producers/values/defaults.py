"""What a page takes where its fields say nothing. Pure."""

from __future__ import annotations

import dataclasses
from datetime import UTC, tzinfo


@dataclasses.dataclass(frozen=True, slots=True)
class Defaults:
    """The source of a page: `source`, else the host of its URL, else the `name` of its file; the `zone` of its times."""

    name: str | None = None
    source: str | None = None
    zone: tzinfo = UTC
