"""Dead letters for the eye and for programs: a table, a page about one, JSON."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from streams.dead_letters.envelope import PREFIX
from streams.dead_letters.topic import Replayed, StoredLetter

# How much of a value is shown of one letter; all of it is in the JSON.
SHOWN_CHARACTERS = 4_000


def json_line(stored: StoredLetter, *, with_value: bool = False) -> str:
    """Returns one JSON object on one line: place, key, size and failure, and the value as text, or in base64 if it is none."""
    fields: dict[str, Any] = {"place": stored.position, "key": stored.key.hex() if stored.key is not None else None}
    fields["bytes"] = len(stored.value) if stored.value is not None else None
    if stored.letter is not None:
        fields |= {key: value for key, value in stored.letter.to_dict().items() if key != "v"}
    if with_value:
        fields["headers"] = [[name, _text(data)] for name, data in stored.headers if not name.startswith(PREFIX)]
        fields |= _value(stored.value)
    return orjson.dumps(fields).decode()


def table(letters: Iterable[StoredLetter]) -> Table:
    """Returns a table with a line for each letter, in the order given."""
    out = Table(box=None, pad_edge=False)
    for column in ("place", "failed at", "stage", "reason", "attempts", "from", "error"):
        out.add_column(column, overflow="fold" if column == "error" else "ellipsis", no_wrap=column != "error")
    for stored in letters:
        letter = stored.letter
        if letter is not None:
            came = f"{letter.topic}:{letter.partition}:{letter.offset}" if letter.topic else "-"
            cells = (letter.failed_at, letter.stage, letter.reason, str(letter.attempts), came, letter.error)
            out.add_row(stored.position, *(Text(cell) for cell in cells))
    return out


def line(stored: StoredLetter) -> str:
    """Returns the letter for programs that read lines: the columns of the table, tab-separated."""
    letter = stored.letter
    if letter is None:
        return f"{stored.position}\tno dead letter"
    came = f"{letter.topic}:{letter.partition}:{letter.offset}" if letter.topic else "-"
    error = " ".join(letter.error.split())
    return "\t".join((stored.position, letter.failed_at, letter.stage, letter.reason, str(letter.attempts), came, error))


def show(console: Console, stored: StoredLetter) -> None:
    """Prints all that is known of one letter, and the beginning of its value."""
    out = Table(box=None, show_header=False, pad_edge=False)
    fields = stored.letter.to_dict() if stored.letter is not None else {"error": "this message is no dead letter"}
    fields["key"] = stored.key.hex() if stored.key is not None else "none"
    for name, value in {"place": stored.position, **fields}.items():
        if name != "v":
            out.add_row(Text(name, style="bold"), Text(str(value)))
    for name, data in stored.headers:
        if not name.startswith(PREFIX):
            out.add_row(Text(f"header {name}", style="bold"), Text(_text(data)[:200]))
    console.print(out)
    console.print()
    console.print(Text(_shown(stored.value)), soft_wrap=True)


def replay_summary(done: Replayed, *, dry_run: bool) -> Iterable[str]:
    """Returns what a replay did, a line for each topic and for each letter that stays."""
    verb = "would go" if dry_run else "went"
    for topic, count in sorted(done.sent.items()):
        yield f"{count:,} {verb} back to {topic}"
    for stored, why in done.not_sent:
        yield f"{stored.position} stays: {why}"
    if not done.sent and not done.not_sent:
        yield "no dead letter is meant by that"


def _value(value: bytes | None) -> dict[str, str | None]:
    if value is None:
        return {"value": None}
    try:
        return {"value": value.decode()}
    except UnicodeDecodeError:
        return {"value_base64": base64.b64encode(value).decode()}


def _shown(value: bytes | None) -> str:
    if value is None:
        return "(no value)"
    try:
        text = orjson.dumps(orjson.loads(value), option=orjson.OPT_INDENT_2).decode()
    except orjson.JSONDecodeError:
        text = value.decode("utf-8", "replace")
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}\n... {len(value):,} bytes; all of it: --json"


def _text(data: bytes | None) -> str:
    return (data or b"").decode("utf-8", "backslashreplace")
