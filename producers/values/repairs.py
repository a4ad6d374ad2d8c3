"""What was repaired in a page, noted in its field `repairs`. Pure."""

from __future__ import annotations

from typing import Any


class Repairs:
    """What was repaired in a page, a phrase each, in the order it was found."""

    def __init__(self, found: list[str]) -> None:
        self._found = dict.fromkeys(found)

    def add(self, field: str, repair: str) -> None:
        """Notes a repair of a field."""
        self._found[f"{field}: {repair}"] = None

    def field(self, given: dict[str, Any]) -> dict[str, Any]:
        """Returns the field `repairs` of a page that had these; nothing when there is nothing to note."""
        before = given.get("repairs")
        noted = [*(before if isinstance(before, list) else []), *self._found]
        return {"repairs": list(dict.fromkeys(noted))} if self._found else {}


def with_repairs(fields: dict[str, Any], found: list[str]) -> dict[str, Any]:
    """Returns the fields of a page, `repairs` among them with what was found."""
    before = fields.get("repairs")
    return fields | {"repairs": [*(before if isinstance(before, list) else []), *found]} if found else fields
