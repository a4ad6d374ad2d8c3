"""What is true of one site only."""

from __future__ import annotations

import dataclasses

from streams.split.draft import Draft
from streams.split.markers import Markers


@dataclasses.dataclass(frozen=True, slots=True)
class SourceRules:
    """The markers of a site."""

    markers: Markers

    def mark_dropped(self, draft: Draft) -> None:
        """Nothing yet."""
