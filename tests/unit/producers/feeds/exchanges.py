"""Invented answers of odd sites, as they come over the wire."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "fixtures/exchanges.json"


def exchanges(kind: str) -> list[dict[str, Any]]:
    """The exchanges of one kind, `body` as bytes; headers under lower-case names."""
    found = json.loads(FILE.read_text(encoding="utf-8"))[kind]
    return [
        exchange
        | {
            "body": bytes.fromhex(exchange["body_hex"]) if "body_hex" in exchange else exchange.get("body", "").encode(),
            "headers": {name.lower(): value for name, value in exchange["headers"].items()},
        }
        for exchange in found
    ]
